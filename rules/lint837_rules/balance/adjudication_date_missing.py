"""COB004: an earlier payer's decision without its date."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, OtherPayer, Place, Problem, Severity, WholeClaim, rule

from lint837_rules.balance.adjudications import of_lines
from lint837_rules.boxes import box

_OTHER = "SBR*P*18*******CI~{}OI***Y***Y~NM1*IL*1*DOE*JANE****MI*A1~NM1*PR*2*OTHER*****PI*99999~{}"
_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
_DECIDED = f"{_VISIT}SVD*99999*60*HC:99213**1~CAS*CO*45*40~"
_DATE = "DTP*573*D8*20260110~"
_SECOND = (("SBR*P*18*******MB", "SBR*S*18*******MB"),)


@rule(
    "COB004",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "Stedi, claim edits, 2026", "A payer that decided has an adjudication date, at the claim or the lines."
        ),
        Citation("PM Help Center, rejections", "An invalid date of the primary payer's decision is rejected."),
    ],
    good=[
        Good(_VISIT, claim=_OTHER.format("AMT*D*60~", _DATE), instead=_SECOND),
        Good(_DECIDED + _DATE, claim=_OTHER.format("AMT*D*60~", ""), instead=_SECOND),
        Good(_VISIT, claim=_OTHER.format("", ""), instead=_SECOND, note="nothing was decided"),
    ],
    bad=[
        Bad(_VISIT, claim=_OTHER.format("AMT*D*60~", ""), instead=_SECOND, at="", line=""),
        Bad(_DECIDED, claim=_OTHER.format("AMT*D*60~", ""), instead=_SECOND, at=""),
    ],
    only="other payers",
)
def adjudication_date_missing(claim: WholeClaim) -> Iterator[Problem]:
    """An earlier payer decided on the claim, and no date says when.

    A payer that paid or adjusted (AMT*D, CAS, SVD) has the date of its remittance in DTP*573: in loop 2330B, or in each
    of its loops 2430. Without it the next payer rejects the claim. A payer is an earlier one where its SBR01 comes
    before that of the claim's own payer.
    """
    for other in claim.earlier_payers:
        where = _undated(claim, other)
        if where:
            yield Problem(
                where=where,
                found="no DTP*573",
                expected="the date of that payer's remittance",
                message="The earlier payer decided on the claim, but no DTP*573 says when.",
                correction="enter the date of that payer's remittance in DTP*573, once for the claim or on each line "
                "({box})",
                values={"box": box(claim, "paid by others")},
            )


def _undated(claim: WholeClaim, other: OtherPayer) -> Place | None:
    """Where the date of a payer's decision is missing."""
    if other.adjudicated:
        return None
    loops = of_lines(claim, other)
    if loops:
        return next((loop.first.at() for loop in loops if not loop.one("DTP", "573")), None)
    if not (other.paid or other.one("CAS")):
        return None
    payer = other.entity("PR")
    return (payer or other).first.at()
