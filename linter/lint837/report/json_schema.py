"""The JSON Schema of the JSON report, docs/report.schema.json, made of the types that the report is made of.

A test compares the file with `schema()`, and reports with the file; LINT837_UPDATE=1 writes it.
"""

import json
import types
import typing
from collections.abc import Mapping
from datetime import date
from typing import Any

from lint837.lint.finding import InputSummary, Location, SuppressionUse, TextEdit, TextFix
from lint837.report.entry import AsBilled, Entry, EntryChoice, Related, SegmentExcerpt, Template
from lint837.report.json import SCHEMA
from lint837.report.model import About, RuleText, Totals
from lint837.rules.rule import Citation, Severity

_DAY = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_PLAIN: Mapping[object, Mapping[str, object]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    date: _DAY,
    Severity: {"enum": [str(severity) for severity in Severity]},
}
_EXIT_STATUS = {
    "enum": [0, 1, 3],
    "description": "0: nothing found at or above tool.fail_on; 1: something; 3: something could not be checked, or no "
    "claim was found.",
}

# Every definition with what its members are. A line of JSON Lines has the members of one of the first three.
_DEFINITIONS: Mapping[str, tuple[type, str, Mapping[str, str]]] = {
    "finding": (
        Entry,
        "Something wrong in a claim, a file or the configuration.",
        {
            "rule": "The rule's code, such as HCP001. A code never changes its meaning.",
            "name": "The rule's name, such as expired-temporary-code.",
            "severity": "As configured, and lowered for void and inpatient claims.",
            "incomplete": "Something could not be checked; the exit status is 3.",
            "message": "What is wrong, as a sentence. The wording may change in any version.",
            "found": "What is there.",
            "expected": "What should be there.",
            "correction": 'What to do, as an imperative; "" if there is nothing to do. The wording may change.',
            "to": 'What the element must hold, where one correction says it; else "".',
            "choices": "Alternatives, of which the biller knows which is right.",
            "location": "Where it is.",
            "as_billed": "The service line as billed; null if the finding is not in a claim that was checked.",
            "related": "Other places that the finding is about.",
            "fixes": "At most one safe and one unsafe fix.",
            "sources": "What the facts cite for it, in addition to the sources of the rule.",
            "fingerprint": "32 hexadecimal digits, stable from run to run. They do not depend on the claim number.",
            "template": "The sentences before their values are filled in; null in a redacted report.",
        },
    ),
    "input": (
        InputSummary,
        "What one file, archive member or standard input held.",
        {
            "path": 'As the user named it; "-" is standard input.',
            "complete": "Whether everything in it could be checked.",
            "bytes": "Its size, unpacked.",
            "segments": "How many segments it has.",
            "unchecked": "How many segments belong to claims that could not be checked.",
            "interchanges": "How many ISA it has.",
            "transaction_sets": "How many ST it has.",
            "claims": "How many CLM it has.",
            "drug_lines": "How many service lines bill a drug that the facts know.",
            "suppressions": "What the suppressions of the configuration did in it.",
            "not_read": 'What its other transaction sets are, by ST01 and guide, such as "837 005010X298" or "999".',
        },
    ),
    "summary": (
        Totals,
        "The counts of the whole run.",
        {
            "files": "How many inputs were read.",
            "passed_over": "The files of directories that hold no claims by name or content.",
            "complete": "Whether everything in every input could be checked.",
            "claims": "How many claims were read.",
            "drug_lines": "How many service lines bill a drug that the facts know.",
            "segments": "How many segments were read.",
            "unchecked_segments": "How many of them belong to claims that could not be checked.",
            "errors": "How many findings are errors.",
            "warnings": "How many findings are warnings.",
            "infos": "How many findings are for information.",
            "suppressed": "How many findings the configuration hides.",
            "safe_fixes": "How many findings `lint837 fix` can correct.",
            "unsafe_fixes": "How many it corrects with --unsafe only, since that changes what is billed.",
        },
    ),
    "tool": (
        About,
        "The program, and what it checked with.",
        {
            "version": "The version of lint837.",
            "rules": "The codes of the rules that ran.",
            "facts": "The drugs whose facts were used.",
            "verified_through": 'The day through which the facts are verified; "" without facts.',
            "fail_on": "The lowest severity that makes the exit status 1; null: none does.",
            "configuration": 'The configuration file and what it changed; "" without one.',
            "part": 'The part of a plan, such as "2 of 8 of PLAN"; "" for whole files.',
            "not_run": "The codes of the rules that cannot run where files are linted in parts.",
            "redacted": "Whether claim numbers and dates of service are left out.",
            "every_claim": "Whether rules about every claim ran: `--claims` runs them.",
        },
    ),
    "rule": (
        RuleText,
        "A rule that found something.",
        {
            "code": "Such as HCP001.",
            "name": "Such as expired-temporary-code.",
            "severity": "Its severity in the plain case.",
            "title": "What it finds, as a sentence.",
            "documentation": "Why a payer rejects it, and how to correct it.",
            "sources": "What it is based on.",
            "group": "claims for a rule about every claim; empty for others.",
        },
    ),
    "location": (
        Location,
        "Where a finding is. Positions are in bytes; those that count from 1 say so.",
        {
            "path": "The input, as inputs name it; or the configuration file.",
            "line": "In the file, from 1.",
            "column": "In the line, from 1.",
            "offset": "In the file, from 0.",
            "interchange": "ISA13.",
            "group": "GS06.",
            "transaction_set": "ST02.",
            "ordinals": "The interchange in the file, the group in it and the transaction set in it, from 1; 0: none.",
            "claim": "CLM01; in a redacted report null, or a keyed hash.",
            "claim_ordinal": "The claim in the input, from 1.",
            "service_line": "LX01.",
            "service_line_ordinal": "The service line in the claim, from 1.",
            "segment": "The segment, counted from ST, which is 1, as an acknowledgement counts.",
            "loop": "Such as 2400.",
            "element": 'Such as SV101-2; "" for a whole segment, claim or file.',
        },
    ),
    "as_billed": (
        AsBilled,
        'A service line and its payer as billed: "" if missing, an ellipsis for what does not look right.',
        {
            "guide": "837P or 837I.",
            "date": "The date of service, such as 2025-01-10 or 2025-01-10 to 2025-01-12. In a redacted report how it "
            "relates to the days on which the drug's codes change.",
            "code": "The procedure code.",
            "modifiers": "The modifiers, in their order.",
            "units": "The service unit count.",
            "ndc": "The NDC as written.",
            "quantity": "The NDC quantity.",
            "unit": "The NDC quantity's unit of measure.",
            "charge": "The charge of the line, in dollars.",
            "claim_charge": "The charge of the claim, in dollars.",
            "payer_id": "The payer's identifier, NM109.",
            "claim_filing_code": "SBR09.",
            "billing_npi": "The billing provider's NPI.",
            "excerpt": "The segment at fault, as far as it may be shown.",
            "highlight": "Where in the excerpt the element at fault begins and ends, in characters from 0.",
            "segments": "The line's SV1 or SV2, DTP*472, LIN and CTP.",
        },
    ),
    "segment": (
        SegmentExcerpt,
        "A segment as far as it may be shown.",
        {"segment": "Counted from ST, which is 1.", "excerpt": "Its text."},
    ),
    "related": (
        Related,
        "Another place that a finding is about.",
        {
            "note": "What it has to do with the finding.",
            "line": "In the file, from 1.",
            "column": "In the line, from 1.",
            "offset": "In the file, from 0.",
            "segment": "Counted from ST, which is 1.",
            "element": "Such as LIN03.",
            "excerpt": "The segment, as far as it may be shown.",
            "highlight": "Where in the excerpt the element begins and ends, in characters from 0.",
        },
    ),
    "choice": (
        EntryChoice,
        "One of several ways to correct a finding.",
        {
            "when": "The condition, which only the biller knows.",
            "do": "What to do then, as an imperative.",
            "edits": "What that changes; empty where the claim does not say all of it.",
        },
    ),
    "fix": (
        TextFix,
        "Edits that correct a finding.",
        {"safe": "They change only the form, not what is billed.", "edits": "All of them are made, or none."},
    ),
    "edit": (
        TextEdit,
        "The bytes from start to end of the input become the text.",
        {"start": "From 0.", "end": "After the last byte.", "text": "In the delimiters of the file."},
    ),
    "template": (
        Template,
        "The sentences with {names} in place of their values. convert needs it to redact.",
        {
            "message": "Becomes message.",
            "correction": "Becomes correction.",
            "choices": "Become the conditions of the choices, and what to do then.",
            "note": 'A sentence after the message; "" for none.',
            "values": "The values by their names; found and expected are among them.",
            "code_changes": "The days on which the drug's codes change.",
        },
    ),
    "suppression": (
        SuppressionUse,
        "What a suppression did in an input.",
        {
            "number": "Its number in the configuration, from 1.",
            "hidden": "How many findings it hid.",
            "expired": "How many it did not hide because of its last day.",
        },
    ),
    "source": (Citation, "A source.", {"source": "What it is.", "says": "What it says, in our words."}),
}
_NAMES = {kind: name for name, (kind, _, _) in _DEFINITIONS.items()}


