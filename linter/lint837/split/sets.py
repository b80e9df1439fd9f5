"""The transaction sets of a file that a split divides, each read by itself, slice by slice, under its own ISA and GS.

It refuses a set that could not be renumbered: one that is hard-wrapped, or in which HL02 does not name the level above.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from lint837.files.rereadable import RefusedError, Source
from lint837.lint.verdicts import slices
from lint837.x12.delimiters import Delimiters, parse_isa
from lint837.x12.slices import Slice

# The headers, outermost first. A part of the file belongs to the headers that are open.
HEADERS = ("isa", "gs", "st", "hl20", "hl22", "hl23")
LEVELS = HEADERS[3:]
TRAILERS = frozenset({"se", "ge", "iea"})
_HEAD = 64 * 1024  # bytes read of a slice that comes without its data; its first segment is among them


class Piece(NamedTuple):
    """A slice of a transaction set.

    start, end, line: offsets in the file, and the physical line. `slice` has others, of the set by itself.
    head: its bytes; where it comes without its data, the segment of a trailer, and the first bytes of any other.
    """

    slice: Slice
    start: int
    end: int
    line: int
    head: bytes
    delimiters: Delimiters

    @property
    def kind(self) -> str:
        """The kind of the slice."""
        return self.slice.kind

    def elements(self, last: int) -> list[bytes]:
        """The elements of the first segment up to a number, the id first; b"" where missing."""
        return self.delimiters.elements(self.head.partition(self.delimiters.terminator)[0], last)


class Sets:
    """Reads the transaction sets of a file, in the order of the file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.delimiters = Delimiters(b"*", b":", b"^", b"~")
        self._headers: dict[str, bytes] = {}

    def note(self, kind: str, start: int, end: int) -> None:
        """Note where an isa or a gs is; the sets that follow are under it."""
        if kind not in ("isa", "gs"):
            return
        self._headers[kind] = self.source.read(start, min(end, start + _HEAD))
        header = parse_isa(self._headers[kind]) if kind == "isa" else None
        if header and header.delimiters != self.delimiters:
            self.delimiters = header.delimiters

    def head(self, piece: Slice, start: int) -> bytes:
        """The bytes of a slice that begins at `start`, as those of a Piece."""
        if piece.data is not None:
            return piece.data
        head = self.source.read(start, start + min(piece.end - piece.start, _HEAD))
        if piece.kind in TRAILERS:
            segment, terminator, _ = head.partition(self.delimiters.terminator)
            head = segment + terminator
        return head

    def pieces(self, start: int, end: int, line: int = 1) -> Iterator[Piece]:
        """The slices of the transaction set that begins at `start`, on a physical `line`, up to its trailer, which
        begins before `end`. Raises RefusedError where it cannot be divided.
        """
        e, t = self.delimiters.element, self.delimiters.terminator
        before = self._headers["isa"] + self._headers["gs"]
        isa, gs = parse_isa(before), self.delimiters.elements(self._headers["gs"].partition(t)[0], 6)
        control = isa.elements[12] if isa else b""
        after = e.join((b"GE", b"1", gs[6])) + t + e.join((b"IEA", b"1", control)) + t
        shift, line = start - len(before), line - before.count(b"\n") - 1
        levels: dict[str, bytes] = {}  # HL01 of the levels that are open
        for piece, _ in slices(chain((before,), self.source.pieces(start, end), (after,))):
            if not isinstance(piece, Slice) or piece.start < len(before):
                continue
            head = self.head(piece, piece.start + shift)
            one = Piece(piece, piece.start + shift, piece.end + shift, piece.line + line, head, self.delimiters)
            if breaks_a_segment(head, self.delimiters):
                raise RefusedError(_WRAPPED.format(one.line))
            if piece.kind in LEVELS:
                _check_level(one, levels)
            yield one
            if piece.kind == "se":
                return


_WRAPPED = "line {}: the file is hard-wrapped: a line ends inside a segment"


def breaks_a_segment(head: bytes, delimiters: Delimiters) -> bool:
    """Whether a line ends inside a segment of a slice that begins so: its file is hard-wrapped."""
    has_breaks = b"\n" in head or b"\r" in head  # a text is found much sooner than a pattern
    return has_breaks and delimiters.breaks_are_layout and _break_in_segment(delimiters).search(head) is not None


def refuse_wrapping(piece: Slice, sets: Sets) -> None:
    """Raise RefusedError for a slice of a file that is hard-wrapped."""
    if piece.kind != "other" and breaks_a_segment(sets.head(piece, piece.start), sets.delimiters):
        raise RefusedError(_WRAPPED.format(piece.line))


def _check_level(piece: Piece, levels: dict[str, bytes]) -> None:
    """Check that HL02 names the level above, one of the open `levels`, and open this one."""
    depth = LEVELS.index(piece.kind)
    above = levels.get(LEVELS[depth - 1], b"") if depth else b""
    _, number, parent = piece.elements(2)
    if not number:
        raise RefusedError(f"line {piece.line}: an HL segment has no number (HL01)")
    if parent != above:
        raise RefusedError(f"line {piece.line}: HL02 does not name the level above")
    for deeper in LEVELS[depth:]:
        levels.pop(deeper, None)
    levels[piece.kind] = number


@lru_cache(16)
def _break_in_segment(delimiters: Delimiters) -> re.Pattern[bytes]:
    """Finds a line break that does not follow a segment terminator and blanks."""
    blanks, last = re.escape(delimiters.blanks), re.escape(delimiters.terminator[-1:])
    return re.compile(b"[^" + last + blanks + b"][ \t]*[\r\n]")
