"""What the engine finds: a Finding, typed values and places without sentences; and what an input held."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from string import Formatter
from typing import NamedTuple

from lint837.claims.claim import Claim, DrugLine, ServiceLine
from lint837.claims.header import keyed_hash
from lint837.claims.segment import Period, Place, Segment
from lint837.facts.formulary import Formulary
from lint837.rules.envelope import problem_of
from lint837.rules.house import HOUSE_RULES, RuleFailure
from lint837.rules.rule import Problem, Rule, Severity
from lint837.rules.values import AMOUNT_SHAPE, CODE_SHAPE, ELLIPSIS, NDC_SHAPE, Value, seen, show
from lint837.x12.delimiters import Delimiters, text_of
from lint837.x12.faults import Fault
from lint837.x12.slices import Slice

_LOOPS = {"CLM": "2300", "HI": "2300", "LIN": "2410", "CTP": "2410"}
_OF_A_LINE = frozenset({"SV1", "SV2", "LIN", "CTP"})  # and its DTP*472
_PROCEDURE = {"SV1": 1, "SV2": 2}  # the element that is the procedure composite
_DESCRIPTION = 7  # the component of it from which on it is free text
TEXT_IN = {"NTE": 2, "K3": 1}  # free text, and the element in which it begins


class Location(NamedTuple):
    """Where a finding is. Physical positions are 1-based and in bytes; what does not apply is None or "".

    path: the input as the user named it. line, column, offset: in the file.
    interchange, group, transaction_set: ISA13, GS06, ST02. ordinals: the same counted from 1.
    claim: CLM01. claim_ordinal: in the input. service_line: LX01. service_line_ordinal: in the claim.
    segment: counted from ST, as an acknowledgement counts. loop: such as "2400". element: such as "SV101-2".
    """

    path: str
    line: int = 1
    column: int = 1
    offset: int = 0
    interchange: str | None = None
    group: str | None = None
    transaction_set: str | None = None
    ordinals: tuple[int, int, int] = (0, 0, 0)
    claim: str | None = None
    claim_ordinal: int | None = None
    service_line: str | None = None
    service_line_ordinal: int | None = None
    segment: int | None = None
    loop: str | None = None
    element: str = ""


class RawSegment(NamedTuple):
    """A segment as it is in the file, but for free text, of which only the names of drugs are left. A report cuts its
    excerpt from it. `ordinal` counts from ST.
    """

    id: str
    ordinal: int
    texts: tuple[str, ...]
    delimiters: Delimiters

    def __repr__(self) -> str:
        return "<RawSegment>"


class RawLine(NamedTuple):
    """The claim and service line of a finding as they are in the file: what a report may show of them is decided where
    it is written. "" or None where missing.
    """

    guide: str
    payer_id: str
    claim_filing_code: str
    billing_npi: str
    claim_charge: Decimal | None
    at: RawSegment
    number: str = ""
    period: Period | None = None
    code: str = ""
    modifiers: tuple[str, ...] = ()
    units: str = ""
    ndc: str = ""
    quantity: str = ""
    unit: str = ""
    charge: Decimal | None = None
    segments: tuple[RawSegment, ...] = ()

    def __repr__(self) -> str:
        return "<RawLine>"


class RelatedPlace(NamedTuple):
    """Another place that a finding is about."""

    note: str
    line: int
    column: int
    offset: int
    segment: int
    element: str
    raw: RawSegment


class TextEdit(NamedTuple):
    """The bytes from `start` to `end` of the input become `text`."""

    start: int
    end: int
    text: str


class TextFix(NamedTuple):
    """Edits that correct a finding. `safe`: they change only the form, not what is billed."""

    safe: bool
    edits: tuple[TextEdit, ...]


class TextChoice(NamedTuple):
    """One of several ways to correct a finding: the condition and what to do, as templates; and the edits."""

    when: str
    do: str
    edits: tuple[TextEdit, ...]


class Finding(NamedTuple):
    """One finding: the rule, templates of sentences with their typed values, and where it is. It prints as its place
    and its message, never as what the claim holds.

    message_template, correction_template: over `values`, which hold "found" and "expected" too. The properties
    `message`, `correction`, `found` and `expected` are the sentences.
    identity: what makes the fingerprint. note: why the severity is lower than the rule's.
    incomplete: something could not be checked.
    sources: what the facts cite, beside the rule's own sources.
    code_changes: the days on which the drug's codes change, by which a redacted report describes dates.
    once: a keyed hash of what it has in common with findings on other claims of the file, of which one is reported; 0
        where it has nothing.
    cause: which of the rule's causes it is, "" where the rule does not say.
    """

    rule: str
    name: str
    severity: Severity
    location: Location
    message_template: str
    correction_template: str
    values: Mapping[str, Value]
    identity: tuple[object, ...] = ()
    note: str = ""
    related: tuple[RelatedPlace, ...] = ()
    fixes: tuple[TextFix, ...] = ()
    choices: tuple[TextChoice, ...] = ()
    incomplete: bool = False
    sources: tuple[str, ...] = ()
    code_changes: tuple[date, ...] = ()
    raw: RawLine | None = None
    once: int = 0
    cause: str = ""

    @property
    def found(self) -> str:
        """What the claim says."""
        return show(self.values["found"])

    @property
    def expected(self) -> str:
        """What it should say."""
        return show(self.values["expected"])

    @property
    def message(self) -> str:
        """What is wrong, as a sentence."""
        return sentence(self.message_template, self.values, self.note)

    @property
    def correction(self) -> str:
        """What to do, as an imperative; "" where there is nothing to do."""
        return sentence(self.correction_template, self.values)

    @property
    def to(self) -> str:
        """What the element at fault must hold, where one correction says it; "" where there are alternatives, or where
        something else must be changed.
        """
        edits = [edit for fix in self.fixes for edit in fix.edits if edit.start == self.location.offset]
        return edits[0].text if len(edits) == 1 and not self.choices else ""

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits, stable from run to run: of the rule, ordinals, code and NDC; never of CLM01."""
        return hashlib.sha256("|".join(map(str, (self.rule, *self.identity))).encode()).hexdigest()[:32]

    def __str__(self) -> str:
        at = self.location
        place = f"{at.path}:{at.line}:{at.column}"
        return f"{place}: {self.severity} {self.rule} {at.element or self.name}: {self.message}"

    def __repr__(self) -> str:
        return f"<Finding: {self}>"


