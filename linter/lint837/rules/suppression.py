"""Suppressions as data: findings that somebody has looked at and decided to accept, until a day."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from lint837.claims.claim import Claim, ServiceLine


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
        yield item.known[1].digits if item.known else item.ndc