def schema() -> str:
    """The text of docs/report.schema.json."""
    members = {
        "schema": {"const": SCHEMA},
        "tool": _of(About),
        "findings": {"type": "array", "items": _of(Entry), "description": "In the order of inputs and claims."},
        "inputs": {"type": "array", "items": _of(InputSummary)},
        "rules": {"type": "array", "items": _of(RuleText), "description": "Those that found something."},
        "summary": _of(Totals),
        "exit_status": _EXIT_STATUS,
    }
    tree = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A report of lint837, schema {SCHEMA}",
        "description": "What `lint837 check --format json` writes. A line of `--format jsonl` is #/$defs/line. The "
        "schema is exact for the version of lint837 that it comes with; a later one may add members.",
        **_object(members),
        "$defs": {"line": _line(), **{name: _definition(name) for name in _DEFINITIONS}, "value": _value()},
    }
    return json.dumps(tree, indent=2) + "\n"


def _line() -> dict[str, object]:
    """A line of JSON Lines."""
    end = {"schema": {"const": SCHEMA}, "tool": _of(About), "summary": _of(Totals), "exit_status": _EXIT_STATUS}
    lines = {"finding": _members("finding"), "input": _members("input"), "summary": end}
    return {
        "description": "The findings of an input, then the input, and so on; the last line is the summary.",
        "oneOf": [_object({"type": {"const": name}, **members}) for name, members in lines.items()],
    }


