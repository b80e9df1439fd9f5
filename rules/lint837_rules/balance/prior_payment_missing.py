"""COB005: an earlier payer of which nothing says what it did."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.balance.adjudications import of_lines
from lint837_rules.balance.other_payers import DATE, DECIDED, OTHER, SECOND, VISIT
from lint837_rules.boxes import box


@rule(
    "COB005",
    severity=Severity.WARNING,
    cites=[
        Citation(
            "UnitedHealthcare, EDI claim edits; CMS encounter checks of Medicare Advantage",
            "A claim to a second payer says what the first one paid or adjusted.",
        ),
    ],
    good=[
        Good(VISIT, claim=OTHER.format("AMT*D*100~", DATE), instead=SECOND),
        Good(DECIDED + DATE, claim=OTHER.format("AMT*D*60~", ""), instead=SECOND),
        Good(VISIT, claim=OTHER.format("", "").replace("SBR*P*18", "SBR*S*18"), note="a payer that comes later"),
    ],
    bad=[
        Bad(VISIT, claim=OTHER.format("", ""), instead=SECOND, at="SBR01", line=""),
    ],
    yields_to=[("COB007", "claim")],
    only="other payers",
)
def prior_payment_missing(claim: WholeClaim) -> Iterator[Problem]:
    """Nothing says what an earlier payer paid or adjusted.

    A second payer decides by what the first one did: what it paid (AMT*D), and what it adjusted at the claim (CAS) or
    on the lines (SVD). Enter it from the remittance advice. It is a warning, since a payer that never took the claim in
    has no remittance.
    """
    for other in claim.earlier_payers:
        if not (other.paid or other.one("CAS") or of_lines(claim, other)):
            yield Problem(
                where=other.first.at(1),
                found="no AMT*D, CAS or SVD",
                expected="what that payer paid and adjusted",
                message="Nothing says what the earlier payer of the claim paid or adjusted.",
                correction="enter what that payer paid in AMT*D, and what it adjusted in CAS, as its remittance advice "
                "has it ({box})",
                values={"box": box(claim, "paid by others")},
            )
