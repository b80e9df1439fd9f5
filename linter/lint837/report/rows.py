"""Service lines as rows, for `lint837 lines`: what was billed and what the rules say, and nothing of a person."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from lint837.claims.claim import Claim, DrugLine, ServiceLine
from lint837.claims.header import Header
from lint837.claims.segment import Period, Segment, period_of, plain_decimal
from lint837.lint.engine import Judge, Judged, Running
from lint837.lint.finding import Finding
from lint837.report.plain_lines import PlainClaim, PlainLine, plain_claim
from lint837.rules.values import CODE_SHAPE, ELLIPSIS, NDC_SHAPE, seen
from lint837.x12.delimiters import Delimiters, text_of
from lint837.x12.envelope import claim_name
from lint837.x12.faults import Cause, Fault
from lint837.x12.reader import SCAN_FROM, Reader
from lint837.x12.slices import Limits, Run, Slice

_PAYER, _FILING, _NPI, _NUMBER = "[A-Za-z0-9-]{0,20}", "[A-Za-z0-9]{0,2}", "[0-9]{10}|", "[0-9]{0,6}"
_REMEMBERED = 16_384  # services


class Row(NamedTuple):
    """A service line. Text is "" and a number or date None where the line does not have it, or has something else in
    its place; a code that does not look like one is an ellipsis.

    file: as the user named it. claim_in_file, line_in_claim: counted from 1. claim: CLM01, "" unless asked for.
    line: LX01. segment: the ordinal of its first segment from ST. offset: of that segment in the file, in bytes.
    first_date, last_date: of service. units: as billed, in unit_basis. ndc, ndc_quantity, ndc_unit: of the first LIN.
    place_of_service: of an 837P line; type_of_bill: of an 837I claim, the facility type and the frequency.
    provider_npi: of the billing provider. drug: the name in the facts. findings: codes of rules, by place.
    """

    file: str
    claim_in_file: int
    claim: str
    guide: str
    line_in_claim: int
    line: str
    segment: int
    offset: int
    first_date: date | None
    last_date: date | None
    code: str
    modifiers: tuple[str, ...]
    units: Decimal | None
    unit_basis: str
    ndc: str
    ndc_quantity: Decimal | None
    ndc_unit: str
    charge: Decimal | None
    revenue_code: str
    place_of_service: str
    type_of_bill: str
    payer_id: str
    claim_filing_code: str
    provider_npi: str
    drug: str
    findings: tuple[str, ...]


class _Billed(NamedTuple):
    """What a line bills, but for its charge: as in Row. place: SV105, "" where the claim's holds, None of an SV2."""

    guide: str
    code: str
    modifiers: tuple[str, ...]
    units: Decimal | None
    unit_basis: str
    ndc: str
    ndc_quantity: Decimal | None
    ndc_unit: str
    revenue_code: str
    place: str | None
    drug: str


# A line: what it bills, LX01, the ordinal and the offset of its first segment, its period, and its charge.
_Line = tuple[_Billed, str, int, int, Period | None, Decimal | None]


