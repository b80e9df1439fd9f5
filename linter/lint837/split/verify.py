"""Verifies a split: both sides are read again and compared with the input before they are published."""

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from lint837.files.inputs import Opened
from lint837.files.rereadable import CHANGED, RefusedError, Source
from lint837.lint.verdicts import slices
from lint837.split.plan import BOTH, SIDES, Divided, Part, SplitPlan
from lint837.split.sets import HEADERS, LEVELS, TRAILERS, Piece, Sets
from lint837.x12.delimiters import Delimiters, number
from lint837.x12.prefilter import NOTHING
from lint837.x12.slices import Context, Run, Slice

# The elements that a split may change, in the first segment of each kind of slice.
_RENEWED = {"hl20": (1, 2, 4), "hl22": (1, 2, 4), "hl23": (1, 2, 4), "se": (1,), "ge": (1,), "iea": (1,)}
_ROOM = 16  # bytes by which an HL segment may grow where it gets another number, and a bit


class VerificationError(Exception):
    """What was written is not what was read: a defect of this program or of the disk. The text says where, not what."""


def verify(source: Source, plan: SplitPlan, files: Mapping[int, BinaryIO]) -> None:
    """Read both sides and compare them with the input. Each part of the input is on its sides, in order, byte for byte
    except for the elements that a split may change. Each claim is on one side, under the same headers. Nothing else is
    there, and every count and control number is right. Raises VerificationError.
    """
    written = {side: Source(Opened(file.fileno())) for side, file in files.items()}
    if len(written) == 1 and all(plan.is_whole(side) and source.equals(one) for side, one in written.items()):
        return  # it is the input, byte for byte, and that was judged
    outputs = {side: _Output(side, one, source) for side, one in written.items()}
    sets = Sets(source)
    reading = _Reading(source.blocks())  # all of it, which the source compares with what was judged
    for part in plan:
        sets.note(part.kind, part.start, part.end)
        here = [outputs[side] for side in SIDES if part.sides & side and side in outputs]
        if len(here) != part.sides.bit_count():
            raise _differs(part.start)
        if part.divided or (part.kind in TRAILERS and part.sides == BOTH):
            reading.skip(part.end - part.start)
            if part.divided:
                _compare_set(part, part.divided, sets, here)
            else:
                for output in here:
                    output.compare_trailer(part, sets)
            continue
        at = part.start
        for block in reading.take(part.end - part.start):
            for output in here:
                output.compare(block, at)
            at += len(block)
        for output in here:
            output.count(part)
    reading.finish()
    for side, output in outputs.items():
        output.finish(plan.claims[side])


def _compare_set(part: Part, divided: Divided, sets: Sets, outputs: Sequence["_Output"]) -> None:
    """Compare a transaction set that is divided, of which each side has another form."""
    for output in outputs:
        output.begin_set(part, divided)
    for index, piece in enumerate(sets.pieces(part.start, part.end)):
        for output in outputs:
            output.compare_slice(piece, divided.sides(index))


def _differs(at: int) -> VerificationError:
    return VerificationError(f"what was written differs from the input at byte {at + 1:,}")


