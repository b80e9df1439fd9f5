"""Suppressions: findings that somebody has looked at and decided to live with, until a day.

Nothing depends on the day of the run: a last day is compared with the date of service of the finding, or where that is
not known with the day on which the file was made.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from lint837.claims.claim import Claim, ServiceLine
from lint837.files.path_pattern import PathPattern
from lint837.lint.finding import Finding, SuppressionUse, fingerprint_of
from lint837.rules.envelope import ENVELOPE_RULES
from lint837.rules.rule import Rule, Severity
from lint837.rules.values import counted

UNUSED, EXPIRED = "CFG001", "CFG002"


@dataclass(frozen=True, slots=True)
class Match:
    """Which findings of its rule a suppression is for: all that is given must agree. Nothing here names a person: a
    single finding is told by its fingerprint and the path of its file, never by CLM01.

    path: a pattern, as of per-file ignores; payer_ids: NM109; filing_codes: SBR09; codes: procedure codes; ndcs: eleven
    digits, whatever the written form on the line; fingerprints: as in the JSON report.
    """

    path: str = ""
    payer_ids: tuple[str, ...] = ()
    filing_codes: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    ndcs: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()

    @property
    def is_of_claims(self) -> bool:
        """Whether it asks for anything of a claim or a line."""
        return bool(self.payer_ids or self.filing_codes or self.codes or self.ndcs)

    def fits_claim(self, claim: Claim) -> bool:
        """Whether a claim is one that it is for."""
        return _is_one_of(self.payer_ids, lambda: claim.payer_id) and _is_one_of(
            self.filing_codes, lambda: claim.claim_filing_code
        )

    def fits_line(self, line: ServiceLine | None) -> bool:
        """Whether a line is one that it is for; None is a finding on no line."""
        if line is None or not (self.codes or self.ndcs):
            return not (self.codes or self.ndcs)
        return (not self.codes or line.procedure_code in self.codes) and (
            not self.ndcs or any(ndc in self.ndcs for ndc in _ndcs_of(line))
        )


@dataclass(frozen=True, slots=True)
class Suppression:
    """That findings of a rule are not reported, why, and the last date of service for which that is so. `origin` and
    `line`: where it stands; `base`: the folder from which its path is reckoned.
    """

    rule: str
    match: Match
    reason: str
    last_day: date
    origin: str = ""
    line: int = 1
    base: Path = field(default_factory=Path)


def _is_one_of(words: Sequence[str], value: Callable[[], str]) -> bool:
    """Whether a value is one of the words, in any letter case, or there are none. Who pays is not asked in vain."""
    return not words or value().upper() in map(str.upper, words)


def _ndcs_of(line: ServiceLine) -> Iterator[str]:
    """The NDCs of a line, in eleven digits where they are known."""
    for item in line.drug_identifications:
        known = line.claim.formulary.by_ndc(item.ndc) if item.ndc else None
        yield known[1].digits if known else item.ndc


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
        line = claim.service_lines[finding.service_line_ordinal - 1] if finding.service_line_ordinal else None
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


def added(uses: Iterable[Iterable[SuppressionUse]]) -> tuple[SuppressionUse, ...]:
    """What suppressions did in several inputs, or in several parts of one."""
    hidden: Counter[int] = Counter()
    expired: Counter[int] = Counter()
    for use in (use for some in uses for use in some):
        hidden[use.number] += use.hidden
        expired[use.number] += use.expired
    return tuple(SuppressionUse(number, hidden[number], expired[number]) for number in sorted(hidden))


def notes(
    suppressions: Sequence[Suppression],
    uses: Iterable[SuppressionUse],
    severities: Mapping[str, Severity],
    *,
    complete: bool,
) -> Iterator[Finding]:
    """The findings on the suppressions themselves: one that is past its last day for a finding, and, where everything
    could be checked, one that hid nothing though something that it is for was checked.
    """
    for use in uses:
        one = suppressions[use.number - 1]
        if use.expired:
            later = f"{counted(use.expired, 'later finding')} {'is' if use.expired == 1 else 'are'} reported"
            yield _note(
                EXPIRED,
                one,
                severities,
                message=f"The suppression of {one.rule} ended {one.last_day}; {later}.",
                found=str(one.last_day),
                expected="a last day that is not before the date of service",
                correction="look at the findings again; then give it a later last day, or remove it",
            )
        elif not use.hidden and complete:
            yield _note(
                UNUSED,
                one,
                severities,
                message=f"The suppression of {one.rule} hid nothing, though something that it is for was checked.",
                found="no finding",
                expected="a finding that it is for",
                correction="remove it, or correct what it is for",
            )


def _note(
    code: str,
    one: Suppression,
    severities: Mapping[str, Severity],
    *,
    message: str,
    found: str,
    expected: str,
    correction: str,
) -> Finding:
    rule = ENVELOPE_RULES[code]
    return Finding(
        rule=code,
        name=rule.name,
        severity=severities.get(code, rule.severity),
        message=message,
        found=found,
        expected=expected,
        correction=correction,
        path=one.origin,
        line=one.line,
        column=1,
        offset=0,
        fingerprint=fingerprint_of(code, one.rule, one.match, one.last_day),
    )
