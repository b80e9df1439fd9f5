"""BAL002: a claim that charges nothing, or less."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_LINE = "SV1*HC:99213*{}*UN*1***1~DTP*472*D8*20260105~"
_VACCINE = "SV1*HC:90686:SL*0*UN*1***1~DTP*472*D8*20260105~"
_FROM_THE_STATE, _NON_PAYMENT = "SL", "0"


@rule(
    "BAL002",
    severity=Severity.ERROR,
    cites=[Citation("Stedi, claim edits, 2025-12-01", "A chargeable claim (BHT06 CH) must have a charge above 0.")],
    good=[
        Good(_LINE.format("100")),
        Good(_LINE.format("0"), purpose="RP", note="a report of an encounter"),
        Good(_VACCINE, note="a vaccine that the state supplied"),
    ],
    bad=[
        Bad(_LINE.format("0"), at="CLM02", line="", severity=Severity.WARNING),
        Bad(_LINE.format("-100"), at="CLM02", line=""),
    ],
    alike="bill",
)
def claim_charge_zero(claim: WholeClaim) -> Iterator[Problem]:
    """The claim's total charge is 0, or less.

    A payer has nothing to pay, and many reject the claim. Enter what was charged. If the claim only reports an
    encounter, send it with BHT06 RP. A charge of 0 is a warning; one below 0 is an error on any claim.

    A charge of 0 is not reported on an encounter, a predetermination, a non-payment bill (837I, frequency 0), and a
    claim with a vaccine that the state supplied (modifier SL).
    """
    charge = claim.charge
    if charge is None or charge > 0:
        return
    reports = claim.is_encounter or claim.is_predetermination
    if not charge and (reports or (claim.institutional and claim.frequency == _NON_PAYMENT) or _is_supplied(claim)):
        return
    yield Problem(
        where=claim.clm.at(2),
        found=charge,
        expected="a charge above 0",
        message="The claim's total charge is {found}.",
        correction="enter what was charged ({box}); if the claim only reports an encounter, send BHT06 RP",
        values={"box": box(claim, "total")},
        severity=None if charge else Severity.WARNING,
    )


def _is_supplied(claim: WholeClaim) -> bool:
    return any(_FROM_THE_STATE in line.modifiers for line in claim.lines)
