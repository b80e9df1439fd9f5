"""The proof of a split: both sides are read again, and compared with the input before anybody sees them."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from lint837.files.rereadable import RefusedError, Source
from lint837.split.plan import BOTH, HEADERS, LEVELS, SIDES, Piece, SplitPlan, pieces
from lint837.x12.delimiters import Delimiters
from lint837.x12.slices import Context, Slice

# The elements that are written anew, by the kind of the slice with whose first segment they stand.
_RENEWED = {"hl20": (1, 2, 4), "hl22": (1, 2, 4), "hl23": (1, 2, 4), "se": (1,), "ge": (1,), "iea": (1,)}


class UnprovenError(Exception):
    """What was written is not what was read: a defect of this program or of the disk. The text says where, not what."""


def prove(source: Source, plan: SplitPlan, files: Mapping[int, BinaryIO]) -> None:
    """Read what was written on each side, and compare it with the input: each slice of the input stands on its sides,
    in order, byte for byte but for the elements that are written anew; each claim stands on one side, under the headers
    that it stood under; and nothing else is there. The reader finds every count and number of both sides right.
    Raises UnprovenError.
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
            raise UnprovenError("a claim is not on one side")
        for side in sides:
            other = next(written[side], None) if side in written else None
            if other is None or not _same(piece, other, source, outputs[side]):
                raise UnprovenError(f"what was written differs from line {piece.slice.line} of the input on")
            if piece.slice.kind == "claim" and not headers.same(side, piece, other):
                raise UnprovenError(f"the claim of line {piece.slice.line} of the input stands under other headers")
            levels[side].written(piece, other, renewed=plan.sides(index) == BOTH)
    if any(next(rest, None) for rest in written.values()):
        raise UnprovenError("more was written than was read")


def _written(output: Source) -> Iterator[Piece]:
    try:
        yield from pieces(output)
    except RefusedError as error:
        raise UnprovenError(f"what was written is wrong: {error}") from None


class _Levels:
    """Checks the HL segments of one side: where a set was taken apart they are numbered from 1, and HL04 says
    no child where none is left; everywhere else they are as they were.
    """

    def __init__(self) -> None:
        self._renewed = False
        self._number = 0
        self._subscriber: tuple[Piece, Piece] | None = None  # as read and as written; its HL04 is not checked yet
        self._dependents = 0  # of the subscriber that was read last
        self._kept = 0

    def read(self, piece: Piece) -> None:
        """Take the next slice of the input."""
        if piece.slice.kind in ("hl20", "hl22", "se"):
            self._end_subscriber()
            self._dependents = self._kept = 0
        elif piece.slice.kind == "hl23":
            self._dependents += 1

    def written(self, piece: Piece, other: Piece, *, renewed: bool) -> None:
        """Take a slice of the input with what was written of it; `renewed`: it stands on both sides."""
        kind = piece.slice.kind
        if kind == "st":
            self._renewed, self._number = renewed, 0
        if kind not in LEVELS:
            return
        self._number += 1
        expected = b"%d" % self._number if self._renewed else _element(piece, 1)
        if _element(other, 1) != expected or (not self._renewed and _element(other, 2) != _element(piece, 2)):
            raise UnprovenError(f"the HL segment of line {piece.slice.line} of the input has another number")
        if kind == "hl22":
            self._subscriber = (piece, other)
        elif _element(piece, 4) != _element(other, 4):
            raise UnprovenError(f"HL04 of line {piece.slice.line} of the input was changed")
        self._kept += kind == "hl23"

    def _end_subscriber(self) -> None:
        if self._subscriber:
            piece, other = self._subscriber
            childless = self._renewed and self._dependents > 0 and self._kept == 0
            if _element(other, 4) != (b"0" if childless and _element(piece, 4) else _element(piece, 4)):
                raise UnprovenError(f"HL04 of line {piece.slice.line} of the input is wrong")
        self._subscriber = None


def _element(piece: Piece, place: int) -> bytes:
    return piece.delimiters.elements(piece.head.partition(piece.delimiters.terminator)[0], place)[place]


class _Headers:
    """Whether a claim's headers are the same in two files. A header is compared once, not for each of its claims."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], tuple[Slice | None, Slice | None]] = {}

    def same(self, side: int, one: Piece, other: Piece) -> bool:
        """Whether the two, one claim in two files, stand under the same headers."""
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
    """Whether two slices are the same, but for what is written anew."""
    kind = one.slice.kind
    if kind != other.slice.kind or one.delimiters != other.delimiters:
        return False
    if one.head != other.head and _masked(kind, one.head, one.delimiters) != _masked(kind, other.head, one.delimiters):
        return False
    rest = source.pieces(one.slice.start + len(one.head), one.slice.end)
    return _equal(rest, output.pieces(other.slice.start + len(other.head), other.slice.end))


def _equal(one: Iterable[bytes], other: Iterable[bytes]) -> bool:
    """Whether two runs of blocks are the same; both are cut at the same places."""
    return all(mine == theirs for mine, theirs in itertools.zip_longest(one, other))


def _masked(kind: str, head: bytes, delimiters: Delimiters) -> bytes:
    """The bytes of a slice without the elements that are written anew."""
    places = _RENEWED.get(kind, ())
    if not places:
        return head
    segment, terminator, rest = head.partition(delimiters.terminator)
    parts = segment.split(delimiters.element)
    for place in places:
        if place < len(parts):
            parts[place] = parts[place].replace(parts[place].strip(delimiters.blanks), b"", 1)
    return delimiters.element.join(parts) + terminator + rest
