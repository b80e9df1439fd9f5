"""Units against the NDC quantity of a drug that only CMS lists: it is not known what its packages are counted in, nor
whether a container is for one dose. So each reading that is right somewhere is tried before a mismatch is an error.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from lint837 import (
    Choice,
    Code,
    DrugIdentification,
    DrugLine,
    Identifier,
    Package,
    Problem,
    Related,
    Severity,
    Value,
    counted,
    is_plain_dosage,
    show,
)

from lint837_rules.boxes import box
from lint837_rules.packages import quantity_edits, were
from lint837_rules.units.groups import Group

# A reading by which a mismatch may be right, as a sentence.
CARTON = "The units fit {cartons} of {containers} containers each; UN counts containers."
OPENED = "If only a part of a container was given, the rest belongs on a line with JW, or the NDC quantity is less."
POWDER = "The units fit {vials}; a powder is counted in containers (UN), not in milliliters."
ROUNDED = "Each container may have been rounded up to whole units; only their sum is."
DOSES = "One unit is {dosage}, so that several doses may bill more units than their sum."


class Reading(NamedTuple):
    """What the NDC quantities of a group are by a row of the crosswalk, in billed units, not rounded: all of them, and
    the largest.
    """

    package: Package
    total: Fraction
    largest: Fraction

    def fits(self, billed: Decimal) -> bool:
        """Whether the billed units are the quantity, rounded up to whole units."""
        return billed in (ceil(self.total), ceil(self.largest))


class Listed(NamedTuple):
    """A group with its billed units and the readings of its NDC quantities, the newest row of the crosswalk first."""

    group: Group
    items: Sequence[tuple[DrugLine, DrugIdentification]]
    billed: Decimal
    readings: Sequence[Reading]

    @property
    def is_right(self) -> bool:
        """Whether the units are right by one of the readings."""
        return any(reading.fits(self.billed) for reading in self.readings)


def listed(group: Group) -> Listed | None:
    """What is compared of a group; None where a number cannot be read, or a package or unit of measure is not known."""
    items = [(line, item) for line in group.lines for item in line.drug_identifications]
    units = [line.service_unit_count for line in group.lines]
    packages = {line.package_of(item) for line, item in items}
    if not items or None in units or None in packages or len({package.digits for package in packages if package}) > 1:
        return None
    readings = []
    for package in group.lines[0].drug.packages_with(next(one.digits for one in packages if one)):
        amounts = [_units(item, package) for _, item in items]
        if None in amounts:
            return None
        known = [amount for amount in amounts if amount is not None]
        readings.append(Reading(package, sum(known, Fraction(0)), max(known)))
    return Listed(group, items, sum((one for one in units if one), Decimal(0)), readings)


def _units(item: DrugIdentification, package: Package) -> Fraction | None:
    """The billed units that an NDC quantity is."""
    each = package.amount_in(item.unit.strip().upper())
    return Fraction(item.quantity) * each if each is not None and item.quantity else None


def _quantity(item: DrugIdentification) -> Decimal:
    """The NDC quantity of a LIN, of which there is one in each that is compared."""
    return item.quantity or Decimal(0)


def mismatch(one: Listed) -> Problem:
    """The problem of units that no reading makes right."""
    line, reading = one.group.lines[0], one.readings[0]
    right = ceil(reading.total)
    why = next(_why_it_may_be_right(one), None)
    number = len(one.group.lines)
    message = f"The {'line bills' if number == 1 else f'{number} lines bill'} {{units}}, but the NDC quantity, "
    message += "{quantity}, is {right_units}: CMS lists {each} in one container{volume} of {ndc}."
    values: dict[str, Value] = {
        "units": counted(one.billed, "unit"),
        "quantity": " and ".join(
            f"{show(_quantity(each))} {show(Code(each.unit.strip().upper()))}" for _, each in one.items
        ),
        "right_units": counted(right, "unit"),
        "each": counted(reading.package.amount, "unit"),
        "volume": "" if reading.package.volume == 1 else f" ({show(reading.package.volume)} mL)",
        "ndc": Identifier(reading.package.digits),
        "box": box(line, "units"),
        "ndc_box": box(line, "NDC"),
    }
    return Problem(
        where=line.at_service_unit_count,
        found=one.billed,
        expected=Decimal(right),
        message=message + (f" {why.sentence}" if why else ""),
        correction=""
        if why and why.choices
        else "check how much was used, and correct the units ({box}) or the NDC quantity ({ndc_box})",
        choices=why.choices if why else (),
        values=values | (why.values if why else {}),
        related=[
            *(Related(other.at_service_unit_count, "units") for other in one.group.lines[1:]),
            *(Related(each.at_ndc, "NDC") for _, each in one.items),
            *(Related(each.at_quantity, "NDC quantity") for _, each in one.items if each.ctp),
        ],
        severity=Severity.WARNING if why else None,
        sources=line.drug.cited(line.code, reading.package),
    )


class _Why(NamedTuple):
    """Why units may be right that are not those of the NDC quantity: a sentence, what to do, and their values."""

    sentence: str
    values: dict[str, Value] = {}  # noqa: RUF012 - a default of a tuple, which nothing changes
    choices: Sequence[Choice] = ()


def _why_it_may_be_right(one: Listed) -> Iterator[_Why]:
    """The readings that are right somewhere: cartons, a part of a container, a powder, doses of "up to" an amount. Each
    is of all NDC quantities together, or of the largest where the lines of a JW group report the same package.
    """
    line, billed = one.group.lines[0], Fraction(one.billed)
    quantities = [(item.unit.strip().upper(), _quantity(item)) for _, item in one.items]
    units, numbers = {unit for unit, _ in quantities}, [number for _, number in quantities]
    alone = len(one.group.lines) == 1
    for package, total, largest in one.readings:
        each, count = Fraction(package.amount), package.containers
        if units == {"UN"} and count > 1:
            if one.billed == ceil(total * Fraction(count)):
                yield _carton(one, count, sum(numbers, Decimal(0)))
            elif not alone and one.billed == ceil(largest * Fraction(count)):
                yield _carton(one, count, max(numbers))
        vials = billed // each
        if units == {"ML"} and package.volume == 1 and one.billed == ceil(each * vials):
            yield _Why(POWDER, {"vials": counted(vials, "container")})
        if alone and sum(_containers(package, *quantity) for quantity in quantities) == ceil(billed / each):
            yield _Why(OPENED)
        if units == {"UN"} and all(number % 1 == 0 for number in numbers):
            rounded = [ceil(each) * number for number in numbers]
            if one.billed == sum(rounded) or (not alone and one.billed == max(rounded)):
                yield _Why(ROUNDED)
        dosage = line.code.dosage if line.code else ""
        if one.billed > total and dosage and not is_plain_dosage(dosage):
            yield _Why(DOSES, {"dosage": dosage})


def _containers(package: Package, unit: str, quantity: Decimal) -> Fraction:
    """How many containers an NDC quantity is."""
    return Fraction(quantity) if unit == "UN" else Fraction(quantity) / Fraction(package.volume)


def _carton(one: Listed, count: Decimal, cartons: Decimal) -> _Why:
    used = cartons * count
    rights = [(line, item, _quantity(item) * count) for line, item in one.items]
    edits = [edit for line, item, right in rights for edit in quantity_edits(line, item, right, "UN")]
    values: dict[str, Value] = {
        "cartons": counted(cartons, "carton"),
        "containers": count,
        "used": f"{counted(used, 'container')} {were(used)}",
        "right_quantity": " and ".join(f"{show(right)} UN" for *_, right in rights),
    }
    quantity, verb = ("quantities", "are") if len(one.items) > 1 else ("quantity", "is")
    # The lines of a JW group may report one package twice, so that the units that are right are not certain.
    alone = len(one.group.lines) == 1
    bill = "bill {right_units} ({box})" if alone else "check how much was used, and correct the units ({box})"
    choices = [
        Choice("{used} used", f"change the NDC {quantity} to {{right_quantity}} ({{ndc_box}})", tuple(edits)),
        Choice(f"{{quantity}} {verb} right", bill),
    ]
    return _Why(CARTON, values, choices)
