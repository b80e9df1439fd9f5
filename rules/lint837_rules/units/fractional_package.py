"""QTY002: a part of a package without a line for the rest."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from lint837 import (
    Bad,
    Choice,
    DrugIdentification,
    DrugLine,
    Fact,
    Good,
    NotChecked,
    Package,
    Problem,
    Severity,
    rule,
)

from lint837_rules.boxes import box
from lint837_rules.packages import PACKAGES, billed_amount, counted_packages, is_spread, were

_FEW = 8  # lines over which a dose may be divided
_ON = "DTP*472*D8*20250110~LIN**N4*55513007701~"


def _line(units: str, quantity: str, modifier: str = "") -> str:
    return f"SV1*HC:J9026{modifier}*1600*UN*{units}***1~{_ON}CTP****{quantity}*UN~"


@rule(
    "QTY002",
    severity=Severity.WARNING,
    cites=["bcbsm-units", "jw-policy", "asp-crosswalk"],
    good=[
        Good(_line("7", ".7") + _line("3", ".3", ":JW"), note="the JW line bills the rest"),
    ],
    bad=[
        Bad(_line("7", ".7"), at="CTP04"),
        Bad(_line("7", ".7", ":JZ"), at="CTP04", note="JZ: nothing was discarded"),
    ],
    yields_to=[("QTY001", "line"), ("NDC008", "line", "two CTPs")],
    needs=[Fact.CONTAINERS],
    unless="is_right",
)
def fractional_package(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A part of a package is billed, and no line bills the rest.

    A single-dose package is opened as a whole, and payers that price by the NDC expect whole packages. Report the
    packages that were opened; or, where the payer wants the quantity divided, bill the discarded part on a separate
    line with JW. Compounds (REF*VY), drugs counted in milliliters, and lines to which a JW line of an unknown date may
    belong are not checked.
    """
    if line.code is None or is_spread(line):
        return  # the line bills something else, or its elements are not where they belong
    if line.is_compound:
        yield NotChecked(line, "it is part of a compound")
    elif line.discarded is None:
        yield NotChecked(line, "a JW line may belong to it, but a date of service is unknown")
    elif not line.discarded:
        for item in line.drug_identifications:
            package, quantity = line.package_of(item), item.quantity
            if package and quantity and item.unit == PACKAGES == package.counted_in and quantity % 1:
                yield _problem(line, item, package, quantity)


def _problem(line: DrugLine, item: DrugIdentification, package: Package, quantity: Decimal) -> Problem:
    whole = quantity.to_integral_value(ROUND_CEILING)
    zero = ", and remove JZ from this one" if "JZ" in line.modifiers else ""
    jw = f"on a separate line with JW{zero} ({{modifiers_box}})"
    message = "The NDC quantity is {found} packages of {amount}, and no JW line bills the rest."
    choices = [
        Choice("{packages} opened", f"change {{found}} to {{expected}} ({{box}}), and bill what was discarded {jw}"),
        Choice("the payer wants the quantity divided", f"keep {{found}}, and bill what was discarded {jw}"),
    ]
    shared = _in_all_lines(line, package)
    if line.is_product_line and shared and not shared % 1:
        message = "The NDC quantity is {found} packages of {amount}; with other lines of that day it is {total}."
        together = "bill all units and the NDC quantity {shared} on one line ({units_box}, {box})"
        choices = [
            Choice("the lines share {total}", together),
            choices[0]._replace(when="{packages} opened for this line"),
        ]
    if not line.is_product_line:  # its unit is the whole dose: a JW line would bill a second one
        message = "The NDC quantity is {found} packages of {amount}."
        choices = [Choice("{packages} opened", "change {found} to {expected} ({box})")]
    # A number above 1 that the units do not confirm may be a volume or an amount.
    known = whole == 1 or billed_amount(line) == quantity * package.amount
    return Problem(
        where=item.at_quantity,
        found=quantity,
        expected=whole if known else "a whole number",
        message=message,
        correction="" if known else "write the number of packages that were opened, not a volume or an amount ({box})",
        choices=choices if known else (),
        values={
            "amount": line.drug.measured(package.amount),
            "packages": f"{counted_packages(whole, package, line.drug)} {were(whole)}",
            "shared": shared,
            "total": counted_packages(shared, package, line.drug),
            "box": box(line, "NDC"),
            "units_box": box(line, "units"),
            "modifiers_box": box(line, "modifiers"),
        },
    )


def _in_all_lines(line: DrugLine, package: Package) -> Decimal:
    """How many of a package the few lines of a day and code report together; 0 where one of them does not say it."""
    if not 1 < len(line.same_day) <= _FEW:
        return Decimal(0)
    items = [(other, item) for other in line.same_day for item in other.drug_identifications]
    mine = [item for other, item in items if other.package_of(item) == package]
    if any(item.unit != PACKAGES or not item.quantity for item in mine):
        return Decimal(0)
    return sum((item.quantity for item in mine if item.quantity), Decimal(0))
