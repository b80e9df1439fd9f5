"""The JSON report: one document, schema "lint837/1", the same bytes for the same input."""

import json
from typing import Any

from lint837.engine import Report
from lint837.finding import Finding, InputSummary
from lint837.rule import Severity

SCHEMA = "lint837/1"


def document(report: Report, version: str, exit_status: int) -> str:
    """The whole document, in ASCII, with a line end."""
    rulebook = report.rulebook
    tree = {
        "schema": SCHEMA,
        "tool": {
            "version": version,
            "rules": sorted(rulebook.chosen),
            "facts": [drug.name for drug in rulebook.formulary.drugs],
            "verified_through": rulebook.verified_through,
        },
        "findings": [_finding(finding) for finding in report.findings],
        "inputs": [_input(item) for item in report.inputs],
        "summary": {
            "files": len(report.inputs),
            "passed_over": list(report.passed_over),
            "complete": report.complete,
            "claims": sum(item.claims for item in report.inputs),
            "drug_lines": sum(item.drug_lines for item in report.inputs),
            "segments": sum(item.segments for item in report.inputs),
            "unchecked_segments": sum(item.unchecked for item in report.inputs),
            **{f"{s}s": sum(f.severity == s for f in report.findings) for s in sorted(Severity, reverse=True)},
        },
        "exit_status": exit_status,
    }
    return json.dumps(tree, indent=2) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    billed = finding.as_billed
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": str(finding.severity),
        "message": finding.message,
        "found": finding.found,
        "expected": finding.expected,
        "correction": finding.correction,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "offset": finding.offset,
        "interchange": finding.interchange,
        "group": finding.group,
        "transaction_set": finding.transaction_set,
        "segment": finding.segment,
        "loop": finding.loop,
        "element": finding.element,
        "claim": finding.claim,
        "claim_ordinal": finding.claim_ordinal,
        "service_line": finding.service_line,
        "as_billed": billed and {name: getattr(billed, name) for name in billed.__slots__},
        "related": [{name: getattr(place, name) for name in place.__slots__} for place in finding.related],
        "edits": [edit._asdict() for edit in finding.edits],
        "fingerprint": finding.fingerprint,
    }


def _input(item: InputSummary) -> dict[str, Any]:
    return {
        "path": item.path,
        "complete": item.complete,
        "bytes": item.bytes,
        "segments": item.segments,
        "interchanges": item.interchanges,
        "transaction_sets": item.transaction_sets,
        "claims": item.claims,
        "drug_lines": item.drug_lines,
    }
