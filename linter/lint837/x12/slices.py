"""Slices: the runs of an input that, joined, are the input; what claims come under; what was counted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lint837.x12.delimiters import Delimiters

SHARED_CLAIMS = 32  # claims in a row that belong to one share
OTHER_KIND = "other"  # a transaction set that is not read, of a kind that is not named
_KINDS_NOT_READ = 32  # that are named


class Limits(NamedTuple):
    """How much is read before the reader reports that it did not look: bytes of a segment, elements of a segment, bytes
    of a slice.
    """

    segment: int = 64 * 1024
    elements: int = 1000
    slice: int = 2 * 1024 * 1024


class Slice(NamedTuple):
    """A run of the input. Joined, the slices are the input, byte for byte.

    kind: isa, gs, st (the header up to the first HL), hl20, hl22, hl23 (each up to its first claim or the next HL),
        claim, se, ge, iea, or other (junk, TA1, a transaction set that is not read).
    start, end: byte offsets.
    line, line_start: the physical line of `start`, and the offset at which that line begins.
    segment: the ordinal of its first segment counted from ST, 0 outside a transaction set.
    segments: how many segments begin in it.
    claim, claim_name: the ordinal of a claim in the input, and its CLM01 as it may be shown; 0 and "" for other kinds.
    data: the bytes of the kinds that are looked at; None for other kinds and where it is damaged.
    damaged: it was cut, is past a limit or cannot be read, and must not be judged. Its place is right all the same.
    context: what a claim, or an st, hl20, hl22 or hl23, comes under; None for other kinds.
    """

    kind: str
    start: int
    end: int
    line: int
    line_start: int
    segment: int
    segments: int
    claim: int
    claim_name: str
    data: bytes | None
    damaged: bool
    context: "Context | None"


class Run(NamedTuple):
    """Plain slices, one after another, that are handed out together: claims that nobody wants, and their levels. They
    hold no fault, no control byte, and no line break but after a segment terminator.

    start, end: byte offsets.
    claims: how many claims they hold.
    text: bytes that hold them, without the line breaks of a hard-wrapped file.
    starts: the index in the text at which each slice begins, and at which the last one ends.
    offsets: the offset in the input at which each slice begins, and at which the last one ends.
    levels: 22 or 23 for each slice that is an HL of that level, 0 for a claim.
    context: what the first of them comes under.
    """

    start: int
    end: int
    claims: int
    text: bytes
    starts: Sequence[int]
    offsets: Sequence[int]
    levels: Sequence[int]
    context: "Context"


class Context(NamedTuple):
    """What a claim comes under.

    guide: "837P" or "837I", "" for one that is not read.
    ordinals, control_numbers: of the interchange, the group and the transaction set.
    isa, gs, st, hl20, hl22, hl23: the header slices.
    """

    delimiters: Delimiters
    guide: str = ""
    ordinals: tuple[int, int, int] = (0, 0, 0)
    control_numbers: tuple[str, str, str] = ("", "", "")
    isa: Slice | None = None
    gs: Slice | None = None
    st: Slice | None = None
    hl20: Slice | None = None
    hl22: Slice | None = None
    hl23: Slice | None = None


class Share(NamedTuple):
    """A share of the claims of an input, where several processes judge it: part `part` of `parts`."""

    part: int = 0
    parts: int = 1

    def has(self, claim: int) -> bool:
        """Whether the claim with this ordinal is in it."""
        return claim // SHARED_CLAIMS % self.parts == self.part


WHOLE = Share()


@dataclass(slots=True)
class Counts:
    """What one input holds.

    unchecked: segments of claims that could not be judged.
    not_read: how many transaction sets were not read, by what they are: "835 005010X221", "837 005010X298",
        "837 004010X098", "999"; "other" for those that ST01 does not name, and beyond a number of kinds.
    """

    bytes: int = 0
    segments: int = 0
    unchecked: int = 0
    interchanges: int = 0
    transaction_sets: int = 0
    claims: int = 0
    not_read: dict[str, int] = field(default_factory=dict)

    def add_not_read(self, kind: str) -> None:
        """Count a transaction set that is not read."""
        if kind not in self.not_read and len(self.not_read) >= _KINDS_NOT_READ:
            kind = OTHER_KIND
        self.not_read[kind] = self.not_read.get(kind, 0) + 1
