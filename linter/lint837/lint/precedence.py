"""Precedence: one cause, one finding. A rule declares to which rules it yields; the engine applies it here, so that no
rule calls another, and a rule that does not run silences nothing.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from lint837.claims.claim import Claim, DrugLine
from lint837.claims.days import Periods
from lint837.claims.segment import Period
from lint837.rules.rule import Problem, Rule, YieldsTo


class Found(NamedTuple):
    """A problem, and the rule that found it."""

    rule: Rule
    problem: Problem


class Yielded(NamedTuple):
    """A problem that is not reported, and the entry by which its rule yields."""

    found: Found
    to: YieldsTo


def resolve(claim: Claim, found: Sequence[Found]) -> tuple[list[Found], list[Yielded]]:
    """The problems of a claim that are reported, in their order, and those that yield to them. A problem that yields
    explains no other. Linear in the problems.
    """
    if len(found) < 2 or not any(one.rule.yields_to for one in found):
        return list(found), []
    by_rule: dict[str, list[Found]] = {}
    for one in found:
        by_rule.setdefault(one.rule.code, []).append(one)
    explanations: dict[tuple[str, str], _Lines] = {}
    kept: list[Found] = []
    yielded: list[Yielded] = []
    for code in _first_those_that_explain(by_rule):
        for one in by_rule[code]:
            to = next((entry for entry in one.rule.yields_to if _explains(entry, one, claim, explanations)), None)
            if to:
                yielded.append(Yielded(one, to))
                continue
            kept.append(one)
            for cause in {"", one.problem.cause}:
                explanations.setdefault((code, cause), _Lines()).add(claim, one.problem)
    remaining = {id(one) for one in kept}
    return [one for one in found if id(one) in remaining], yielded


def _first_those_that_explain(by_rule: dict[str, list[Found]]) -> list[str]:
    """The codes in an order in which each rule comes after those that it yields to; there is no circle."""
    ordered: dict[str, None] = {}

    def add(code: str) -> None:
        if code in by_rule and code not in ordered:
            for entry in by_rule[code][0].rule.yields_to:
                add(entry.rule)
            ordered[code] = None

    for code in by_rule:
        add(code)
    return list(ordered)


def _explains(entry: YieldsTo, one: Found, claim: Claim, explanations: dict[tuple[str, str], "_Lines"]) -> bool:
    lines = explanations.get((entry.rule, entry.cause))
    return lines is not None and lines.explain(entry.scope, claim, one.problem)


class _Lines:
    """The lines on which one rule found a problem."""

    def __init__(self) -> None:
        self._ordinals: set[int] = set()
        self._segments: set[int] = set()
        self._days: dict[str, set[date]] = {}
        self._undated: dict[str, list[Period | None]] = {}
        self._periods: dict[str, Periods] = {}

    def add(self, claim: Claim, problem: Problem) -> None:
        """Take a problem of the rule, before any is explained."""
        self._ordinals.add(problem.where.line if problem.where else 0)
        self._segments.add(problem.where.segment.ordinal if problem.where else 0)
        line = _drug_line(claim, problem)
        if line and line.day:
            self._days.setdefault(line.drug.name, set()).add(line.day)
        elif line:
            self._undated.setdefault(line.drug.name, []).append(line.line_period)

    def explain(self, scope: str, claim: Claim, problem: Problem) -> bool:
        """Whether one of them is in the segment or on the line of another rule's problem, on a line that this is
        related to, may be on its day, or is in its claim.
        """
        if scope == "segment":
            return problem.where is not None and problem.where.segment.ordinal in self._segments
        ordinal = problem.where.line if problem.where else 0
        if scope == "claim" or (ordinal and ordinal in self._ordinals):
            return True
        if scope == "related":
            return any(one.where.line and one.where.line in self._ordinals for one in problem.related)
        line = _drug_line(claim, problem)
        if scope == "line" or line is None:
            return False
        drug = line.drug.name
        if line.day in self._days.get(drug, ()):
            return True
        if drug not in self._periods:
            days = (Period(day, day) for day in self._days.get(drug, ()))
            self._periods[drug] = Periods([*days, *self._undated.get(drug, ())])
        return self._periods[drug].meet(Period(line.day, line.day) if line.day else line.line_period)


def _drug_line(claim: Claim, problem: Problem) -> DrugLine | None:
    line = claim.line(problem.where.line) if problem.where else None
    return line if isinstance(line, DrugLine) else None
