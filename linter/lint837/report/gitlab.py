"""The report as a code quality artifact of GitLab."""

import json

from lint837.report import formats
from lint837.report.entry import Entry
from lint837.report.formats import Ending, Write
from lint837.report.model import About
from lint837.report.phrases import UniqueFingerprints, inert, place, sentence
from lint837.rules.rule import Severity

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.INFO: "info"}


class Writer(formats.Writer):
    """Writes one array, in ASCII, an entry as its finding comes."""

    def __init__(self, write: Write) -> None:
        super().__init__(write)
        self._fingerprints = UniqueFingerprints()
        self._separator = ""

    def begin(self, _: About) -> None:
        """The opening bracket."""
        self._write("[")

    def finding(self, entry: Entry) -> None:
        """An entry."""
        self._write(f"{self._separator}\n  {json.dumps(self._entry(entry))}")
        self._separator = ","

    def end(self, _: Ending) -> None:
        """The closing bracket."""
        self._write("\n]\n" if self._separator else "]\n")

    def _entry(self, entry: Entry) -> dict[str, object]:
        return {
            "description": ": ".join(filter(None, [place(entry), sentence(entry)])),
            "check_name": entry.rule,
            "fingerprint": self._fingerprints.of(entry),
            "severity": "blocker" if entry.incomplete else _SEVERITIES[entry.severity],
            "location": {
                "path": inert(entry.location.path.removeprefix("./")),
                "lines": {"begin": entry.location.line},
            },
        }
