"""Which edits correct the findings of a file: those that rules offer, without the alternatives, among which only a
biller can choose.
"""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from lint837.files.rereadable import RefusedError, Source
from lint837.fix.control_numbers import ControlNumbers, NewNumber
from lint837.lint.finding import Finding, RawSegment
from lint837.lint.verdicts import Verdict, judged
from lint837.rules.rule import Severity
from lint837.rules.rulebook import Rulebook
from lint837.split.sets import HEADERS, Sets, refuse_wrapping
from lint837.x12.delimiters import Delimiters, text_of
from lint837.x12.slices import Context, Run, Slice

# What is wrong at a place: the rule, the ordinals of the claim and the line, the element.
Complaint = tuple[str, int, int, str]


class Change(NamedTuple):
    """Bytes from `start` to `end` of the input, `old`, that become `new`; for the fix of a finding.

    before, after: the segment in which they are, as it was and as it is with all changes.
    """

    start: int
    end: int
    old: bytes
    new: bytes
    safe: bool
    finding: Finding
    before: RawSegment
    after: RawSegment


@dataclass
class Changes:
    """What is to be done with a file.

    changes: by place; no two overlap, also where claims share a header. applied: what they correct, each with how often
    the same is found and not corrected.
    numbers: the control numbers that become others, by place.
    offered: how many findings have a fix that was not asked for. left: claims that could not be checked, by ordinal.
    errors: what is an error before, by element.
    """

    changes: list[Change] = field(default_factory=list)
    applied: dict[Complaint, int] = field(default_factory=dict)
    numbers: list[NewNumber] = field(default_factory=list)
    offered: int = 0
    left: list[int] = field(default_factory=list)
    errors: set[Complaint] = field(default_factory=set)

    @property
    def all(self) -> list[Change | NewNumber]:
        """Everything that is written otherwise, by place."""
        return sorted([*self.changes, *self.numbers], key=lambda one: one.start)


def complaint(finding: Finding) -> Complaint:
    """What is wrong, so that it can be found again in a file whose bytes have moved."""
    at = finding.location
    return finding.rule, at.claim_ordinal or 0, at.service_line_ordinal or 0, at.element


def where_wrong(finding: Finding) -> Complaint:
    """What is wrong, with the whole element: a code that is written right has a component of its own."""
    rule, claim, line, element = complaint(finding)
    return rule, claim, line, element.partition("-")[0]


def changes_of(
    source: Source,
    path: str,
    rulebook: Rulebook,
    rules: Collection[str],
    *,
    unsafe: bool,
    first_number: int | None = None,
) -> tuple[Changes, int]:
    """The changes that correct what `rules` find, safe ones, or also `unsafe` ones; and how many claims there are.
    `first_number`: of the interchanges and groups, which get new control numbers. Raises RefusedError where it is not
    certain which claims the file holds, or where it is hard-wrapped.
    """
    found = Changes()
    sets = Sets(source)
    headers: dict[int, _Edits] = {}  # of those that claims share, by offset
    numbers = ControlNumbers(first_number) if first_number is not None else None
    claims = 0
    for piece, verdict in judged(source, path, rulebook, Severity.ERROR):
        if isinstance(piece, Run):
            claims += piece.claims
            continue
        sets.note(piece.kind, piece.start, piece.end)
        refuse_wrapping(piece, sets)
        if numbers:
            numbers.take(piece.kind, piece.start, sets.head(piece, piece.start), sets.delimiters)
        if verdict is None:
            continue
        claims += 1
        found.errors |= {where_wrong(one) for one in verdict.findings if one.severity is Severity.ERROR}
        if verdict.unread:
            found.left.append(piece.claim)
        else:
            _add(found, headers, piece, verdict, rules, unsafe=unsafe)
    if not claims:
        raise RefusedError("no 837P or 837I claim was found")
    for edits in headers.values():
        found.changes += edits.changes()
    found.changes.sort(key=lambda one: one.start)
    if numbers:
        numbers.check()
        found.numbers = numbers.found
    return found, claims


