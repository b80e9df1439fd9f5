"""Reads a configuration into Settings.

Every key is declared once, in KEYS: how its value is checked, its documentation, its JSON schema.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from lint837.config.discover import SHARED_FILE, SettingsError, shown
from lint837.facts.nearest import nearest
from lint837.facts.payers import VERDICTS, PayerProfile
from lint837.files.settings_file import SettingsFileError, table_of, text_of
from lint837.rules.rulebook import GUIDE_CHECKS, OFF
from lint837.rules.suppression import Match, Suppression

FAIL_ON = ("error", "warning", "info", "never")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Settings:
    """A configuration. Rules are named by code, by group such as HCP, or by name.

    origin: its file as messages show it, "" without one.
    prefix: comes before each key in a message, such as "tool.lint837." for a pyproject.toml.
    base: the folder that its paths are relative to.
    rule_packages: None for all installed ones.
    table: the table that was read.
    """

    origin: str = ""
    prefix: str = ""
    base: Path = Path()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)
    fail_on: str = "error"
    guide: str = OFF
    claims: bool = False
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rule_packages: tuple[str, ...] | None = None
    facts: tuple[str, ...] = ()
    payer_profiles: tuple[str, ...] = ()
    payers: tuple[PayerProfile, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    table: Mapping[str, object] = field(default_factory=dict)

    def error(self, key: str, what: str) -> SettingsError:
        """A SettingsError about a key."""
        return SettingsError(f"{self.origin}: {self.prefix}{key}: {what}")


# ---------------------------------------------------------------- how a value is checked


class At(NamedTuple):
    """The place of a value: its file, and the path of its key."""

    origin: str
    path: str = ""

    def key(self, name: str) -> "At":
        """The place of a key in the table here."""
        shown = name if re.fullmatch(r"[\w-]+", name, re.ASCII) else json.dumps(name)
        return At(self.origin, f"{self.path}.{shown}" if self.path else shown)

    def item(self, number: int) -> "At":
        """The place of an item in the list here."""
        return At(self.origin, f"{self.path}[{number}]")

    def refuse(self, value: object, expected: str, known: Iterable[str] = ()) -> SettingsError:
        """The error that `value` is not what was expected. `known`: words that it may mean."""
        meant = nearest(value, known) if isinstance(value, str) else ""
        return SettingsError(f"{self.origin}: {self.path}: found {_shown(value)}, expected {expected}{meant}")


def _shown(value: object) -> str:
    """A value as TOML, shortened where it is long."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a table"
    text = json.dumps(value, default=str) if isinstance(value, (str, bool, list)) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


@dataclass(frozen=True, slots=True)
class Kind(Generic[_T]):
    """A kind of value: what a message says is expected, how a value is read, and its JSON schema."""

    expected: str
    read: Callable[[object, At], _T]
    schema: Mapping[str, object]


def _text(expected: str, pattern: str) -> Kind[str]:
    def read(value: object, at: At) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
            raise at.refuse(value, expected)
        return value

    return Kind(expected, read, {"type": "string", "pattern": f"^(?:{pattern})$"})


def _choice(*words: str) -> Kind[str]:
    expected = f"{', '.join(words[:-1])} or {words[-1]}"

    def read(value: object, at: At) -> str:
        if value not in words or not isinstance(value, str):
            raise at.refuse(value, expected, words)
        return value

    return Kind(expected, read, {"enum": list(words)})


def _read_date(value: object, at: At) -> date:
    if type(value) is not date:
        raise at.refuse(value, "a date without quotes, such as 2026-12-31")
    return value


def _list(item: Kind[_T], expected: str, *, least: int = 0) -> Kind[tuple[_T, ...]]:
    def read(value: object, at: At) -> tuple[_T, ...]:
        if not isinstance(value, list) or len(value) < least:
            raise at.refuse(value, expected)
        return tuple(item.read(entry, at.item(number)) for number, entry in enumerate(value))

    schema: dict[str, object] = {"type": "array", "items": item.schema}
    return Kind(expected, read, schema | ({"minItems": least} if least else {}))


