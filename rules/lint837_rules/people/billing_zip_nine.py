"""ADR001: a billing provider without a nine-digit ZIP code."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.people.zip_codes import zip_problem

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
    is taken. Where the pay-to address is the same and has all nine, they are known. Addresses in other countries and
    predeterminations are not checked. Each address is reported once a file.
    """
    if claim.is_predetermination:
        return
    billing = claim.billing.entity("85")
    if billing:
        yield from zip_problem(claim, billing, "billing provider", claim.billing.entities)