class Rows:
    """The rows of one input, as they come. `unread`: how many claims or parts could not be read so far."""

    def __init__(
        self,
        blocks: Iterable[bytes],
        path: str,
        running: Running,
        limits: Limits,
        *,
        with_claim_numbers: bool,
        plain: bool = True,
        scan_from: int = SCAN_FROM,
    ) -> None:
        """Without `plain` every claim is read segment by segment, also where its lines are plain. `scan_from`: how many
        bytes are worth a fast scan.
        """
        self._blocks = blocks
        self._path = path
        self._running = running
        self._limits = limits
        self._with_claim_numbers = with_claim_numbers
        self._plain = plain
        self._scan_from = scan_from
        # What lines with the same service, LIN and CTP bill; None for a service whose charge may be a part of that.
        self._known: dict[tuple[bytes, ...], _Billed | None] = {}
        self._delimiters: Delimiters | None = None  # those of what is known
        self.unread = 0

    def __iter__(self) -> Iterator[Row]:
        judge = Judge(self._running, self._path, self._running.judged)
        misplaced: Fault | None = None
        claims = segments = 0  # so far: in the input, in the transaction set
        prefilter = self._running.prefilter if self._plain else None
        for event in Reader(self._blocks, self._limits, prefilter, scan_from=self._scan_from).runs(sparse=True):
            if isinstance(event, Run):
                for piece in self._claims(event, claims, segments):
                    yield from self._of_claim(piece, judge.header_of(piece), Judged(0, ()))
                claims += event.claims
                segments += event.text.count(event.context.delimiters.terminator, event.starts[0], event.starts[-1])
                continue
            if isinstance(event, Fault):
                if event.cause is Cause.DRUG_BEFORE_LINES:
                    misplaced = event
                    continue
                judge.note(event)
                self.unread += event.incomplete
                continue
            claims, segments = max(claims, event.claim), event.segment - 1 + event.segments
            if event.kind == "claim":
                self.unread += bool(misplaced and judge.unread(misplaced, event))
                misplaced = None
                if not event.damaged:
                    yield from self._of_claim(event, judge.header_of(event), judge(event))

    def _claims(self, run: Run, claims: int, segments: int) -> Iterator[Slice]:
        """The claims of a run. `claims`, `segments`: how many come before it."""
        context, text, number, segment = run.context, run.text, claims, segments + 1
        delimiters = context.delimiters
        places = zip(run.levels, pairwise(run.starts), pairwise(run.offsets), strict=True)
        for level, (begin, stop), (start, end) in places:
            data, name = text[begin:stop], ""
            number += not level
            if not level and self._with_claim_numbers:
                name = claim_name(data[: data.find(delimiters.terminator)], delimiters)
            count = data.count(delimiters.terminator)
            # What has a line or a kind in a report is judged, and comes from the reader.
            piece = Slice("", start, end, 0, 0, segment, count, number, name, data, damaged=False, context=context)
            segment += count
            if level == 22:
                context = context._replace(hl22=piece, hl23=None)
            elif level:
                context = context._replace(hl23=piece)
            else:
                yield piece

    def _of_claim(self, piece: Slice, header: Header, judged: Judged) -> Iterator[Row]:
        found: Mapping[int, tuple[str, ...]] = {}
        if judged.findings:
            found = _by_line(judged.findings)
            self.unread += any(finding.incomplete for finding in judged.findings)
        has_drugs = judged.drug_lines > 0
        plain = plain_claim(piece) if self._plain else None
        if plain is None or (has_drugs and plain.has_text):
            claim = Claim(piece, self._running.rulebook.formulary, header)
            facility, frequency = claim.facility_type, claim.frequency
            lines = _lines(claim, has_drugs=has_drugs)
        else:
            facility, frequency = _facility(plain.clm, plain.delimiters)
            lines = self._plain_lines(plain, piece, header)
        number = piece.claim_name if self._with_claim_numbers else ""
        payer, filing = _identifier(header.payer_id, _PAYER), _identifier(header.claim_filing_code, _FILING)
        npi = _identifier(header.billing_npi, _NPI)
        bill = _identifier(f"{facility}{frequency}", "[A-Za-z0-9]{0,4}")
        for ordinal, (billed, line, segment, offset, period, charge) in enumerate(lines, 1):
            yield Row(
                self._path,
                piece.claim,
                number,
                billed.guide,
                ordinal,
                line,
                segment,
                offset,
                period.first if period else None,
                period.last if period else None,
                billed.code,
                billed.modifiers,
                billed.units,
                billed.unit_basis,
                billed.ndc,
                billed.ndc_quantity,
                billed.ndc_unit,
                charge,
                billed.revenue_code,
                "" if billed.place is None else _identifier(billed.place or facility, "[0-9A-Za-z]{0,2}"),
                bill if billed.guide == "837I" else "",
                payer,
                filing,
                npi,
                billed.drug if has_drugs else "",
                found.get(ordinal, ()),
            )

    def _plain_lines(self, plain: PlainClaim, piece: Slice, header: Header) -> Iterator[_Line]:
        delimiters, known = plain.delimiters, self._known
        if self._delimiters != delimiters or len(known) >= _REMEMBERED:
            known.clear()
            self._delimiters = delimiters
        separator = delimiters.element
        for line in plain.lines:
            parts = line.service.split(separator, line.charge + 1)
            charge, parts[line.charge] = parts[line.charge], b""
            key = (*parts, line.lin, line.ctp)
            billed = known.get(key)
            if billed is None:
                if key not in known:
                    alone = separator.join(parts) if _is_plain(parts[line.charge - 1], delimiters.component) else b""
                    known[key] = self._read(alone, line, piece, header, delimiters) if alone else None
                billed = known[key] or self._read(line.service, line, piece, header, delimiters)
            day = line.date or (plain.statement if billed.guide == "837I" else b"")
            yield (
                billed,
                _number_of(line.lx, separator),
                line.segment,
                line.offset,
                _period(day, delimiters) if day else None,
                _amount(charge),
            )

    def _read(self, service: bytes, line: PlainLine, piece: Slice, header: Header, delimiters: Delimiters) -> _Billed:
        """What a line with a service segment bills: read as the only line of a claim."""
        segments = [b"CLM", b"LX", service, *filter(None, (line.lin, line.ctp))]
        alone = piece._replace(data=delimiters.terminator.join(segments))
        [read] = _lines(Claim(alone, self._running.rulebook.formulary, header), has_drugs=True)
        return read[0]


