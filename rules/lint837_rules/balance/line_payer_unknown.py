"""COB007: a line's decision of a payer that the claim does not name."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.balance.other_payers import DATE, DECIDED, OTHER, SECOND
from lint837_rules.boxes import box

_AMOUNT = "AMT*D*60~"


@rule(
    "COB007",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "837P 005010X222A1 and 837I 005010X223A2, loop 2430, SVD01; CMS encounter checks of Medicare Advantage",
            "SVD01 is the id of a payer of the claim, NM109 of its loop 2330B.",
        ),
    ],
    good=[
        Good(DECIDED + DATE, claim=OTHER.format(_AMOUNT, ""), instead=SECOND),
        Good(
            DECIDED.replace("SVD*99999", "SVD*ab1") + DATE,
            claim=OTHER.format(_AMOUNT, "").replace("99999", "AB1"),
            instead=SECOND,
            note="letter case",
        ),
    ],
    bad=[
        Bad(
            DECIDED.replace("SVD*99999", "SVD*88888") + DATE,
            claim=OTHER.format(_AMOUNT, DATE),
            instead=SECOND,
            at="SVD01",
        ),
    ],
    only="other payers",
)
def line_payer_unknown(claim: WholeClaim) -> Iterator[Problem]:
    """A line has the decision of a payer that the claim does not name.

    SVD01 says whose decision it is, by the id that the payer has in its loop 2330B. With another id the next payer
    cannot tell who paid. Write the same id in both places.
    """
    known = {other.payer_id.upper() for other in claim.others}
    for payer, loops in claim.adjudications.items():
        if payer.upper() not in known:
            yield Problem(
                where=loops[0].first.at(1),
                found="another id",
                expected="the id of a payer in loop 2330B, NM109",
                message="SVD01 names a payer that no loop 2330B of the claim has.",
                correction="write the id of the payer whose decision it is in SVD01, as NM109 of its loop 2330B has it "
                "({box})",
                values={"box": box(claim, "paid by others")},
            )