class _Edits:
    """The edits in one slice, of which no two overlap; the first finding that asks for one has it."""

    def __init__(self, piece: Slice, delimiters: Delimiters) -> None:
        self._piece = piece
        self._delimiters = delimiters
        self._places: list[tuple[int, int]] = []  # in order
        self._edits: dict[tuple[int, int], tuple[bytes, bool, Finding]] = {}

    def fits(self, place: tuple[int, int], text: bytes) -> bool:
        """True if an edit agrees with those that are there: the same one, or at another place."""
        if place in self._edits:
            return self._edits[place][0] == text
        at = bisect_left(self._places, place)
        return not any(_overlap(place, other) for other in self._places[max(0, at - 1) : at + 1])

    def add(self, place: tuple[int, int], text: bytes, finding: Finding, *, safe: bool) -> None:
        """Add an edit that fits."""
        if place not in self._edits:
            insort(self._places, place)
            self._edits[place] = text, safe, finding

    def changes(self) -> Iterator[Change]:
        """What changes, by place; each with the segment in which it is."""
        data, base = self._piece.data or b"", self._piece.start
        end = -1  # of the segment under way
        for index, place in enumerate(self._places):
            start = place[0]
            if start - base > end:
                end = data.find(self._delimiters.terminator, start - base)
                end = end if end >= 0 else len(data)
                texts = {}
                for other in self._places[index:]:
                    if other[0] - base > end:
                        break
                    texts[other] = self._edits[other][0]
                before, after = segments_at(data, base, start, self._delimiters, texts)
            new, safe, finding = self._edits[place]
            old = data[start - base : place[1] - base]
            if old != new:
                yield Change(*place, old, new, safe, finding, before, after)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two places have bytes in common; what is inserted takes the place of the byte that follows."""
    return one[0] < max(other[1], other[0] + 1) and other[0] < max(one[1], one[0] + 1)


def _add(
    found: Changes, headers: dict[int, _Edits], piece: Slice, verdict: Verdict, rules: Collection[str], *, unsafe: bool
) -> None:
    """Add the changes of one claim. Those of its headers are for all claims below them, and made once."""
    if piece.context is None:
        raise ValueError("not a whole claim")
    delimiters = piece.context.delimiters
    own = _Edits(piece, delimiters)
    applied: Counter[Complaint] = Counter()
    for finding in verdict.findings:
        if finding.rule not in rules or not finding.fixes:
            continue
        wanted = [fix for fix in finding.fixes if fix.safe or unsafe]
        found.offered += len(wanted) < len(finding.fixes)
        mine: dict[tuple[int, int], tuple[_Edits, bytes]] = {}
        for edit in (edit for fix in wanted for edit in fix.edits):
            header = None if edit.start >= piece.start else _header_with(piece.context, edit.start, edit.end)
            edits = own if header is None else headers.setdefault(header.start, _Edits(header, delimiters))
            mine[edit.start, edit.end] = edits, edit.text.encode("latin-1")
        if not mine or not all(edits.fits(place, text) for place, (edits, text) in mine.items()):
            continue
        safe = all(fix.safe for fix in wanted)
        for place, (edits, text) in mine.items():
            edits.add(place, text, finding, safe=safe)
        if len(wanted) == len(finding.fixes):
            applied[complaint(finding)] += 1
    found.changes += own.changes()
    every = Counter(map(complaint, verdict.findings))
    found.applied |= {said: every[said] - corrected for said, corrected in applied.items()}


def _header_with(context: Context, start: int, end: int) -> Slice:
    """The header that holds the bytes from `start` to `end`. Raises ValueError where none does: a defect of a rule."""
    for kind in reversed(HEADERS):
        header: Slice | None = getattr(context, kind)
        if header and header.data is not None and header.start <= start and end <= header.end:
            return header
    raise ValueError("an edit of bytes that are neither the claim's nor its headers'")


def segments_at(
    data: bytes, base: int, at: int, delimiters: Delimiters, texts: Mapping[tuple[int, int], bytes]
) -> tuple[RawSegment, RawSegment]:
    """The segment at an offset, before and after all edits in it, by their places. `base`: the offset of `data`."""
    terminator = delimiters.terminator
    first, last = data.rfind(terminator, 0, at - base), data.find(terminator, at - base)
    start = first + len(terminator) if first >= 0 else 0
    end = last if last >= 0 else len(data)
    after = data[start:end]
    for (begin, stop), text in sorted(texts.items(), reverse=True):
        if start <= begin - base and stop - base <= end:
            after = after[: begin - base - start] + text + after[stop - base - start :]
    return _raw(data[start:end], delimiters), _raw(after, delimiters)


def _raw(segment: bytes, delimiters: Delimiters) -> RawSegment:
    texts = tuple(text_of(one) for one in segment.strip(delimiters.blanks).split(delimiters.element))
    return RawSegment(texts[0], 0, texts, delimiters)
