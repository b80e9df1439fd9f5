"""PRV002: an attending provider with the billing provider's NPI."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import provider_box

_LINE = "SV2*0510*HC:99213*100*UN*1~DTP*472*D8*20260105~"
_NAME = "NM1*71*1*ROE*ANN****XX*{}~"


@rule(
    "PRV002",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "Noridian JE A, returned to provider, reason code 17712",
            "The attending provider's NPI is that of a person, and not the facility's.",
        ),
    ],
    good=[
        Good(_LINE, guide="837I", filing_code="MA", claim=_NAME.format("1982604476")),
        Good(_LINE, guide="837I", filing_code="MA", claim="NM1*71*1*ROE*ANN~", note="no NPI"),
    ],
    bad=[
        Bad(_LINE, guide="837I", filing_code="MA", claim=_NAME.format("1234567893"), at="NM109", line=""),
        Bad(
            _LINE,
            guide="837I",
            filing_code="CI",
            claim=_NAME.format("1234567893"),
            at="NM109",
            line="",
            severity=Severity.WARNING,
            note="another payer",
        ),
    ],
    only="837I",
)
def attending_is_billing(claim: WholeClaim) -> Iterator[Problem]:
    """The attending provider of an 837I has the billing provider's NPI.

    The attending provider is the person who has the overall responsibility for the patient's care; the billing provider
    is the facility. Medicare returns a claim on which both have one NPI. Enter the NPI of the person. It is a warning
    to other payers.
    """
    attending, billing = claim.loop.entity("71"), claim.billing.entity("85")
    number = attending.first.element(9) if attending and attending.first.element(8) == "XX" else ""
    if not attending or not billing or not number or number != billing.first.element(9):
        return
    yield Problem(
        where=attending.first.at(9),
        found=Code(number) if number.isascii() and number.isdigit() and len(number) == 10 else "the same number",
        expected="the NPI of the person",
        message="The attending provider has the NPI of the billing provider, {found}.",
        correction="enter the NPI of the person who is responsible for the care ({box})",
        values={"box": provider_box(claim, "71")},
        severity=None if claim.filing_code in ("MA", "MB") else Severity.WARNING,
        once=number,
    )
