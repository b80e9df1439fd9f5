"""Service lines as rows, for `lint837 lines`: what was billed and what the rules say, and nothing of a person."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from lint837.claims.claim import Claim, DrugLine, ServiceLine
from lint837.claims.header import Headers
from lint837.claims.segment import plain_decimal
from lint837.lint.engine import Judge, Running
from lint837.lint.finding import Finding
from lint837.rules.values import CODE_SHAPE, ELLIPSIS, NDC_SHAPE, seen
from lint837.x12.faults import Cause, Fault
from lint837.x12.reader import Reader
from lint837.x12.slices import Limits, Slice

_PAYER, _FILING, _NPI = "[A-Za-z0-9-]{0,20}", "[A-Za-z0-9]{0,2}", "[0-9]{10}|"


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


class Rows:
    """The rows of one input, as they come. `unread`: how many claims or parts could not be read so far."""

    def __init__(
        self, blocks: Iterable[bytes], path: str, running: Running, limits: Limits, *, with_claim_numbers: bool
    ) -> None:
        self._blocks = blocks
        self._path = path
        self._running = running
        self._limits = limits
        self._with_claim_numbers = with_claim_numbers
        self.unread = 0

    def __iter__(self) -> Iterator[Row]:
        judge = Judge(self._running, self._path, self._running.judged)
        headers = Headers()
        misplaced: Fault | None = None
        for event in Reader(self._blocks, self._limits):
            if isinstance(event, Fault):
                if event.cause is Cause.DRUG_BEFORE_LINES:
                    misplaced = event
                    continue
                judge.note(event)
                self.unread += event.incomplete
            elif event.kind == "claim":
                self.unread += bool(misplaced and judge.unread(misplaced, event))
                misplaced = None
                if not event.damaged:
                    yield from self._of_claim(event, judge, headers)

    def _of_claim(self, piece: Slice, judge: Judge, headers: Headers) -> Iterator[Row]:
        rulebook = self._running.rulebook
        header = headers.of(piece.context)
        profile = rulebook.profiles.of(header.payer_id, header.claim_filing_code)
        claim = Claim(piece, rulebook.formulary, header, profile)
        judged = judge(piece)
        lines: Sequence[ServiceLine] = claim.service_lines
        if judged.drug_lines:
            drugs = {line.ordinal: line for line in claim.drug_lines}
            lines = [drugs.get(line.ordinal, line) for line in lines]
        found = _by_line(judged.findings)
        self.unread += any(finding.incomplete for finding in judged.findings)
        number = piece.claim_name if self._with_claim_numbers else ""
        payer, filing = _identifier(claim.payer_id, _PAYER), _identifier(claim.claim_filing_code, _FILING)
        npi = _identifier(claim.billing_npi, _NPI)
        bill = _identifier(f"{claim.facility_type}{claim.frequency}", "[A-Za-z0-9]{0,4}")
        for line in lines:
            first, period = line.lx or line.segments[0], line.period
            item = next(iter(line.drug_identifications), None)
            yield Row(
                self._path,
                piece.claim,
                number,
                line.guide,
                line.ordinal,
                _identifier(line.number, "[0-9]{0,6}"),
                first.ordinal,
                first.offset,
                period.first if period else None,
                period.last if period else None,
                _code(line.procedure_code),
                tuple(map(_code, line.modifiers)),
                _number(line.units_as_written),
                _code(line.unit_basis),
                seen(item.ndc, NDC_SHAPE) if item else "",
                _number(item.ctp.element(4)) if item and item.ctp else None,
                _code(item.unit) if item else "",
                _number(line.charge_as_written),
                _identifier(line.revenue_code, "[0-9]{0,4}"),
                _identifier(line.place_of_service, "[0-9A-Za-z]{0,2}"),
                bill if line.guide == "837I" else "",
                payer,
                filing,
                npi,
                line.drug.name if isinstance(line, DrugLine) else "",
                found.get(line.ordinal, ()),
            )


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
