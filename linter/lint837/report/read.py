"""A JSON report read back: every value is checked against the type that it must have, and nothing is guessed."""

import functools
import json
import types
import typing
from typing import Any

from lint837.report.json import SCHEMA
from lint837.report.model import Results, Totals
from lint837.rules.rule import Severity

_CALLED = {str: "a text", int: "a whole number", bool: "true or false"}


class DocumentError(ValueError):
    """A text that is no JSON report. Says where, and what should stand there; never what does, which may be of a
    claim.
    """


def read(text: bytes) -> Results:
    """The results that a document of the schema lint837/1 holds. Raises DocumentError."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        raise DocumentError("it is not JSON") from None
    if not isinstance(tree, dict) or "schema" not in tree:
        raise DocumentError("it is no JSON report of lint837: it has no schema")
    if tree["schema"] != SCHEMA:
        raise DocumentError(f"it is not of the schema {SCHEMA}")
    kinds = typing.get_type_hints(Results)
    keys = {"about": "tool", "rules": "rules", "findings": "findings", "inputs": "inputs", "exit_status": "exit_status"}
    values = {name: _value(kinds[name], _member(tree, key, ""), key) for name, key in keys.items()}
    summary: Totals = _value(Totals, _member(tree, "summary", ""), "summary")
    return Results(**values, passed_over=summary.passed_over)


def _member(tree: dict[str, Any], key: str, where: str) -> object:
    if key not in tree:
        raise DocumentError(f"{where}{key} is missing")
    return tree[key]


def _value(kind: Any, value: Any, where: str) -> Any:  # noqa: ANN401 - of whatever type is asked for
    """The value as of type `kind`: a text, a number, a severity, one of our dataclasses, a tuple of them, or None."""
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
    if not isinstance(value, dict):
        raise DocumentError(f"{where} is not an object")
    parts = {}
    for name, hint in _hints(kind).items():
        parts[name] = _value(hint, _member(value, name, f"{where}."), f"{where}.{name}")
    return kind(**parts)


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    """The types of a dataclass's or a named tuple's members."""
    return typing.get_type_hints(kind)


def _tuple(inner: tuple[Any, ...], value: object, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise DocumentError(f"{where} is not an array")
    if inner[-1] is not Ellipsis and len(value) != len(inner):
        raise DocumentError(f"{where} does not hold {len(inner)} values")
    return tuple(_value(inner[0], item, f"{where}[{number}]") for number, item in enumerate(value))
