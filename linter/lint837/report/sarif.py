"""The report as SARIF 2.1.0, for code scanning: no snippet of a claim, at most 5,000 results."""

import json
from typing import Any

from lint837.lint.finding import TextFix
from lint837.report import formats
from lint837.report.entry import Entry
from lint837.report.formats import Ending, Worst, Write
from lint837.report.model import About, RuleText
from lint837.report.phrases import UniqueFingerprints, address, inert, left_out, place, sentence
from lint837.rules.rule import Severity
from lint837.rules.values import counted

LIMIT = 5000  # of results in a run; code scanning takes no more
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_HELP = "https://github.com/lint837/lint837/blob/main/docs"
_PAGES = {"": "rules.md", "claims": "what-is-checked.md"}  # by the group of rules
_INDENT = 8 * " "  # of a result
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


class Writer(formats.Writer):
    """Keeps the worst results, and writes the whole log, one run, in ASCII, at the end."""

    def __init__(self, write: Write) -> None:
        super().__init__(write)
        self._about: About | None = None
        self._fingerprints = UniqueFingerprints()
        self._worst: Worst[tuple[Entry, str]] = Worst(LIMIT)

    def begin(self, about: About) -> None:
        """Keep the version."""
        self._about = about

    def finding(self, entry: Entry) -> None:
        """A result, while it is among the worst."""
        shown = entry._replace(template=None, as_billed=None)  # no more is kept than a result holds
        self._worst.add(entry.severity, (shown, self._fingerprints.of(entry)))

    def end(self, ending: Ending) -> None:
        """The log."""
        order = {rule.code: number for number, rule in enumerate(ending.rules)}
        driver = {
            "name": "lint837",
            "version": self._about.version if self._about else "",
            "rules": [_rule(rule) for rule in ending.rules],
        }
        kept = self._worst.in_order()
        run = {
            "tool": {"driver": driver},
            "invocations": [_invocation(self._about, ending, left_out(len(kept), self._worst.count))],
            "columnKind": "unicodeCodePoints",
            "results": [],
        }
        log = json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)
        head, close = log.rsplit("[]", 1)  # the results are written one by one: together they take much memory
        separator = "["
        self._write(head)
        for entry, fingerprint in kept:
            text = json.dumps(_result(entry, fingerprint, order), indent=2)
            self._write(f"{separator}\n{text}".replace("\n", f"\n{_INDENT}"))
            separator = ","
        self._write(f"\n{_INDENT[2:]}]{close}\n" if kept else f"[]{close}\n")


def _rule(rule: RuleText) -> dict[str, Any]:
    sources = "".join(f"\n\nSource: {source.source}: {source.says}" for source in rule.sources)
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.documentation},
        "help": {"text": rule.documentation + sources},
        "helpUri": f"{_HELP}/{_PAGES.get(rule.group, _PAGES[''])}#{rule.code.lower()}-{rule.name}",
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _invocation(about: About | None, ending: Ending, cut: str) -> dict[str, Any]:
    notes, totals = [], ending.totals
    if cut:
        notes.append({"level": "warning", "message": {"text": cut}})
    if about and about.configuration:
        notes.append({"level": "note", "message": {"text": inert(f"configuration: {about.configuration}")}})
    if totals.suppressed:
        said = f"{counted(totals.suppressed, 'finding')} suppressed by the configuration."
        notes.append({"level": "note", "message": {"text": said}})
    if not totals.complete:
        notes.append({"level": "error", "message": {"text": "Not everything could be checked."}})
    elif not totals.claims:
        notes.append({"level": "error", "message": {"text": "No 837P or 837I claim was found."}})
    return {
        "executionSuccessful": totals.complete,
        "exitCode": ending.exit_status,
        "toolExecutionNotifications": notes,
    }


def _result(entry: Entry, fingerprint: str, order: dict[str, int]) -> dict[str, Any]:
    at = entry.location
    result = {
        "ruleId": entry.rule,
        "ruleIndex": order.get(entry.rule, -1),
        "level": _LEVELS[entry.severity],
        "message": {"text": sentence(entry)},
        "locations": [_location(at.path, at.line, at.column, place(entry))],
        "partialFingerprints": {"lint837/1": fingerprint},
    }
    fixes = [_fix(fix, at.path) for fix in entry.fixes if fix.edits]
    if fixes:
        result["fixes"] = fixes
    if entry.related:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": inert(related.note)}}
            | _location(at.path, related.line, related.column, inert(related.element))
            for number, related in enumerate(entry.related, 1)
        ]
    return result


def _fix(fix: TextFix, path: str) -> dict[str, Any]:
    """The bytes that become others."""
    replaced = [
        {
            "deletedRegion": {"byteOffset": max(0, edit.start), "byteLength": max(0, edit.end - edit.start)},
            "insertedContent": {"text": inert(edit.text)},
        }
        for edit in fix.edits
    ]
    what = "Changes the form only." if fix.safe else "Changes what is billed."
    return {
        "description": {"text": what},
        "artifactChanges": [{"artifactLocation": {"uri": address(path)}, "replacements": replaced}],
    }


def _location(path: str, line: int, column: int, name: str) -> dict[str, Any]:
    physical = {
        "artifactLocation": {"uri": address(path)},
        "region": {"startLine": line, "startColumn": column},
    }
    logical = {"logicalLocations": [{"fullyQualifiedName": name, "kind": "element"}]} if name else {}
    return {"physicalLocation": physical, **logical}
