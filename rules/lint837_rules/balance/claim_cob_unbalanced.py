"""COB003: a claim of which an earlier payer's decision does not add up to the charge."""

from collections.abc import Iterator
from decimal import Decimal

from lint837 import Bad, Citation, Good, OtherPayer, Problem, Severity, WholeClaim, amount_of, rule

from lint837_rules.balance.adjudications import adjusted, of_lines, paid
from lint837_rules.balance.other_payers import DATE, DECIDED, OTHER, SECOND, VISIT
from lint837_rules.boxes import box

_PAID = OTHER.format("{}AMT*D*{}~", "")


@rule(
    "COB003",
    severity=Severity.ERROR,
    cites=[
        "uhc-snip",
        Citation("Stedi, claim edits, 2026", "What a payer paid is what its lines say, less its claim adjustments."),
    ],
    good=[
        Good(VISIT, claim=_PAID.format("CAS*CO*45*40~", "60"), instead=SECOND),
        Good(DECIDED + DATE, claim=_PAID.format("", "60"), instead=SECOND),
        Good(VISIT, claim=_PAID.format("", "60"), instead=SECOND, note="no adjustment: its total is not known"),
    ],
    bad=[
        Bad(VISIT, claim=_PAID.format("CAS*CO*45*30~", "60"), instead=SECOND, at="AMT02", line=""),
        Bad(DECIDED + DATE, claim=_PAID.format("", "50"), instead=SECOND, at="AMT02", line=""),
    ],
    yields_to=[("COB002", "claim")],
    only="other payers",
)
def claim_cob_unbalanced(claim: WholeClaim) -> Iterator[Problem]:
    """What an earlier payer paid and adjusted is not the claim's charge.

    For each earlier payer by itself, the amount paid (AMT*D in loop 2320), its adjustments of the claim (CAS in loop
    2320) and of the lines (CAS in loop 2430) must add up to the total charge; and the amount paid must be the sum of
    the lines' SVD02, less the adjustments of the claim. Payers reject the claim where they do not.

    A payer of which not every line is decided, or that has no adjustment at all, is not checked, nor amounts that are
    not numbers.
    """
    for other in claim.others:
        if claim.charge is not None:
            yield from _compared(claim, other, claim.charge)


def _compared(claim: WholeClaim, other: OtherPayer, charge: Decimal) -> Iterator[Problem]:
    row = other.paid
    amount, adjustments = amount_of(row.element(2)) if row else None, adjusted(other)
    if row is None or amount is None or adjustments is None:
        return
    loops = of_lines(claim, other)
    if loops and len({loop.first.line for loop in loops}) < len(claim.lines):
        return
    if not loops and not other.one("CAS"):
        return
    adjusted_lines = [adjusted(loop) for loop in loops]
    paid_lines = [paid(loop) for loop in loops]
    if None in adjusted_lines or None in paid_lines:
        return
    total = amount + adjustments + sum((one for one in adjusted_lines if one), Decimal(0))
    by_lines = sum((one for one in paid_lines if one), Decimal(0)) - adjustments
    found, expected = (total, charge) if total != charge else (amount, by_lines if loops else amount)
    if found != expected:
        message = "What the earlier payer paid and adjusted adds up to {found}, not to the total charge of {expected}."
        if total == charge:
            message = "The earlier payer paid {found} by AMT*D, but {expected} by its lines and adjustments."
        yield Problem(
            where=row.at(2),
            found=found,
            expected=expected,
            message=message,
            correction="make what each earlier payer paid and adjusted add up to the total charge, as its remittance "
            "has it ({box})",
            values={"box": box(claim, "paid by others")},
        )
