"""PAY001: a replacement or void without the payer's number of the claim that it is for."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
_REPLACES, _VOIDS = "7", "8"


@rule(
    "PAY001",
    severity=Severity.ERROR,
    cites=[
        "rfi-1538",
        Citation(
            "TheraSoft, common rejections; Stedi, claim edits, December 2025", "Without the number it is rejected."
        ),
    ],
    good=[
        Good(_VISIT, frequency="7", filing_code="CI", claim="REF*F8*12345~"),
        Good(_VISIT, frequency="7", note="Medicare B: contractors correct claims by reopening them"),
    ],
    bad=[
        Bad(_VISIT, frequency="7", filing_code="CI", at="CLM05-3", line=""),
        Bad(_VISIT, frequency="8", filing_code="CI", at="CLM05-3", line="", note="a void, too"),
        Bad(_VISIT, frequency="7", filing_code="CI", claim="REF*F8~", at="CLM05-3", line="", note="an empty one"),
    ],
    yields_to=[("CLM004", "claim")],
    lowered=False,
    alike="bill",
)
def original_number_missing(claim: WholeClaim) -> Iterator[Problem]:
    """A replacement or void does not give the payer's number of the earlier claim.

    CLM05-3 says that the claim replaces (7) or voids (8) one that the payer has, and the payer finds that one by its
    own number (REF*F8). Without it the claim is rejected, or denied as a duplicate. Enter the number from the
    remittance advice. If the payer never took the claim in, send it as a first one, with frequency 1.

    A professional claim to Medicare B is not checked: its contractors correct claims by reopening them.
    """
    if claim.frequency not in (_REPLACES, _VOIDS) or (claim.filing_code == "MB" and not claim.institutional):
        return
    if any(row.element(2) for row in claim.loop.all("REF", "F8")):
        return
    yield Problem(
        where=claim.clm.at(5, 3),
        found=Code(claim.frequency),
        expected="REF*F8 with the payer's number of the earlier claim",
        message="Frequency {found} {does} an earlier claim, but no REF*F8 gives the payer's number of that claim.",
        correction="enter the payer's number of the claim that this one {does} in REF*F8 ({box}); if the payer has no "
        "earlier claim, send this one with frequency 1",
        values={
            "does": "replaces" if claim.frequency == _REPLACES else "voids",
            "box": box(claim, "original reference"),
        },
    )
