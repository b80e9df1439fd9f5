"""COB008: the date of one payer's decision both at the claim and on a line."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.balance.adjudications import of_lines
from lint837_rules.balance.other_payers import DATE, DECIDED, OTHER, SECOND
from lint837_rules.boxes import box

_AMOUNT = "AMT*D*60~"


@rule(
    "COB008",
    severity=Severity.WARNING,
    cites=[
        Citation("Stedi, claim edits, 2026-07-29", "A payer's date is at the claim or on its lines, and not at both."),
    ],
    good=[
        Good(DECIDED + DATE, claim=OTHER.format(_AMOUNT, ""), instead=SECOND),
        Good(DECIDED, claim=OTHER.format(_AMOUNT, DATE), instead=SECOND),
    ],
    bad=[
        Bad(DECIDED + DATE, claim=OTHER.format(_AMOUNT, DATE), instead=SECOND, at="DTP01", line=""),
    ],
    only="other payers",
)
def adjudication_date_twice(claim: WholeClaim) -> Iterator[Problem]:
    """The date of one payer's decision is both at the claim and on its lines.

    DTP*573 is in loop 2330B where the payer decided on the whole claim, and in loop 2430 where it decided line by line;
    the guides want one of the two. Some payers reject both. Remove the one at the claim.
    """
    for other in claim.others:
        if other.adjudicated and any(loop.one("DTP", "573") for loop in of_lines(claim, other)):
            yield Problem(
                where=other.adjudicated.at(1),
                found="a date at the claim and on a line",
                expected="one of the two",
                message="The payer has a DTP*573 at the claim (loop 2330B) and on a line (loop 2430).",
                correction="remove the one at the claim, if the lines have the payer's decision ({box})",
                values={"box": box(claim, "paid by others")},
            )
