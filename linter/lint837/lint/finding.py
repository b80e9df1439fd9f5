"""What a user reads: a Finding, made of a rule's Problem or of the reader's Fault; and what an input held."""

import hashlib
import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from lint837.claims.claim import Claim, DrugLine, ServiceLine
from lint837.claims.segment import Place
from lint837.report.excerpt import ELLIPSIS, excerpt, seen_amount, seen_code, seen_ndc
from lint837.report.relation import changes_of, relation, told
from lint837.rules.envelope import ENVELOPE_RULES
from lint837.rules.rule import Problem, Severity
from lint837.rules.values import show
from lint837.x12.tiling import Fault

HASHED = "hash:"  # begins what stands in place of a claim's number where that is redacted and hashed
_LOOPS = {"CLM": "2300", "HI": "2300", "LIN": "2410", "CTP": "2410"}
_OF_A_LINE = frozenset({"SV1", "SV2", "LIN", "CTP"})  # and its DTP*472


class SeenSegment(NamedTuple):
    """A segment of a service line as it may be shown, with its ordinal from ST."""

    segment: int
    excerpt: str


@dataclass(frozen=True, slots=True)
class AsBilled:
    """A service line as it stands on the claim, and the claim's payer; "" where missing, an ellipsis where it does not
    look like what it should be. `excerpt` is the segment at fault, `highlight` where in it the element stands;
    `segments` are the line's SV1 or SV2, DTP*472, LIN and CTP.
    """

    guide: str = ""
    date: str = ""
    code: str = ""
    modifiers: tuple[str, ...] = ()
    units: str = ""
    ndc: str = ""
    quantity: str = ""
    unit: str = ""
    charge: str = ""
    claim_charge: str = ""
    payer_id: str = ""
    claim_filing_code: str = ""
    billing_npi: str = ""
    excerpt: str = ""
    highlight: tuple[int, int] = (0, 0)
    segments: tuple[SeenSegment, ...] = ()


