"""The report as SARIF 2.1.0, for code scanning: no snippet of a claim, at most 5,000 results."""

import json
from typing import Any

from lint837.lint.finding import Finding
from lint837.report.model import Results, RuleText, worst
from lint837.report.words import address, fingerprints, inert, left_out, place, sentence
from lint837.rules.rule import Severity
from lint837.rules.values import counted

LIMIT = 5000  # of results in a run; code scanning takes no more
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def document(results: Results) -> str:
    """The whole log, one run, in ASCII, with a line end."""
    unique = fingerprints(results.findings)
    shown = worst(results.findings, LIMIT)
    order = {rule.code: number for number, rule in enumerate(results.rules)}
    driver = {
        "name": "lint837",
        "version": results.about.version,
        "rules": [_rule(rule) for rule in results.rules],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(results, left_out(len(shown), len(unique)))],
        "columnKind": "unicodeCodePoints",
        "results": [_result(results.findings[n], unique[n], order) for n in shown],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: RuleText) -> dict[str, Any]:
    sources = "".join(f"\n\nSource: {source.source}: {source.says}" for source in rule.sources)
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.documentation},
        "help": {"text": rule.documentation + sources},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _invocation(results: Results, cut: str) -> dict[str, Any]:
    notes = []
    if cut:
        notes.append({"level": "warning", "message": {"text": cut}})
    if results.totals.suppressed:
        said = f"{counted(results.totals.suppressed, 'finding')} suppressed by the configuration."
        notes.append({"level": "note", "message": {"text": said}})
    if not results.complete:
        notes.append({"level": "error", "message": {"text": "Not everything could be checked."}})
    elif not results.totals.claims:
        notes.append({"level": "error", "message": {"text": "No 837P or 837I claim was found."}})
    return {
        "executionSuccessful": results.complete,
        "exitCode": results.exit_status,
        "toolExecutionNotifications": notes,
    }


def _result(finding: Finding, fingerprint: str, order: dict[str, int]) -> dict[str, Any]:
    result = {
        "ruleId": finding.rule,
        "ruleIndex": order.get(finding.rule, -1),
        "level": _LEVELS[finding.severity],
        "message": {"text": sentence(finding)},
        "locations": [_location(finding.path, finding.line, finding.column, place(finding))],
        "partialFingerprints": {"lint837/1": fingerprint},
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": inert(related.note)}}
            | _location(finding.path, related.line, related.column, inert(related.element))
            for number, related in enumerate(finding.related, 1)
        ]
    return result


def _location(path: str, line: int, column: int, name: str) -> dict[str, Any]:
    physical = {
        "artifactLocation": {"uri": address(path)},
        "region": {"startLine": line, "startColumn": column},
    }
    logical = {"logicalLocations": [{"fullyQualifiedName": name, "kind": "element"}]} if name else {}
    return {"physicalLocation": physical, **logical}
