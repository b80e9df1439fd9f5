"""The rulebook: rules and facts found and loaded, and which of them are run, at which severity, where."""

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from lint837.facts.drugs import Drug, FactsError, load_drug
from lint837.facts.formulary import Formulary
from lint837.facts.nearest import nearest
from lint837.facts.payers import NO_PROFILES, UNKNOWN_PAYER, PayerProfile, Profiles
from lint837.files.settings_file import SettingsFileError, head_of, text_of
from lint837.rules import plugins
from lint837.rules.house import HOUSE_RULES
from lint837.rules.rule import CLAIMS, Rule, RuleError, Severity
from lint837.rules.structure import GUIDE_RULES
from lint837.x12.prefilter import Prefilter

if TYPE_CHECKING:  # what only a configuration or a store brings; start-up time is a feature
    from lint837.facts.stored import StoredDrugs
    from lint837.files.path_pattern import PathPattern
    from lint837.rules.suppression import Suppression

ENTRY_POINTS = "lint837.rules"
GUIDE_CHECKS = OFF, DRUG_CLAIMS, ALL = "off", "drug-claims", "all"
DISTRIBUTION = "lint837"


class UnknownRuleError(ValueError):
    """A word that names no rule. The text names the nearest rule or group, if one is close."""


class Rulebook(NamedTuple):
    """The rules in the order of their codes, the program's own (ENV, INT, CFG) among them; the drugs that they are
    about; and how they are applied.

    chosen: the codes of the rules that run. An incomplete finding is always reported.
    hidden: of these, rules whose findings are not reported: they are ignored for the file.
    guide: which claims are checked against their implementation guide, one of GUIDE_CHECKS.
    claims: the group of rules about every claim runs, beside what is selected.
    severities: of plain cases, by code. ignored_in: rules that are hidden on some files.
    profiles: what is known of payers. optional: the rules that a profile may turn on.
    suppressions: findings that are not reported until a day.
    """

    rules: tuple[Rule, ...]
    formulary: Formulary
    chosen: frozenset[str]
    severities: Mapping[str, Severity] = {}
    ignored_in: "tuple[tuple[PathPattern, frozenset[str]], ...]" = ()
    profiles: Profiles = NO_PROFILES
    optional: frozenset[str] = frozenset()
    suppressions: "tuple[Suppression, ...]" = ()
    hidden: frozenset[str] = frozenset()
    guide: str = OFF
    claims: bool = False

    @property
    def claim_rules(self) -> tuple[Rule, ...]:
        """The rules that read claims, lines or drug lines."""
        return tuple(rule for rule in self.rules if rule.reads_claims)

    @property
    def drug_rules(self) -> tuple[Rule, ...]:
        """Those about drugs."""
        return tuple(rule for rule in self.claim_rules if not rule.group)

    @property
    def every_claim_rules(self) -> tuple[Rule, ...]:
        """Those about every claim, the group `claims`."""
        return tuple(rule for rule in self.claim_rules if rule.group)

    @property
    def names(self) -> dict[str, str]:
        """The name of every rule by its code."""
        return {rule.code: rule.name for rule in self.rules}

    @property
    def reported(self) -> frozenset[str]:
        """The codes of the rules whose findings are reported."""
        return self.chosen - self.hidden

    @property
    def verified_through(self) -> str:
        """The day through which every drug's facts were verified, "" without facts."""
        return min((drug.verified_through.isoformat() for drug in self.formulary.drugs), default="")

    def rule(self, code: str) -> Rule | None:
        """The rule with a code or a name, in any letter case."""
        return next((one for one in self.rules if code.upper() == one.code or code.lower() == one.name), None)

    def narrowed(self, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> "Rulebook":
        """The same with only the rules that `select` names (all but those about every claim, where it is empty) and
        `ignore` does not: by code, by the beginning of a code such as HCP, by name, or as a group, "claims". Raises
        UnknownRuleError.
        """
        ignored = self.codes_of(ignore)
        every = frozenset(rule.code for rule in self.rules if not rule.group)
        kept = self.codes_of(select) if select else every
        if self.claims:
            kept |= frozenset(self.names) - every
        kept -= ignored
        # A rule that is off by default must be named itself, not by the beginning of its code.
        kept -= {r.code for r in self.rules if not r.default and r.code not in select and r.name not in select}
        if self.guide == OFF:
            kept -= frozenset(GUIDE_RULES)
        return self._replace(chosen=kept)

    def codes_of(self, words: Iterable[str]) -> frozenset[str]:
        """The codes of the rules that words name: by code, by the beginning of a code, by name, or as a group. Raises
        UnknownRuleError for the first word that names none.
        """
        found: set[str] = set()
        for word in words:
            codes = [rule.code for rule in self.rules if _names(word, rule)]
            if not codes:
                raise UnknownRuleError(f"unknown rule {word!r}{self.nearest(word, groups=True)}")
            found.update(codes)
        return frozenset(found)

    def nearest(self, word: str, *, groups: bool = False) -> str:
        """A question to append to an error about a mistyped rule; "" where no rule is close. `groups`: beginnings of
        codes such as HCP too.
        """
        families = {CLAIMS, *(code.rstrip("0123456789") for code in self.names)} if groups else ()
        return nearest(word, [*self.names, *self.names.values(), *families])

    def for_file(self, path: str) -> "Rulebook":
        """The same with the rules that are ignored for a file hidden."""
        ignored = frozenset[str]().union(*(codes for pattern, codes in self.ignored_in if pattern.matches(path)))
        return self._replace(hidden=self.hidden | ignored) if ignored else self

    def rules_for(self, payer: PayerProfile) -> tuple[Rule, ...]:
        """The rules that run on the claims of a payer, with their severities. What is said of a rule for a payer goes
        before what is said of it for all. A hidden rule runs where another one yields to it.
        """
        found = []
        for rule in self.claim_rules:
            verdict = payer.rules.get(rule.code)
            turned_on = verdict not in (None, "off") and rule.code in self.optional
            if verdict != "off" and (turned_on or rule.code in self.chosen):
                own = Severity[verdict.upper()] if verdict and verdict != "on" else None
                severity = own or self.severities.get(rule.code)
                found.append(rule._replace(configured=severity) if severity else rule)
        if not self.hidden:
            return tuple(found)
        needed = {entry.rule for rule in found if rule.code not in self.hidden for entry in rule.yields_to}
        return tuple(rule for rule in found if rule.code not in self.hidden or rule.code in needed)

    @property
    def running(self) -> tuple[Rule, ...]:
        """The rules that run on any claim."""
        wanted = {rule.code for payer in (UNKNOWN_PAYER, *self.profiles.all) for rule in self.rules_for(payer)}
        return tuple(rule for rule in self.claim_rules if rule.code in wanted)

    @property
    def prefilter(self) -> Prefilter | None:
        """What is in every claim on which a running rule about drugs can find something, or that has a drug line; None
        where one of them may find something on any claim.
        """
        about_drugs = [rule.prefilter for rule in self.running if not rule.group]
        known = [texts for texts in about_drugs if texts is not None]
        return _prefilter(self.formulary, frozenset(chain(*known))) if len(known) == len(about_drugs) else None


def _names(word: str, rule: Rule) -> bool:
    return bool(word) and (rule.code.startswith(word.upper()) or word.lower() in (rule.name, rule.group))


# ---------------------------------------------------------------- loading


def load_rulebook(
    *, isolated: bool = False, facts: Iterable[str | Path] = (), only: Sequence[str] | None = None
) -> Rulebook:
    """The rules and facts of every installed rule package (entry-point group `lint837.rules`); with `isolated` only of
    the one that comes with lint837, with `only` of the packages that it names. `facts` are further facts files.
    Raises RuleError or FactsError where one cannot be used.
    """
    rules: dict[str, Rule] = dict(HOUSE_RULES)
    drugs: dict[str, Drug] = {}
    for point in plugins.entry_points(ENTRY_POINTS, DISTRIBUTION if isolated else ""):
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
            if not rule.reads_claims:
                raise RuleError(
                    f"rule {rule.code} ({rule.module}): its one parameter must be a DrugLine, a ServiceLine, a Claim "
                    "or a WholeClaim"
                )
            other = rules.setdefault(rule.code, rule)
            if other is not rule:
                owner = "lint837 itself" if other.code in HOUSE_RULES else other.module
                raise RuleError(f"rule {rule.code}: {rule.module} and {owner} both define it")
        for drug in _drugs_of(package):
            if drugs.setdefault(drug.name, drug) is not drug:
                raise RuleError(f"drug {drug.name}: two rule packages have facts of it")
    stored: StoredDrugs | None = None
    for path in facts:
        if _is_store(path):
            if stored:
                raise FactsError(f"{path}: only one store can be used; import all files into one")
            stored = _stored(path)
            continue
        try:
            text = text_of(Path(path))
        except SettingsFileError as error:
            raise FactsError(f"{path}: {error}") from None
        drug = load_drug(text, str(path))
        if drugs.setdefault(drug.name, drug) is not drug:
            raise FactsError(f"{path}: facts of {drug.name} are known already")
    ordered = tuple(rules[code] for code in sorted(rules))
    _check_precedence(rules)
    return Rulebook(ordered, Formulary(drugs.values(), stored), frozenset()).narrowed()


def _is_store(path: str | Path) -> bool:
    """Whether a path is that of a store, by its name or its first bytes; anything else is read as a facts file."""
    return str(path).endswith((".sqlite", ".db")) or head_of(Path(path), 6) == b"SQLite"


def _stored(path: str | Path) -> "StoredDrugs":
    from lint837.facts.store import Store, StoreError
    from lint837.facts.stored import StoredDrugs

    try:
        return StoredDrugs(Store(str(path)))
    except StoreError as error:
        raise FactsError(str(error)) from None


def _check_precedence(rules: Mapping[str, Rule]) -> None:
    """Raise RuleError where a rule yields to one that does not exist or that compares claims, or rules yield to each
    other in a circle. A code of a family that no installed package has may be that of an absent plug-in.
    """
    families = {code.rstrip("0123456789") for code in rules}
    for rule in rules.values():
        for entry in rule.yields_to:
            if entry.rule not in rules and entry.rule.rstrip("0123456789") in families:
                raise RuleError(f"rule {rule.code} ({rule.module}): it yields to {entry.rule}, which does not exist")
            if entry.rule in rules and rules[entry.rule].repeats:
                raise RuleError(f"rule {rule.code} ({rule.module}): it yields to {entry.rule}, which compares claims")
    for code in rules:
        circle = _circle(code, rules, ())
        if circle:
            raise RuleError(f"rules yield to each other in a circle: {' -> '.join(circle)}")


def _circle(code: str, rules: Mapping[str, Rule], path: tuple[str, ...]) -> tuple[str, ...]:
    if code in path:
        return (*path[path.index(code) :], code)
    targets = [entry.rule for entry in rules[code].yields_to if entry.rule in rules]
    return next((found for target in targets if (found := _circle(target, rules, (*path, code)))), ())


def installed_packages() -> list[str]:
    """The names of the rule packages that are installed."""
    return sorted({point.value for point in plugins.entry_points(ENTRY_POINTS)})


def _rules_of(package: ModuleType) -> Iterator[Rule]:
    """The rules of a package's modules, or of a single module."""
    for name in plugins.modules_of(package):
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, Rule) and value.module == name:
                yield value