@dataclass(frozen=True, slots=True)
class RelatedPlace:
    """Another place that a finding is about."""

    note: str
    line: int
    column: int
    offset: int
    segment: int
    element: str
    excerpt: str
    highlight: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Redacted:
    """What a redacted report says in place of the finding's texts and its date of service: the same without any date of
    the claim, each told by its relation to the days on which the drug's codes change.
    """

    message: str
    found: str
    expected: str
    correction: str
    date: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. Positions are physical, 1-based and in bytes; `segment` counts from ST as an acknowledgement does.
    `service_line` is LX01 as written, `service_line_ordinal` its place in the claim. What does not apply is None:
    claim, service line and segment of a finding on the file. `redacted` is None where no text holds a date of it.
    """

    rule: str
    name: str
    severity: Severity
    message: str
    found: str
    expected: str
    correction: str
    path: str
    line: int
    column: int
    offset: int
    interchange: str | None = None
    group: str | None = None
    transaction_set: str | None = None
    segment: int | None = None
    loop: str | None = None
    element: str = ""
    claim: str | None = None
    claim_ordinal: int | None = None
    service_line: str | None = None
    as_billed: AsBilled | None = None
    related: tuple[RelatedPlace, ...] = ()
    edits: tuple[ByteEdit, ...] = ()
    fingerprint: str = ""
    incomplete: bool = False
    service_line_ordinal: int | None = None
    redacted: Redacted | None = None


class ByteEdit(NamedTuple):
    """A change that corrects the claim: the bytes from `start` to `end` of the input become `text`."""

    start: int
    end: int
    text: str


class SuppressionUse(NamedTuple):
    """What a suppression did in an input that holds something that it is for: its number in the configuration, from 1;
    how many findings it hid; for how many it would have done so, but for its last day.
    """

    number: int
    hidden: int
    expired: int


@dataclass(frozen=True, slots=True)
class InputSummary:
    """What one input held; `unchecked` segments belong to claims that could not be judged."""

    path: str
    complete: bool
    bytes: int
    segments: int
    unchecked: int
    interchanges: int
    transaction_sets: int
    claims: int
    drug_lines: int
    suppressions: tuple[SuppressionUse, ...] = ()


def from_fault(fault: Fault, path: str, configured: Severity | None = None) -> Finding:
    """The finding of an envelope fault, at the severity that is configured for it; an incomplete one is an error."""
    rule = ENVELOPE_RULES[fault.code]
    interchange, group, transaction_set = (number or None for number in fault.control_numbers)
    return Finding(
        rule=fault.code,
        name=rule.name,
        severity=Severity.ERROR if fault.incomplete else configured or rule.severity,
        message=fault.saying.message,
        found=fault.saying.found,
        expected=fault.saying.expected,
        correction=fault.saying.correction,
        path=path,
        line=fault.line,
        column=fault.column,
        offset=fault.offset,
        interchange=interchange,
        group=group,
        transaction_set=transaction_set,
        segment=fault.segment or None,
        element=fault.element,
        claim=fault.claim_name if fault.claim else None,
        claim_ordinal=fault.claim or None,
        fingerprint=fingerprint_of(fault.code, fault.ordinals, fault.segment, fault.element, fault.offset),
        incomplete=fault.incomplete,
    )


def unreadable(path: str, error: str, offset: int) -> Finding:
    """The finding of an input that cannot be opened, or not be read to its end."""
    rule = ENVELOPE_RULES["ENV011"]
    return Finding(
        rule="ENV011",
        name=rule.name,
        severity=rule.severity,
        message=f"The input could not be read{' to its end' if offset else ''}: {error}.",
        found=error,
        expected="a file that can be read",
        correction="check the path and the permissions, and run again",
        path=path,
        line=1,
        column=1,
        offset=offset,
        fingerprint=fingerprint_of("ENV011"),
        incomplete=True,
    )


def from_problem(
    code: str, name: str, severity: Severity, problem: Problem, claim: Claim, path: str, why: str = ""
) -> Finding:
    """The finding of a rule's problem: its sentences, its place, the line as billed. `why` is a sentence that says why
    the severity is not the rule's.
    """
    values = {"found": problem.found, "expected": problem.expected, **problem.values}
    words = {key: show(value) for key, value in values.items()}
    where = problem.where or claim.at_clm
    line = claim.line(where.line)
    billed = as_billed(claim, line, where)
    ordinals = (claim.context.ordinals, where.segment.ordinal, where.element, claim.ordinal)
    finding = Finding(
        rule=code,
        name=name,
        severity=severity,
        message=_sentences(problem.message, words, why),
        found=words["found"],
        expected=words["expected"],
        correction=problem.correction.format_map(words),
        path=path,
        line=0,
        column=0,
        offset=0,
        service_line=seen_amount(line.number) if line else None,
        service_line_ordinal=line.ordinal if line else None,
        as_billed=billed,
        related=tuple(_related(related.where, related.note, claim) for related in problem.related),
        edits=tuple(ByteEdit(*edit.where.span, edit.text) for fix in problem.fixes for edit in fix.edits),
        fingerprint=fingerprint_of(code, *ordinals, line.ordinal if line else 0, billed.code, billed.ndc),
        redacted=_redacted(problem, claim, why),
    )
    return _placed(finding, claim, where)


def _sentences(template: str, words: dict[str, str], why: str) -> str:
    text = template.format_map(words)
    return f"{text} {why}" if why else text


def _redacted(problem: Problem, claim: Claim, why: str) -> Redacted:
    """The problem's texts without any date of the claim. A date that a rule passes as such is the claim's; a day of
    the facts it passes as text.
    """
    line = claim.line(problem.where.line) if problem.where else None
    drugs = [line.drug] if isinstance(line, DrugLine) else [other.drug for other in claim.drug_lines[:1]]
    changes = changes_of(drugs)
    words = {key: told(value, changes) for key, value in problem.values.items()}
    words |= {"found": told(problem.found, changes), "expected": told(problem.expected, changes)}
    return Redacted(
        message=_sentences(problem.message, words, why),
        found=words["found"],
        expected=words["expected"],
        correction=problem.correction.format_map(words),
        date=relation(line.period, changes) if line and line.period else "",
    )


def rule_failed(code: str, failure: str, claim: Claim, path: str) -> Finding:
    """The finding of a rule that raised: which, and where in the program; never the exception's text."""
    rule = ENVELOPE_RULES["INT001"]
    where = claim.clm.at()
    finding = Finding(
        rule="INT001",
        name=rule.name,
        severity=rule.severity,
        message=f"Rule {code} failed ({failure}): this claim was not checked by it.",
        found=failure,
        expected="a rule that ends",
        correction=f"report this to the author of {code}, with the version; the other rules were run",
        path=path,
        line=0,
        column=0,
        offset=0,
        as_billed=as_billed(claim, None, where),
        fingerprint=fingerprint_of("INT001", code, claim.context.ordinals, claim.ordinal),
        incomplete=True,
    )
    return _placed(finding, claim, where)


