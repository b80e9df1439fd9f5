"""What to change where the units of administered and discarded lines disagree with their NDC quantities."""

from decimal import Decimal

from lint837 import Identifier, counted

from lint837_rules.boxes import box
from lint837_rules.packages import billed_amount, counted_packages, edits_of, quantity_edits, unit_edits, were
from lint837_rules.units.advice import Advice
from lint837_rules.units.groups import Group


def shared_advice(group: Group, total: Decimal, largest: Decimal) -> Advice:
    """For an administered line with its JW line: the units of either, so that both are the package that was opened."""
    advice = Advice()
    if len(group.lines) != 2:
        return advice
    given, discarded = group.lines
    opened = {amount for amount in (total, largest) if amount in given.drug.doses}
    if len(opened) != 1 or given.is_discarded:
        return advice
    [whole] = opened
    amounts = [amount for line in group.lines if (amount := billed_amount(line))]
    lines = ((discarded, "JW", "given"), (given, "administered", "discarded"))
    for amount, (changed, name, done) in zip(amounts, lines, strict=True):
        if amount < whole:
            units = (whole - amount) / group.code.amount
            advice.offer(
                f"{{amount}} was {done}",
                f"bill {{units}} on the {name} line (line {{number}}; {{box}})",
                unit_edits(changed, units),
                amount=given.drug.measured(amount),
                units=counted(units, "unit"),
                number=changed.ordinal,
                box=box(changed, "units"),
            )
    return advice


def discarded_advice(group: Group, billed: Decimal, total: Decimal) -> Advice:
    """For a JW line whose package no administered line has: another package, or that of the administered line."""
    advice = Advice()
    [line] = group.lines
    [item, *more] = line.drug_identifications
    package, quantity = line.package_of(item), item.quantity
    if more or package is None or quantity is None:
        return advice
    for other in group.others:
        if len(other.drug_identifications) != 1:
            continue
        [given] = other.drug_identifications
        its_package, units = other.package_of(given), other.service_unit_count
        if its_package is None or units is None:
            continue
        used = counted_packages(quantity, package, line.drug)
        if units * group.code.amount + billed == total and given.unit == item.unit:
            advice.offer(
                "{used} opened for both lines",
                "change the NDC of line {number} to {ndc}, and its NDC quantity to {quantity} ({box})",
                (*edits_of(other, given.lin, {3: package.digits}), *quantity_edits(other, given, quantity, item.unit)),
                used=f"{used} {were(quantity)}",
                number=other.ordinal,
                ndc=Identifier(package.digits),
                quantity=quantity,
                box=box(other, "NDC"),
            )
        packages = billed / its_package.amount
        if packages == packages.to_integral_value():
            advice.offer(
                "{used} discarded",
                "change the NDC of this line to {ndc}, and its NDC quantity to {quantity} ({box})",
                (
                    *edits_of(line, item.lin, {3: its_package.digits}),
                    *quantity_edits(line, item, packages, its_package.counted_in),
                ),
                used=f"{counted_packages(packages, its_package, line.drug)} {were(packages)}",
                ndc=Identifier(its_package.digits),
                quantity=packages,
                box=box(line, "NDC"),
            )
    return advice
