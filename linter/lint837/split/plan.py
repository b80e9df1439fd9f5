"""The plan of a split: to which side each part of a claim file goes. Refuses files that cannot be split.

A transaction set whose claims are all on one side is one part, and is never looked into. One that is divided is read
slice by slice.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from lint837.files.rereadable import CHANGED, RefusedError, Source
from lint837.split.sets import HEADERS, LEVELS, Piece, Sets, refuse_wrapping
from lint837.x12.slices import Run, Slice

ACCEPTED, REJECTED = 1, 2
SIDES = (ACCEPTED, REJECTED)
BOTH = ACCEPTED | REJECTED
SET = "set"  # the kind of the part that is a transaction set
_KINDS = ("isa", "gs", SET, "ge", "iea", "other")
_SIDES_OF = bytes((ACCEPTED, REJECTED))  # by whether a claim is rejected


class Part(NamedTuple):
    """A part of the file: a transaction set, or what stands outside of them.

    kind: isa, gs, set, ge, iea, or other (TA1, a transaction set that is not an 837, a byte order mark).
    start, end: offsets. sides: to which it goes.
    divided: where each slice of a transaction set goes whose claims are on both sides, else None.
    """

    kind: str
    start: int
    end: int
    sides: int
    divided: "Divided | None"


class SplitPlan:
    """To which sides each part of a file goes: nine bytes a part, a byte for each slice of a set that is divided."""

    def __init__(self) -> None:
        self._starts = array("Q")
        self._bytes = bytearray()  # of each part its sides, in two bits, and its kind
        self._divided: dict[int, Divided] = {}
        self._open: dict[str, int] = {}  # the isa and the gs of the next part
        self._services: list[int] = []  # TA1 and the like in the open interchange
        self.claims = dict.fromkeys(SIDES, 0)

    def __iter__(self) -> Iterator[Part]:
        """The parts; joined, they are the file."""
        for index, (byte, start) in enumerate(zip(self._bytes, self._starts, strict=False)):
            end = self._starts[index + 1]
            yield Part(_KINDS[byte >> 2], start, end, byte & BOTH, self._divided.get(index))

    def used(self, side: int) -> bool:
        """True if anything goes to a side."""
        return any(byte & side for byte in self._bytes)

    def is_whole(self, side: int) -> bool:
        """True if everything goes to a side, and nothing to the other."""
        return all(byte & BOTH == side for byte in self._bytes)

    def add(self, kind: str, start: int) -> None:
        """Add what stands outside the transaction sets that are checked."""
        sides = 0
        if kind in ("isa", "gs"):
            self._open[kind] = len(self._bytes)
        elif kind in ("ge", "iea"):
            sides = self._close("gs" if kind == "ge" else "isa")
        elif "gs" in self._open:  # a transaction set of another kind goes with the accepted claims
            sides = self._mark(ACCEPTED)
        elif "isa" in self._open:
            self._services.append(len(self._bytes))
        self._add(kind, start, sides)

    def add_set(self, start: int, rejected: Sequence[int], divided: "Divided | None") -> None:
        """Add a transaction set; `rejected`: which of its claims are. One without claims is accepted."""
        count = sum(rejected)
        self.claims[REJECTED] += count
        self.claims[ACCEPTED] += len(rejected) - count
        if divided:
            self._divided[len(self._bytes)] = divided
        self._add(SET, start, self._mark(BOTH if divided else REJECTED if count else ACCEPTED))

    def finish(self, end: int) -> None:
        """End the plan at the end of the file."""
        self._starts.append(end)
        if self._bytes and not self._bytes[0] & BOTH:  # what comes before the first interchange
            self._bytes[0] |= ACCEPTED if self.used(ACCEPTED) else REJECTED

    def _add(self, kind: str, start: int, sides: int) -> None:
        self._starts.append(start)
        self._bytes.append(_KINDS.index(kind) << 2 | sides)

    def _mark(self, sides: int) -> int:
        for index in self._open.values():
            self._bytes[index] |= sides
        return sides

    def _close(self, header: str) -> int:
        """End a group or an interchange, and return its sides: accepted where it holds no claim."""
        begin = self._open[header]
        if not self._bytes[begin] & BOTH:
            self._mark(ACCEPTED)
        sides = self._bytes[begin] & BOTH
        if header == "isa":
            for index in self._services:
                self._bytes[index] |= ACCEPTED if sides & ACCEPTED else REJECTED
            self._services.clear()
        del self._open[header]
        return sides


class Divided:
    """Where each slice of a divided transaction set goes: one byte a slice, in order."""

    def __init__(self, pieces: Iterable[Piece], rejected: Sequence[int]) -> None:
        """`rejected`: which of the claims are."""
        self._bytes = bytearray()
        self._childless = set[tuple[int, int]]()
        kinds = []
        verdicts = iter(rejected)
        for piece in pieces:
            kinds.append(piece.kind)
            on = BOTH if piece.kind in ("st", "se") else 0
            if piece.kind == "claim":
                verdict = next(verdicts, None)
                if verdict is None:
                    raise RefusedError(CHANGED)
                on = _SIDES_OF[verdict]
            self._bytes.append(on)
        if next(verdicts, None) is not None:
            raise RefusedError(CHANGED)
        self._place_levels(kinds)

    def __len__(self) -> int:
        return len(self._bytes)

    def sides(self, index: int) -> int:
        """The sides to which a slice goes."""
        return self._bytes[index]

    def childless(self, index: int, side: int) -> bool:
        """True for a subscriber that has no dependents left on a side, and had some."""
        return (index, side) in self._childless

    def _place_levels(self, kinds: Sequence[str]) -> None:
        """Put each level on the sides of the claims below it; one without a claim on a side of its parent level, the
        accepted one if it can be. Note subscribers whose dependents all go to one side.
        """
        above: dict[str, int] = {}
        for index, kind in enumerate(kinds):
            if kind in LEVELS:
                for deeper in LEVELS[LEVELS.index(kind) :]:
                    above.pop(deeper, None)
                above[kind] = index
            elif kind == "claim":
                for level in above.values():
                    self._bytes[level] |= self._bytes[index]
        above = {"st": 0}
        dependents = 0
        for index, kind in enumerate(kinds):
            if kind not in LEVELS:
                continue
            if kind != "hl23":
                self._note_dependents(above.get("hl22"), dependents)
                dependents = 0
            parent = above[HEADERS[HEADERS.index(kind) - 1]]
            if not self._bytes[index]:
                self._bytes[index] = ACCEPTED if self._bytes[parent] & ACCEPTED else REJECTED
            if kind == "hl23":
                dependents |= self._bytes[index]
            elif kind == "hl20":
                above.pop("hl22", None)
            above[kind] = index
        self._note_dependents(above.get("hl22"), dependents)

    def _note_dependents(self, subscriber: int | None, dependents: int) -> None:
        if subscriber is not None and dependents:
            lost = self._bytes[subscriber] & ~dependents
            self._childless |= {(subscriber, side) for side in SIDES if lost & side}


def make_plan(source: Source, verdicts: Iterable[tuple[Slice | Run, bool]]) -> SplitPlan:
    """The plan of a file from its slices, each with True if it is a rejected claim. Raises RefusedError where the file
    cannot be split.
    """
    plan, sets = SplitPlan(), Sets(source)
    start, end, line = -1, 0, 0  # of the transaction set under way
    rejected = bytearray()  # which of its claims are
    for piece, verdict in verdicts:
        end = piece.end
        if isinstance(piece, Run):
            rejected += bytes(piece.claims)
            continue
        sets.note(piece.kind, piece.start, end)
        refuse_wrapping(piece, sets)
        if piece.kind == "st":
            start, line, rejected = piece.start, piece.line, bytearray()
        elif piece.kind == "claim":
            rejected.append(verdict)
        elif piece.kind == "se":
            mixed = 0 < sum(rejected) < len(rejected)
            divided = Divided(sets.pieces(start, end, line), rejected) if mixed else None
            plan.add_set(start, rejected, divided)
            start = -1
        elif start < 0:
            plan.add(piece.kind, piece.start)
        elif piece.kind == "other":
            raise RefusedError(f"line {piece.line}: HL03 is not 20, 22 or 23")
    plan.finish(end)
    return plan
