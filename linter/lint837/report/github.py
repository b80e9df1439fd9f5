"""The report as workflow commands of GitHub Actions: an annotation a finding."""

from lint837.report import formats
from lint837.report.entry import Entry
from lint837.report.model import About
from lint837.report.phrases import inert, place, sentence
from lint837.rules.rule import Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


class Writer(formats.Writer):
    """Writes a command a line; nothing where nothing is found and there is no configuration."""

    def begin(self, about: About) -> None:
        """The configuration."""
        if about.configuration:
            self._write(f"::notice title=lint837::{_data(inert(f'configuration: {about.configuration}'))}\n")

    def finding(self, entry: Entry) -> None:
        """A command."""
        self._write(_command(entry) + "\n")


def _command(entry: Entry) -> str:
    properties = {
        "file": inert(entry.location.path.removeprefix("./")),
        "line": str(entry.location.line),
        "col": str(entry.location.column),
        "title": inert(f"{entry.rule} {entry.name}"),
    }
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = ": ".join(filter(None, [place(entry), sentence(entry)]))
    return f"::{_COMMANDS[entry.severity]} {listed}::{_data(text)}"


def _data(text: str) -> str:
    """A command's text: inert already, so that no line end is left; a percent sign would begin an escape."""
    return text.replace("%", "%25")


def _property(text: str) -> str:
    """A property's value, which a colon or a comma would end."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