def _mapping(value_kind: Kind[_T], expected: str, names: Kind[str]) -> Kind[dict[str, _T]]:
    def read(value: object, at: At) -> dict[str, _T]:
        if not isinstance(value, dict):
            raise at.refuse(value, expected)
        return {names.read(name, at): value_kind.read(entry, at.key(name)) for name, entry in value.items()}

    return Kind(
        expected, read, {"type": "object", "propertyNames": names.schema, "additionalProperties": value_kind.schema}
    )


def _read_bool(value: object, at: At) -> bool:
    if not isinstance(value, bool):
        raise at.refuse(value, "true or false")
    return value


class Key(NamedTuple):
    """A key of a table: the kind of its value, its documentation, if it is required, an example as TOML."""

    kind: Kind[Any]
    documentation: str
    required: bool = False
    example: str = ""


def _table(make: Callable[..., _T], keys: Mapping[str, Key], *, least: Sequence[str] = ()) -> Kind[_T]:
    """A table that becomes make(key=...) with the keys that it has. One of `least` is required."""
    expected = "a table"

    def read(value: object, at: At) -> _T:
        if not isinstance(value, dict):
            raise at.refuse(value, expected)
        for name in value:
            if name not in keys:
                meant = nearest(name, keys) or f"; known keys: {', '.join(keys)}"
                raise SettingsError(f"{at.origin}: {at.key(name).path}: unknown key{meant}")
        for name, key in keys.items():
            if key.required and name not in value:
                raise at.key(name).refuse(None, key.kind.expected)
        if least and not any(name in value for name in least):
            raise at.refuse(value, f"a table with {' or '.join(least)}")
        return make(
            **{
                name.replace("-", "_"): key.kind.read(value[name], at.key(name))
                for name, key in keys.items()
                if name in value
            }
        )

    schema: dict[str, object] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: {**key.kind.schema, "description": key.documentation} for name, key in keys.items()},
    }
    required = [name for name, key in keys.items() if key.required]
    schema |= {"required": required} if required else {}
    schema |= {"anyOf": [{"required": [name]} for name in least]} if least else {}
    return Kind(expected, read, schema)


# ---------------------------------------------------------------- the keys

_RULE = _text("a rule's code, a group such as HCP, or a rule's name", r"[A-Za-z][A-Za-z0-9-]*")
_RULES = _list(_RULE, 'a list of rules such as ["HCP", "NDC001"]')
_SOME_RULES = _list(_RULE, 'a list of rules such as ["HCP", "NDC001"]; leave the key out to run all', least=1)
_ONE_RULE = _text("a rule's code or name", r"[A-Za-z][A-Za-z0-9-]*")
_PATTERN = _text('a pattern of paths such as "archive/**"', r".*\S.*")
_PATH = _text("a path", r".*\S.*")
_WORDS = _text("a text", r"\S(?:.*\S)?")
_NAME = _text("a name of letters, digits and hyphens", r"[A-Za-z0-9-]+")
_PAYER_ID = _text('a payer id as in NM109, such as "04412"', r"[A-Za-z0-9-]{2,80}")
_FILING_CODE = _text('a claim filing code as in SBR09, such as "MB"', r"[A-Za-z0-9]{1,2}")
_PAYER_IDS = _list(_PAYER_ID, 'a list of payer ids as in NM109, such as ["04412"]', least=1)
_FILING_CODES = _list(_FILING_CODE, 'a list of claim filing codes as in SBR09, such as ["MB"]', least=1)
_UNITS = _list(_choice("F2", "GR", "ME", "ML", "UN"), 'a list of units such as ["UN", "ML"]', least=1)
_BOOL = Kind("true or false", _read_bool, {"type": "boolean"})
_CODES = _list(_text("a procedure code such as J9026", r"[A-Z0-9]{5}"), 'a list of codes such as ["J9026"]', least=1)
_NDCS = _list(_text("an NDC of eleven digits", r"[0-9]{11}"), 'a list of NDCs such as ["55513007701"]', least=1)
_PRINTS = _list(_text("a fingerprint of 32 digits and letters a to f", r"[0-9a-f]{32}"), "a list of texts", least=1)
_DATE = Kind("a date without quotes, such as 2026-12-31", _read_date, {"type": "string", "format": "date"})
_TEXTS = _list(_WORDS, "a list of texts")


def _payer(
    payer_id: tuple[str, ...] = (),
    filing_code: tuple[str, ...] = (),
    **rest: Any,  # noqa: ANN401
) -> PayerProfile:
    return PayerProfile(payer_ids=payer_id, filing_codes=filing_code, **rest)


