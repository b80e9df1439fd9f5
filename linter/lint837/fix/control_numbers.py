"""New control numbers for a file that is sent again: a receiver takes a second file with the numbers of the first for
its duplicate.
"""

from typing import NamedTuple

from lint837.files.rereadable import RefusedError
from lint837.x12.delimiters import LARGEST_CONTROL_NUMBER, Delimiters, number

# The element of each slice that holds a control number, and that of the header that a trailer repeats.
_PLACES = {"isa": ("ISA", 13), "gs": ("GS", 6), "ge": ("GE", 2), "iea": ("IEA", 2)}
_HEADER = {"ge": "gs", "iea": "isa"}


class NewNumber(NamedTuple):
    """A control number: the bytes from `start` to `end`, `old`, become `new`. element: such as ISA13."""

    start: int
    end: int
    old: bytes
    new: bytes
    element: str


class ControlNumbers:
    """Gives the interchanges of a file the numbers from `first` on, and its groups too; each trailer repeats its
    header's. It refuses a file that has one of them already.
    """

    def __init__(self, first: int) -> None:
        self._first = first
        self._used = {"isa": 0, "gs": 0}
        self.found: list[NewNumber] = []

    def take(self, kind: str, start: int, head: bytes, delimiters: Delimiters) -> None:
        """Renumber a slice of any kind that begins at `start` with the bytes `head`. Raises RefusedError."""
        if kind not in _PLACES:
            return
        name, place = _PLACES[kind]
        element = f"{name}{place:02}"
        # ISA has a fixed form, and may hold the terminator; the others end with it.
        segment = head if kind == "isa" else head.partition(delimiters.terminator)[0]
        parts = segment.split(delimiters.element, place + 1)
        old = parts[place].strip() if place < len(parts) else b""
        if number(old) is None:
            raise RefusedError(f"{element} is no number, so that it cannot get a new one")
        if kind not in _HEADER:
            self._used[kind] += 1
        value = self._first - 1 + self._used[_HEADER.get(kind, kind)]
        if value > LARGEST_CONTROL_NUMBER:
            raise RefusedError("--new-control-numbers: the file has more interchanges or groups than numbers are left")
        at = start + len(delimiters.element.join(parts[:place])) + len(delimiters.element) + parts[place].index(old)
        new = b"%09d" % value if name in ("ISA", "IEA") else b"%d" % value
        self.found.append(NewNumber(at, at + len(old), old, new, element))

    def check(self) -> None:
        """Raise RefusedError where a new number is an old one: the receiver may have it already."""
        old = {(one.element, number(one.old)) for one in self.found}
        again = [one for one in self.found if (one.element, number(one.new)) in old]
        if again:
            raise RefusedError(f"--new-control-numbers: the file has the number {int(again[0].new)} already")
