"""Service lines as rows, for `lint837 lines`: what was billed and what the rules say, and nothing of a person."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from lint837.claims.claim import Claim, DrugLine, ServiceLine
from lint837.claims.header import Header
from lint837.claims.segment import Period, Segment, period_of, plain_decimal
from lint837.facts.formulary import Formulary
from lint837.lint.engine import Judge, Judged, Running
from lint837.lint.finding import Finding
from lint837.report.usual_lines import alone_in_claim, has_code, usual
from lint837.rules.values import CODE_SHAPE, NDC_SHAPE, seen
from lint837.x12.delimiters import Delimiters, text_of
from lint837.x12.envelope import claim_name
from lint837.x12.faults import Cause, Fault
from lint837.x12.reader import SCAN_FROM, Reader
from lint837.x12.slices import Limits, Run, Slice

_PAYER, _FILING, _NPI, _NUMBER = "[A-Za-z0-9-]{0,20}", "[A-Za-z0-9]{0,2}", "[0-9]{10}", "[0-9]{0,6}"
_REMEMBERED = 16_384  # services
_UNJUDGED = Judged(0, ())


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


# The columns that are written together, because rows share what is in them.
FILE, CLAIM, GUIDE = ("file",), ("claim",), ("guide",)
DAYS = ("first_date", "last_date")
SERVICE = ("code", "modifiers", "units", "unit_basis", "ndc", "ndc_quantity", "ndc_unit")
CHARGE = ("charge",)
BILL = ("revenue_code", "place_of_service", "type_of_bill")
PAYER = ("payer_id", "claim_filing_code", "provider_npi")
FOUND = ("drug", "findings")

_Part = TypeVar("_Part")
_Written = TypeVar("_Written", covariant=True)


class Form(Protocol[_Part, _Written]):
    """How rows are written: of parts, since most rows share days, services, payers and providers with others."""

    def part(self, columns: Sequence[str], values: Sequence[object]) -> _Part:
        """Adjoining columns, written."""

    def head(self, file: _Part, claim_in_file: int, claim: _Part) -> _Part:
        """What the rows of a claim begin with."""

    def row(
        self,
        head: _Part,
        guide: _Part,
        line_in_claim: int,
        line: str,
        segment: int,
        offset: int,
        days: _Part,
        service: _Part,
        charge: _Part,
        bill: _Part,
        payer: _Part,
        found: _Part,
        /,
    ) -> _Written:
        """A row."""


class Typed:
    """Rows as they are."""

    @staticmethod
    def part(_: Sequence[str], values: Sequence[Any]) -> Sequence[Any]:
        """The values."""
        return values

    @staticmethod
    def head(file: Sequence[Any], claim_in_file: int, claim: Sequence[Any]) -> Sequence[Any]:
        """The values."""
        return *file, claim_in_file, *claim

    @staticmethod
    def row(head: Sequence[Any], guide: Sequence[Any], *others: Any) -> Row:  # noqa: ANN401 - four values, then parts
        """A row."""
        return Row._make((*head, *guide, *others[:4], *chain.from_iterable(others[4:])))


# What a line bills, but for its charge: GUIDE, SERVICE, BILL and the drug; and FOUND where nothing is found.
_Billed = tuple[_Part, _Part, _Part, str, _Part]
# A line: what it bills, LX01, the ordinal and the offset of its first segment; DAYS and CHARGE.
_Line = tuple[_Billed[_Part], str, int, int, _Part, _Part]


class Rows(Generic[_Part, _Written]):
    """The rows of one input, those of each claim as they come. `unread`: how many claims or parts could not be read."""

    def __init__(
        self,
        blocks: Iterable[bytes],
        path: str,
        running: Running,
        limits: Limits,
        form: Form[_Part, _Written],
        *,
        with_claim_numbers: bool,
        with_dates: bool = True,
        plain: bool = True,
        scan_from: int = SCAN_FROM,
    ) -> None:
        """Without `plain` every claim is read segment by segment, also where its lines are plain. `scan_from`: how many
        bytes are worth a fast scan.
        """
        self._judge = Judge(running, path, running.judged)
        prefilter = running.prefilter if plain else None
        self._events = Reader(blocks, limits, prefilter, scan_from=scan_from).runs(sparse=True)
        self._head, self._row = form.head, form.row
        self._part = lru_cache(_REMEMBERED)(form.part)
        self._lines = _Lines(self._part, running.rulebook.formulary, with_dates=with_dates)
        self._file = form.part(FILE, (path,))
        self._payer = lru_cache(_REMEMBERED)(self._payer_of)
        self._with_claim_numbers = with_claim_numbers
        self._plain = plain
        self.unread = 0

    def __iter__(self) -> Iterator[list[_Written]]:
        judge = self._judge
        misplaced: Fault | None = None
        claims = segments = 0  # so far: in the input, in the transaction set
        for event in self._events:
            if isinstance(event, Run):
                for piece in self._claims(event, claims, segments):
                    yield self._of_claim(piece, judge.header_of(piece), _UNJUDGED)
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
                    yield self._of_claim(event, judge.header_of(event), judge(event))

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

    def _of_claim(self, piece: Slice, header: Header, judged: Judged) -> list[_Written]:
        """The rows of a claim."""
        payer = self._payer(header.payer_id, header.claim_filing_code, header.billing_npi)
        found: Mapping[int, tuple[str, ...]] = {}
        if judged.findings:
            found = _by_line(judged.findings)
            self.unread += any(finding.incomplete for finding in judged.findings)
        has_drugs = judged.drug_lines > 0
        lines: Iterable[_Line[_Part]] | None = None
        if self._plain:
            lines = self._lines.plain(piece, has_drugs=has_drugs)
        if lines is None:
            claim = judged.claim or Claim(piece, self._lines.formulary, header)
            lines = self._lines.of(claim, has_drugs=has_drugs)
        name = self._part(CLAIM, (piece.claim_name if self._with_claim_numbers else "",))
        head, row, rows = self._head(self._file, piece.claim, name), self._row, list[_Written]()
        for ordinal, (billed, line, segment, offset, days, charge) in enumerate(lines, 1):
            guide, service, bill, drug, what = billed
            if ordinal in found:
                what = self._part(FOUND, (drug, found[ordinal]))
            rows.append(row(head, guide, ordinal, line, segment, offset, days, service, charge, bill, payer, what))
        return rows

    def _payer_of(self, payer: str, filing: str, npi: str) -> _Part:
        values = seen(payer, _PAYER), seen(filing, _FILING), seen(npi, _NPI)
        return self._part(PAYER, values)


class _Lines(Generic[_Part]):
    """Makes the parts of lines. What plain lines say is remembered, so most of these are not read."""

    def __init__(
        self, part: Callable[[Sequence[str], Sequence[object]], _Part], formulary: Formulary, *, with_dates: bool
    ) -> None:
        """`part`: of a form, remembered."""
        self.formulary = formulary
        self._part = part
        self._with_dates = with_dates
        self._delimiters: Delimiters | None = None  # those of what is known
        # What lines bill, without their charges; or with one, where that may be read as a code.
        self._known: dict[tuple[object, ...], _Billed[_Part]] = {}
        self._days_of = lru_cache(_REMEMBERED)(self._read_days)
        self._charge_of = lru_cache(_REMEMBERED)(self._read_charge)

    def of(self, claim: Claim, *, has_drugs: bool) -> Iterator[_Line[_Part]]:
        """The lines of a claim. Without drugs none is looked for."""
        for service_line in claim.service_lines:
            line = (claim.line(service_line.ordinal) if has_drugs else None) or service_line
            first = line.first_segment
            number = seen(line.number, _NUMBER)
            days, charge = self._days(line.period), self._charge(line.charge_as_written)
            yield self._billed(line), number, first.ordinal, first.offset, days, charge

    def plain(self, piece: Slice, *, has_drugs: bool) -> list[_Line[_Part]] | None:
        """The lines of a claim slice, where they are plain, and no text of the claim may name a drug; else None."""
        if piece.context is None or piece.data is None:
            return None
        data, delimiters = piece.data, piece.context.delimiters
        # Where no drug is billed, no text names one.
        patterns = usual(delimiters, not has_drugs)
        header = patterns.header.match(data) if patterns else None
        if patterns is None or header is None:
            return None
        if self._delimiters != delimiters or len(self._known) >= _REMEMBERED:
            self._known.clear()
            self._days_of.cache_clear()
            self._delimiters = delimiters
        known, terminator, (bill, statement), at = self._known, delimiters.terminator, header.groups(b""), header.end()
        lines: list[_Line[_Part]] = []
        segment, offset = piece.segment + data.count(terminator, 0, at), piece.start + at
        for text, number, before, charge, after, dated, drug in patterns.line.findall(data, at):
            key = bill, before, after, drug, has_drugs
            billed = known.get(key) or known.get((charge, *key))
            if billed is None:
                alone = piece._replace(data=alone_in_claim(bill, before + charge + after, drug, delimiters))
                [(billed, *_)] = self.of(Claim(alone, self.formulary), has_drugs=has_drugs)
                known[key if has_code(before, delimiters) else (charge, *key)] = billed
            day = dated or (statement if before.startswith(b"SV2") else b"")
            lines.append((billed, number.decode(), segment, offset, self._days_of(day), self._charge_of(charge)))
            segment += text.count(terminator)
            offset += len(text)
        # Where there is something else between two lines, they are less than the claim.
        return lines if offset == piece.start + len(data) else None

    def _billed(self, line: ServiceLine) -> _Billed[_Part]:
        part, claim, item = self._part, line.claim, next(iter(line.drug_identifications), None)
        drug = line.drug.name if isinstance(line, DrugLine) else ""
        service = (
            _code(line.procedure_code),
            tuple(map(_code, line.modifiers)),
            _number(line.units_as_written),
            _code(line.unit_basis),
            seen(item.ndc, NDC_SHAPE) if item else "",
            _number(item.ctp.element(4)) if item and item.ctp else None,
            _code(item.unit) if item else "",
        )
        bill = (
            seen(line.revenue_code, "[0-9]{0,4}"),
            seen(line.place_of_service, "[0-9A-Za-z]{0,2}"),
            seen(f"{claim.facility_type}{claim.frequency}" if line.guide == "837I" else "", "[A-Za-z0-9]{0,4}"),
        )
        return part(GUIDE, (line.guide,)), part(SERVICE, service), part(BILL, bill), drug, part(FOUND, (drug, ()))

    def _days(self, period: Period | None) -> _Part:
        return self._part(DAYS, (period.first, period.last) if period and self._with_dates else (None, None))

    def _charge(self, text: str) -> _Part:
        return self._part(CHARGE, (_number(text),))

    def _read_days(self, elements: bytes) -> _Part:
        """The days of a DTP. `elements`: those after the first; b"" for no DTP."""
        delimiters = self._delimiters
        if delimiters is None or not elements:
            return self._days(None)
        dtp = b"DTP" + delimiters.element + b"472" + elements
        return self._days(period_of(Segment(b"DTP", dtp, 0, 0, delimiters)))

    def _read_charge(self, charge: bytes) -> _Part:
        return self._charge(text_of(charge))


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
def _number(text: str) -> Decimal | None:
    """A number of at most 15 digits, which may be negative; None for anything else."""
    text = text.strip()
    number = plain_decimal(text.removeprefix("-"))
    return -number if number is not None and text.startswith("-") else number
