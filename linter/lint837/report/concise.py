"""The concise report: a line a finding, as editors and grep read it: path:line:column: severity rule place: text."""

from lint837.report import formats
from lint837.report.entry import Entry
from lint837.report.phrases import inert, place, sentence


class Writer(formats.Writer):
    """Writes each finding as it comes; nothing where nothing is found."""

    def finding(self, entry: Entry) -> None:
        """A line."""
        self._write(line(entry) + "\n")


def line(entry: Entry) -> str:
    """One finding, without a line end."""
    at, where = entry.location, place(entry)
    head = inert(f"{at.path}:{at.line}:{at.column}: {entry.severity} {entry.rule}")
    return f"{head} {where}: {sentence(entry)}" if where else f"{head}: {sentence(entry)}"