def _drugs_of(package: ModuleType) -> Iterator[Drug]:
    """The drugs of the facts files, drugs/*.toml, of a package."""
    for name, text in plugins.files_of(package, "drugs", ".toml"):
        yield load_drug(text, f"{package.__name__}/drugs/{name}")


def failure(error: BaseException) -> str:
    """An exception's type and place in the program; its text may hold claim data and is not shown."""
    place, frame = "", error.__traceback__
    while frame:
        place = f" at {Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"
        frame = frame.tb_next
    return f"{type(error).__name__}{place}"


@lru_cache(16)  # of a small file, making it again would be an eighth of the time
def _prefilter(formulary: Formulary, texts: frozenset[str]) -> Prefilter | None:
    """The prefilter of the facts and of texts that rules look for."""
    drugs = formulary.drugs
    codes = {code.code for drug in drugs for code in drug.codes if code.is_product}
    # Every written form of an NDC holds the labeler as the FDA writes it.
    labelers = {package.ndc.partition("-")[0] for drug in drugs for package in drug.packages}
    unlisted = {code.code for drug in drugs for code in drug.codes if not code.is_product}
    clues = [clue for drug in drugs for clue in drug.named.clues]
    stored = formulary.stored
    family = stored.is_looked_for if stored else None
    prefilter = Prefilter(codes, labelers | texts, unlisted, clues, family)
    return prefilter if prefilter.usable else None
