"""The JSON report: one document, schema "lint837/1", the same bytes for the same input. It holds all that the other
formats need: read.py makes the same Results of it again.
"""

import functools
import json
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

from lint837.report.model import Results
from lint837.rules.rule import Severity

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SCHEMA = "lint837/1"


def document(results: Results) -> str:
    """The whole document, in ASCII, with a line end."""
    tree = {
        "schema": SCHEMA,
        "tool": plain(results.about),
        "rules": plain(results.rules),
        "findings": plain(results.findings),
        "inputs": plain(results.inputs),
        "summary": plain(results.totals),
        "exit_status": results.exit_status,
    }
    return json.dumps(tree, indent=2) + "\n"


def members(value: "DataclassInstance") -> dict[str, object]:
    """A dataclass of ours as a JSON object, with its own names."""
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
    return value