def _placed(finding: Finding, claim: Claim, where: Place) -> Finding:
    """The finding with everything that its place in a claim says."""
    line, column = claim.position(where.start)
    at_line = claim.line(where.line)
    interchange, group, transaction_set = (number or None for number in claim.context.control_numbers)
    return replace(
        finding,
        line=line,
        column=column,
        offset=where.start,
        interchange=interchange,
        group=group,
        transaction_set=transaction_set,
        segment=where.segment.ordinal,
        loop=_LOOPS.get(where.segment.id, "2400" if at_line and _is_of_line(where, at_line) else "2300"),
        element=where.element,
        claim=claim.slice.claim_name,
        claim_ordinal=claim.ordinal,
    )


def _is_of_line(where: Place, line: ServiceLine) -> bool:
    """Whether the segment stands in the service line, and not in the claim above it."""
    return where.segment.ordinal >= (line.lx or line.segments[0]).ordinal


def as_billed(claim: Claim, line: ServiceLine | None, where: Place) -> AsBilled:
    """The line and its claim as billed, with the segment of `where` as the excerpt."""
    shown = excerpt(where, claim.formulary)
    billed = AsBilled(
        guide=claim.guide,
        claim_charge="" if claim.charge_amount is None else show(claim.charge_amount),
        payer_id=_safe(claim.payer_id, 20),
        claim_filing_code=_safe(claim.claim_filing_code, 2),
        billing_npi=claim.billing_npi if re.fullmatch("[0-9]{10}|", claim.billing_npi) else ELLIPSIS,
        excerpt=shown.text,
        highlight=(shown.start, shown.end),
    )
    if line is None:
        return billed
    item = next(iter(line.drug_identifications), None)
    return replace(
        billed,
        date=show(line.period) if line.period else "",
        code=seen_code(line.procedure_code),
        modifiers=tuple(seen_code(modifier) for modifier in line.modifiers),
        units=seen_amount(line.units_as_written),
        ndc=seen_ndc(item.ndc) if item else "",
        quantity=seen_amount(item.ctp.element(4)) if item and item.ctp else "",
        unit=seen_code(item.unit) if item else "",
        charge="" if line.charge_amount is None else show(line.charge_amount),
        segments=tuple(
            SeenSegment(segment.ordinal, excerpt(segment.at(), claim.formulary).text)
            for segment in line.segments
            if segment.id in _OF_A_LINE or (segment.id == "DTP" and segment.element(1) == "472")
        ),
    )


def _related(where: Place, note: str, claim: Claim) -> RelatedPlace:
    line, column = claim.position(where.start)
    shown = excerpt(where, claim.formulary)
    return RelatedPlace(
        note,
        line,
        column,
        where.start,
        where.segment.ordinal,
        where.element,
        shown.text,
        (shown.start, shown.end),
    )


def _safe(value: str, length: int) -> str:
    """A short identifier of a payer or provider, or an ellipsis where something else stands in its place."""
    return value if re.fullmatch(rf"[A-Za-z0-9-]{{0,{length}}}", value, re.ASCII) else ELLIPSIS


def fingerprint_of(*parts: object) -> str:
    """Stable from run to run: rule, ordinals, codes; never the patient control number."""
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:32]
