"""Settings applied: the rulebook that a configuration and the command line ask for."""

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from lint837.config.discover import SettingsError, shown
from lint837.config.settings import Settings, payer_of, read
from lint837.facts.nearest import nearest
from lint837.facts.payers import PayerProfile, ProfileError, Profiles
from lint837.files.path_pattern import PathPattern
from lint837.rules.house import HOUSE_RULES
from lint837.rules.plugins import files_of
from lint837.rules.rule import Severity
from lint837.rules.rulebook import OFF, Rulebook, UnknownRuleError, installed_packages, load_rulebook
from lint837.rules.structure import GUIDE_RULES
from lint837.rules.suppression import Suppression


def rulebook_of(path: str | Path) -> Rulebook:
    """The rulebook of a configuration file, for programs. Raises SettingsError, RuleError or FactsError."""
    settings = read(Path(path))
    return configured(loaded(settings), settings)


def loaded(settings: Settings, facts: Iterable[str] = ()) -> Rulebook:
    """All rules of the packages that a configuration names, with its facts files and `facts`; the guide check and the
    rules about every claim run if it says so. Raises SettingsError where a rule package is not installed, and RuleError
    or FactsError as `load_rulebook` does.
    """
    installed = installed_packages()
    for number, name in enumerate(settings.rule_packages or ()):
        if name not in installed:
            known = nearest(name, installed) or f"; installed rule packages: {', '.join(installed)}"
            raise settings.error(f"rule-packages[{number}]", f"rule package {name} is not installed{known}")
    own = [shown(settings.base / path) for path in settings.facts]
    rulebook = load_rulebook(facts=[*own, *facts], only=settings.rule_packages)
    return rulebook._replace(guide=settings.guide, claims=settings.claims)


def configured(
    rulebook: Rulebook, settings: Settings, select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> Rulebook:
    """The rulebook with a configuration applied.

    `select` and `ignore` come from the command line, which has precedence: its `select` replaces the configuration's,
    and a rule that it selects by code or name runs even if the configuration ignores it; its `ignore` is added. A payer
    profile can turn on only rules that the command line allows.

    Raises SettingsError for an unknown rule in the configuration, and where the maps of the guides are not installed
    that it asks for; UnknownRuleError for an unknown rule on the command line.
    """
    if rulebook.guide != OFF and find_spec("pyx12") is None:
        raise settings.error("guide", "it needs the package pyx12, which is not installed: pip install pyx12")
    _codes(rulebook, settings, "select", settings.select)
    own_ignore = _codes(rulebook, settings, "ignore", settings.ignore)
    chosen = rulebook.narrowed(select or settings.select, ignore).chosen
    optional = rulebook.codes_of(select) if select else frozenset(rulebook.names)
    named = {code for code, name in rulebook.names.items() if not {code, name}.isdisjoint(select)}
    ignored_in = tuple(
        (PathPattern(pattern, settings.base), _codes(rulebook, settings, f'per-file-ignores."{pattern}"', words))
        for pattern, words in settings.per_file_ignores.items()
    )
    return rulebook._replace(
        chosen=chosen - (own_ignore - named),
        severities=_severities(rulebook, settings),
        ignored_in=ignored_in,
        profiles=_profiles(rulebook, settings),
        suppressions=tuple(_suppressions(rulebook, settings)),
        optional=optional - rulebook.codes_of(ignore),
    )


def _codes(rulebook: Rulebook, settings: Settings, key: str, words: Sequence[str]) -> frozenset[str]:
    """The codes of the rules in a list of the configuration."""
    found: set[str] = set()
    for number, word in enumerate(words):
        try:
            found |= rulebook.codes_of([word])
        except UnknownRuleError as error:
            raise settings.error(f"{key}[{number}]", str(error)) from None
    return frozenset(found)


def _code_of(rulebook: Rulebook, settings: Settings, key: str, word: str) -> str:
    """The code of a rule that the configuration names by code or name."""
    rule = rulebook.rule(word)
    if rule is None:
        raise settings.error(key, f"{word!r} is not the code or name of a rule{rulebook.nearest(word)}")
    return rule.code


def _profiles(rulebook: Rulebook, settings: Settings) -> Profiles:
    """The payer profiles that the configuration names, and its own."""
    shipped = _shipped(settings) if settings.payer_profiles else {}
    named: list[PayerProfile] = []
    for number, name in enumerate(settings.payer_profiles):
        if name not in shipped:
            known = nearest(name, shipped) or f"; known payer profiles: {', '.join(sorted(shipped)) or 'none'}"
            raise settings.error(f"payer-profiles[{number}]", f"unknown payer profile {name}{known}")
        origin, payer = shipped[name]
        named.append(_resolved(payer, rulebook, Settings(origin), "rules"))
    own = [
        _resolved(payer, rulebook, settings, f"payers[{number}].rules") for number, payer in enumerate(settings.payers)
    ]
    try:
        return Profiles([*named, *own])
    except ProfileError as error:
        raise settings.error("payers", str(error)) from None


def _shipped(settings: Settings) -> dict[str, tuple[str, PayerProfile]]:
    """The payer profiles of the rule packages (payers/*.toml) by name, each with its file."""
    found: dict[str, tuple[str, PayerProfile]] = {}
    for package in installed_packages() if settings.rule_packages is None else settings.rule_packages:
        for name, text in files_of(importlib.import_module(package), "payers", ".toml"):
            origin = f"{package}/payers/{name}"
            payer = payer_of(text, origin)
            if payer.name in found:
                raise SettingsError(f"{origin}: name: {found[payer.name][0]} has the same name")
            found[payer.name] = (origin, payer)
    return found


def _resolved(payer: PayerProfile, rulebook: Rulebook, settings: Settings, key: str) -> PayerProfile:
    """The profile with its rules by code."""
    rules: dict[str, str] = {}
    for word, verdict in payer.rules.items():
        code = _code_of(rulebook, settings, f"{key}.{word}", word)
        if code in GUIDE_RULES:
            raise settings.error(f"{key}.{word}", f"{code} is of the guide, which is the same for all payers")
        if code in HOUSE_RULES:
            raise settings.error(f"{key}.{word}", f"{code} is about files, not about the claims of a payer")
        rules[code] = verdict
    return payer._replace(rules=rules)


def _suppressions(rulebook: Rulebook, settings: Settings) -> Iterator[Suppression]:
    """The suppressions with their rules by code."""
    for number, one in enumerate(settings.suppressions):
        key = f"suppressions[{number}].rule"
        code = _code_of(rulebook, settings, key, one.rule)
        if code in GUIDE_RULES and GUIDE_RULES[code].incomplete:
            raise settings.error(key, f"{code} means that something was not checked, which is always reported")
        if code in HOUSE_RULES and code not in GUIDE_RULES:
            raise settings.error(key, f"{code} is not about claims; use ignore or per-file-ignores instead")
        yield replace(one, rule=code, origin=settings.origin, base=settings.base)


def _severities(rulebook: Rulebook, settings: Settings) -> Mapping[str, Severity]:
    found: dict[str, Severity] = {}
    for word, severity in settings.severity.items():
        key = f"severity.{word}"
        code = _code_of(rulebook, settings, key, word)
        if code in HOUSE_RULES and HOUSE_RULES[code].incomplete:
            raise settings.error(key, f"{code} means that something was not checked, which is always an error")
        if code in found:
            raise settings.error(key, f"{code} already has a severity")
        found[code] = Severity[severity.upper()]
    return found
