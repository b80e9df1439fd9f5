"""What to change where the units and the NDC quantity of one line disagree: for each amount that may be the right one.

A mistake is named only where undoing it leads to a dose of the label.
"""

from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from lint837 import DrugIdentification, DrugLine, Edit, Identifier, Package, counted, show

from lint837_rules.boxes import box
from lint837_rules.packages import PACKAGES, UNITS, WEIGHTS, counted_packages, quantity_edits, unit_edits, were
from lint837_rules.units.advice import Advice


class _Line(NamedTuple):
    """A line with one LIN: the billed amount, that of the NDC quantity, and that of one unit."""

    line: DrugLine
    item: DrugIdentification
    package: Package
    quantity: Decimal
    billed: Decimal
    amount: Decimal
    in_unit: Decimal

    @property
    def in_packages(self) -> bool:
        return self.item.unit.strip().upper() == self.package.counted_in

    @property
    def doses(self) -> tuple[Decimal, ...]:
        return self.line.drug.doses

    def used(self, quantity: Decimal, package: Package | None = None) -> str:
        """Such as "1 package of 10 mg was"."""
        return f"{counted_packages(quantity, package or self.package, self.line.drug)} {were(quantity)}"

    def units(self, amount: Decimal) -> str:
        """Such as "10 units"."""
        return counted(amount / self.in_unit, "unit")


def line_advice(line: DrugLine, billed: Decimal, amount: Decimal, in_unit: Decimal) -> Advice:
    """The alternatives for a line that bills an amount while its NDC quantity is another; none where nothing of it
    leads to a dose.
    """
    advice = Advice()
    [item, *others] = line.drug_identifications
    package = line.package_of(item)
    if others or package is None or item.quantity is None:
        ndcs = [line.package_of(item) for item in (item, *others)]
        if len(set(ndcs)) < len(ndcs):
            advice.causes.append("a package may be reported twice (two LIN)")
        return advice
    one = _Line(line, item, package, item.quantity, billed, amount, in_unit)
    _other_units(advice, one)
    _rest_discarded(advice, one)
    _other_quantity(advice, one)
    _other_package(advice, one)
    return advice


def _other_units(advice: Advice, one: _Line) -> None:
    """The NDC quantity is right."""
    packages = one.amount / one.package.amount
    if one.amount not in one.doses or packages != packages.to_integral_value():
        return
    cause = ""
    if one.in_packages and one.line.service_unit_count == one.quantity:
        cause = f"{UNITS[one.package.counted_in]} may have been billed as units"
    elif one.billed in (one.amount * 10, one.amount / 10):
        cause = "the units may have a digit too many or too few"
    edits = unit_edits(one.line, one.amount / one.in_unit)
    done = "discarded" if one.line.is_discarded else "given"
    used = one.used(one.quantity) if one.in_packages else f"{one.line.drug.measured(one.amount)} was"
    when, do = "{used} used", "bill {units} ({box})"
    if one.billed < one.amount:
        when = f"{{used}} used and all of it {done}"
    if _is_to_be_counted(one):
        edits += quantity_edits(one.line, one.item, packages, one.package.counted_in)
        do = "bill {units} ({box}), and change the NDC quantity to {packages} ({ndc_box})"
    advice.offer(
        when,
        do,
        edits,
        cause=cause,
        used=used,
        units=one.units(one.amount),
        packages=f"{show(packages)} {one.package.counted_in}",
        box=box(one.line, "units"),
        ndc_box=box(one.line, "NDC"),
    )


def _rest_discarded(advice: Advice, one: _Line) -> None:
    """Both are right: the packages that were opened hold more than was given."""
    opened = (one.billed / one.package.amount).to_integral_value(ROUND_CEILING)
    packages = one.amount / one.package.amount
    fits = packages == opened and one.package.counted_in == PACKAGES
    if not fits or one.line.is_discarded:
        return
    rest = one.amount - one.billed
    advice.offer(
        "{given} was given and the rest of the package was discarded",
        "keep {units}, and bill the other {rest} on a separate line with JW and the same NDC"
        + (", and remove JZ from this one ({box})" if "JZ" in one.line.modifiers else " ({box})"),
        given=one.line.drug.measured(one.billed),
        units=one.units(one.billed),
        rest=one.units(rest),
        box=box(one.line, "modifiers"),
    )


def _other_quantity(advice: Advice, one: _Line) -> None:
    """The units are right, and so is the NDC."""
    packages = one.billed / one.package.amount
    is_whole = packages == packages.to_integral_value()
    if one.billed not in one.doses or not is_whole or not (one.in_packages or _is_to_be_counted(one)):
        return
    things, right = UNITS[one.package.counted_in], one.package.counted_in
    do = "change the NDC quantity to {packages} ({box})"
    cause = ""
    if not one.in_packages:
        do = "change the NDC quantity to {packages} {unit} ({box})"
        cause = "the unit of measure may be wrong" if one.quantity == one.billed else ""
        if one.quantity == packages:
            do = "change the unit of measure to {unit} ({box})"
            cause = f"the quantity may be a number of {things}"
    elif one.quantity == one.billed:
        cause = f"the amount in {one.line.drug.measure} may have been written as a number of {things}"
    elif one.quantity != one.quantity.to_integral_value() and one.quantity > 1:
        cause = f"a volume in milliliters may have been written as a number of {things}"
    advice.offer(
        "{used} used",
        do,
        quantity_edits(one.line, one.item, packages, right),
        cause=cause,
        used=one.used(packages),
        packages=packages,
        unit=right,
        box=box(one.line, "NDC"),
    )


def _other_package(advice: Advice, one: _Line) -> None:
    """The units and the quantity are right."""
    if not one.in_packages or one.billed not in one.doses:
        return
    for other in one.line.drug.packages:
        if other != one.package and other.amount * one.quantity == one.billed:
            where = one.item.at_ndc
            advice.offer(
                "{used} used",
                "change the NDC to {ndc} ({box})",
                (Edit(where, other.digits),),
                cause="the NDC may be that of another package",
                used=one.used(one.quantity, other),
                ndc=Identifier(other.digits),
                box=box(one.line, "NDC"),
            )


def _is_to_be_counted(one: _Line) -> bool:
    """Whether a weight should become a number of packages: some payers do not accept it."""
    accepted = one.line.claim.payer_profile.ndc_units
    return one.item.unit in WEIGHTS and (accepted is None or one.package.counted_in in accepted)
