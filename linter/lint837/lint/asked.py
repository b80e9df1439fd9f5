"""Which rules are asked about a claim: those that may have something to say of it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from lint837.claims.claim import Claim, ServiceLine
from lint837.claims.lazy import lazy
from lint837.claims.whole_claim import WholeClaim
from lint837.rules.rule import GUIDES, KINDS, QUIET, Rule

_T = TypeVar("_T")
_RIGHT = 65_536  # parts of claims
_FEW = 256  # kinds of claims

Target = tuple[type, str]  # the scope of a rule, and its `unless`
Targets = Mapping[Target, Sequence[Claim | ServiceLine]]


class Part(NamedTuple):
    """A part of claims, by its name in WholeClaim.keys: the rules that read nothing else, and the hashes of the keys
    that are right.
    """

    name: str
    rules: Sequence[Rule]
    right: set[int]

    def note(self, keys: Iterable[object]) -> None:
        """Note that the rules found nothing."""
        if len(self.right) >= _RIGHT:
            self.right.clear()
        self.right.update(map(hash, keys))


class Quiet:
    """Which parts of claims the rules that read nothing else have nothing to say of: as hashes, since a part may hold
    the number of a person.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        """`rules`: those about every claim."""
        self._rules = tuple(rules)
        self._parts: dict[tuple[object, ...], Sequence[Part]] = {}
        self._others: dict[tuple[object, ...], Sequence[Rule]] = {}

    def parts(self, whole: WholeClaim) -> Sequence[Part]:
        """The parts that claims such as this one have. What keys say depends on the guide and the delimiters."""
        kind = whole.guide, whole.delimiters
        parts = self._parts.get(kind)
        if parts is None:
            by_part: dict[str, list[Rule]] = {}
            for rule in self._rules:
                if rule.alike and rule.only not in GUIDES - {whole.guide}:
                    by_part.setdefault(rule.alike, []).append(rule)
            parts = [Part(name, rules, set()) for name, rules in by_part.items()]
            _keep(self._parts, kind, parts)
        return parts

    def others(self, whole: WholeClaim) -> Sequence[Rule]:
        """The rules that may read all of a claim, and are about claims such as this one."""
        kind = whole.guide, whole.has_others, whole.segment_ids
        rules = self._others.get(kind)
        if rules is None:
            about = {"", whole.guide, *whole.segment_ids, *(["other payers"] if whole.has_others else ())}
            rules = [rule for rule in self._rules if not rule.alike and not about.isdisjoint(_kinds_of(rule))]
            _keep(self._others, kind, rules)
        return rules


def _kinds_of(rule: Rule) -> Sequence[str]:
    """The kinds of claims that a rule is about, [""] for any."""
    return [rule.only] if rule.only in ("", *KINDS) else rule.only.split()


def _keep(known: dict[tuple[object, ...], _T], kind: tuple[object, ...], one: _T) -> None:
    if len(known) >= _FEW:
        known.clear()
    known[kind] = one


class Rules:
    """The rules that run on claims of a payer: those about drugs, and those about every claim, in their order."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """`rules`: of both kinds."""
        rules = tuple(rules)
        self.drugs = tuple(rule for rule in rules if not rule.group)
        self.every = tuple(rule for rule in rules if rule.group)
        # Those that compare claims: their checks read only lines that repeat those of other claims.
        self.comparing = tuple(rule for rule in self.drugs if rule.repeats)
        self.judging = tuple(rule for rule in self.drugs if not rule.repeats)
        kinds = {(rule.scope, rule.unless) for rule in self.judging}
        self._kinds = [
            (scope, [unless for unless in ("", *reversed(QUIET)) if (scope, unless) in kinds])
            for scope in dict.fromkeys(rule.scope for rule in self.judging)
        ]
        self._that_read: dict[tuple[object, ...], Sequence[Rule]] = {}
        self._only: dict[tuple[object, ...], Rules] = {}

    @lazy
    def quiet(self) -> Quiet:
        """What the rules about every claim have nothing to say of."""
        return Quiet(self.every)

    @lazy
    def pure(self) -> "Rules":
        """Those about drugs that promise to read no more of a claim than its normal form holds."""
        return Rules(rule for rule in self.drugs if rule.days is not None)

    def only(self, codes: frozenset[str]) -> "Rules":
        """Those of them about drugs that have these codes."""
        rules = self._only.get((codes,))
        if rules is None:
            rules = Rules(rule for rule in self.drugs if rule.code in codes)
            _keep(self._only, (codes,), rules)
        return rules

    def read(self, claim: Claim) -> Targets:
        """What the rules about drugs read of a claim."""
        found: dict[Target, Sequence[Claim | ServiceLine]] = {}
        for scope, properties in self._kinds:
            here = read_by(claim, scope)
            for unless in properties:
                if unless and here:  # what has a property has the weaker ones too, so these need not be asked for
                    here = [one for one in here if not getattr(one, unless)]
                found[scope, unless] = here
        return found

    def that_read(self, targets: Targets) -> Sequence[Rule]:
        """The rules about drugs that read something of a claim."""
        kind = tuple(map(bool, targets.values()))
        rules = self._that_read.get(kind)
        if rules is None:
            rules = [rule for rule in self.judging if targets[rule.scope, rule.unless]]
            _keep(self._that_read, kind, rules)
        return rules


def read_by(claim: Claim, scope: type, unless: str = "") -> Sequence[Claim | ServiceLine]:
    """What a rule with this scope reads, but for that of which it promises to find nothing."""
    every: Sequence[Claim | ServiceLine] = claim.drug_lines
    if scope is Claim:
        every = [claim]
    elif scope is ServiceLine:
        every = [line for line in claim.service_lines if line.is_plain or line.service]
    return [one for one in every if not getattr(one, unless)] if unless else every
