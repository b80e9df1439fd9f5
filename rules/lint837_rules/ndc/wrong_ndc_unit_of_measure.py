"""NDC005: an NDC quantity in a unit of measure that does not exist, or in which the package is not counted."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, DrugIdentification, DrugLine, Edit, Fix, Good, Package, Problem, Severity, rule

from lint837_rules.packages import UNITS, WEIGHTS

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
        Good(_LINE.format("50242013601", "20*ML"), also=("NDC002",), note="another product, which may be a liquid"),
    ],
    bad=[
        Bad(_LINE.format(_NDC, "1*ML"), at="CTP05-1", note="packages counted under ML"),
        Bad(_LINE.format(_NDC, "1*EA"), at="CTP05-1"),
        Bad(_LINE.format(_NDC, "1*un"), at="CTP05-1", note="lower case"),
    ],
)
def wrong_ndc_unit_of_measure(line: DrugLine) -> Iterator[Problem]:
    """An NDC quantity has a unit of measure that does not exist, or in which the package is not counted.

    The unit of measure is F2, GR, ME, ML or UN, in capital letters. A package is counted in UN or ML: a powder by the
    package (UN), whatever its volume after reconstitution. The payer cannot price the other one, and F2 is for drugs
    measured in international units. Only a quantity of the drug's own NDC is checked; another product may be a liquid.
    """
    for item in line.drug_identifications:
        package, ctp, unit = line.package_of(item), item.ctp, item.unit
        if package is None or ctp is None or unit in ("", package.counted_in, *WEIGHTS):
            continue
        same = unit.upper() == package.counted_in
        if same:
            message = "The unit of measure {found} is not in capital letters."
        elif unit in UNITS:
            message = "The NDC quantity is in {meaning} ({found}), but {drug} is counted in {things} ({expected})."
        else:
            message = (
                '"{found}" is not a unit of measure of an NDC quantity; {drug} is counted in {things} ({expected}).'
            )
        correction = "change it to {expected}"
        if not same and _is_counted(line, item, package):
            correction += "; the quantity is already the number of {things}"
        elif not same:
            correction += ", and the quantity to the number of {things} that were used"
        yield Problem(
            where=item.at_unit,
            found=Code(unit),
            expected=Code(package.counted_in),
            message=message,
            correction=correction,
            values={
                "meaning": UNITS.get(unit, ""),
                "things": UNITS[package.counted_in],
                "drug": line.drug.name,
            },
            fixes=[Fix((Edit(item.at_unit, package.counted_in),), safe=True)] if same else (),
        )


def _is_counted(line: DrugLine, item: DrugIdentification, package: Package) -> bool:
    """Whether the billed units confirm that the quantity is a number of packages."""
    code, units = line.code, line.service_unit_count
    if code is None or units is None or item.quantity is None:
        return False  # a unit of a miscellaneous code has no amount, 0
    return len(line.drug_identifications) == 1 and item.quantity * package.amount == units * code.amount
