"""The report as workflow commands of GitHub Actions: an annotation a finding."""

from lint837.lint.finding import Finding
from lint837.report.model import Results
from lint837.report.words import inert, place, sentence
from lint837.rules.rule import Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def document(results: Results) -> str:
    """A command a line; nothing where nothing was found."""
    return "".join(_command(finding) + "\n" for finding in results.findings)


def _command(finding: Finding) -> str:
    properties = {
        "file": inert(finding.path.removeprefix("./")),
        "line": str(finding.line),
        "col": str(finding.column),
        "title": inert(f"{finding.rule} {finding.name}"),
    }
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = ": ".join(filter(None, [place(finding), sentence(finding)]))
    return f"::{_COMMANDS[finding.severity]} {told}::{_data(text)}"


def _data(text: str) -> str:
    """A command's text: inert already, so that no line end is left; a percent sign would begin an escape."""
    return text.replace("%", "%25")


def _property(text: str) -> str:
    """A property's value, which a colon or a comma would end."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
