"""The concise report: a line a finding, as editors and grep read it: path:line:column: severity rule place: text."""

from lint837.report import formats
from lint837.report.entry import Entry
from lint837.report.model import About
from lint837.report.phrases import inert, place, sentence


class Writer(formats.Writer):
    """Writes each finding as it comes, and the configuration, if there is one; nothing where nothing is found."""

    def begin(self, about: About) -> None:
        """The configuration."""
        if about.configuration:
            self._write(f"configuration: {inert(about.configuration)}\n")

    def finding(self, entry: Entry) -> None:
        """A line."""
        self._write(line(entry) + "\n")


def line(entry: Entry) -> str:
    """One finding, without a line end."""
    at, where = entry.location, place(entry)
    head = inert(f"{at.path}:{at.line}:{at.column}: {entry.severity} {entry.rule}")
    return f"{head} {where}: {sentence(entry)}" if where else f"{head}: {sentence(entry)}"
