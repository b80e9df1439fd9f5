"""PAY002: a first claim with the payer's number of an earlier one."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"


@rule(
    "PAY002",
    severity=Severity.WARNING,
    cites=[
        Citation(
            "Stedi, claim edits, December 2025", "REF*F8 belongs to a replacement or void, and not to a first claim."
        ),
    ],
    good=[
        Good(_VISIT, filing_code="CI"),
        Good(_VISIT, frequency="7", filing_code="CI", claim="REF*F8*12345~"),
        Good(_VISIT, filing_code="CI", claim="REF*F8~", note="no number"),
    ],
    bad=[
        Bad(_VISIT, filing_code="CI", claim="REF*F8*12345~", at="REF02", line=""),
    ],
    alike="bill",
)
def original_number_unexpected(claim: WholeClaim) -> Iterator[Problem]:
    """A first claim has the payer's number of an earlier claim.

    REF*F8 names the claim that this one replaces or voids, but CLM05-3 is 1: a first claim. The payer may take it for a
    duplicate of the earlier one. Say which of the two it is. It is a warning, since some payers ask for the number with
    late charges.
    """
    if claim.frequency != "1":
        return
    for row in claim.loop.all("REF", "F8"):
        if row.element(2):
            yield Problem(
                where=row.at(2),
                found="the number of an earlier claim",
                expected="no REF*F8 with frequency 1",
                message="Frequency 1 is a first claim, but REF*F8 has the payer's number of an earlier one.",
                correction="if it replaces the earlier claim, enter frequency 7 ({frequency_box}); if it is a first "
                "claim, remove the number ({box})",
                values={"box": box(claim, "original reference"), "frequency_box": box(claim, "frequency")},
            )
            return
