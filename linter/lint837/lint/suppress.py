"""Suppressions applied: which findings of an input they hide, and the findings on the suppressions themselves.

Nothing depends on the day of the run: a last day is compared with the date of service of the finding, or where that is
not known with the day on which the file was made.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from lint837.claims.claim import Claim
from lint837.files.path_pattern import PathPattern
from lint837.lint.finding import Finding, InputSummary, SuppressionUse, of_suppression
from lint837.rules.house import HOUSE_RULES, UsedSuppression
from lint837.rules.rule import Problem, Rule
from lint837.rules.rulebook import Rulebook
from lint837.rules.suppression import Suppression


class Ledger:
    """What the suppressions do in one input."""

    def __init__(self, suppressions: Sequence[Suppression], path: str, running: Iterable[Rule]) -> None:
        codes = {rule.code for rule in running}
        self._here = [
            (number, one)
            for number, one in enumerate(suppressions, 1)
            if one.rule in codes and (not one.match.path or PathPattern(one.match.path, one.base).matches(path))
        ]
        self._seen = {number for number, one in self._here if not one.match.is_of_claims}
        self._hidden: Counter[int] = Counter()
        self._expired: Counter[int] = Counter()

    def left(self, claim: Claim, findings: Iterable[Finding], rules: Iterable[Rule]) -> list[Finding]:
        """The findings of a claim that are reported. `rules` are those that were run on it."""
        if not self._here:
            return list(findings)
        codes = {rule.code for rule in rules}
        here = [(n, one) for n, one in self._here if one.rule in codes and one.match.fits_claim(claim)]
        for number, one in here:
            if number not in self._seen and any(one.match.fits_line(line) for line in claim.service_lines):
                self._seen.add(number)
        return [finding for finding in findings if finding.incomplete or not self._hides(claim, finding, here)]

    def _hides(self, claim: Claim, finding: Finding, here: Iterable[tuple[int, Suppression]]) -> bool:
        at = finding.location
        line = claim.service_lines[at.service_line_ordinal - 1] if at.service_line_ordinal else None
        day = line.period.last if line and line.period else claim.created
        those = [
            (number, one)
            for number, one in here
            if one.rule == finding.rule
            and one.match.fits_line(line)
            and (not one.match.fingerprints or finding.fingerprint in one.match.fingerprints)
        ]
        for number, one in those:
            if day and day <= one.last_day:
                self._hidden[number] += 1
                return True
        self._expired.update(number for number, _ in those if day)
        return False

    @property
    def uses(self) -> tuple[SuppressionUse, ...]:
        """What each suppression did that is for something in the input."""
        return tuple(SuppressionUse(n, self._hidden[n], self._expired[n]) for n in sorted(self._seen))


def notes(rulebook: Rulebook, inputs: Sequence[InputSummary]) -> Iterator[Finding]:
    """The findings on the suppressions of a rulebook: one that is past its last day for a finding; and one that hid
    nothing although something that it covers was checked, if everything in the inputs could be checked.
    """
    complete = all(item.complete for item in inputs)
    for use in SuppressionUse.added(item.suppressions for item in inputs):
        one = rulebook.suppressions[use.number - 1]
        if not use.expired and not complete:
            continue
        used = UsedSuppression(one.rule, one.last_day, use.hidden, use.expired)
        for code in ("CFG001", "CFG002"):
            rule = HOUSE_RULES[code]
            severity = rulebook.severities.get(code, rule.severity)
            for problem in rule.check(used):
                if isinstance(problem, Problem):
                    identity = f"{one.rule}|{one.match}|{one.last_day}"
                    yield of_suppression(rule, problem, severity, (one.origin, one.line), identity)
