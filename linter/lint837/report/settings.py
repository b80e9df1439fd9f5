"""The configuration as text: `lint837 check --show-settings`, the file of `lint837 init`, the JSON schema."""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence, Sized
from datetime import date

from lint837.config.settings import KEYS, TABLE, Key, Settings
from lint837.rules.rulebook import Rulebook

_DEFAULTS: Mapping[str, object] = {
    "payer-profiles": [],
    "payers": [],
    "suppressions": [],
    "ignore": [],
    "guide": "off",
    "claims": False,
    "fail-on": "error",
    "facts": [],
    "severity": {},
    "per-file-ignores": {},
}
_ADDED = ("ignore", "facts")  # the command line adds to these; it replaces the others


def in_effect(settings: Settings, given: Mapping[str, Sequence[str] | str | bool], rulebook: Rulebook) -> Iterator[str]:
    """Every setting as TOML with its origin, and the rules that run. `given`: the values from the command line, by
    key.
    """
    yield f"# configuration: {settings.origin or 'none'}"
    for key in KEYS:
        said, own = given.get(key), settings.table.get(key)
        if said and isinstance(own, list) and isinstance(said, Sequence) and key in _ADDED:
            yield f"{key} = {toml([*own, *said])}  # {settings.origin}, command line"
        elif said or said is False:
            yield f"{key} = {toml(said)}  # command line"
        elif own is not None:
            yield f"{key} = {toml(own)}  # {settings.origin}"
        elif key in _DEFAULTS:
            yield f"{key} = {toml(_DEFAULTS[key])}  # default"
        else:
            yield f"# {key}: not set, so all"
    yield "# rules that run, with their severities"
    severities = {rule.code: rule.severity for rule in rulebook.rules} | dict(rulebook.severities)
    width = max(map(len, rulebook.names.values()))
    for code, name in sorted(rulebook.names.items()):
        if code in rulebook.chosen:
            yield f"# {code}  {name:{width}}  {severities[code]}"


def changed(settings: Settings, given: Mapping[str, object]) -> str:
    """The configuration in a few words: its file, and what it changes. `given`: what the command line says, by key.
    Paths and suppressions are only counted, because a report is for others.
    """
    parts = []
    for key in KEYS:
        own = settings.table.get(key)
        if own is None or (given.get(key) not in (None, ()) and key not in _ADDED):
            continue
        if key in ("per-file-ignores", "suppressions", "facts"):
            parts.append(f"{key} ({len(own) if isinstance(own, Sized) else 1})")
        elif key == "payers":
            parts.append(f"payers {', '.join(payer.name for payer in settings.payers)}")
        else:
            parts.append(f"{key} = {toml(own)}")
    return f"{settings.origin} ({', '.join(parts)})" if parts else settings.origin


def toml(value: object) -> str:
    """A value as TOML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(str(name))} = {toml(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml, value)) + "]"
    return value.isoformat() if isinstance(value, date) else _text(value)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    plain = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if plain else _text(name)


def template() -> Iterator[str]:
    """The lines of a lint837.toml that shows every key as a comment."""
    yield "# The configuration of lint837. Every key is a comment: remove the # from those to set."
    yield "# `lint837 check --show-settings` shows the settings in effect. In a pyproject.toml, write these keys under"
    yield "# [tool.lint837], and tables such as [[payers]] as [[tool.lint837.payers]]."
    for name, key in KEYS.items():
        yield ""
        yield from textwrap.wrap(key.documentation, 100, initial_indent="# ", subsequent_indent="# ")
        yield from (f"#{line}" for line in _example(name, key).splitlines())


def _example(name: str, key: Key) -> str:
    """The example of a key as TOML. A list of tables is written as [[payers]]."""
    return key.example if key.example.startswith("[[") and "\n" in key.example else f"{name} = {key.example}"


def schema() -> str:
    """docs/lint837.schema.json, the JSON schema of lint837.toml and of the table tool.lint837 in a pyproject.toml."""
    tree = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "lint837",
        "description": "The configuration of lint837: lint837.toml, or [tool.lint837] in pyproject.toml.",
        **TABLE.schema,
    }
    return json.dumps(tree, indent=2) + "\n"
