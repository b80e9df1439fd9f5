"""The report as a table for a biller's worklist: a row a claim and finding, to be opened in a spreadsheet."""

import csv
import io
import re

from lint837.lint.finding import AsBilled, Finding
from lint837.report.model import Results
from lint837.report.words import inert

_BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as the code page of the machine
_COLUMNS = (
    *("file", "claim", "claim in file", "payer", "claim filing code", "billing NPI", "date of service", "line", "code"),
    *("modifiers", "units", "NDC", "NDC quantity", "NDC unit", "charge", "claim charge", "severity", "rule", "name"),
    *("change", "to", "correction", "what is wrong", "element", "segment", "position", "incomplete"),
)
# With such a first character a spreadsheet takes a cell for a formula; blanks before it may be dropped.
_FORMULA = re.compile(r"\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
# Where a semicolon separates cells, what stands behind one begins a cell too.
_INNER = re.compile(r"(;\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)


def document(results: Results) -> bytes:
    """The table with a head, as UTF-8 with a byte order mark, lines ended by CR LF."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    writer.writerows([cell(value) for value in _row(finding)] for finding in results.findings)
    return (_BYTE_ORDER_MARK + out.getvalue()).encode()


def cell(text: str) -> str:
    """A text that no spreadsheet computes: behind an apostrophe where it could be a formula. A negative number is none
    and stays a number.
    """
    shown = _INNER.sub(r"\1'", inert(text))
    return f"'{shown}" if _FORMULA.match(text) and not _NUMBER.fullmatch(shown) else shown


def _row(finding: Finding) -> list[str]:
    billed = finding.as_billed or AsBilled()
    return [
        finding.path,
        finding.claim or "",
        str(finding.claim_ordinal or ""),
        billed.payer_id,
        billed.claim_filing_code,
        billed.billing_npi,
        billed.date,
        finding.service_line or "",
        billed.code,
        " ".join(billed.modifiers),
        billed.units,
        billed.ndc,
        billed.quantity,
        billed.unit,
        billed.charge,
        billed.claim_charge,
        str(finding.severity),
        finding.rule,
        finding.name,
        finding.found,
        finding.expected,
        finding.correction,
        finding.message,
        finding.element,
        str(finding.segment or ""),
        f"{finding.line}:{finding.column}",
        "yes" if finding.incomplete else "",
    ]