class Words(dict[str, str]):
    """Values in words, each when it is first asked for: sentences name few of them, and some more than once."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values

    def __missing__(self, name: str) -> str:
        return self.setdefault(name, show(self._values[name]))


def sentence(template: str, values: Mapping[str, Value] | Words, note: str = "") -> str:
    """A template with its values in words, and a note after it. Several sentences can share the words."""
    text = template.format_map(values if isinstance(values, Words) else Words(values))
    return f"{text} {note}" if note else text


# ---------------------------------------------------------------- how a finding is made


def of_problem(rule: Rule, problem: Problem, severity: Severity, claim: Claim, path: str, note: str = "") -> Finding:
    """The finding of a rule's problem in a claim. `note`: why the severity is lower than the rule's."""
    where = problem.where or claim.at_clm
    # Which of its lines are a drug's does not matter to a rule about every claim.
    line = claim.line_as_billed(where.line) if rule.group else claim.line(where.line)
    location, raw = location_of(claim, line, where, path, problem.loop), raw_line(claim, line, where)
    return _finding(
        rule,
        problem,
        severity,
        location,
        identity=identity_of(location, seen(raw.code, CODE_SHAPE), seen(raw.ndc, NDC_SHAPE)),
        note=note,
        raw=raw,
        related=tuple(related_place(one.where, one.note, claim) for one in problem.related),
        fixes=tuple(TextFix(fix.safe, tuple(text_edit(*edit) for edit in fix.edits)) for fix in problem.fixes),
        choices=tuple(
            TextChoice(one.when, one.do, tuple(text_edit(*edit) for edit in one.edits)) for one in problem.choices
        ),
        incomplete=rule.incomplete,
        sources=tuple(problem.sources) or _cited(line),
        code_changes=() if rule.group else _changes(claim, line),
        once=once_of(rule, problem, severity),
    )


def identity_of(location: Location, *codes: object) -> tuple[object, ...]:
    """`Finding.identity` of a finding in a claim. `codes`: the procedure code and NDC of its line."""
    line = location.service_line_ordinal or 0
    return (location.ordinals, location.segment, location.element, location.claim_ordinal, line, *codes)


def once_of(rule: Rule, problem: Problem, severity: Severity) -> int:
    """What `Finding.once` is: above 0 where the finding is reported once a file."""
    if not problem.once:
        return 0
    text = f"{rule.code} {severity} {problem.once}"
    return int.from_bytes(keyed_hash(text.encode()), "little") or 1


def text_edit(place: Place, text: str) -> TextEdit:
    """An edit in bytes. A component that is missing is added after the last one."""
    start, end = place.span
    missing = place.component - len(place.segment.components(place.number)) if place.component else 0
    if missing > 0 and place.number <= len(place.segment):
        return TextEdit(end, end, text_of(place.segment.delimiters.component) * missing + text)
    return TextEdit(start, end, text)


def of_failure(failure: RuleFailure, claim: Claim, path: str) -> Finding:
    """The finding of a rule that raised an exception on a claim."""
    rule = HOUSE_RULES["INT001"]
    [problem] = (one for one in rule.check(failure) if isinstance(one, Problem))
    return _finding(
        rule,
        problem,
        rule.severity,
        location_of(claim, None, claim.at_clm, path),
        identity=(failure.rule, claim.context.ordinals, claim.ordinal),
        raw=raw_line(claim, None, claim.at_clm),
        incomplete=True,
    )


def of_fault(fault: Fault, path: str, configured: Severity | None = None) -> Finding:
    """The finding of an envelope fault, with the severity that is configured for it; an incomplete one is an error."""
    rule, problem = problem_of(fault)
    interchange, group, transaction_set = (number or None for number in fault.control_numbers)
    return _finding(
        rule,
        problem,
        Severity.ERROR if fault.incomplete else configured or rule.severity,
        Location(
            path=path,
            line=fault.line,
            column=fault.column,
            offset=fault.offset,
            interchange=interchange,
            group=group,
            transaction_set=transaction_set,
            ordinals=fault.ordinals,
            claim=fault.claim_name if fault.claim else None,
            claim_ordinal=fault.claim or None,
            segment=fault.segment or None,
            element=fault.element,
        ),
        identity=(fault.ordinals, fault.segment, fault.element, fault.offset),
        incomplete=fault.incomplete,
    )


def of_header(rule: Rule, problem: Problem, piece: Slice, path: str) -> Finding:
    """The finding of a problem in a header: no claim is its own."""
    where, context = problem.where, piece.context
    if where is None or context is None:
        raise ValueError("not a problem of a header")
    before = (piece.data or b"")[: where.start - piece.start]
    line_start = piece.start + before.rfind(b"\n") + 1 if b"\n" in before else piece.line_start
    interchange, group, transaction_set = (number or None for number in context.control_numbers)
    return _finding(
        rule,
        problem,
        rule.configured or rule.severity,
        Location(
            path=path,
            line=piece.line + before.count(b"\n"),
            column=where.start - line_start + 1,
            offset=where.start,
            interchange=interchange,
            group=group,
            transaction_set=transaction_set,
            ordinals=context.ordinals,
            segment=where.segment.ordinal,
            loop=problem.loop or None,
            element=where.element,
        ),
        identity=(context.ordinals, where.segment.ordinal, where.element, problem.loop),
        incomplete=rule.incomplete,
    )


def of_suppression(rule: Rule, problem: Problem, severity: Severity, origin: tuple[str, int], identity: str) -> Finding:
    """The finding on a suppression that `origin`, a file and a line, declares."""
    path, line = origin
    return _finding(rule, problem, severity, Location(path=path, line=line), identity=(identity,))


def _finding(
    rule: Rule,
    problem: Problem,
    severity: Severity,
    location: Location,
    *,
    identity: tuple[object, ...],
    note: str = "",
    raw: RawLine | None = None,
    related: tuple[RelatedPlace, ...] = (),
    fixes: tuple[TextFix, ...] = (),
    choices: tuple[TextChoice, ...] = (),
    incomplete: bool = False,
    sources: tuple[str, ...] = (),
    code_changes: tuple[date, ...] = (),
    once: int = 0,
) -> Finding:
    values = {"found": problem.found, "expected": problem.expected, **problem.values}
    correction = problem.correction or "; ".join(f"if {one.when}, {one.do}" for one in problem.choices)
    for template in (problem.message, correction):
        _check_template(template, frozenset(values))
    return Finding(
        rule=rule.code,
        name=rule.name,
        severity=severity,
        location=location,
        message_template=problem.message,
        correction_template=correction,
        values=values,
        identity=identity,
        note=note,
        related=related,
        fixes=fixes,
        choices=choices,
        incomplete=incomplete,
        sources=sources,
        code_changes=code_changes,
        raw=raw,
        once=once,
        cause=problem.cause,
    )


@lru_cache(1024)
def _check_template(template: str, names: frozenset[str]) -> None:
    """Raise a ValueError where a template names a value that is not there: where the sentence is written it is too late
    to say so.
    """
    for _, name, form, conversion in Formatter().parse(template):
        if name is not None and (name not in names or form or conversion):
            raise ValueError("a template of the rule names a value that the problem does not have")


def location_of(claim: Claim, line: ServiceLine | None, where: Place, path: str, loop: str = "") -> Location:
    """The location of a place in a claim. `line`: the service line of the place."""
    start = where.start
    physical_line, column = claim.position(start)
    interchange, group, transaction_set = claim.context.control_numbers
    segment = where.segment
    loop = loop or _LOOPS.get(segment.id, "")
    if not loop:
        on_line = line is not None and segment.ordinal >= line.first_segment.ordinal
        loop = "2400" if on_line else "2300"
    return Location(
        path=path,
        line=physical_line,
        column=column,
        offset=start,
        interchange=interchange or None,
        group=group or None,
        transaction_set=transaction_set or None,
        ordinals=claim.context.ordinals,
        claim=claim.slice.claim_name,
        claim_ordinal=claim.ordinal,
        service_line=seen(line.number, AMOUNT_SHAPE) if line else None,
        service_line_ordinal=line.ordinal if line else None,
        segment=segment.ordinal,
        loop=loop,
        element=where.element,
    )


def related_place(where: Place, note: str, claim: Claim) -> RelatedPlace:
    """Another place that a finding is about."""
    start = where.start
    line, column = claim.position(start)
    raw = _raw(where.segment, claim.formulary)
    return RelatedPlace(note, line, column, start, where.segment.ordinal, where.element, raw)


def _cited(line: ServiceLine | None) -> tuple[str, ...]:
    """What the facts cite for the code and the packages of a drug line."""
    if not isinstance(line, DrugLine):
        return ()
    packages = [line.package_of(item) for item in line.drug_identifications]
    return line.drug.cited(line.code, *packages)


def _changes(claim: Claim, line: ServiceLine | None) -> tuple[date, ...]:
    if isinstance(line, DrugLine):
        return line.drug.code_changes
    return next((other.drug.code_changes for other in claim.drug_lines), ())


# ---------------------------------------------------------------- the claim and line of a finding


def raw_line(claim: Claim, line: ServiceLine | None, where: Place, like: RawLine | None = None) -> RawLine:
    """The claim and service line of a finding at a place. `like`: those of a claim that is alike and has no text, from
    which is taken what the line bills, and each segment that has elements in it.
    """
    shown = [one for one in line.segments if one.id in _OF_A_LINE or _is_date_of_service(one)] if line else []
    if like and len(like.segments) == len(shown):
        segments = [
            RawSegment(one.id, one.ordinal, known.texts or one.texts, one.delimiters)
            for one, known in zip(shown, like.segments, strict=True)
        ]
    else:
        segments = [_raw(one, claim.formulary) for one in shown]
    known = (raw for raw, one in zip(segments, shown, strict=True) if one is where.segment)
    at = next(known, None) or _raw(where.segment, claim.formulary)
    whole = (claim.guide, claim.payer_id, claim.claim_filing_code, claim.billing_npi, claim.charge_amount, at)
    if line is None:
        return RawLine(*whole)
    bill: _Bill = what_is_billed(like) if like else _what_is_billed(line)
    return RawLine(*whole, line.number, line.period, *bill, line.charge_amount, tuple(segments))


# Of a RawLine what the line bills but for its charge.
what_is_billed = attrgetter("code", "modifiers", "units", "ndc", "quantity", "unit")
_Bill = tuple[str, tuple[str, ...], str, str, str, str]


def _what_is_billed(line: ServiceLine) -> _Bill:
    item = next(iter(line.drug_identifications), None)
    quantity = item.ctp.exact(4) if item and item.ctp else ""
    of_ndc = (item.ndc, quantity, item.unit) if item else ("", "", "")
    return line.procedure_code, line.modifiers, line.units_as_written, *of_ndc


def _is_date_of_service(segment: Segment) -> bool:
    return segment.id == "DTP" and segment.element(1) == "472"


def _raw(segment: Segment, formulary: Formulary) -> RawSegment:
    return RawSegment(segment.id, segment.ordinal, _without_text(segment, formulary), segment.delimiters)


def _without_text(segment: Segment, formulary: Formulary) -> tuple[str, ...]:
    """The elements of a segment; in place of free text the names and NDCs of drugs in it, between ellipses."""
    texts = segment.texts
    if segment.id in TEXT_IN:
        first = TEXT_IN[segment.id]
        return (*texts[:first], _named(texts[first], formulary)) if len(texts) > first else texts
    composite = _PROCEDURE.get(segment.id, 0)
    if 0 < composite < len(texts):
        components = segment.components(composite)
        if len(components) >= _DESCRIPTION:
            component = text_of(segment.delimiters.component)
            kept = component.join([*components[: _DESCRIPTION - 1], _named(components[_DESCRIPTION - 1], formulary)])
            return (*texts[:composite], kept, *texts[composite + 1 :])
    return texts


def _named(text: str, formulary: Formulary) -> str:
    words = formulary.named_in(text)
    return ELLIPSIS + "".join(word + ELLIPSIS for word in words) if text else ""


# ---------------------------------------------------------------- what an input held


class SuppressionUse(NamedTuple):
    """What a suppression did in an input that holds something that it is for: its number in the configuration, from 1;
    how many findings it hid; how many it would have hidden, but for its last day.
    """

    number: int
    hidden: int
    expired: int

    @staticmethod
    def added(uses: Iterable[Iterable["SuppressionUse"]]) -> tuple["SuppressionUse", ...]:
        """What suppressions did in several inputs, or in several parts of one."""
        hidden: Counter[int] = Counter()
        expired: Counter[int] = Counter()
        for use in (use for some in uses for use in some):
            hidden[use.number] += use.hidden
            expired[use.number] += use.expired
        return tuple(SuppressionUse(number, hidden[number], expired[number]) for number in sorted(hidden))


class InputSummary(NamedTuple):
    """What one input held.

    unchecked: segments of claims that could not be judged.
    not_read: what its other transaction sets are, by ST01 and guide, such as "837 005010X298" or "999".
    """

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
    not_read: tuple[str, ...] = ()
