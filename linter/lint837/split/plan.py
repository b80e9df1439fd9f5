"""The plan of a split: to which side each slice of a claim file goes. Refuses files that cannot be split."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lint837.files.rereadable import RefusedError, Source
from lint837.lint.verdicts import slices
from lint837.x12.delimiters import Delimiters, parse_isa
from lint837.x12.slices import Slice

ACCEPTED, REJECTED = 1, 2
SIDES = (ACCEPTED, REJECTED)
BOTH = ACCEPTED | REJECTED
# The headers, outermost first. A part of the file belongs to the headers that are open.
HEADERS = ("isa", "gs", "st", "hl20", "hl22", "hl23")
LEVELS = HEADERS[3:]
_KINDS = (*HEADERS, "claim", "se", "ge", "iea", "other")
_TRAILERS = {"se": "st", "ge": "gs", "iea": "isa"}
# A byte of the plan: two bits for the sides, two for those on which a subscriber loses all dependents, and the kind.
_CHILDLESS, _KIND = 2, 4
_HEAD = 64 * 1024  # bytes read of a slice that comes without its data; its first segment is among them


class SplitPlan:
    """To which sides each slice of a file goes: one byte a slice, in order."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._open: dict[str, int] = {}  # the headers of the next slice, by kind: their places in the plan
        self._services: list[int] = []  # TA1 and the like in the open interchange
        self.claims = dict.fromkeys(SIDES, 0)

    def __len__(self) -> int:
        return len(self._bytes)

    def sides(self, index: int) -> int:
        """The sides to which a slice goes."""
        return self._bytes[index] & BOTH

    def childless(self, index: int) -> int:
        """The sides on which a subscriber has no dependents left, and had some."""
        return self._bytes[index] >> _CHILDLESS & BOTH

    def used(self, side: int) -> bool:
        """True if anything goes to a side."""
        return any(byte & side for byte in self._bytes)

    def add(self, kind: str, *, rejected: bool) -> None:
        """Add the next slice by its kind; `rejected` counts for a claim only."""
        sides = 0
        if kind in HEADERS:
            for deeper in HEADERS[HEADERS.index(kind) :]:
                self._open.pop(deeper, None)
            self._open[kind] = len(self._bytes)
        elif kind == "claim":
            sides = REJECTED if rejected else ACCEPTED
            self.claims[sides] += 1
            self._mark(sides)
        elif kind in _TRAILERS:
            sides = self._close(kind, _TRAILERS[kind])
        elif "gs" in self._open:  # a transaction set of another kind goes with the accepted claims
            sides = ACCEPTED
            self._mark(sides)
        elif "isa" in self._open:
            self._services.append(len(self._bytes))
        self._bytes.append(_KINDS.index(kind) << _KIND | sides)

    def finish(self) -> None:
        """End the plan."""
        if self._bytes and not self.sides(0):  # what comes before the first interchange
            self._bytes[0] |= ACCEPTED if self.used(ACCEPTED) else REJECTED

    def _mark(self, sides: int) -> None:
        for index in self._open.values():
            self._bytes[index] |= sides

    def _close(self, trailer: str, header: str) -> int:
        """End a transaction set, group or interchange, and return its sides: accepted where it holds no claim."""
        begin = self._open[header]
        if not self.sides(begin):
            self._mark(ACCEPTED)
        if trailer == "se":
            self._place_levels(begin)
        elif trailer == "iea":
            for index in self._services:
                self._bytes[index] |= ACCEPTED if self.sides(begin) & ACCEPTED else REJECTED
            self._services.clear()
        for deeper in HEADERS[HEADERS.index(header) :]:
            self._open.pop(deeper, None)
        return self.sides(begin)

    def _place_levels(self, begin: int) -> None:
        """Put each level without a claim on a side of its parent level, the accepted one if it can be. Note subscribers
        whose dependents all go to one side.
        """
        above = {"st": begin}
        dependents = 0
        for index in range(begin + 1, len(self._bytes)):
            kind = _KINDS[self._bytes[index] >> _KIND]
            if kind not in LEVELS:
                continue
            if kind != "hl23":
                self._note_dependents(above.get("hl22"), dependents)
                dependents = 0
            parent = above[HEADERS[HEADERS.index(kind) - 1]]
            if not self.sides(index):
                self._bytes[index] |= ACCEPTED if self.sides(parent) & ACCEPTED else REJECTED
            if kind == "hl23":
                dependents |= self.sides(index)
            elif kind == "hl20":
                above.pop("hl22", None)
            above[kind] = index
        self._note_dependents(above.get("hl22"), dependents)

    def _note_dependents(self, subscriber: int | None, dependents: int) -> None:
        if subscriber is not None and dependents:
            self._bytes[subscriber] |= (self.sides(subscriber) & ~dependents) << _CHILDLESS


