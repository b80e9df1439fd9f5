"""The corrections of one claim, as edits of the bytes that it came with."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lint837.fix.edits import Change, segments_at
from lint837.lint.finding import Finding
from lint837.x12.delimiters import Delimiters
from lint837.x12.faults import Fault
from lint837.x12.slices import Slice


class NotCorrectedError(Exception):
    """Nothing was corrected. The text says why, and holds nothing of a claim's content."""


class Edit(NamedTuple):
    """Bytes from `start` to `end` that become `new`."""

    start: int
    end: int
    new: bytes


class Correction(NamedTuple):
    """What a person chose for a finding: edits of the claim's first bytes. `safe`: they change only the form."""

    number: int
    finding: Finding
    safe: bool
    edits: tuple[Edit, ...]


class CorrectedClaim:
    """A claim with its corrections. `piece`: the claim as it is in the file that was opened. `faults`: what the reader
    said up to there.
    """

    def __init__(self, piece: Slice, faults: Sequence[Fault]) -> None:
        self.piece = piece
        self.faults = faults
        self.old = piece.data or b""
        self.corrections: list[Correction] = []

    @property
    def delimiters(self) -> Delimiters:
        """Those of its interchange."""
        if self.piece.context is None:
            raise NotCorrectedError("The claim cannot be read.")
        return self.piece.context.delimiters

    @property
    def edits(self) -> list[Edit]:
        """All edits, by place; no two touch."""
        return sorted(edit for one in self.corrections for edit in one.edits)

    @property
    def new(self) -> bytes:
        """Its bytes with all corrections."""
        return applied(self.old, self.edits)

    @property
    def moved(self) -> int:
        """How many bytes longer it is."""
        return sum(len(edit.new) - (edit.end - edit.start) for edit in self.edits)

    def corrected(self) -> Slice:
        """The claim as it is now, at its first place."""
        new = self.new
        return self.piece._replace(data=new, end=self.piece.start + len(new))

    def add(self, number: int, finding: Finding, wanted: Iterable[Edit], *, safe: bool) -> None:
        """Apply edits of its present bytes. A correction at the same place becomes a part of this one, so that undoing
        it brings back what the file said. Raises NotCorrectedError where they change nothing.
        """
        state, mine, replaced = self.edits, set[Edit](), set[Edit]()
        for edit in sorted(wanted, reverse=True):  # what is before an edit stays where it is
            gone = {one for one in state if _touch(edit, _now(one, state))}
            come = _merged(self.old, state, edit, gone)
            state = sorted({*state} - gone | come)
            mine, replaced = mine - gone | come, replaced | gone - mine
        if applied(self.old, state) == self.new:
            raise NotCorrectedError("That is what the claim says already.")
        absorbed = [one for one in self.corrections if replaced.intersection(one.edits)]
        mine |= {edit for one in absorbed for edit in one.edits if edit not in replaced}
        self.corrections = [one for one in self.corrections if one not in absorbed]
        if mine:
            safe = safe and all(one.safe for one in absorbed)
            self.corrections.append(Correction(number, finding, safe, tuple(sorted(mine))))

    def changes(self) -> list[Change]:
        """What is to be done with the file that was opened."""
        base = self.piece.start
        texts = {(base + edit.start, base + edit.end): edit.new for edit in self.edits}
        found = []
        for one in self.corrections:
            for start, end, new in one.edits:
                before, after = segments_at(self.old, base, base + start, self.delimiters, texts)
                old = self.old[start:end]
                found.append(Change(base + start, base + end, old, new, one.safe, one.finding, before, after))
        return sorted(found, key=lambda change: change.start)


def applied(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Bytes with edits, which are by place."""
    parts, at = [], 0
    for start, end, new in edits:
        parts += [data[at:start], new]
        at = end
    return b"".join([*parts, data[at:]])


def _now(edit: Edit, edits: Sequence[Edit]) -> tuple[int, int]:
    """Where an edit's new bytes are, when all `edits` are applied."""
    start = edit.start + sum(len(one.new) - (one.end - one.start) for one in edits if one.start < edit.start)
    return start, start + len(edit.new)


def _touch(edit: Edit, span: tuple[int, int]) -> bool:
    return edit.start <= span[1] and edit.end >= span[0]


def _merged(old: bytes, edits: Sequence[Edit], edit: Edit, touched: set[Edit]) -> set[Edit]:
    """The edit of the first bytes that does what those that it touches do, and then an edit of present bytes; nothing
    where that is what the first bytes say.
    """
    spans = [_now(one, edits) for one in touched]
    low, high = min([edit.start, *(start for start, _ in spans)]), max([edit.end, *(end for _, end in spans)])
    # Outside the edits that it touches, bytes have moved by what is before them.
    before = sum(len(one.new) - (one.end - one.start) for one in edits if _now(one, edits)[1] < low)
    within = sum(len(one.new) - (one.end - one.start) for one in touched)
    start, end = low - before, high - before - within
    now = applied(old, edits)
    new = now[low : edit.start] + edit.new + now[edit.end : high]
    return set() if new == old[start:end] else {Edit(start, end, new)}