PAYER = _table(
    _payer,
    {
        "name": Key(_NAME, "A name for the profile. No two profiles may share one.", required=True),
        "title": Key(_WORDS, "How messages name the payer. Default: the name of the profile."),
        "payer-id": Key(_PAYER_IDS, "For claims sent to a payer with one of these ids (NM109)."),
        "filing-code": Key(_FILING_CODES, "For claims with one of these claim filing codes (SBR09)."),
        "rules": Key(
            _mapping(_choice(*VERDICTS), 'a table such as {MOD001 = "off"}', _ONE_RULE),
            "Turns rules off or on for this payer, or sets their severity. By code or name.",
        ),
        "ndc-units": Key(_UNITS, "The units of measure (CTP05-1) that this payer accepts."),
        "ndc-required": Key(_BOOL, "Set to true if the payer requires the NDC on drug lines, to false if it does not."),
        "discard-modifier-required": Key(
            _BOOL, "Set to true if the payer requires JW or JZ on drug lines, to false if it does not."
        ),
        "sources": Key(_TEXTS, "Where the payer says so."),
    },
    least=("payer-id", "filing-code"),
)


def _match(
    path: str = "",
    payer_id: tuple[str, ...] = (),
    filing_code: tuple[str, ...] = (),
    code: tuple[str, ...] = (),
    ndc: tuple[str, ...] = (),
    fingerprint: tuple[str, ...] = (),
) -> Match:
    return Match(path, payer_id, filing_code, code, ndc, fingerprint)


_MATCH = _table(
    _match,
    {
        "path": Key(_PATTERN, "In files that match this pattern, as in per-file-ignores."),
        "payer-id": Key(_PAYER_IDS, "On claims sent to one of these payers (NM109)."),
        "filing-code": Key(_FILING_CODES, "On claims with one of these claim filing codes (SBR09)."),
        "code": Key(_CODES, "On lines with one of these procedure codes."),
        "ndc": Key(_NDCS, "On lines with one of these NDCs."),
        "fingerprint": Key(_PRINTS, "With one of these fingerprints, as in the JSON report. Requires path."),
    },
    least=("path", "payer-id", "filing-code", "code", "ndc", "fingerprint"),
)

_SUPPRESSION = _table(
    Suppression,
    {
        "rule": Key(_ONE_RULE, "The rule, by code or name.", required=True),
        "match": Key(_MATCH, "Which of its findings to suppress. All keys given must match.", required=True),
        "reason": Key(_WORDS, "Why. Do not name or describe a person.", required=True),
        "last-day": Key(
            _DATE,
            "The last date of service that it covers. For a finding without one, the day the file was made counts.",
            required=True,
        ),
    },
)

_PAYERS_EXAMPLE = """\
[[payers]]
name = "our-medicaid"
title = "Example Medicaid"
payer-id = ["99999"]
ndc-required = true
ndc-units = ["UN", "ML", "F2"]
discard-modifier-required = false
rules = {NDC006 = "error", CLM002 = "off"}
sources = ["Example Medicaid, billing manual, section 4"]
"""

_SUPPRESSIONS_EXAMPLE = """\
[[suppressions]]
rule = "QTY002"
match = {payer-id = ["99999"], code = ["J9026"]}
reason = "Example Medicaid pays whole packages (letter of 2025-03-01)"
last-day = 2026-12-31
"""

