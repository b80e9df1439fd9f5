"""The report as a code quality artifact of GitLab."""

import json

from lint837.lint.finding import Finding
from lint837.report.model import Results
from lint837.report.words import fingerprints, inert, place, sentence
from lint837.rules.rule import Severity

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.INFO: "info"}


def document(results: Results) -> str:
    """One array, in ASCII, with a line end."""
    unique = fingerprints(results.findings)
    tree = [_entry(finding, key) for finding, key in zip(results.findings, unique, strict=True)]
    return json.dumps(tree, indent=2) + "\n"


def _entry(finding: Finding, fingerprint: str) -> dict[str, object]:
    return {
        "description": ": ".join(filter(None, [place(finding), sentence(finding)])),
        "check_name": finding.rule,
        "fingerprint": fingerprint,
        "severity": "blocker" if finding.incomplete else _SEVERITIES[finding.severity],
        "location": {"path": inert(finding.path.removeprefix("./")), "lines": {"begin": finding.line}},
    }
