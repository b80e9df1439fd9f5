"""What a report shows of a finding: an Entry of sentences and excerpts, with nothing in it that may not be shown."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from lint837.lint.finding import Finding, Location, RawLine, RelatedPlace, TextEdit, TextFix, Words, sentence
from lint837.report.excerpt import excerpt
from lint837.rules.rule import Severity
from lint837.rules.values import AMOUNT_SHAPE, CODE_SHAPE, NDC_SHAPE, Value, seen, show

HASHED = "hash:"  # begins what replaces a claim's number where that is redacted and hashed
# What identifiers of a payer and a provider look like; in place of anything else an ellipsis is shown.
_PAYER_ID, _FILING_CODE, _NPI = "[A-Za-z0-9-]{0,20}", "[A-Za-z0-9-]{0,2}", "[0-9]{10}"


class SegmentExcerpt(NamedTuple):
    """A segment of a service line as it may be shown, with its ordinal from ST."""

    segment: int
    excerpt: str


class AsBilled(NamedTuple):
    """A service line as billed, and the claim's payer; "" where missing, an ellipsis where a value does not look like
    what it should be. `excerpt` is the segment at fault, `highlight` where in it the element is; `segments` are the
    line's SV1 or SV2, DTP*472, LIN and CTP.
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
    segments: tuple[SegmentExcerpt, ...] = ()


class Related(NamedTuple):
    """Another place that a finding is about, with its segment."""

    note: str
    line: int
    column: int
    offset: int
    segment: int
    element: str
    excerpt: str
    highlight: tuple[int, int] = (0, 0)


class EntryChoice(NamedTuple):
    """One of several ways to correct a finding: the condition, what to do, the edits if the claim says all of it."""

    when: str
    do: str
    edits: tuple[TextEdit, ...]


class Template(NamedTuple):
    """The sentences before their values are in them, and the days on which the drug's codes change: what is needed to
    redact an entry. `values` hold "found" and "expected" too.
    """

    message: str
    correction: str
    choices: tuple[tuple[str, str], ...]
    note: str
    values: Mapping[str, Value]
    code_changes: tuple[date, ...]


class Entry(NamedTuple):
    """A finding as a report shows it. `template` is None in a redacted report."""

    rule: str
    name: str
    severity: Severity
    incomplete: bool
    message: str
    found: str
    expected: str
    correction: str
    to: str
    choices: tuple[EntryChoice, ...]
    location: Location
    as_billed: AsBilled | None
    related: tuple[Related, ...]
    fixes: tuple[TextFix, ...]
    sources: tuple[str, ...]
    fingerprint: str
    template: Template | None


def entry_of(finding: Finding) -> Entry:
    """The entry of a finding, whole."""
    words = Words(finding.values)  # for all its sentences: a value in words costs more than the rest of a sentence
    return Entry(
        rule=finding.rule,
        name=finding.name,
        severity=finding.severity,
        incomplete=finding.incomplete,
        message=sentence(finding.message_template, words, finding.note),
        found=words["found"],
        expected=words["expected"],
        correction=sentence(finding.correction_template, words),
        to=finding.to,
        choices=tuple(
            [EntryChoice(sentence(one.when, words), sentence(one.do, words), one.edits) for one in finding.choices]
        ),
        location=finding.location,
        as_billed=_as_billed(finding.raw, finding.location.element) if finding.raw else None,
        related=tuple([_related(place) for place in finding.related]),
        fixes=finding.fixes,
        sources=finding.sources,
        fingerprint=finding.fingerprint,
        template=Template(
            finding.message_template,
            finding.correction_template,
            tuple([(one.when, one.do) for one in finding.choices]),
            finding.note,
            finding.values,
            finding.code_changes,
        ),
    )


def _as_billed(raw: RawLine, element: str) -> AsBilled:
    text, start, end = excerpt(raw.at, element)
    return AsBilled(
        guide=raw.guide,
        date=show(raw.period) if raw.period else "",
        code=seen(raw.code, CODE_SHAPE),
        modifiers=tuple([seen(modifier, CODE_SHAPE) for modifier in raw.modifiers]),
        units=seen(raw.units, AMOUNT_SHAPE),
        ndc=seen(raw.ndc, NDC_SHAPE),
        quantity=seen(raw.quantity, AMOUNT_SHAPE),
        unit=seen(raw.unit, CODE_SHAPE),
        charge="" if raw.charge is None else show(raw.charge),
        claim_charge="" if raw.claim_charge is None else show(raw.claim_charge),
        payer_id=seen(raw.payer_id, _PAYER_ID),
        claim_filing_code=seen(raw.claim_filing_code, _FILING_CODE),
        billing_npi=seen(raw.billing_npi, _NPI),
        excerpt=text,
        highlight=(start, end),
        segments=tuple([SegmentExcerpt(one.ordinal, excerpt(one, "").text) for one in raw.segments]),
    )


def _related(place: RelatedPlace) -> Related:
    text, start, end = excerpt(place.raw, place.element)
    return Related(place.note, place.line, place.column, place.offset, place.segment, place.element, text, (start, end))