def _lines(claim: Claim, *, has_drugs: bool) -> Iterator[_Line]:
    for service_line in claim.service_lines:
        line = (claim.line(service_line.ordinal) if has_drugs else None) or service_line
        first = line.lx or line.segments[0]
        number, charge = _identifier(line.number, _NUMBER), _number(line.charge_as_written)
        yield _billed(line), number, first.ordinal, first.offset, line.period, charge


def _billed(line: ServiceLine) -> _Billed:
    item = next(iter(line.drug_identifications), None)
    service = line.service
    return _Billed(
        line.guide,
        _code(line.procedure_code),
        tuple(map(_code, line.modifiers)),
        _number(line.units_as_written),
        _code(line.unit_basis),
        seen(item.ndc, NDC_SHAPE) if item else "",
        _number(item.ctp.element(4)) if item and item.ctp else None,
        _code(item.unit) if item else "",
        _identifier(line.revenue_code, "[0-9]{0,4}"),
        None if service and service.id == "SV2" else service.element(5) if service else "",
        line.drug.name if isinstance(line, DrugLine) else "",
    )


def _is_plain(composite: bytes, separator: bytes) -> bool:
    """Whether a code is where it belongs in SV101 or SV202, so that nothing after the composite can be meant by it."""
    return _plain(separator).match(composite) is not None


@lru_cache(16)
def _plain(separator: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?:HC|ER|IV|WK|HP)%b[A-Z0-9]{5}(?:%b|\Z)" % (re.escape(separator), re.escape(separator)))


@lru_cache(4096)
def _period(raw: bytes, delimiters: Delimiters) -> Period | None:
    return period_of(Segment(b"DTP", raw, 0, 0, delimiters))


@lru_cache(4096)
def _number_of(lx: bytes, separator: bytes) -> str:
    return _identifier(text_of(lx.split(separator, 2)[1]).strip(), _NUMBER)


@lru_cache(_REMEMBERED)
def _amount(written: bytes) -> Decimal | None:
    return _number(text_of(written).strip())


def _facility(clm: bytes, delimiters: Delimiters) -> tuple[str, str]:
    """CLM05-1 and CLM05-3."""
    elements = clm.split(delimiters.element, 6)
    return _parts(elements[5], delimiters.component) if len(elements) > 5 else ("", "")


@lru_cache(256)
def _parts(composite: bytes, separator: bytes) -> tuple[str, str]:
    parts = [part.strip() for part in text_of(composite).split(text_of(separator))]
    return parts[0], parts[2] if len(parts) > 2 else ""


def _by_line(findings: Sequence[Finding]) -> dict[int, tuple[str, ...]]:
    """The rules that found something on each line, by its ordinal, each once."""
    found: dict[int, dict[str, None]] = {}
    for finding in findings:
        if finding.location.service_line_ordinal:
            found.setdefault(finding.location.service_line_ordinal, {})[finding.rule] = None
    return {ordinal: tuple(rules) for ordinal, rules in found.items()}


@lru_cache(4096)
def _code(text: str) -> str:
    return seen(text.strip(), CODE_SHAPE)


@lru_cache(4096)
def _identifier(text: str, shape: str) -> str:
    return text if re.fullmatch(shape, text, re.ASCII) else ELLIPSIS


@lru_cache(4096)
def _number(text: str) -> Decimal | None:
    """A number of at most 15 digits, which may be negative; None for anything else."""
    text = text.strip()
    number = plain_decimal(text.removeprefix("-"))
    return -number if number is not None and text.startswith("-") else number
