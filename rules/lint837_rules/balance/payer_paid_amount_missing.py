"""COB006: an earlier payer's adjustments without what it paid."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.balance.adjudications import of_lines
from lint837_rules.balance.other_payers import DATE, DECIDED, OTHER, SECOND, VISIT
from lint837_rules.boxes import box


@rule(
    "COB006",
    severity=Severity.WARNING,
    cites=[
        Citation("CMS encounter checks of Medicare Advantage", "A payer that adjusted has its paid amount, AMT*D."),
    ],
    good=[
        Good(VISIT, claim=OTHER.format("CAS*CO*45*100~AMT*D*0~", DATE), instead=SECOND, note="it paid nothing"),
        Good(VISIT, claim=OTHER.format("", ""), instead=SECOND, also=("COB005",), note="COB005 speaks of it"),
    ],
    bad=[
        Bad(VISIT, claim=OTHER.format("CAS*CO*45*100~", DATE), instead=SECOND, at="SBR01", line=""),
        Bad(DECIDED + DATE, claim=OTHER.format("", ""), instead=SECOND, at="SBR01", line="", note="on a line only"),
    ],
    only="other payers",
)
def payer_paid_amount_missing(claim: WholeClaim) -> Iterator[Problem]:
    """An earlier payer adjusted the claim, and AMT*D does not say what it paid.

    AMT*D of loop 2320 is what the payer paid for the whole claim, also where it paid nothing (0) or its lines say what
    was paid for each. Enter it from the remittance advice.
    """
    for other in claim.earlier_payers:
        if not other.paid and (other.one("CAS") or of_lines(claim, other)):
            yield Problem(
                where=other.first.at(1),
                found="no AMT*D",
                expected="what that payer paid",
                message="The earlier payer adjusted the claim or its lines, but AMT*D does not say what it paid.",
                correction="enter what that payer paid for the claim in AMT*D, 0 if it paid nothing ({box})",
                values={"box": box(claim, "paid by others")},
            )
