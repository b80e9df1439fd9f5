"""The statistics: how many findings, lines and charges there are by rule, payer and month of service. For a person."""

from collections.abc import Iterator, Sequence

from lint837.report import formats
from lint837.report.at_stake import Row, Summary
from lint837.report.entry import Entry
from lint837.report.formats import Ending, Write
from lint837.report.phrases import dollars, inert
from lint837.rules.values import counted, show

_NAME, _FINDINGS, _LINES, _CHARGES = 42, 10, 8, 18  # the widths of the columns


class Writer(formats.Writer):
    """Counts the findings as they come, keeps none, and writes the tables at the end."""

    def __init__(self, write: Write, *, after_a_report: bool = False) -> None:
        """`after_a_report`: an empty line comes first."""
        super().__init__(write)
        self._after_a_report = after_a_report
        self._summary = Summary()

    def finding(self, entry: Entry) -> None:
        """Count it."""
        self._summary.add(entry)

    def end(self, ending: Ending) -> None:
        """The tables."""
        lines = list(_tables(self._summary, {rule.code: rule.name for rule in ending.rules}))
        self._write("".join(line + "\n" for line in ([""] if self._after_a_report else []) + lines))


def _tables(summary: Summary, names: dict[str, str]) -> Iterator[str]:
    everything = summary.total
    if not everything.findings:
        yield "statistics: no findings"
        return
    rules = [(f"{row.name} {names.get(row.name, '')}".rstrip(), row) for row in summary.by_rule.rows]
    yield from _table("by rule", rules, everything)
    if summary.has_lines:
        for title, rows in (("by payer", summary.by_payer.rows), ("by month of service", summary.months)):
            yield ""
            yield from _table(title, [(row.name, row) for row in rows], everything)
    yield ""
    yield "Charges at risk are those of the lines with an error or a warning. A line counts"
    yield "once in a row, even if it has several findings."
    without = everything.without_charge
    if without:
        has = "has no charge that can be read, and is" if without == 1 else "have no charge that can be read, and are"
        yield f"{counted(without, 'line')} {has} not in the sums."


def _table(title: str, rows: Sequence[tuple[str, Row]], everything: Row) -> Iterator[str]:
    yield _line(title, "findings", "lines", "charges at risk")
    for name, row in (*rows, ("all", everything)):
        numbers = f"{row.findings:,}", f"{row.lines:,}", dollars(show(row.charges))
        shown = inert(name)
        if len(shown) > _NAME:
            yield shown
            shown = ""
        yield _line(shown, *numbers)


def _line(name: str, findings: str, lines: str, charges: str) -> str:
    return f"{name:<{_NAME}}{findings:>{_FINDINGS}}{lines:>{_LINES}}{charges:>{_CHARGES}}"
