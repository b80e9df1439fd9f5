"""ADR001: a billing provider without a nine-digit ZIP code."""

import re
from collections.abc import Iterator

from lint837 import Bad, Citation, Edit, Fix, Good, Loop, Problem, Row, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
_RIGHT = "N3*1 MAIN ST~N4*AUSTIN*TX*787010000"
_SHORT = _RIGHT.removesuffix("0000")


@rule(
    "ADR001",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "TotalMD and Prime Clinical, 277CA codes and solutions (2012-01)",
            "A billing provider's ZIP code needs all nine digits; one of five is the most common rejection.",
        ),
        Citation("837 guides 005010X222A1 and 005010X223A2, N403", "The ZIP code of a provider in the United States."),
    ],
    good=[
        Good(_VISIT, note="0000, as CMS writes where the last four digits are not known"),
        Good(_VISIT, instead=((_RIGHT, "N3*1 MAIN ST~N4*TORONTO*ON*M5V 3L9*CA"),), note="another country"),
    ],
    bad=[
        Bad(_VISIT, instead=((_RIGHT, _SHORT),), at="N403", line=""),
        Bad(_VISIT, instead=((_RIGHT, _SHORT + "-0123"),), at="N403", line="", note="a hyphen"),
    ],
    alike="billing",
)
def billing_zip_nine(claim: WholeClaim) -> Iterator[Problem]:
    """The ZIP code of the billing provider does not have nine digits.

    The address of the billing provider (2010AA) needs the ZIP code with its last four digits, and front ends reject one
    without them. In a test interchange (ISA15 is T) it is for information. A ZIP code that ends in 0000, 9998 or 9999
    is taken. Addresses in other
    countries and predeterminations are not checked. Each address is reported once a file.
    """
    if claim.is_predetermination:
        return
    billing = claim.billing.entity("85")
    if billing:
        yield from zip_problem(claim, billing, "billing provider")


def zip_problem(claim: WholeClaim, loop: Loop, whose: str) -> Iterator[Problem]:
    """What is wrong with the ZIP code of a loop of a name, if anything; `whose`: in words."""
    row = loop.one("N4")
    if row and row.element(4) in ("", "US") and not re.fullmatch("[0-9]{9}", row.element(3), re.ASCII):
        yield _problem(claim, loop, row, whose)


def _problem(claim: WholeClaim, loop: Loop, row: Row, whose: str) -> Problem:
    written = row.element(3)
    digits = re.sub("[ -]", "", written)
    whole = bool(re.fullmatch("[0-9]{9}", digits, re.ASCII))
    return Problem(
        where=row.at(3),
        found="hyphens or blanks" if whole else f"{len(written)} characters" if written else "nothing",
        expected="nine digits",
        message="The ZIP code of the {whose} has {what}, not nine digits.",
        correction="remove the hyphen or blank ({box})"
        if whole
        else "enter the ZIP code with its last four digits ({box})",
        values={
            "whose": whose,
            "what": "a hyphen or blank" if whole else f"{len(written)} characters",
            "box": box(claim, "billing address" if whose == "billing provider" else "facility address"),
        },
        fixes=[Fix((Edit(row.at(3), digits),), safe=True)] if whole else [],
        severity=Severity.INFO if claim.is_test else None,
        once=f"{[one.texts for one in (*loop.all('N3'), row)]} {loop.first.element(9)}",
    )
