"""NDC005: an NDC quantity in a unit of measure that does not exist, or in which the package is not counted."""

from collections.abc import Iterator

from lint837 import (
    Bad,
    Citation,
    Code,
    DrugIdentification,
    DrugLine,
    Fact,
    Fix,
    Good,
    Package,
    Problem,
    Segment,
    Severity,
    Value,
    rule,
)

from lint837_rules.boxes import box
from lint837_rules.packages import UNITS, WEIGHTS, counted_packages, edits_of, packages_billed, quantity_edits, were

_LINE = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN**N4*{}~CTP****{}~"
_NDC = "55513007701"


@rule(
    "NDC005",
    severity=Severity.ERROR,
    cites=[
        "loop-2410",
        "bcbsm-units",
        Citation("X12, request for interpretation 591", "ML is for liquids, GR for weights, UN for packages."),
    ],
    good=[
        Good(_LINE.format(_NDC, "10*ME"), also=("NDC006",), note="a weight: valid by the guide"),
    ],
    bad=[
        Bad(_LINE.format(_NDC, "1*ML"), at="CTP05-1", note="packages counted under ML"),
        Bad(_LINE.format(_NDC, "1*EA"), at="CTP05-1"),
    ],
    yields_to=[("NDC002", "line")],
    needs=[Fact.CONTAINERS],
    unless="is_right",
)
def wrong_ndc_unit_of_measure(line: DrugLine) -> Iterator[Problem]:
    """An NDC quantity has a unit of measure that does not exist, or in which the package is not counted.

    The unit of measure is F2, GR, ME, ML or UN, in capital letters. A package is counted in UN or ML: a powder by the
    package (UN), whatever its volume after reconstitution. The payer cannot price the other one, and F2 is for drugs
    measured in international units. Only a quantity of the drug's own NDC is checked; another product may be a liquid.
    """
    for item in line.drug_identifications:
        package = line.package_of(item)
        if package and item.ctp and item.unit not in ("", package.counted_in, *WEIGHTS):
            yield _problem(line, item, item.ctp, package)


def _problem(line: DrugLine, item: DrugIdentification, ctp: Segment, package: Package) -> Problem:
    unit, right = item.unit, package.counted_in
    same = unit.strip().upper() == right
    packages = packages_billed(line, item)
    message = '"{found}" is not a unit of measure of an NDC quantity; {drug} is counted in {things} ({expected}).'
    if same:
        message = "The unit of measure {found} is not in capital letters."
        if unit.strip() == right:
            message = 'The unit of measure "{found}" has a space before or after it.'
    elif unit in UNITS:
        message = "The NDC quantity is in {meaning} ({found}), but {drug} is counted in {things} ({expected})."
    correction = "change {found} to {expected} ({box})"
    fixes = [Fix(edits_of(line, ctp, {5: right}), safe=same)]
    values: dict[str, Value] = {}
    if not same and item.quantity and packages:
        fixes = [Fix(quantity_edits(line, item, packages, right), safe=False)]
        correction = (
            "if {used} used, change {found} to {expected}, and the quantity from {quantity} to {packages} ({box})"
        )
        if packages == item.quantity:
            correction = "if {used} used, change {found} to {expected}, and keep the quantity ({box})"
        correction += "; if not, correct the units, too ({units_box})"
        used = f"{counted_packages(packages, package, line.drug)} {were(packages)}"
        values = {"quantity": item.quantity, "packages": packages, "used": used, "units_box": box(line, "units")}
    elif not same:
        correction = "change {found} to {expected}, and the quantity to the number of {things} that were used ({box})"
        fixes = []
    values |= {
        "meaning": UNITS.get(unit, ""),
        "things": UNITS[right],
        "drug": line.drug.name,
        "box": box(line, "NDC"),
    }
    return Problem(
        where=item.at_unit,
        found=Code(unit),
        expected=Code(right),
        message=message,
        correction=correction,
        values=values,
        fixes=fixes,
    )
