"""The mistakes that explain why the units and the NDC quantity of a line disagree, and what to change for each.

A mistake is named only where undoing it leads to a dose of the label. Only the biller knows what was given, so each
correction says under which condition it is right.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from lint837 import Drug, DrugLine, Identifier, Package, Value, counted

from lint837_rules.packages import UNITS


@dataclass(slots=True)
class Slips:
    """Causes and corrections in the order of their sentences, and the values in these."""

    causes: list[str] = field(default_factory=list)
    corrections: list[str] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)

    def correct(self, correction: str, cause: str = "", **values: Value) -> None:
        """Add a correction, with the cause that it undoes."""
        self.corrections.append(correction)
        self.causes += [cause] if cause else []
        self.values |= values

    @property
    def sentence(self) -> str:
        """The causes as a sentence, with a space before it; "" without causes."""
        text = ", or ".join(self.causes)
        return f" {text[0].upper()}{text[1:]}." if text else ""


def slips_of(line: DrugLine, billed: Decimal, amount: Decimal) -> Slips:
    """The mistakes on a line that bills `billed` of the drug's measure while its NDC quantity is `amount`."""
    slips, items = Slips(), line.drug_identifications
    item = items[0]
    package = line.package_of(item)
    if len(items) > 1 or package is None or item.quantity is None:
        ndcs = [line.package_of(item) for item in items]
        twice = "a package may be reported twice (two LIN)" if len(set(ndcs)) < len(ndcs) else ""
        slips.correct("correct the units or the NDC quantities", twice)
        return slips
    in_packages = item.unit == package.counted_in
    if amount in line.drug.doses:
        cause = ""
        if in_packages and line.service_unit_count == item.quantity:
            cause = f"{UNITS[package.counted_in]} may have been billed as units"
        elif billed in (amount * 10, amount / 10):
            cause = "the units may have a digit too many or too few"
        if in_packages:
            used = _used(item.quantity, package, line.drug)
            slips.correct("if {used} used, bill {right_units}", cause, used=used)
        else:
            slips.correct("if the NDC quantity is right, bill {right_units}", cause)
    if billed in line.drug.doses:
        if in_packages:
            _in_packages(slips, line.drug, item.quantity, package, billed)
        else:
            _in_unit_of_measure(slips, line.drug, item.quantity, package, billed)
    if amount in line.drug.doses and billed < amount and not slips.causes:
        zero = " and remove JZ" if "JZ" in line.modifiers else ""
        slips.correct(f"if the rest was discarded, bill it on a separate line with JW{zero}")
    if not slips.corrections:
        slips.correct("check how much was used, and correct the units or the NDC quantity")
    return slips


def _in_packages(slips: Slips, drug: Drug, quantity: Decimal, package: Package, billed: Decimal) -> None:
    packages = billed / package.amount
    if quantity == billed and packages == int(packages):
        slips.correct(
            "if {used_packages} used, change the NDC quantity to {packages}",
            f"the amount in {drug.measure} may have been written as a number of {UNITS[package.counted_in]}",
            used_packages=_used(packages, package, drug),
            packages=packages,
        )
    for other in drug.packages:
        if other != package and other.amount * quantity == billed:
            slips.correct(
                "if {used_other} used, change the NDC to {other}",
                "the NDC may be that of another package",
                used_other=_used(quantity, other, drug),
                other=Identifier(other.digits),
            )


def _in_unit_of_measure(slips: Slips, drug: Drug, quantity: Decimal, package: Package, billed: Decimal) -> None:
    if quantity * package.amount == billed:
        slips.correct(
            f"if {UNITS[package.counted_in]} were counted, change the unit of measure to {{counted_in}}",
            f"the quantity may be a number of {UNITS[package.counted_in]}",
            counted_in=package.counted_in,
        )
    elif quantity == billed:
        slips.correct(
            "if {meant} was meant, change the unit of measure",
            "the unit of measure may be wrong",
            meant=drug.measured(billed),
        )


def _used(quantity: Decimal, package: Package, drug: Drug) -> str:
    """Such as "1 package of 10 mg was"."""
    thing = UNITS[package.counted_in].removesuffix("s")
    return f"{counted(quantity, thing)} of {drug.measured(package.amount)} {'was' if quantity == 1 else 'were'}"
