"""ADR001: a billing provider or facility without a nine-digit ZIP code."""

import re
from collections.abc import Iterator

from lint837 import Bad, Citation, Edit, Fix, Good, Loop, Problem, Row, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
_RIGHT = "N3*1 MAIN ST~N4*AUSTIN*TX*787010000"
_SHORT = _RIGHT.removesuffix("0000")
_FACILITY = "NM1*77*2*CLINIC~N3*2 OAK ST~N4*AUSTIN*TX*{}~"


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
        Bad(_VISIT, claim=_FACILITY.format("78701"), at="N403", line="", severity=Severity.WARNING, note="a facility"),
        Bad(_VISIT, instead=((_RIGHT, _SHORT + "-0123"),), at="N403", line="", note="a hyphen"),
    ],
)
def billing_zip_nine(claim: WholeClaim) -> Iterator[Problem]:
    """The ZIP code of the billing provider or the facility does not have nine digits.

    The address of the billing provider (2010AA) and of the service facility needs the ZIP code with its last four
    digits. Front ends reject a billing provider's without them; for a facility it is a warning, and in a test
    interchange (ISA15 is T) for information. A ZIP code that ends in 0000, 9998 or 9999 is taken. Addresses in other
    countries and predeterminations are not checked. Each address is reported once a file.
    """
    if claim.is_predetermination:
        return
    billing = claim.billing.entity("85")
    loops = [billing] if billing else []
    loops += (one for one in claim.loop.entities if one.first.element(1) == "77")
    loops += (one for line in claim.lines for one in line.entities if one.first.element(1) == "77")
    for loop in loops:
        row = loop.one("N4")
        if row and row.element(4) in ("", "US") and not re.fullmatch("[0-9]{9}", row.element(3), re.ASCII):
            yield _problem(claim, loop, row, of_billing=loop is billing)


def _problem(claim: WholeClaim, loop: Loop, row: Row, *, of_billing: bool) -> Problem:
    written = row.element(3)
    digits = re.sub("[ -]", "", written)
    whole = bool(re.fullmatch("[0-9]{9}", digits, re.ASCII))
    lowered = None if of_billing else Severity.WARNING
    return Problem(
        where=row.at(3),
        found="hyphens or blanks" if whole else f"{len(written)} characters" if written else "nothing",
        expected="nine digits",
        message="The ZIP code of the {whose} has {what}, not nine digits.",
        correction="remove the hyphen or blank ({box})"
        if whole
        else "enter the ZIP code with its last four digits ({box})",
        values={
            "whose": "billing provider" if of_billing else "service facility",
            "what": "a hyphen or blank" if whole else f"{len(written)} characters",
            "box": box(claim, "billing address" if of_billing else "facility address"),
        },
        fixes=[Fix((Edit(row.at(3), digits),), safe=True)] if whole else [],
        severity=Severity.INFO if claim.is_test else lowered,
        once=f"{of_billing} {[one.texts for one in (*loop.all('N3'), row)]} {loop.first.element(9)}",
    )
