"""BAL001: a claim's charge that is not the sum of its lines."""

from collections.abc import Iterator
from decimal import Decimal

from lint837 import Bad, Good, LineLoop, Problem, Related, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_TWO = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~SV1*HC:36415*12.50*UN*1***1~DTP*472*D8*20260105~"
_TOTAL_LINE = "0001"  # the revenue code of the total of a paper form


@rule(
    "BAL001",
    severity=Severity.ERROR,
    cites=["uhc-snip", "ma-encounters"],
    good=[
        Good(_TWO, note="the sum"),
        Good(_TWO, instead=(("*112.5*", "*0112.50*"),), note="written in another way"),
        Good(_TWO.replace("12.50", "12,50"), instead=(("CLM*CLAIM-1*100*", "CLM*CLAIM-1*112.5*"),), note="no number"),
    ],
    bad=[
        Bad(_TWO, instead=(("CLM*CLAIM-1*112.5*", "CLM*CLAIM-1*112*"),), at="CLM02", line=""),
        Bad(_TWO.replace("12.50", "-12.50"), instead=(("*87.5*", "*112.5*"),), at="CLM02", line="", note="a credit"),
    ],
    alike="bill",
)
def claim_total_mismatch(claim: WholeClaim) -> Iterator[Problem]:
    """The claim's total charge is not the sum of its lines.

    Clearinghouses and payers add up the line charges (SV102 of an 837P, SV203 of an 837I) and reject the claim where
    CLM02 says another amount. Correct the total, or the line that is wrong or missing. Amounts are compared exactly.

    A claim of which an amount is not a number is not compared, nor one with a line without SV1 or SV2. An 837I line
    with revenue code 0001 is the total of the paper form, and is left out of the sum.
    """
    charge = claim.charge
    if charge is None or not claim.lines:
        return
    total = Decimal(0)
    for line in claim.lines:
        if line.charge is None:
            return
        if not _is_total(line):
            total += line.charge
    if total != charge:
        first = claim.lines[0]
        yield Problem(
            where=claim.clm.at(2),
            found=charge,
            expected=total,
            message="The claim's total charge is {found}, but its lines add up to {expected}.",
            correction="change CLM02 to {expected} ({total_box}), or correct the line that is wrong ({line_box})",
            values={"total_box": box(claim, "total"), "line_box": box(claim, "charge")},
            related=[Related(first.at_service(2), "the first line's charge")],
        )


def _is_total(line: LineLoop) -> bool:
    service = line.service
    return line.institutional and service is not None and service.element(1) == _TOTAL_LINE
