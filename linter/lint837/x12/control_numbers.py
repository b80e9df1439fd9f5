"""The control numbers that were used, kept as runs: numbers that count up take no memory, whatever the file's size."""

from bisect import bisect_right
from hashlib import sha256

ROOM = 65_536  # runs and other control numbers that are remembered
_LONGEST = 32  # bytes of a number that is remembered as it is


class ControlNumbers:
    """The control numbers of one kind that were used in the file, in an interchange or in a group.

    is_full: there was no room for a number, and numbers that do not count up are no longer recognized.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self.clear()

    def clear(self) -> None:
        """Forget them: another interchange or group begins."""
        # The first and last numbers of the runs, in order, by what they are unique among and their number of digits.
        self._runs: dict[tuple[bytes, ...], tuple[list[int], list[int]]] = {}
        self._others: set[tuple[bytes, ...]] = set()
        self._remembered = 0
        self.is_full = False

    def add(self, number: bytes, *among: bytes) -> bool:
        """Note a number. Returns whether it was used before `among` those of, say, a sender and receiver."""
        if not number.isdigit() or len(number) > _LONGEST:
            key = (*among, number if len(number) <= _LONGEST else sha256(number).digest())
            if key in self._others:
                return True
            if self._has_room():
                self._others.add(key)
            return False
        value = int(number)
        firsts, lasts = self._runs.setdefault((*among, b"0" * len(number)), ([], []))
        at = bisect_right(firsts, value) - 1
        if at >= 0 and value <= lasts[at]:
            return True
        if at >= 0 and value == lasts[at] + 1:
            lasts[at] = value
        elif self._has_room():
            firsts.insert(at + 1, value)
            lasts.insert(at + 1, value)
        return False

    def _has_room(self) -> bool:
        self.is_full = self._remembered >= self._room
        self._remembered += not self.is_full
        return not self.is_full
