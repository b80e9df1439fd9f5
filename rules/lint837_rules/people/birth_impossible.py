"""PAT004: a birth date that cannot be the patient's."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from lint837 import Bad, Citation, Good, Problem, Severity, WholeClaim, day_of, rule

from lint837_rules.boxes import box

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
_OLDEST = 150  # years


@rule(
    "PAT004",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "Stedi, claim edits, 2025-12-11; CMS encounter checks of Medicare Advantage",
            "A birth date is not after the file or the first service, and not more than 150 years before.",
        ),
    ],
    good=[
        Good(_VISIT),
        Good(_VISIT, instead=(("D8*19500101", "D8*20260105"),), note="a newborn"),
    ],
    bad=[
        Bad(_VISIT, instead=(("D8*19500101", "D8*20260106"),), at="DMG02", line="", note="after the service"),
        Bad(_VISIT, instead=(("D8*19500101", "D8*18500101"),), at="DMG02", line="", note="176 years before"),
        Bad(_VISIT, dependent=True, instead=(("D8*19800101", "D8*20270101"),), at="DMG02", line=""),
    ],
)
def birth_impossible(claim: WholeClaim) -> Iterator[Problem]:
    """The patient was born after the first service, or more than 150 years before it.

    A birth date that cannot be right does not match the payer's record, and the claim is rejected. Enter the patient's
    birth date as the payer has it. A date that is not in the calendar is left to the guide check.
    """
    person = claim.dependent.entity("QC") if claim.dependent else claim.subscriber.entity("IL")
    row = person.one("DMG") if person else None
    first = claim.services.first if claim.services else claim.created
    if row is None or first is None or row.element(1) != "D8":
        return
    written = row.element(2)
    earliest, latest = _range(first)
    if len(written) == len(latest) and earliest <= written <= latest:
        return  # as of nearly all, whether it is in the calendar or not
    born = day_of(written)
    if born is None or not (born > first or born.year < first.year - _OLDEST):
        return
    yield Problem(
        where=row.at(2),
        found="a day after the service" if born > first else "a day long before the service",
        expected="the patient's birth date",
        message="The patient's birth date is {found}: it cannot be right.",
        correction="enter the patient's birth date as the payer has it ({box})",
        values={"box": box(claim, "birth date")},
    )


@lru_cache(4096)
def _range(first: date) -> tuple[str, str]:
    """The days on which a patient can be born whose first service is on a day, as CCYYMMDD."""
    return f"{max(first.year - _OLDEST, 0):04}0101", f"{first.year:04}{first.month:02}{first.day:02}"