class _Reading:
    """The input once more, in its order."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._block, self._at = b"", 0

    def take(self, size: int) -> Iterator[bytes]:
        """The next bytes. They are bytes and no view, which would be compared one by one."""
        while size:
            if self._at == len(self._block):
                self._block, self._at = next(self._blocks, b""), 0
                if not self._block:
                    raise RefusedError(CHANGED)
            taken = self._block[self._at : self._at + size]
            self._at += len(taken)
            size -= len(taken)
            yield taken

    def skip(self, size: int) -> None:
        """Pass over the next bytes."""
        for _ in self.take(size):
            pass

    def finish(self) -> None:
        """Read to the end."""
        if self._at < len(self._block) or any(self._blocks):
            raise RefusedError(CHANGED)


class _Output:
    """One side, compared from its beginning to its end."""

    def __init__(self, side: int, source: Source, given: Source) -> None:
        """`source`: what was written. `given`: the input."""
        self._side = side
        self._source = source
        self._input = given
        self._sets = Sets(source)
        self._position = 0
        self._groups_written = 0
        self._sets_written = 0
        # Of the set under way that is divided: the slices that come next, and what was read of it.
        self._written: Iterator[Piece] = iter(())
        self._headers, self._levels = _Headers(), _Levels()

    def compare(self, block: bytes, at: int) -> None:
        """Compare the next bytes with those of the input at offset `at`."""
        if self._source.read(self._position, self._position + len(block)) != block:
            raise _differs(at)
        self._position += len(block)

    def count(self, part: Part) -> None:
        """Count a part that was compared."""
        if part.kind in ("isa", "gs"):
            self._sets.note(part.kind, self._position - (part.end - part.start), self._position)
        self._groups_written = 0 if part.kind == "isa" else self._groups_written + (part.kind == "gs")
        self._sets_written = 0 if part.kind == "gs" else self._sets_written + (part.kind in ("set", "other"))

    def compare_trailer(self, part: Part, sets: Sets) -> None:
        """Compare the trailer of what is on both sides, of which each has another count."""
        expected = self._sets_written if part.kind == "ge" else self._groups_written
        old = sets.source.read(part.start, part.end)
        new = self._source.read(self._position, self._position + len(old) + _ROOM)
        head, terminator, rest = old.partition(sets.delimiters.terminator)
        trailer, _, after = new.partition(terminator)
        same = _masked(part.kind, trailer, sets.delimiters) == _masked(part.kind, head, sets.delimiters)
        if not same or not after.startswith(rest):
            raise _differs(part.start)
        if number(sets.delimiters.elements(trailer, 1)[1]) != expected:
            raise VerificationError(f"the count in the trailer at byte {part.start + 1:,} of the input is wrong")
        self._position += len(trailer) + len(terminator) + len(rest)

    def begin_set(self, part: Part, divided: Divided) -> None:
        """Begin to compare a transaction set that is divided, slice by slice."""
        self._written = self._pieces(self._position + part.end - part.start + _ROOM * (len(divided) + 1))
        self._headers, self._levels = _Headers(), _Levels()
        self._sets_written += 1

    def compare_slice(self, piece: Piece, sides: int) -> None:
        """Compare the next slice of that set. `sides`: to which it goes."""
        self._levels.read(piece)
        if piece.kind == "claim" and sides not in SIDES:
            raise VerificationError("a claim is not on exactly one side")
        if not sides & self._side:
            return
        other = next(self._written, None)
        if other is None or not _same(piece, other, self._input, self._source):
            raise _differs(piece.start)
        if piece.kind == "claim" and not self._headers.same(piece, other):
            raise VerificationError(f"the claim at byte {piece.start + 1:,} of the input has other headers")
        self._levels.written(piece, other)
        self._position = other.end

    def _pieces(self, end: int) -> Iterator[Piece]:
        """The slices of the set that comes next."""
        try:
            yield from self._sets.pieces(self._position, min(end, self._source.size))
        except RefusedError as error:
            raise VerificationError(f"what was written is wrong: {error}") from None

    def finish(self, claims: int) -> None:
        """Nothing else was written, and a reader finds nothing wrong with it but `claims` claims."""
        if self._position != self._source.size:
            raise VerificationError("more was written than was read")
        found = 0
        try:
            for piece, _ in slices(self._source.pieces(0, self._source.size), prefilter=NOTHING):
                found += piece.claims if isinstance(piece, Run) else piece.kind == "claim"
        except RefusedError as error:
            raise VerificationError(f"what was written is wrong: {error}") from None
        if found != claims:
            raise VerificationError("a claim is not on exactly one side")


class _Levels:
    """Checks the HL segments of one side of a divided transaction set: they are numbered from 1, and HL04 is 0 where no
    dependent is left.
    """

    def __init__(self) -> None:
        self._number = 0
        # The subscriber in the input and as written, whose HL04 is still to be checked.
        self._subscriber: tuple[Piece, Piece] | None = None
        self._dependents = 0  # of the current subscriber
        self._kept = 0

    def read(self, piece: Piece) -> None:
        """Follow the next slice of the input."""
        if piece.kind in ("hl20", "hl22", "se"):
            self._end_subscriber()
            self._dependents = self._kept = 0
        elif piece.kind == "hl23":
            self._dependents += 1

    def written(self, piece: Piece, other: Piece) -> None:
        """Check a slice of the input against what was written of it."""
        if piece.kind not in LEVELS:
            return
        self._number += 1
        if other.elements(1)[1] != b"%d" % self._number:
            raise VerificationError(f"the HL segment at byte {piece.start + 1:,} of the input has another number")
        if piece.kind == "hl22":
            self._subscriber = (piece, other)
        elif piece.elements(4)[4] != other.elements(4)[4]:
            raise VerificationError(f"HL04 at byte {piece.start + 1:,} of the input was changed")
        self._kept += piece.kind == "hl23"

    def _end_subscriber(self) -> None:
        if self._subscriber:
            piece, other = self._subscriber
            childless = self._dependents > 0 and self._kept == 0
            before = piece.elements(4)[4]
            if other.elements(4)[4] != (b"0" if childless and before else before):
                raise VerificationError(f"HL04 at byte {piece.start + 1:,} of the input is wrong")
        self._subscriber = None


class _Headers:
    """Compares the headers of a claim in two files; a header once, and not for each of its claims."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Slice | None, Slice | None]] = {}

    def same(self, one: Piece, other: Piece) -> bool:
        """True if a claim has the same headers in both files."""
        return all(self._same_header(kind, one, other) for kind in HEADERS)

    def _same_header(self, kind: str, one: Piece, other: Piece) -> bool:
        pair = (_header(one.slice.context, kind), _header(other.slice.context, kind))
        known = self._known.get(kind)
        if known and known[0] is pair[0] and known[1] is pair[1]:
            return True
        self._known[kind] = pair
        return _masked_header(pair[0], one.delimiters) == _masked_header(pair[1], other.delimiters)


def _header(context: Context | None, kind: str) -> Slice | None:
    found = getattr(context, kind)
    return found if isinstance(found, Slice) else None


def _masked_header(piece: Slice | None, delimiters: Delimiters) -> bytes | None:
    return None if piece is None or piece.data is None else _masked(piece.kind, piece.data, delimiters)


def _same(one: Piece, other: Piece, source: Source, output: Source) -> bool:
    """True if two slices are the same, except for what a split may change."""
    kind = one.kind
    if kind != other.kind or one.delimiters != other.delimiters:
        return False
    if one.head != other.head and _masked(kind, one.head, one.delimiters) != _masked(kind, other.head, one.delimiters):
        return False
    start, end = one.start + len(one.head), other.start + len(other.head)
    if one.end - start != other.end - end:
        return False
    rest = zip(source.pieces(start, one.end), output.pieces(end, other.end), strict=True)
    return all(mine == theirs for mine, theirs in rest)


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