def _definition(name: str) -> dict[str, object]:
    return {"description": _DEFINITIONS[name][1], **_object(_members(name))}


def _members(name: str) -> dict[str, object]:
    """The members of a definition, each of its type and with what it is."""
    kind, _, texts = _DEFINITIONS[name]
    hints = typing.get_type_hints(kind)
    if list(hints) != list(texts):
        raise ValueError(f"the members of {name} are {list(hints)}")
    return {member: {**_of(hint), "description": texts[member]} for member, hint in hints.items()}


def _of(kind: Any) -> dict[str, object]:  # noqa: ANN401 - of whatever type a member is
    """The schema of a type."""
    if kind in _PLAIN:
        return {**_PLAIN[kind]}
    if kind in _NAMES:
        return {"$ref": f"#/$defs/{_NAMES[kind]}"}
    inner = typing.get_args(kind)
    origin = typing.get_origin(kind)
    if origin is types.UnionType:
        return {"anyOf": [_of(inner[0]), {"type": "null"}]}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": {"$ref": "#/$defs/value"}, "required": ["found", "expected"]}
    length = {} if inner[-1] is Ellipsis else {"minItems": len(inner), "maxItems": len(inner)}
    return {"type": "array", "items": _of(inner[0]), **length}


def _value() -> dict[str, object]:
    """A value of a sentence with its type."""
    text = {"type": "string"}
    kinds: dict[str, dict[str, object]] = {
        "text": {"value": text},
        "code": {"value": text},
        "identifier": {"value": text},
        "number": {"value": {"type": "string", "pattern": "^-?[0-9]+([.][0-9]+)?$"}},
        "count": {"value": {"type": "integer"}},
        "date": {"value": _DAY},
        "period": {"first": _DAY, "last": _DAY},
    }
    return {
        "description": "A value with its type. A number is exact, as text; a date and a period are the claim's.",
        "oneOf": [_object({"type": {"const": name}, **members}) for name, members in kinds.items()],
    }


def _object(members: Mapping[str, object]) -> dict[str, object]:
    """An object that has all of these members and no other."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {**members},
        "required": [*members],
    }
