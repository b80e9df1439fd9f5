"""ADR003: a service facility without a nine-digit ZIP code."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.people.zip_codes import zip_problem

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
_PLACE = "NM1*77*2*CLINIC~N3*2 OAK ST~N4*AUSTIN*TX*{}~"
_FACILITY = "77"


@rule(
    "ADR003",
    severity=Severity.WARNING,
    cites=[
        Citation(
            "Prime Clinical, 277CA codes and solutions (2012-01)",
            "A facility's ZIP code without its last four digits is A7:500:77.",
        ),
    ],
    good=[
        Good(_VISIT, claim=_PLACE.format("787040000")),
        Good(_VISIT, claim="NM1*82*1*ROE*ANN****XX*1234567893~", note="no facility"),
    ],
    bad=[
        Bad(_VISIT, claim=_PLACE.format("78704"), at="N403", line=""),
        Bad(_VISIT + _PLACE.format("78704-0123"), at="N403", note="of a line"),
    ],
    only="N4",
)
def facility_zip_nine(claim: WholeClaim) -> Iterator[Problem]:
    """The ZIP code of the service facility does not have nine digits.

    The address of the service facility (2310C of an 837P, 2310E of an 837I, 2420C of a line) needs the ZIP code with
    its last four digits. Some payers reject one without them, so it is a warning; in a test interchange it is for
    information. Addresses in other countries and predeterminations are not checked. Each address is reported once a
    file.
    """
    if claim.is_predetermination:
        return
    loops = list(claim.loop.entities)
    for line in claim.lines:
        loops += line.entities
    for loop in loops:
        if loop.first.element(1) == _FACILITY:
            yield from zip_problem(claim, loop, "service facility", (*claim.billing.entities, *loops))
