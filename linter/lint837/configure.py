"""Settings applied: the rulebook that a configuration and the command line's words ask for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from lint837.discover import shown
from lint837.engine import Rulebook, UnknownRuleError, installed_packages, load_rulebook
from lint837.envelope_rules import ENVELOPE_RULES
from lint837.path_pattern import PathPattern
from lint837.rule import Severity
from lint837.settings import Settings, nearest


def loaded(settings: Settings, facts: Iterable[str] = ()) -> Rulebook:
    """The rules and facts that a configuration names, and further facts files. Raises SettingsError where a rule
    package is not installed, RuleError and FactsError as `load_rulebook` does.
    """
    installed = installed_packages()
    for number, name in enumerate(settings.rule_packages or ()):
        if name not in installed:
            known = nearest(name, installed) or f"; installed are {', '.join(installed)}"
            raise settings.error(f"rule-packages[{number}]", f"{name} is no rule package that is installed{known}")
    own = [shown(settings.base / path) for path in settings.facts]
    return load_rulebook(facts=[*own, *facts], packages=settings.rule_packages)


def configured(
    rulebook: Rulebook, settings: Settings, select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> Rulebook:
    """The rulebook as a configuration wants it. `select` and `ignore` are the command line's, which goes before: its
    `select` takes the place of the configuration's, and a rule that it names by code or name runs though the
    configuration ignores it; its `ignore` is added.

    Raises SettingsError where the configuration names no rule, UnknownRuleError for a word of the command line.
    """
    _codes(rulebook, settings, "select", settings.select)
    own_ignore = _codes(rulebook, settings, "ignore", settings.ignore)
    chosen = rulebook.narrowed(select or settings.select, ignore).chosen
    named = {code for code, name in rulebook.names.items() if not {code, name}.isdisjoint(select)}
    ignored_in = tuple(
        (PathPattern(pattern, settings.base), _codes(rulebook, settings, f'per-file-ignores."{pattern}"', words))
        for pattern, words in settings.per_file_ignores.items()
    )
    return replace(
        rulebook,
        chosen=chosen - (own_ignore - named),
        severities=_severities(rulebook, settings),
        ignored_in=ignored_in,
    )


def _codes(rulebook: Rulebook, settings: Settings, key: str, words: Sequence[str]) -> frozenset[str]:
    """The codes that a list of the configuration names."""
    found: set[str] = set()
    for number, word in enumerate(words):
        try:
            found |= rulebook.codes_of([word])
        except UnknownRuleError as error:
            raise settings.error(f"{key}[{number}]", f"{error}{near(word, rulebook)}") from None
    return frozenset(found)


def code_of(rulebook: Rulebook, settings: Settings, key: str, word: str) -> str:
    """The code of the rule that a word of the configuration names, by code or name."""
    for code, name in rulebook.names.items():
        if word.upper() == code or word.lower() == name:
            return code
    raise settings.error(key, f"{word!r} is no rule's code or name{near(word, rulebook)}")


def near(word: str, rulebook: Rulebook) -> str:
    """A question after the rule that a mistyped word may mean."""
    return nearest(word, [*rulebook.names, *rulebook.names.values()])


def _severities(rulebook: Rulebook, settings: Settings) -> Mapping[str, Severity]:
    found: dict[str, Severity] = {}
    for word, severity in settings.severity.items():
        key = f"severity.{word}"
        code = code_of(rulebook, settings, key, word)
        if code in ENVELOPE_RULES and ENVELOPE_RULES[code].incomplete:
            raise settings.error(key, f"{code} always means that something was not checked, which is an error")
        if code in found:
            raise settings.error(key, f"{code} has a severity already")
        found[code] = Severity[severity.upper()]
    return found