KEYS: Mapping[str, Key] = {
    "select": Key(
        _SOME_RULES, "Run only these rules: codes, groups such as HCP, or names.", example='["HCP", "NDC", "QTY"]'
    ),
    "ignore": Key(
        _RULES, "Do not run these rules. Findings marked (incomplete) are always reported.", example='["CLM002"]'
    ),
    "guide": Key(
        _choice(*GUIDE_CHECKS),
        "Check claims against their implementation guide (rules GDE): drug-claims, those with drug lines and the "
        "headers above them; all, every claim and header.",
        example='"all"',
    ),
    "claims": Key(
        _BOOL,
        "Set to true to run the rules about every claim too, whatever it bills.",
        example="true",
    ),
    "fail-on": Key(_choice(*FAIL_ON), "Exit with status 1 for findings of this severity or above.", example='"error"'),
    "rule-packages": Key(
        _list(_text("the name of a package such as clinic_rules", r"[A-Za-z_][\w.]*"), "a list of packages"),
        "Use only these rule packages. Default: all that are installed.",
        example='["lint837_rules"]',
    ),
    "facts": Key(
        _list(_PATH, 'a list of files such as ["facts/drug.toml"]'),
        "Facts files of more drugs, and a store of CMS's files (lint837 facts import). Paths are relative to the "
        "folder of this file.",
        example='["facts/another_drug.toml"]',
    ),
    "payer-profiles": Key(
        _list(_NAME, "a list of names"),
        "Use these payer profiles of the rule packages, by name.",
        example='["medicare-palmetto-jm", "medicaid-medstar-md"]',
    ),
    "severity": Key(
        _mapping(_choice("info", "warning", "error"), 'a table such as {CLM002 = "warning"}', _ONE_RULE),
        "The severity of rules, by code or name. A finding that a rule lowers in some cases is still lowered.",
        example='{CLM002 = "warning"}',
    ),
    "per-file-ignores": Key(
        _mapping(_RULES, 'a table such as {"archive/**" = ["DOS"]}', _PATTERN),
        "Rules to ignore in some files. A pattern without a slash matches file names; with one, paths relative to the "
        "folder of this file.",
        example='{"archive/**" = ["DOS003"]}',
    ),
    "payers": Key(
        _list(PAYER, "a list of tables [[payers]]"),
        "What a payer requires. A profile for a claim's payer id (NM109) has precedence over one for its claim filing "
        "code (SBR09).",
        example=_PAYERS_EXAMPLE,
    ),
    "suppressions": Key(
        _list(_SUPPRESSION, "a list of tables [[suppressions]]"),
        "Findings not to report. Findings marked (incomplete) are always reported.",
        example=_SUPPRESSIONS_EXAMPLE,
    ),
}
TABLE: Kind[dict[str, Any]] = _table(dict, KEYS)


# ---------------------------------------------------------------- read


def read(path: Path) -> Settings:
    """The settings in a TOML file; of a pyproject.toml those in the table tool.lint837. Raises SettingsError."""
    try:
        text = text_of(path)
        table: object = table_of(text)
    except SettingsFileError as error:
        raise SettingsError(f"{shown(path)}: {error}") from None
    shared = path.name == SHARED_FILE
    if shared:
        for name in ("tool", "lint837"):
            table = table.get(name, {}) if isinstance(table, dict) else {}
    settings = settings_of(table, shown(path), path.absolute().parent, shared=shared)
    return replace(settings, suppressions=tuple(_placed(settings.suppressions, text)))


def _placed(suppressions: Sequence[Suppression], text: str) -> Iterator[Suppression]:
    """The suppressions, each with its line in the file; with line 1 where lines cannot be assigned."""
    lines = [text.count("\n", 0, match.start()) + 1 for match in _HEADING.finditer(text)]
    for number, one in enumerate(suppressions):
        yield replace(one, line=lines[number] if len(lines) == len(suppressions) else 1)


_HEADING = re.compile(r"^[ \t]*\[\[[^\]\n]*\bsuppressions\b[^\]\n]*\]\]", re.MULTILINE)


def settings_of(table: object, origin: str, base: Path, *, shared: bool = False) -> Settings:
    """The settings in a table. `shared`: it is the table tool.lint837 of a pyproject.toml. Raises SettingsError."""
    values = TABLE.read(table, At(origin, "tool.lint837" if shared else ""))
    prefix = "tool.lint837." if shared else ""
    settings = Settings(origin, prefix, base, **values, table=table if isinstance(table, dict) else {})
    for number, suppression in enumerate(settings.suppressions):
        if suppression.match.fingerprints and not suppression.match.path:
            raise settings.error(
                f"suppressions[{number}].match", "fingerprint requires path, since fingerprints are per file"
            )
    return settings


def payer_of(text: str, origin: str) -> PayerProfile:
    """The payer profile in a file of a rule package, which has the keys of a table [[payers]]. Raises SettingsError."""
    try:
        return PAYER.read(table_of(text), At(origin))
    except SettingsFileError as error:
        raise SettingsError(f"{origin}: {error}") from None
