"""What is at stake, counted: the findings of a run by rule, payer, billing provider and month of service, with the
charges of the service lines that they are on.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from lint837.claims.segment import plain_decimal
from lint837.report.entry import Entry
from lint837.report.phrases import payer
from lint837.rules.rule import Severity

NOT_KNOWN = "not known"
NO_CLAIM = "no claim, or one that was not checked"


@dataclass(slots=True)
class Row:
    """One row: how many findings; how many lines an error or a warning is on; their charges in dollars; how many of
    these lines have a charge that is no number.
    """

    name: str
    findings: int = 0
    lines: int = 0
    charges: Decimal = Decimal(0)
    without_charge: int = 0
    _claim: tuple[str, int | None] = ("", None)
    _seen: set[int] = field(default_factory=set)  # the lines of the claim under way

    def add(self, entry: Entry) -> None:
        """Count a finding; a line counts once, whatever is found on it. The findings of a claim come together."""
        self.findings += 1
        at = entry.location
        if entry.as_billed is None or at.service_line_ordinal is None or entry.severity < Severity.WARNING:
            return
        if self._claim != (at.path, at.claim_ordinal):
            self._claim = (at.path, at.claim_ordinal)
            self._seen = set()
        if at.service_line_ordinal in self._seen:
            return
        self._seen.add(at.service_line_ordinal)
        self.lines += 1
        charge = plain_decimal(entry.as_billed.charge)
        if charge is None:
            self.without_charge += 1
        else:
            self.charges += charge


class Table:
    """Rows by a name that each finding has."""

    def __init__(self, name: Callable[[Entry], str]) -> None:
        self._name = name
        self._rows: dict[str, Row] = {}

    def add(self, entry: Entry) -> None:
        """Count a finding in its row."""
        key = self._name(entry)
        self._rows.setdefault(key, Row(key)).add(entry)

    @property
    def rows(self) -> list[Row]:
        """The rows, the highest charges first."""
        return sorted(self._rows.values(), key=lambda row: (-row.charges, -row.findings, row.name))


class Summary:
    """All counts of a run. A line that breaks two rules is in both rows of `by_rule`."""

    def __init__(self) -> None:
        self.total = Row("")
        self.by_rule = Table(lambda entry: entry.rule)
        self.by_payer = Table(_payer)
        self.by_billing_npi = Table(_npi)
        self.by_month = Table(lambda entry: _month(entry.as_billed.date) if entry.as_billed else NO_CLAIM)
        self.in_claims = False  # whether a finding is in a claim
        self.has_lines = False  # whether anything is known of payers and dates

    def add(self, entry: Entry) -> None:
        """Count a finding."""
        self.total.add(entry)
        self.in_claims |= entry.location.claim_ordinal is not None
        self.has_lines |= entry.as_billed is not None
        for table in (self.by_rule, self.by_payer, self.by_billing_npi, self.by_month):
            table.add(entry)

    @property
    def months(self) -> list[Row]:
        """The rows by month of service, in their order; in a redacted report by what is shown in its place."""
        return sorted(self.by_month.rows, key=lambda row: row.name)


def _payer(entry: Entry) -> str:
    if entry.as_billed is None:
        return NO_CLAIM
    return payer(entry.as_billed.claim_filing_code, entry.as_billed.payer_id) or NOT_KNOWN


def _npi(entry: Entry) -> str:
    return (entry.as_billed.billing_npi or NOT_KNOWN) if entry.as_billed else NO_CLAIM


def _month(date: str) -> str:
    return date[:7] if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", date) else date or NOT_KNOWN
