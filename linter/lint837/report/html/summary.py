"""What is at stake, counted: the findings of a run by rule, payer, billing provider and month of service, with the
charges of the service lines that they are on.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from lint837.claims.segment import plain_decimal
from lint837.lint.finding import Finding
from lint837.report.model import Results
from lint837.report.words import payer
from lint837.rules.rule import Severity

NOT_KNOWN = "not known"
NO_CLAIM = "no claim, or one that was not checked"
_Line = tuple[str, int | None, int]


@dataclass(slots=True)
class Row:
    """One row: how many findings, and the lines that an error or a warning is on, each with its charge in dollars (None
    where it is no number).
    """

    name: str
    findings: int = 0
    lines: dict[_Line, Decimal | None] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        """Count a finding; a line counts once, whatever is found on it."""
        self.findings += 1
        if finding.as_billed and finding.service_line_ordinal is not None and finding.severity >= Severity.WARNING:
            line = (finding.path, finding.claim_ordinal, finding.service_line_ordinal)
            self.lines[line] = plain_decimal(finding.as_billed.charge)

    @property
    def charges(self) -> Decimal:
        """The charges at risk, in dollars."""
        return sum((charge for charge in self.lines.values() if charge is not None), Decimal(0))


def total(results: Results) -> Row:
    """All findings as one row."""
    return _rows(results.findings, lambda _: "")[0] if results.findings else Row("")


def by_rule(results: Results) -> list[Row]:
    """A row a rule, named by its code. A line that breaks two rules is in both rows."""
    return _rows(results.findings, lambda finding: finding.rule)


def by_payer(results: Results) -> list[Row]:
    """A row a payer."""
    return _rows(
        results.findings,
        lambda finding: (
            payer(finding.as_billed.claim_filing_code, finding.as_billed.payer_id) or NOT_KNOWN
            if finding.as_billed
            else NO_CLAIM
        ),
    )


def by_billing_npi(results: Results) -> list[Row]:
    """A row a billing provider, by its NPI."""
    return _rows(
        results.findings,
        lambda finding: (finding.as_billed.billing_npi or NOT_KNOWN) if finding.as_billed else NO_CLAIM,
    )


def by_month(results: Results) -> list[Row]:
    """A row a month of service, by the first day; in a redacted report by what is told in its place."""
    rows = _rows(results.findings, lambda finding: _month(finding.as_billed.date) if finding.as_billed else NO_CLAIM)
    return sorted(rows, key=lambda row: row.name)


def _month(date: str) -> str:
    return date[:7] if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", date) else date or NOT_KNOWN


def _rows(findings: Iterable[Finding], name: Callable[[Finding], str]) -> list[Row]:
    rows: dict[str, Row] = {}
    for finding in findings:
        key = name(finding)
        rows.setdefault(key, Row(key)).add(finding)
    return sorted(rows.values(), key=lambda row: (-row.charges, -row.findings, row.name))
