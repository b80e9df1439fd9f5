"""The JSON report: one document, schema "lint837/2" (docs/report.schema.json), the same bytes for the same input. The
findings are written as they come, one a line, and the summary last. It holds all that the other formats need: read.py
makes the same entries of it again.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from lint837.claims.segment import Period
from lint837.report import formats
from lint837.report.entry import Entry, Template
from lint837.report.formats import Ending, Write
from lint837.report.model import About
from lint837.rules.rule import Severity
from lint837.rules.values import Code, Identifier, Value, show

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

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


def members(value: "DataclassInstance") -> dict[str, object]:
    """A dataclass of ours as a JSON object, with its own names."""
    if isinstance(value, Template):
        return {
            "message": value.message,
            "correction": value.correction,
            "choices": [list(one) for one in value.choices],
            "note": value.note,
            "values": {name: typed(one) for name, one in value.values.items()},
            "code_changes": [day.isoformat() for day in value.code_changes],
        }
    return {name: plain(getattr(value, name)) for name in _names(type(value))}


@functools.cache
def _names(kind: type["DataclassInstance"]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def plain(value: object) -> object:
    """A value of ours as JSON has it: objects, arrays, a severity by its name."""
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, Severity):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return members(value)
    if isinstance(value, tuple):
        if hasattr(value, "_asdict"):
            return {name: plain(item) for name, item in value._asdict().items()}
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    return value


def typed(value: Value) -> dict[str, object]:
    """A value of a sentence with its type, as it may be shown."""
    if isinstance(value, Period):
        return {"type": "period", "first": value.first.isoformat(), "last": value.last.isoformat()}
    for kind, name in ((Code, "code"), (Identifier, "identifier"), (Decimal, "number"), (date, "date")):
        if isinstance(value, kind):
            return {"type": name, "value": show(value)}
    return {"type": "count" if isinstance(value, int) else "text", "value": value}