class Shape:
    """Checks that a file can be split: it is not hard-wrapped, and each HL02 names the level above."""

    def __init__(self) -> None:
        self._delimiters = Delimiters(b"*", b":", b"^", b"~")
        self._wrapped = _break_in_segment(self._delimiters)
        self._levels: dict[str, bytes] = {}  # HL01 of the levels that are open
        self._in_set = False

    @property
    def delimiters(self) -> Delimiters:
        """The delimiters of the current interchange."""
        return self._delimiters

    def check(self, piece: Slice, source: Source) -> bytes:
        """Check the next slice and return its bytes; where it comes without its data, the segment of a trailer, and the
        first bytes of any other. Raises RefusedError.
        """
        kind = piece.kind
        head = piece.data
        if head is None:
            head = source.read(piece.start, min(piece.end, piece.start + _HEAD))
            if kind in _TRAILERS:
                segment, terminator, _ = head.partition(self._delimiters.terminator)
                head = segment + terminator
        if kind == "isa":
            header = parse_isa(head)
            if header:
                self._delimiters = header.delimiters
                self._wrapped = _break_in_segment(header.delimiters)
        if kind != "other" and self._delimiters.breaks_are_layout and self._wrapped.search(head):
            raise RefusedError(f"line {piece.line}: the file is hard-wrapped: a line ends inside a segment")
        if kind == "st":
            self._in_set = True
            self._levels = {}
        elif kind == "se":
            self._in_set = False
        elif kind == "other" and self._in_set:
            raise RefusedError(f"line {piece.line}: HL03 is not 20, 22 or 23")
        elif kind in LEVELS:
            self._check_level(piece, head)
        return head

    def _check_level(self, piece: Slice, head: bytes) -> None:
        elements = self._delimiters.elements(head.partition(self._delimiters.terminator)[0], 3)
        depth = LEVELS.index(piece.kind)
        parent = self._levels.get(LEVELS[depth - 1], b"") if depth else b""
        if not elements[1]:
            raise RefusedError(f"line {piece.line}: an HL segment has no number (HL01)")
        if elements[2] != parent:
            raise RefusedError(f"line {piece.line}: HL02 does not name the level above")
        for deeper in LEVELS[depth:]:
            self._levels.pop(deeper, None)
        self._levels[piece.kind] = elements[1]


def _break_in_segment(delimiters: Delimiters) -> re.Pattern[bytes]:
    """Finds a line break that does not follow a segment terminator and blanks."""
    blanks, last = re.escape(delimiters.blanks), re.escape(delimiters.terminator[-1:])
    return re.compile(b"[^" + last + blanks + b"][ \t]*[\r\n]")


class Piece(NamedTuple):
    """A slice, its bytes as `Shape.check` returns them, and its delimiters."""

    slice: Slice
    head: bytes
    delimiters: Delimiters


def pieces(source: Source) -> Iterator[Piece]:
    """The slices of a file. Raises RefusedError where it cannot be split."""
    shape = Shape()
    for piece, _ in slices(source):
        head = shape.check(piece, source)
        yield Piece(piece, head, shape.delimiters)


def make_plan(source: Source, verdicts: Iterable[tuple[Slice, bool]]) -> SplitPlan:
    """The plan of a file from its slices, each with True if it is a rejected claim. Raises RefusedError where the file
    cannot be split.
    """
    plan, shape = SplitPlan(), Shape()
    for piece, rejected in verdicts:
        shape.check(piece, source)
        plan.add(piece.kind, rejected=rejected)
    plan.finish()
    return plan
