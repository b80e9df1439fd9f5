"""The concise report: a line a finding, as editors and grep read it: path:line:column: severity rule place: text."""

from lint837.lint.finding import Finding
from lint837.report.model import Results
from lint837.report.words import inert, place, sentence


def document(results: Results) -> str:
    """The lines; nothing where nothing was found."""
    return "".join(line(finding) + "\n" for finding in results.findings)


def line(finding: Finding) -> str:
    """One finding, without a line end."""
    where = place(finding)
    head = inert(f"{finding.path}:{finding.line}:{finding.column}: {finding.severity} {finding.rule}")
    return f"{head} {where}: {sentence(finding)}" if where else f"{head}: {sentence(finding)}"
