"""The JSON Lines report: an object a line, each with a "type": the findings of an input, the input itself, and at the
end the summary. The lines can be written as the findings come.
"""

import json
from collections.abc import Mapping

from lint837.lint.finding import Finding, InputSummary
from lint837.report.json import SCHEMA, members, plain
from lint837.report.model import About, Results, Totals


def document(results: Results) -> str:
    """The lines of a whole run, in ASCII."""
    lines = []
    for item, findings in results.by_input:
        lines += [*map(finding_line, findings), input_line(item)]
    lines += map(finding_line, results.elsewhere)
    return "".join([*lines, summary_line(results.about, results.totals, results.exit_status)])


def finding_line(finding: Finding) -> str:
    """One finding, with the keys that it has in the JSON report."""
    return _line("finding", members(finding))


def input_line(item: InputSummary) -> str:
    """What one input held, behind its findings."""
    return _line("input", members(item))


def summary_line(about: About, totals: Totals, exit_status: int) -> str:
    """The last line: without it the report was cut."""
    tree = {"schema": SCHEMA, "tool": plain(about), "summary": plain(totals), "exit_status": exit_status}
    return _line("summary", tree)


def _line(kind: str, tree: Mapping[str, object]) -> str:
    return json.dumps({"type": kind, **tree}) + "\n"
