"""The JSON report: one document, schema "lint837/2" (docs/report.schema.json), the same bytes for the same input. The
findings are written as they come, one a line, and the summary last. It holds all that the other formats need: read.py
makes the same entries of it again.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any, cast

from lint837.claims.segment import Period
from lint837.report import formats
from lint837.report.entry import Entry, Template
from lint837.report.formats import Ending, Write
from lint837.report.model import About
from lint837.rules.rule import Severity
from lint837.rules.values import Code, Identifier, Value, show

SCHEMA = "lint837/2"


class Writer(formats.Writer):
    """Writes the document, in ASCII."""

    def __init__(self, write: Write) -> None:
        super().__init__(write)
        self._separator = "\n"

    def begin(self, about: About) -> None:
        """With what the inputs were linted."""
        self._write(f'{{\n"schema": {_text(SCHEMA)},\n"tool": {_text(plain(about))},\n"findings": [')

    def finding(self, entry: Entry) -> None:
        """An item of the findings."""
        self._write(f"{self._separator}{_text(members(entry))}")
        self._separator = ",\n"

    def end(self, ending: Ending) -> None:
        """Inputs, rules, summary."""
        lines = (",\n".join(_text(plain(one)) for one in items) for items in (ending.inputs, ending.rules))
        inputs, rules = (f"[\n{text}\n]" if text else "[]" for text in lines)
        close = "]" if self._separator == "\n" else "\n]"
        self._write(
            f'{close},\n"inputs": {inputs},\n"rules": {rules},\n"summary": {_text(plain(ending.totals))},\n'
            f'"exit_status": {ending.exit_status}\n}}\n'
        )


def _text(tree: object) -> str:
    return json.dumps(tree)


def members(value: object) -> dict[str, object]:
    """A named tuple of ours as a JSON object, with its own names."""
    if isinstance(value, Template):
        return {
            "message": value.message,
            "correction": value.correction,
            "choices": [list(one) for one in value.choices],
            "note": value.note,
            "values": {name: typed(one) for name, one in value.values.items()},
            "code_changes": [day.isoformat() for day in value.code_changes],
        }
    return cast("dict[str, object]", plain(value))


def plain(value: object) -> object:
    """A value of ours as JSON has it: objects, arrays, a severity by its name."""
    kind = type(value)
    if kind not in _WAYS:
        _WAYS[kind] = _way_of(kind)
    return _WAYS[kind](value)


_SCALARS = frozenset({str, int, bool, type(None)})
# How values of each type are written: found once, since a report holds many values of few types.
_WAYS: dict[type, Callable[[Any], object]] = {}


def _way_of(kind: type) -> Callable[[Any], object]:
    if issubclass(kind, Severity):
        return str
    if issubclass(kind, Template):
        return members
    if issubclass(kind, tuple):
        names = getattr(kind, "_fields", None)
        return _members_of(names) if names else lambda value: [plain(item) for item in value]
    if issubclass(kind, Mapping):
        return lambda value: {str(name): plain(item) for name, item in value.items()}
    return lambda value: value


def _members_of(names: Sequence[str]) -> Callable[[object], dict[str, object]]:
    values = attrgetter(*names)
    if len(names) == 1:
        return lambda value: {names[0]: plain(values(value))}
    # Most values are texts and numbers: they are as JSON has them.
    return lambda value: {
        name: one if type(one) in _SCALARS else plain(one) for name, one in zip(names, values(value), strict=True)
    }


def typed(value: Value) -> dict[str, object]:
    """A value of a sentence with its type, as it may be shown."""
    if isinstance(value, Period):
        return {"type": "period", "first": value.first.isoformat(), "last": value.last.isoformat()}
    for kind, name in ((Code, "code"), (Identifier, "identifier"), (Decimal, "number"), (date, "date")):
        if isinstance(value, kind):
            return {"type": name, "value": show(value)}
    return {"type": "count" if isinstance(value, int) else "text", "value": value}
