"""What was found in a file, by claim; and what a correction did to it, in words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from lint837.claims.segment import plain_decimal
from lint837.lint.finding import Finding, InputSummary
from lint837.lint.judgment import VOID
from lint837.report.entry import Entry, entry_of
from lint837.report.phrases import claim_name, line_name
from lint837.rules.house import HOUSE_RULES
from lint837.rules.rule import Severity
from lint837.rules.values import counted
from lint837.x12.faults import Fault

NO_VOID = "A void repeats the claim that it cancels, so it is not corrected."
UNREAD = "This claim could not be read whole, so it is not corrected."
ABOVE = "This is in a header above the claim, which other claims may share: correct it in your billing system."
RULES_OF_FAULTS = frozenset(code for code, rule in HOUSE_RULES.items() if rule.scope is Fault)


@dataclass
class Row:
    """A claim with findings, or (ordinal 0) the file itself.

    alone: the claim was judged by itself, after a correction, at the place that it has in the file as it came.
    """

    ordinal: int
    alone: bool = False
    findings: list[Finding] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def add(self, finding: Finding) -> Entry:
        """Take the next finding. Returns what a report shows of it."""
        entry = entry_of(finding)
        self.findings.append(finding)
        self.entries.append(entry)
        return entry

    @property
    def charge(self) -> Decimal:
        """Of its lines with an error or a warning, in dollars."""
        charges = {
            one.location.service_line_ordinal: plain_decimal(one.as_billed.charge)
            for one in self.entries
            if one.as_billed and one.severity >= Severity.WARNING and one.location.service_line_ordinal
        }
        return sum((charge for charge in charges.values() if charge is not None), Decimal(0))

    @property
    def blocked(self) -> str:
        """Why the claim cannot be corrected, "" where it can."""
        if any(finding.incomplete and finding.rule in RULES_OF_FAULTS for finding in self.findings):
            return UNREAD
        return NO_VOID if any(finding.note == VOID for finding in self.findings) else ""


@dataclass
class Checked:
    """What a check of the whole file found.

    version: of the corrections. rows: by claim. entries: in their order; notes: on the configuration, after them.
    moved: how many bytes longer the corrected claims were.
    """

    version: int
    rows: dict[int, Row]
    entries: list[Entry]
    notes: list[Entry]
    summary: InputSummary
    moved: dict[int, int]


def said_in(rows: Mapping[int, Row]) -> list[tuple[int, str, str, str]]:
    """What is said of each claim, to compare."""
    entries = ((row.ordinal, entry) for row in rows.values() for entry in row.entries)
    return [(ordinal, entry.rule, entry.location.element, entry.message) for ordinal, entry in entries]


def is_above(finding: Finding) -> bool:
    """Whether a finding on a claim is at a header above it, not in loop 2300 or below."""
    return not (finding.location.loop or "").startswith(("23", "24"))


def place_of(finding: Finding) -> str:
    """The claim and the line of a finding, in words."""
    entry = entry_of(finding)
    return ", ".join(filter(None, (claim_name(entry), line_name(entry))))


def outcome(before: Sequence[Finding], after: Sequence[Finding]) -> str:
    """What a correction did to the findings of a claim, in words."""
    old, new = (Counter(cause_of(finding) for finding in findings) for findings in (before, after))
    gone, come = sorted({rule for rule, *_ in old - new}), sorted({rule for rule, *_ in new - old})
    said = []
    if gone:
        said.append(f"{' and '.join(gone)} {'is' if len(gone) == 1 else 'are'} gone.")
    if come:
        said.append(f"New: {', '.join(come)}.")
    if not gone and not come:
        said.append("The findings are the same.")
    left = counted(len(after), "finding") if after else "No finding"
    said.append(f"{left} {'is' if len(after) < 2 else 'are'} left on this claim.")
    return " ".join(said)


def cause_of(finding: Finding) -> tuple[str, int, str]:
    """The rule and the place of a finding in its claim."""
    return finding.rule, finding.location.service_line_ordinal or 0, finding.location.element
