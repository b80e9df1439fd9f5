"""The report as a table for a biller's worklist: a row a claim and finding, to be opened in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable

from lint837.report import formats
from lint837.report.entry import AsBilled, Entry
from lint837.report.model import About
from lint837.report.phrases import inert

_BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as the code page of the machine
_COLUMNS = (
    *("file", "claim", "claim in file", "payer", "claim filing code", "billing NPI", "date of service", "line", "code"),
    *("modifiers", "units", "NDC", "NDC quantity", "NDC unit", "charge", "claim charge", "severity", "rule", "name"),
    *("change", "to", "correction", "what is wrong", "element", "segment", "position", "incomplete"),
)
# With such a first character a spreadsheet takes a cell for a formula; blanks before it may be dropped.
_FORMULA = re.compile(r"\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
# Where a semicolon separates cells, what follows one begins a cell too.
_INNER = re.compile(r"(;\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)


class Writer(formats.Writer):
    """Writes a head, then a row a finding, as UTF-8 with a byte order mark; lines end with CR LF."""

    def begin(self, _: About) -> None:
        """The head."""
        self._write(_BYTE_ORDER_MARK.encode() + _line(_COLUMNS))

    def finding(self, entry: Entry) -> None:
        """A row."""
        self._write(_line([cell(value) for value in _row(entry)]))


def _line(cells: Iterable[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(cells)
    return out.getvalue().encode("utf-8", "backslashreplace")


def cell(text: str) -> str:
    """A text that no spreadsheet computes: after an apostrophe where it could be a formula. A negative number cannot,
    and stays a number.
    """
    shown = _INNER.sub(r"\1'", inert(text))
    return f"'{shown}" if _FORMULA.match(text) and not _NUMBER.fullmatch(shown) else shown


def _row(entry: Entry) -> list[str]:
    billed, at = entry.as_billed or AsBilled(), entry.location
    return [
        at.path,
        at.claim or "",
        str(at.claim_ordinal or ""),
        billed.payer_id,
        billed.claim_filing_code,
        billed.billing_npi,
        billed.date,
        at.service_line or "",
        billed.code,
        " ".join(billed.modifiers),
        billed.units,
        billed.ndc,
        billed.quantity,
        billed.unit,
        billed.charge,
        billed.claim_charge,
        str(entry.severity),
        entry.rule,
        entry.name,
        entry.found,
        entry.to,
        entry.correction,
        entry.message,
        at.element,
        str(at.segment or ""),
        f"{at.line}:{at.column}",
        "yes" if entry.incomplete else "",
    ]
