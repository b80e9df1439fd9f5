"""The JSON Lines report on standard output, written as the findings come and not kept: for an input of any size."""

import sys
from collections import Counter
from dataclasses import replace

import click

from lint837.files.inputs import STANDARD_INPUT
from lint837.lint.finding import Finding, InputSummary
from lint837.report.deliver import Wanted, is_redacted, lost_output
from lint837.report.jsonl import finding_line, input_line, summary_line
from lint837.report.model import About, totals
from lint837.report.redact import without_claim
from lint837.rules.rule import Severity


class StreamLostError(Exception):
    """Standard output cannot be written to any more; who needs to know has been told."""


class Stream:
    """Writes one line after another. Each method raises StreamLostError where it cannot."""

    def __init__(self, about: About, wanted: Wanted) -> None:
        self._redaction = wanted.redaction
        self._redacted = is_redacted(wanted)
        self._about = replace(about, redacted=self._redacted)
        self._names: dict[str, str] = {}
        self._inputs: list[InputSummary] = []
        self.severities: Counter[Severity] = Counter()

    def finding(self, finding: Finding) -> None:
        """Write a finding of the input that is being read."""
        self.severities[finding.severity] += 1
        if self._redacted:
            finding = without_claim(finding, self._redaction.key)
        self._write(finding_line(replace(finding, path=self._name(finding.path))))

    def input(self, item: InputSummary) -> None:
        """Write what an input held, behind its findings."""
        self._inputs.append(replace(item, path=self._name(item.path)))
        self._write(input_line(self._inputs[-1]))

    def end(self, passed_over: tuple[str, ...], exit_status: int) -> None:
        """Write the summary."""
        names = [self._name(path) for path in passed_over]
        self._write(summary_line(self._about, totals(self._inputs, names, self.severities), exit_status))

    def _name(self, path: str) -> str:
        if not self._redacted or not self._redaction.paths or path == STANDARD_INPUT:
            return path
        return self._names.setdefault(path, f"file-{len(self._names) + 1}")

    def _write(self, line: str) -> None:
        try:
            click.echo(line, nl=False)
            sys.stdout.flush()
        except OSError as error:
            lost_output(error)
            raise StreamLostError from None
