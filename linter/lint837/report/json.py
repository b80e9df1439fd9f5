"""The JSON report: one document, schema "lint837/2" (docs/report.schema.json), the same bytes for the same input. The
findings are written as they come, one a line, and the summary last. It holds all that the other formats need: read.py
makes the same entries of it again.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _text
from typing import Any

from lint837.claims.segment import Period
from lint837.report import formats
from lint837.report.entry import Entry
from lint837.report.formats import Ending, Write
from lint837.report.model import About
from lint837.rules.rule import Severity
from lint837.rules.values import Code, Identifier, Value, show

SCHEMA = "lint837/2"
_REMEMBERED = 1024  # days: those of the facts, and those of a batch


class Writer(formats.Writer):
    """Writes the document, in ASCII."""

    def __init__(self, write: Write) -> None:
        super().__init__(write)
        self._separator = "\n"

    def begin(self, about: About) -> None:
        """With what the inputs were linted."""
        self._write(f'{{\n"schema": {json_of(SCHEMA)},\n"tool": {json_of(about)},\n"findings": [')

    def finding(self, entry: Entry) -> None:
        """An item of the findings."""
        self._write(f"{self._separator}{json_of(entry)}")
        self._separator = ",\n"

    def end(self, ending: Ending) -> None:
        """Inputs, rules, summary."""
        lines = (",\n".join(json_of(one) for one in items) for items in (ending.inputs, ending.rules))
        inputs, rules = (f"[\n{text}\n]" if text else "[]" for text in lines)
        close = "]" if self._separator == "\n" else "\n]"
        self._write(
            f'{close},\n"inputs": {inputs},\n"rules": {rules},\n"summary": {json_of(ending.totals)},\n'
            f'"exit_status": {ending.exit_status}\n}}\n'
        )


def json_of(value: object) -> str:
    """A value of ours as JSON, with the blanks of `json.dumps`: a named tuple is an object with its own names, a
    severity its name, and the mapping of a sentence's values says the type of each.
    """
    return _WAYS[type(value)](value)


_Way = Callable[[Any], str]


class _Ways(dict[type, _Way]):
    """How values of each type are written. It is found out once, since a report holds many values of few types, and
    they become text at once: a tree of them for `json.dumps` takes twice as long.
    """

    def __init__(self, find: Callable[[type], _Way]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, kind: type) -> _Way:
        return self.setdefault(kind, self._find(kind))


def _way_of(kind: type) -> _Way:
    if issubclass(kind, str):
        return _text
    if issubclass(kind, date):
        return _day
    if issubclass(kind, Mapping):
        return lambda values: f"{{{', '.join([f'{_text(name)}: {_typed(one)}' for name, one in values.items()])}}}"
    if not issubclass(kind, tuple):
        return json.dumps
    names = getattr(kind, "_fields", None)
    if names is None:
        return lambda value: f"[{', '.join([_WAYS[type(one)](one) for one in value])}]"
    form = f"{{{', '.join([f'{_text(name)}: %s' for name in names])}}}"
    return lambda value: form % tuple([_WAYS[type(one)](one) for one in value])


@lru_cache(_REMEMBERED)
def _day(day: date) -> str:
    return f'"{day.isoformat()}"'


def _typed(value: Value) -> str:
    """A value of a sentence with its type, as it may be shown."""
    return _TYPED[type(value)](value)


def _typed_way_of(kind: type) -> _Way:
    if issubclass(kind, Period):
        return lambda value: f'{{"type": "period", "first": {_day(value.first)}, "last": {_day(value.last)}}}'
    for ours, name in ((Code, "code"), (Identifier, "identifier"), (Decimal, "number"), (date, "date")):
        if issubclass(kind, ours):
            begin = f'{{"type": "{name}", "value": '
            return lambda value: f"{begin}{_text(show(value))}}}"
    begin, way = f'{{"type": "{"count" if issubclass(kind, int) else "text"}", "value": ', _WAYS[kind]
    return lambda value: f"{begin}{way(value)}}}"


_WAYS, _TYPED = _Ways(_way_of), _Ways(_typed_way_of)
# Looked up by type first, since 1, True and Severity.INFO are equal.
_WAYS[int] = repr
_WAYS[bool] = {False: "false", True: "true"}.__getitem__
_WAYS[type(None)] = {None: "null"}.__getitem__
_WAYS[Severity] = {one: f'"{one}"' for one in Severity}.__getitem__
