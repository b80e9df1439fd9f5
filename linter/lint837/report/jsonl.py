"""The JSON Lines report: an object a line, each with a "type": the findings of an input, the input itself, and at the
end the summary, without which the report was cut.
"""

from lint837.lint.finding import InputSummary
from lint837.report import formats
from lint837.report.entry import Entry
from lint837.report.formats import Ending, Write
from lint837.report.json import SCHEMA, json_of
from lint837.report.model import About


class Writer(formats.Writer):
    """Writes a line as each finding and input comes, in ASCII, with the keys that they have in the JSON report."""

    def __init__(self, write: Write) -> None:
        super().__init__(write)
        self._about = ""

    def begin(self, about: About) -> None:
        """Keep what the last line says."""
        self._about = json_of(about)

    def finding(self, entry: Entry) -> None:
        """A line."""
        self._line("finding", json_of(entry))

    def input(self, item: InputSummary) -> None:
        """A line."""
        self._line("input", json_of(item))

    def end(self, ending: Ending) -> None:
        """The last line."""
        said = f'"schema": {json_of(SCHEMA)}, "tool": {self._about}, "summary": {json_of(ending.totals)}'
        self._line("summary", f'{{{said}, "exit_status": {ending.exit_status}}}')

    def _line(self, kind: str, members: str) -> None:
        self._write(f'{{"type": "{kind}", {members[1:]}\n')
