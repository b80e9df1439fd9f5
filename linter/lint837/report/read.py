"""A JSON report read back: every value is checked against the type that it must have, and nothing is guessed."""

import functools
import json
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lint837.claims.segment import Period
from lint837.lint.finding import InputSummary
from lint837.report.entry import Entry, Template
from lint837.report.json import SCHEMA
from lint837.report.model import About, RuleText, Totals
from lint837.rules.rule import Severity
from lint837.rules.values import Code, Identifier, Value

_CALLED = {str: "a text", int: "a whole number", bool: "true or false"}
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_NUMBER = re.compile(r"-?[0-9]{1,80}(?:\.[0-9]{1,80})?", re.ASCII)  # a product of two numbers of a claim is long
_BILLED_DATE = re.compile(rf"(?:{_DAY}(?: to {_DAY})?)?", re.ASCII)


class DocumentError(ValueError):
    """A text that is no JSON report. It says where, and what should be there; never what is there, which may be of a
    claim.
    """


@dataclass(frozen=True, slots=True)
class Document:
    """What a JSON report holds."""

    about: About
    rules: tuple[RuleText, ...]
    findings: tuple[Entry, ...]
    inputs: tuple[InputSummary, ...]
    summary: Totals
    exit_status: int


def read(text: bytes) -> Document:
    """The document of the schema lint837/2. Raises DocumentError."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        raise DocumentError("it is not JSON") from None
    if not isinstance(tree, dict) or "schema" not in tree:
        raise DocumentError("it is no JSON report of lint837: it has no schema")
    if tree["schema"] != SCHEMA:
        raise DocumentError(f"it is not of the schema {SCHEMA}")
    kinds = typing.get_type_hints(Document)
    keys = {name: "tool" if name == "about" else name for name in kinds}
    document = Document(**{name: _value(kinds[name], _member(tree, key, ""), key) for name, key in keys.items()})
    for number, entry in enumerate(document.findings):
        if (entry.template is None) is not document.about.redacted:  # else it could not be redacted, or would not be
            raise DocumentError(f"findings[{number}].template does not agree with tool.redacted")
        billed = entry.as_billed
        if entry.template and billed and not (_BILLED_DATE.fullmatch(billed.date) and _are_days(billed.date)):
            raise DocumentError(f"findings[{number}].as_billed.date is not a date of service")
    return document


def _are_days(text: str) -> bool:
    try:
        return all(date.fromisoformat(day) for day in text.split(" to ") if day)
    except ValueError:
        return False


def _member(tree: dict[str, Any], key: str, where: str) -> object:
    if key not in tree:
        raise DocumentError(f"{where}{key} is missing")
    return tree[key]


def _value(kind: Any, value: Any, where: str) -> Any:  # noqa: ANN401 - of whatever type is asked for
    """The value as of type `kind`: a text, a number, a severity, one of our named tuples, a tuple of them, or None."""
    if kind in _CALLED:
        if type(value) is not kind:
            raise DocumentError(f"{where} is not {_CALLED[kind]}")
        return value
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        return None if value is None else _value(inner[0], value, where)
    if origin is tuple:
        return _tuple(inner, value, where)
    if kind is Severity:
        if value not in [str(severity) for severity in Severity]:
            raise DocumentError(f"{where} is not error, warning or info")
        return Severity[value.upper()]
    if kind is date:
        return _date(value, where)
    if not isinstance(value, dict):
        raise DocumentError(f"{where} is not an object")
    if origin is Mapping or kind is Mapping:
        return {name: _typed(one, f"{where}.{name}") for name, one in value.items()}
    parts = {}
    for name, hint in _hints(kind).items():
        parts[name] = _value(hint, _member(value, name, f"{where}."), f"{where}.{name}")
    made = kind(**parts)
    if isinstance(made, Template):
        _check_template(made, where)
    return made


def _check_template(template: Template, where: str) -> None:
    try:
        for text in (template.message, template.correction):
            text.format_map(dict.fromkeys(template.values, ""))
    except (KeyError, ValueError, IndexError, AttributeError):
        raise DocumentError(f"{where} names a value that is not there") from None
    if not {"found", "expected"} <= template.values.keys():
        raise DocumentError(f"{where}.values has no found or no expected")


def _date(value: object, where: str) -> date:
    if isinstance(value, str) and re.fullmatch(_DAY, value, re.ASCII) and _are_days(value):
        return date.fromisoformat(value)
    raise DocumentError(f"{where} is not a date")


def _typed(value: object, where: str) -> Value:
    """A value of a sentence, by its type."""
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise DocumentError(f"{where} is not an object with a type")
    kind = value["type"]
    if kind == "period":
        return Period(*(_date(_member(value, name, f"{where}."), f"{where}.{name}") for name in ("first", "last")))
    one = _member(value, "value", f"{where}.")
    if kind == "count":
        return int(_value(int, one, f"{where}.value"))
    text = str(_value(str, one, f"{where}.value"))
    if kind == "date":
        return _date(text, f"{where}.value")
    if kind == "number":
        if not _NUMBER.fullmatch(text):
            raise DocumentError(f"{where}.value is not a number")
        return Decimal(text)
    if kind == "code":
        return Code(text)
    if kind == "identifier":
        return Identifier(text)
    if kind == "text":
        return text
    raise DocumentError(f"{where}.type is not known")


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    """The types of a named tuple's members."""
    return typing.get_type_hints(kind)


def _tuple(inner: tuple[Any, ...], value: object, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise DocumentError(f"{where} is not an array")
    if inner[-1] is not Ellipsis and len(value) != len(inner):
        raise DocumentError(f"{where} does not hold {len(inner)} values")
    return tuple(_value(inner[0], item, f"{where}[{number}]") for number, item in enumerate(value))
