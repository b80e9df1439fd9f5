"""COB010: what a payer paid for a line is below 0, or no number."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.balance.adjudications import paid
from lint837_rules.balance.other_payers import DATE, DECIDED, OTHER, SECOND
from lint837_rules.boxes import box

_CLAIM = OTHER.format("AMT*D*60~", "")


@rule(
    "COB010",
    severity=Severity.ERROR,
    cites=[Citation("Stedi, claim edits, 2026", "SVD02 is a number, and not below 0.")],
    good=[
        Good(DECIDED + DATE, claim=_CLAIM, instead=SECOND),
        Good(
            DECIDED.replace("*60*", "*0*").replace("45*40", "45*100") + DATE,
            claim=OTHER.format("AMT*D*0~", ""),
            instead=SECOND,
            note="nothing was paid",
        ),
    ],
    bad=[
        Bad(
            DECIDED.replace("*60*", "*-60*").replace("45*40", "45*160") + DATE,
            claim=OTHER.format("AMT*D*-60~", ""),
            instead=SECOND,
            at="SVD02",
        ),
        Bad(DECIDED.replace("*60*", "*6O*") + DATE, claim=_CLAIM, instead=SECOND, at="SVD02", note="a letter"),
    ],
    only="other payers",
)
def line_paid_invalid(claim: WholeClaim) -> Iterator[Problem]:
    """What a payer paid for a line is below 0, or is not a number.

    A payer pays something or nothing. What it takes back is an adjustment of a later remittance, and the claim has what
    is true in the end. Enter what the payer paid, 0 for nothing.
    """
    for loops in claim.adjudications.values():
        for loop in loops:
            amount = paid(loop)
            if amount is None or amount < 0:
                yield Problem(
                    where=loop.first.at(2),
                    found="an amount below 0" if amount is not None else "no number",
                    expected="what the payer paid, 0 or more",
                    message="What the payer paid for the line (SVD02) is {found}.",
                    correction="enter what the payer paid for the line in SVD02, 0 if it paid nothing ({box})",
                    values={"box": box(claim, "paid by others")},
                )
