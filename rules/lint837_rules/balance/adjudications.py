"""What earlier payers paid and adjusted, in loops 2320 and 2430."""

from decimal import Decimal

from lint837 import LineLoop, Loop, OtherPayer, WholeClaim, amount_of

_AMOUNTS = range(3, 19, 3)  # CAS03, CAS06, ... CAS18


def adjusted(loop: Loop) -> Decimal | None:
    """The sum of the adjustments (CAS) in a loop; None where one is not a number."""
    total = Decimal(0)
    for row in loop.rows:
        if row.id == "CAS":
            for element in _AMOUNTS:
                if written := row.element(element):
                    amount = amount_of(written)
                    if amount is None:
                        return None
                    total += amount
    return total


def paid(loop: Loop) -> Decimal | None:
    """What a loop 2430 says was paid, SVD02; None where that is not a number."""
    return amount_of(loop.first.element(2))


def by_payer(line: LineLoop) -> dict[str, list[Loop]]:
    """The loops 2430 of a line by their payer, SVD01."""
    found: dict[str, list[Loop]] = {}
    for loop in line.adjudications:
        found.setdefault(loop.first.element(1), []).append(loop)
    return found


def of_lines(claim: WholeClaim, other: OtherPayer) -> list[Loop]:
    """The loops 2430 of all lines that are a payer's."""
    return claim.adjudications.get(other.payer_id, []) if other.payer_id else []
