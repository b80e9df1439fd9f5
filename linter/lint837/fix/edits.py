"""Which edits correct the findings of a file: those that rules offer, without the alternatives, among which only a
biller can choose.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from lint837.files.rereadable import RefusedError, Source
from lint837.lint.finding import Finding, RawSegment
from lint837.lint.structure import headers_above
from lint837.lint.verdicts import Verdict, judged
from lint837.rules.rule import Severity
from lint837.rules.rulebook import Rulebook
from lint837.split.sets import Sets, refuse_wrapping
from lint837.x12.delimiters import Delimiters, text_of
from lint837.x12.slices import Run, Slice

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

    changes: by place; no two overlap, also where claims share a header. applied: what they correct, each with the
    findings' places.
    offered: how many findings have a fix that was not asked for. left: claims that could not be checked, by ordinal.
    errors: what is an error before.
    """

    changes: list[Change] = field(default_factory=list)
    applied: set[Complaint] = field(default_factory=set)
    offered: int = 0
    left: list[int] = field(default_factory=list)
    errors: set[Complaint] = field(default_factory=set)
    headers: dict[tuple[int, int], bytes] = field(default_factory=dict)  # what becomes of places in headers


def complaint(finding: Finding) -> Complaint:
    """What is wrong, so that it can be found again in a file whose bytes have moved."""
    at = finding.location
    return finding.rule, at.claim_ordinal or 0, at.service_line_ordinal or 0, at.element


def changes_of(
    source: Source, path: str, rulebook: Rulebook, rules: Collection[str], *, unsafe: bool
) -> tuple[Changes, int]:
    """The changes that correct what `rules` find, safe ones, or also `unsafe` ones; and how many claims there are.
    Raises RefusedError where it is not certain which claims the file holds, or where it is hard-wrapped.
    """
    found = Changes()
    sets = Sets(source)
    claims = 0
    for piece, verdict in judged(source, path, rulebook, Severity.ERROR):
        if isinstance(piece, Run):
            claims += piece.claims
            continue
        sets.note(piece.kind, piece.start, piece.end)
        refuse_wrapping(piece, sets)
        if verdict is None:
            continue
        claims += 1
        found.errors |= {complaint(one) for one in verdict.findings if one.severity is Severity.ERROR}
        if verdict.unread:
            found.left.append(piece.claim)
            continue
        _add(found, piece, verdict, rules, sets.delimiters, unsafe=unsafe)
    if not claims:
        raise RefusedError("no 837P or 837I claim was found")
    found.changes.sort(key=attrgetter("start"))
    return found, claims


def _add(
    found: Changes, piece: Slice, verdict: Verdict, rules: Collection[str], delimiters: Delimiters, *, unsafe: bool
) -> None:
    """Add the changes of one claim, and those of headers above it that no claim before it brought."""
    edits: dict[tuple[int, int], tuple[bytes, bool, Finding]] = {}
    for finding in verdict.findings:
        if finding.rule not in rules or not finding.fixes:
            continue
        wanted = [fix for fix in finding.fixes if fix.safe or unsafe]
        found.offered += len(wanted) < len(finding.fixes)
        mine = {(one.start, one.end): one.text.encode("latin-1") for fix in wanted for one in fix.edits}
        others = {place: (text, True, finding) for place, text in found.headers.items()}
        if not mine or not _fits(mine, edits) or not _fits(mine, others):
            continue
        safe = all(fix.safe for fix in wanted)
        edits |= {place: (text, safe, finding) for place, text in mine.items()}
        if len(wanted) == len(finding.fixes):
            found.applied.add(complaint(finding))
    edits = {place: edit for place, edit in edits.items() if place not in found.headers}
    texts = {place: text for place, (text, _, _) in edits.items()}
    for (start, end), (new, safe, finding) in sorted(edits.items(), key=lambda item: item[0]):
        where = _slice_at(start, piece)
        data = where.data or b""
        old = data[start - where.start : end - where.start]
        if where is not piece:
            found.headers[start, end] = new
        if old != new:
            before, after = _segments(data, where, start, delimiters, texts)
            found.changes.append(Change(start, end, old, new, safe, finding, before, after))


def _slice_at(offset: int, piece: Slice) -> Slice:
    """The claim, or the header above it, that an offset is in."""
    return next((one for one in headers_above(piece.context) if one.start <= offset < one.end), piece)


def _fits(mine: dict[tuple[int, int], bytes], edits: dict[tuple[int, int], tuple[bytes, bool, Finding]]) -> bool:
    """Whether edits agree with those that are there: the same ones, or at other places."""
    for (start, end), text in mine.items():
        for other_start, other_end in edits:
            same = (start, end) == (other_start, other_end)
            if same and edits[other_start, other_end][0] != text:
                return False
            if not same and start < max(other_end, other_start + 1) and other_start < max(end, start + 1):
                return False
    return True


def _segments(
    data: bytes, piece: Slice, at: int, delimiters: Delimiters, texts: Mapping[tuple[int, int], bytes]
) -> tuple[RawSegment, RawSegment]:
    """The segment at an offset, before and after all edits in it, by their places."""
    terminator, base = delimiters.terminator, piece.start
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
