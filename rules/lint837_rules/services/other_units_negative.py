"""SVC009: units of a payer or a repricer that are below 0."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, Problem, Row, Severity, WholeClaim, amount_of, rule

_LINE = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
_PAID = "SVD*99999*60*HC:99213**{}~CAS*CO*45*40~DTP*573*D8*20260110~"
_PRICED = "HCP*10*80*20******HC*99213*UN*{}~"


@rule(
    "SVC009",
    severity=Severity.WARNING,
    cites=[
        Citation("Stedi, claim edits, 2026", "The units of a line are not below 0, nor those that a payer paid for."),
        "service-units",
    ],
    good=[
        Good(_LINE + _PAID.format("1")),
        Good(_LINE + _PRICED.format("0"), note="nothing was approved"),
    ],
    bad=[
        Bad(_LINE + _PAID.format("-1"), at="SVD05"),
        Bad(_LINE + _PRICED.format("-1"), at="HCP12"),
    ],
    only="HCP SVD",
)
def other_units_negative(claim: WholeClaim) -> Iterator[Problem]:
    """The units that another payer paid for, or that a repricer approved, are below 0.

    SVD05 is how many units a payer before this one paid for, HCP12 how many a repricer approved. Neither is below 0.
    """
    priced = b"HCP" in (claim.slice.data or b"")
    if not (priced or claim.has_adjudications):
        return
    for line in claim.lines:
        for row in line.all("HCP") if priced else ():
            yield from _problems(row, 12, "that were approved")
        for loop in line.adjudications:
            yield from _problems(loop.first, 5, "that a payer paid for")


def _problems(row: Row, element: int, which: str) -> Iterator[Problem]:
    units = amount_of(row.element(element))
    if units is not None and units < 0:
        yield Problem(
            where=row.at(element),
            found="a number below 0",
            expected="0 or more",
            message="The units {which} are {found}.",
            correction="enter the units as the remittance, or who priced the claim, has them",
            values={"which": which},
        )
