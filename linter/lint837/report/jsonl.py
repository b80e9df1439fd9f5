"""The JSON Lines report: an object a line, each with a "type": the findings of an input, the input itself, and at the
end the summary, without which the report was cut.
"""

import json
from collections.abc import Mapping

from lint837.lint.finding import InputSummary
from lint837.report import formats
from lint837.report.entry import Entry
from lint837.report.formats import Ending, Write
from lint837.report.json import SCHEMA, members, plain
from lint837.report.model import About


class Writer(formats.Writer):
    """Writes a line as each finding and input comes, in ASCII, with the keys that they have in the JSON report."""

    def __init__(self, write: Write) -> None:
        super().__init__(write)
        self._about: object = None

    def begin(self, about: About) -> None:
        """Keep what the last line says."""
        self._about = plain(about)

    def finding(self, entry: Entry) -> None:
        """A line."""
        self._line("finding", members(entry))

    def input(self, item: InputSummary) -> None:
        """A line."""
        self._line("input", members(item))

    def end(self, ending: Ending) -> None:
        """The last line."""
        summary = {"summary": plain(ending.totals), "exit_status": ending.exit_status}
        self._line("summary", {"schema": SCHEMA, "tool": self._about, **summary})

    def _line(self, kind: str, tree: Mapping[str, object]) -> None:
        self._write(json.dumps({"type": kind, **tree}) + "\n")
