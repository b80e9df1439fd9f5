"""COB004: an earlier payer's decision without its date."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, OtherPayer, Place, Problem, Severity, WholeClaim, rule

from lint837_rules.balance.adjudications import of_lines
from lint837_rules.balance.other_payers import DATE, DECIDED, OTHER, SECOND, VISIT
from lint837_rules.boxes import box


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
        Good(VISIT, claim=OTHER.format("AMT*D*60~", DATE), instead=SECOND),
        Good(DECIDED + DATE, claim=OTHER.format("AMT*D*60~", ""), instead=SECOND),
        Good(VISIT, claim=OTHER.format("", ""), instead=SECOND, note="nothing was decided"),
    ],
    bad=[
        Bad(VISIT, claim=OTHER.format("AMT*D*60~", ""), instead=SECOND, at="", line=""),
        Bad(DECIDED, claim=OTHER.format("AMT*D*60~", ""), instead=SECOND, at=""),
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
