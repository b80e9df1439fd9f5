"""COB002: a line of which an earlier payer's decision does not add up to the charge."""

from collections.abc import Iterator
from decimal import Decimal

from lint837 import Bad, Citation, Good, Loop, Problem, Severity, WholeClaim, rule

from lint837_rules.balance.adjudications import adjusted, by_payer, paid
from lint837_rules.balance.other_payers import DATE, OTHER, SECOND, VISIT
from lint837_rules.boxes import box

_PAID = OTHER.format("AMT*D*60~", "")
_LINE = f"{VISIT}SVD*99999*60*HC:99213**1{{}}~{{}}{DATE}"


@rule(
    "COB002",
    severity=Severity.ERROR,
    cites=["uhc-snip", Citation("Stedi, claim edits, 2026", "What a payer paid and adjusted is the line's charge.")],
    good=[
        Good(_LINE.format("", "CAS*CO*45*28**97*2~CAS*PR*1*10~"), claim=_PAID, instead=SECOND),
        Good(_LINE.format("*2", "CAS*CO*45*30~"), claim=_PAID, instead=SECOND, note="a bundled line (SVD06)"),
    ],
    bad=[
        Bad(_LINE.format("", "CAS*CO*45*30~"), claim=_PAID, instead=SECOND, at="SVD02"),
        Bad(_LINE.format("", "CAS*CO*45*30**97*11~"), claim=_PAID, instead=SECOND, at="SVD02", note="1 too much"),
    ],
    only="other payers",
)
def line_cob_unbalanced(claim: WholeClaim) -> Iterator[Problem]:
    """What an earlier payer paid and adjusted on a line is not the line's charge.

    For each payer that decided on a line, the amount paid (SVD02) and its adjustments (CAS) in loop 2430 must add up to
    the line's charge. Payers reject the claim where they do not. Copy both from the remittance advice of that payer.

    Several loops of one payer on a line are added up. A line that was bundled into another one (SVD06) is not checked,
    nor one of which an amount is not a number.
    """
    for line in claim.lines if claim.has_adjudications else ():
        for loops in by_payer(line).values():
            if line.charge is not None and not any(loop.first.element(6) for loop in loops):
                yield from _compared(claim, loops, line.charge)


def _compared(claim: WholeClaim, loops: list[Loop], charge: Decimal) -> Iterator[Problem]:
    total = Decimal(0)
    for loop in loops:
        amount, adjustments = paid(loop), adjusted(loop)
        if amount is None or adjustments is None:
            return
        total += amount + adjustments
    if total != charge:
        yield Problem(
            where=loops[0].first.at(2),
            found=total,
            expected=charge,
            message="What the earlier payer paid and adjusted on the line adds up to {found}, not to its charge of "
            "{expected}.",
            correction="make SVD02 and the CAS amounts of loop 2430 add up to the line's charge, as the remittance has "
            "them ({box})",
            values={"box": box(claim, "paid by others")},
        )
