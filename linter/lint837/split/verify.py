"""Verifies a split: both sides are read again and compared with the input before they are published."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from lint837.files.rereadable import RefusedError, Source
from lint837.split.plan import BOTH, HEADERS, LEVELS, SIDES, Piece, SplitPlan, pieces
from lint837.x12.delimiters import Delimiters
from lint837.x12.slices import Context, Slice

# The elements that a split may change, in the first segment of each kind of slice.
_RENEWED = {"hl20": (1, 2, 4), "hl22": (1, 2, 4), "hl23": (1, 2, 4), "se": (1,), "ge": (1,), "iea": (1,)}


class VerificationError(Exception):
    """What was written is not what was read: a defect of this program or of the disk. The text says where, not what."""


def verify(source: Source, plan: SplitPlan, files: Mapping[int, BinaryIO]) -> None:
    """Read both sides and compare them with the input. Each slice of the input is on its sides, in order, byte for byte
    except for the elements that a split may change. Each claim is on one side, under the same headers. Nothing else is
    there, and every count and control number is right. Raises VerificationError.
    """
    outputs = {side: Source(file.fileno()) for side, file in files.items()}
    written = {side: _written(output) for side, output in outputs.items()}
    headers = _Headers()
    levels = {side: _Levels() for side in outputs}
    for index, piece in enumerate(pieces(source)):
        sides = [side for side in SIDES if plan.sides(index) & side]
        for level in levels.values():
            level.read(piece)
        if piece.slice.kind == "claim" and len(sides) != 1:
            raise VerificationError("a claim is not on exactly one side")
        for side in sides:
            other = next(written[side], None) if side in written else None
            if other is None or not _same(piece, other, source, outputs[side]):
                raise VerificationError(f"what was written differs from the input at line {piece.slice.line}")
            if piece.slice.kind == "claim" and not headers.same(side, piece, other):
                raise VerificationError(f"the claim at line {piece.slice.line} of the input has other headers")
            levels[side].written(piece, other, renewed=plan.sides(index) == BOTH)
    if any(next(rest, None) for rest in written.values()):
        raise VerificationError("more was written than was read")


def _written(output: Source) -> Iterator[Piece]:
    try:
        yield from pieces(output)
    except RefusedError as error:
        raise VerificationError(f"what was written is wrong: {error}") from None


class _Levels:
    """Checks the HL segments of one side. In a transaction set that was divided they are numbered from 1, and HL04 is 0
    where no dependent is left; in any other they are as they were.
    """

    def __init__(self) -> None:
        self._renewed = False
        self._number = 0
        self._subscriber: tuple[Piece, Piece] | None = (
            None  # in the input and as written; its HL04 is still to be checked
        )
        self._dependents = 0  # of the current subscriber
        self._kept = 0

    def read(self, piece: Piece) -> None:
        """Follow the next slice of the input."""
        if piece.slice.kind in ("hl20", "hl22", "se"):
            self._end_subscriber()
            self._dependents = self._kept = 0
        elif piece.slice.kind == "hl23":
            self._dependents += 1

    def written(self, piece: Piece, other: Piece, *, renewed: bool) -> None:
        """Check a slice of the input against what was written of it; `renewed`: it is on both sides."""
        kind = piece.slice.kind
        if kind == "st":
            self._renewed, self._number = renewed, 0
        if kind not in LEVELS:
            return
        self._number += 1
        expected = b"%d" % self._number if self._renewed else _element(piece, 1)
        if _element(other, 1) != expected or (not self._renewed and _element(other, 2) != _element(piece, 2)):
            raise VerificationError(f"the HL segment at line {piece.slice.line} of the input has another number")
        if kind == "hl22":
            self._subscriber = (piece, other)
        elif _element(piece, 4) != _element(other, 4):
            raise VerificationError(f"HL04 at line {piece.slice.line} of the input was changed")
        self._kept += kind == "hl23"

    def _end_subscriber(self) -> None:
        if self._subscriber:
            piece, other = self._subscriber
            childless = self._renewed and self._dependents > 0 and self._kept == 0
            if _element(other, 4) != (b"0" if childless and _element(piece, 4) else _element(piece, 4)):
                raise VerificationError(f"HL04 at line {piece.slice.line} of the input is wrong")
        self._subscriber = None


def _element(piece: Piece, place: int) -> bytes:
    return piece.delimiters.elements(piece.head.partition(piece.delimiters.terminator)[0], place)[place]


class _Headers:
    """Compares the headers of a claim in two files; a header once, and not for each of its claims."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], tuple[Slice | None, Slice | None]] = {}

    def same(self, side: int, one: Piece, other: Piece) -> bool:
        """True if a claim has the same headers in both files."""
        return all(self._same_header(side, kind, one, other) for kind in HEADERS)

    def _same_header(self, side: int, kind: str, one: Piece, other: Piece) -> bool:
        pair = (_header(one.slice.context, kind), _header(other.slice.context, kind))
        known = self._known.get((side, kind))
        if known and known[0] is pair[0] and known[1] is pair[1]:
            return True
        self._known[side, kind] = pair
        return _masked_header(pair[0], one.delimiters) == _masked_header(pair[1], other.delimiters)


def _header(context: Context | None, kind: str) -> Slice | None:
    found = getattr(context, kind)
    return found if isinstance(found, Slice) else None


def _masked_header(piece: Slice | None, delimiters: Delimiters) -> bytes | None:
    return None if piece is None or piece.data is None else _masked(piece.kind, piece.data, delimiters)


def _same(one: Piece, other: Piece, source: Source, output: Source) -> bool:
    """True if two slices are the same, except for what a split may change."""
    kind = one.slice.kind
    if kind != other.slice.kind or one.delimiters != other.delimiters:
        return False
    if one.head != other.head and _masked(kind, one.head, one.delimiters) != _masked(kind, other.head, one.delimiters):
        return False
    rest = source.pieces(one.slice.start + len(one.head), one.slice.end)
    return _equal(rest, output.pieces(other.slice.start + len(other.head), other.slice.end))


def _equal(one: Iterable[bytes], other: Iterable[bytes]) -> bool:
    """True if two runs of blocks, cut at the same places, are the same."""
    return all(mine == theirs for mine, theirs in itertools.zip_longest(one, other))


def _masked(kind: str, head: bytes, delimiters: Delimiters) -> bytes:
    """The bytes of a slice without the elements that a split may change."""
    places = _RENEWED.get(kind, ())
    if not places:
        return head
    segment, terminator, rest = head.partition(delimiters.terminator)
    parts = segment.split(delimiters.element)
    for place in places:
        if place < len(parts):
            parts[place] = parts[place].replace(parts[place].strip(delimiters.blanks), b"", 1)
    return delimiters.element.join(parts) + terminator + rest
