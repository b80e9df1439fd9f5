"""COB009: what a patient still owes both at the claim and on a line."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.balance.adjudications import of_lines
from lint837_rules.balance.other_payers import DATE, DECIDED, OTHER, SECOND
from lint837_rules.boxes import box

_OWED = "AMT*EAF*40~"


@rule(
    "COB009",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "Stedi, claim edits, 2026-06-19",
            "The remaining liability is at the claim or on its lines, and not at both.",
        ),
    ],
    good=[
        Good(DECIDED + DATE, claim=OTHER.format(f"AMT*D*60~{_OWED}", ""), instead=SECOND),
        Good(DECIDED + DATE + _OWED, claim=OTHER.format("AMT*D*60~", ""), instead=SECOND),
    ],
    bad=[
        Bad(DECIDED + DATE + _OWED, claim=OTHER.format(f"AMT*D*60~{_OWED}", ""), instead=SECOND, at="AMT01", line=""),
    ],
    only="other payers",
)
def remaining_liability_twice(claim: WholeClaim) -> Iterator[Problem]:
    """What the patient still owes after a payer is both at the claim and on its lines.

    AMT*EAF is in loop 2320 for the whole claim, or in loop 2430 for each line. With both the next payer counts it
    twice, and rejects the claim. Remove the one at the claim.
    """
    for other in claim.others:
        owed = other.one("AMT", "EAF")
        if owed and any(loop.one("AMT", "EAF") for loop in of_lines(claim, other)):
            yield Problem(
                where=owed.at(1),
                found="an amount at the claim and on a line",
                expected="one of the two",
                message="The remaining liability (AMT*EAF) of one payer is at the claim and on a line.",
                correction="remove the one at the claim, if the lines have it ({box})",
                values={"box": box(claim, "paid by others")},
            )
