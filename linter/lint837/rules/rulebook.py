"""The rulebook: rules and facts found and loaded, and which of them are run, at which severity, where."""

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from lint837.facts.drugs import Drug, FactsError, Formulary, load_drug
from lint837.facts.payers import NO_PROFILES, UNKNOWN_PAYER, PayerProfile, Profiles
from lint837.rules import plugins as packages
from lint837.rules.house import HOUSE_RULES
from lint837.rules.rule import Rule, RuleError, Severity
from lint837.x12.prefilter import Prefilter

if TYPE_CHECKING:  # what only a configuration brings; start-up time is a feature
    from lint837.files.path_pattern import PathPattern
    from lint837.lint.suppress import Suppression

ENTRY_POINTS = "lint837.rules"
DISTRIBUTION = "lint837"


class UnknownRuleError(ValueError):
    """A word that is no rule's code or name, nor the beginning of a code."""

    def __init__(self, word: str) -> None:
        super().__init__(f"{word!r} is no rule, and no rule's code begins so")
        self.word = word


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules in the order of their codes, the drugs that they are about, and the codes of the rules that were chosen
    to run, the envelope's among them (an incomplete finding is always reported).

    What a configuration adds: severities of plain cases, by code; rules that are not run on some files; profiles of
    payers, and the codes of the rules that one of them may turn on; suppressions.
    """

    rules: tuple[Rule, ...]
    formulary: Formulary
    chosen: frozenset[str]
    severities: Mapping[str, Severity] = field(default_factory=dict)
    ignored_in: "tuple[tuple[PathPattern, frozenset[str]], ...]" = ()
    profiles: Profiles = NO_PROFILES
    optional: frozenset[str] = frozenset()
    suppressions: "tuple[Suppression, ...]" = ()

    @property
    def verified_through(self) -> str:
        """The day through which every drug's facts were verified, "" without facts."""
        return min((drug.verified_through.isoformat() for drug in self.formulary.drugs), default="")

    def narrowed(self, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> "Rulebook":
        """The same with only the rules that `select` names (all, where it is empty) and `ignore` does not: by code, by
        the beginning of a code such as HCP, or by name. An UnknownRuleError names what is no rule.
        """
        ignored = self.codes_of(ignore)
        kept = (self.codes_of(select) if select else frozenset(self.names)) - ignored
        # A rule that is off by default must be named itself, not by the beginning of its code.
        kept -= {r.code for r in self.rules if not r.default and r.code not in select and r.name not in select}
        return replace(self, chosen=kept)

    @property
    def names(self) -> dict[str, str]:
        """The name of every rule by its code, the envelope's among them."""
        return {rule.code: rule.name for rule in self.rules} | {c: r.name for c, r in HOUSE_RULES.items()}

    def codes_of(self, words: Iterable[str]) -> frozenset[str]:
        """The codes of the rules that words name: by code, by the beginning of a code, or by name. An UnknownRuleError
        names the first that is no rule.
        """
        found: set[str] = set()
        for word in words:
            codes = [code for code, name in self.names.items() if _names(word, code, name)]
            if not codes:
                raise UnknownRuleError(word)
            found.update(codes)
        return frozenset(found)

    def for_file(self, path: str) -> "Rulebook":
        """The same with the rules that are run on a file."""
        ignored = frozenset[str]().union(*(codes for pattern, codes in self.ignored_in if pattern.matches(path)))
        if not ignored:
            return self
        return replace(self, chosen=self.chosen - ignored, optional=self.optional - ignored)

    def rules_for(self, payer: PayerProfile) -> tuple[Rule, ...]:
        """The rules that are run on the claims of a payer, at their severities. What is said of a rule for a payer goes
        before what is said of it for all.
        """
        found = []
        for rule in self.rules:
            verdict = payer.rules.get(rule.code)
            turned_on = verdict not in (None, "off") and rule.code in self.optional
            if verdict != "off" and (turned_on or rule.code in self.chosen):
                own = Severity[verdict.upper()] if verdict and verdict != "on" else None
                severity = own or self.severities.get(rule.code)
                found.append(replace(rule, configured=severity) if severity else rule)
        return tuple(found)

    @property
    def running(self) -> tuple[Rule, ...]:
        """The rules that are run on any claim."""
        wanted = {rule.code for payer in (UNKNOWN_PAYER, *self.profiles.all) for rule in self.rules_for(payer)}
        return tuple(rule for rule in self.rules if rule.code in wanted)

    @property
    def prefilter(self) -> Prefilter | None:
        """What is in every claim on which a chosen rule can find something, or that has a drug line; None where a rule
        may find something on any claim.
        """
        texts: list[str] = []
        for rule in self.running:
            if rule.prefilter is None:
                return None
            texts += rule.prefilter
        drugs = self.formulary.drugs
        codes = {code.code for drug in drugs for code in drug.codes if code.is_product}
        # Every written form of an NDC holds the labeler as the FDA writes it.
        labelers = {package.ndc.partition("-")[0] for drug in drugs for package in drug.packages}
        names = {name for drug in drugs for name in drug.names}
        prefilter = Prefilter(codes, labelers | names | set(texts))
        return prefilter if prefilter.usable else None


def _names(word: str, code: str, name: str) -> bool:
    return bool(word) and (code.startswith(word.upper()) or name == word.lower())


# ---------------------------------------------------------------- loading


def load_rulebook(
    *, isolated: bool = False, facts: Iterable[str | Path] = (), only: Sequence[str] | None = None
) -> Rulebook:
    """The rules and facts of every installed rule package (entry-point group `lint837.rules`); with `isolated` only of
    the one that comes with lint837, with `only` of the packages that it names. `facts` are further facts files.
    Raises RuleError or FactsError where one cannot be used.
    """
    rules: dict[str, Rule] = {}
    drugs: dict[str, Drug] = {}
    for point in packages.entry_points(ENTRY_POINTS):
        if isolated and point.distribution != DISTRIBUTION:
            continue
        if only is not None and point.value not in only:
            continue
        try:
            package = importlib.import_module(point.value)
            found = list(_rules_of(package))
        except RuleError:
            raise
        except Exception as error:
            raise RuleError(f"rule package {point.value} cannot be imported: {failure(error)}") from error
        for rule in found:
            other = rules.setdefault(rule.code, rule)
            if other is not rule or rule.code in HOUSE_RULES:
                owner = other.module if other is not rule else "lint837 itself"
                raise RuleError(f"rule {rule.code}: {rule.module} and {owner} both define it")
        for drug in _drugs_of(package):
            if drugs.setdefault(drug.name, drug) is not drug:
                raise RuleError(f"drug {drug.name}: two rule packages have facts of it")
    for path in facts:
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise FactsError(f"{path}: {getattr(error, 'strerror', None) or 'not UTF-8 text'}") from None
        drug = load_drug(text, str(path))
        if drugs.setdefault(drug.name, drug) is not drug:
            raise FactsError(f"{path}: facts of {drug.name} are known already")
    ordered = tuple(rules[code] for code in sorted(rules))
    return Rulebook(ordered, Formulary(drugs.values()), frozenset()).narrowed()


def installed_packages() -> list[str]:
    """The names of the rule packages that are installed."""
    return sorted({point.value for point in packages.entry_points(ENTRY_POINTS)})


def _rules_of(package: ModuleType) -> Iterator[Rule]:
    """The rules of a package's modules, or of a single module."""
    for name in packages.modules_of(package):
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, Rule) and value.module == name:
                yield value


def _drugs_of(package: ModuleType) -> Iterator[Drug]:
    """The drugs of the facts files, drugs/*.toml, of a package."""
    for name, text in packages.files_of(package, "drugs", ".toml"):
        yield load_drug(text, f"{package.__name__}/drugs/{name}")


def failure(error: BaseException) -> str:
    """An exception's type and place in the program; its text may hold claim data and is not told."""
    place, frame = "", error.__traceback__
    while frame:
        place = f" at {Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"
        frame = frame.tb_next
    return f"{type(error).__name__}{place}"
