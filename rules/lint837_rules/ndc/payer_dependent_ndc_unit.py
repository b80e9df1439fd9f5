"""NDC006: an NDC quantity as a weight, which some payers reject."""

from collections.abc import Iterator

from lint837 import (
    Bad,
    Citation,
    Code,
    DrugLine,
    Fact,
    Fix,
    Good,
    PayerProfile,
    Place,
    Problem,
    Severity,
    Value,
    rule,
    show,
)

from lint837_rules.boxes import box
from lint837_rules.packages import PACKAGES, UNITS, WEIGHTS, quantity_edits

_LINE = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****{}~"


@rule(
    "NDC006",
    severity=Severity.WARNING,
    cites=[
        "loop-2410",
        "bcbsm-units",
        Citation(
            "HealthChoice Oklahoma, claims with NDC; Mountain Health Co-Op, NDC requirement (2025)",
            "The unit of measure is F2, GR, ML or UN, but not ME.",
        ),
    ],
    good=[
        Good(_LINE.format("1*UN")),
        Good(_LINE.format("10*ME"), payer=PayerProfile(ndc_units=("ME", "UN"))),
    ],
    bad=[
        Bad(_LINE.format("10*ME"), at="CTP05-1", note="milligrams"),
        Bad(_LINE.format(".01*GR"), at="CTP05-1", note="grams"),
        Bad(
            _LINE.format("10*ME"),
            at="CTP05-1",
            payer=PayerProfile(title="Example Health", ndc_units=("GR", "UN", "ML")),
        ),
    ],
    yields_to=[("NDC002", "line")],
    payer_dependent=True,
    needs=[Fact.CONTAINERS],
)
def payer_dependent_ndc_unit(line: DrugLine) -> Iterator[Problem]:
    """An NDC quantity is a weight, which several payers reject.

    The guide allows milligrams (ME) and grams (GR), but payers price a drug by the unit in which its package is
    counted, and several reject any other. Report the number of packages with UN (of milliliters with ML for a drug that
    is counted so). Only a quantity of the drug's own NDC is checked.

    Where a payer profile says which units the payer accepts, that decides.
    """
    payer = line.claim.payer_profile
    accepted = payer.ndc_units
    if accepted is None and line.is_right:
        return  # most lines: the unit is the one in which the package is counted
    for item in line.drug_identifications:
        if accepted is None and item.unit not in WEIGHTS:
            continue
        package, ctp = line.package_of(item), item.ctp
        if package is None or ctp is None:
            continue
        if accepted is not None and (item.unit in accepted or item.unit not in (package.counted_in, *WEIGHTS)):
            continue
        if accepted is not None and package.counted_in not in accepted:
            yield _in_no_accepted_unit(line, item.unit, item.at_unit)
            continue
        amount, units = line.amount_of(item), line.service_unit_count
        # Where the units disagree, the quantity may be the wrong one: then the message names no number.
        agrees = line.code and units and line.code.is_product and units * line.code.amount == amount
        number = amount / package.amount if amount and agrees else None
        expected: Value = Code(package.counted_in)
        correction = "change the quantity to the number of {things} that were used, and {found} to {unit} ({box})"
        fixes: list[Fix] = []
        values: dict[str, Value] = {
            "meaning": UNITS[item.unit],
            "things": UNITS[package.counted_in],
            "unit": Code(package.counted_in),
            "box": box(line, "NDC"),
        }
        # A quantity has at most three decimals; a number that needs more is not named.
        if number and (number * 1000).to_integral_value() == number * 1000:
            values |= {"quantity": item.quantity or number, "number": number}
            if number == int(number) or package.counted_in != PACKAGES:
                expected = f"{show(number)} {package.counted_in}"
                correction = "change the quantity from {quantity} to {number}, and {found} to {unit} ({box})"
                if number == item.quantity:
                    correction = "change {found} to {unit}, and keep the quantity {number} ({box})"
                fixes = [Fix(quantity_edits(line, item, number, package.counted_in), safe=False)]
            else:
                values["size"] = line.drug.measured(package.amount)
                correction = correction.replace(
                    "({box})", "({box}; {quantity} {found} is {number} of a package of {size})"
                )
        yield Problem(
            where=item.at_unit,
            found=Code(item.unit),
            expected=expected,
            message="The NDC quantity is in {meaning} ({found}), which is allowed, but "
            + ("several payers reject it." if accepted is None else "{payer} does not accept it."),
            correction=correction,
            values=values | {"payer": payer.label},
            fixes=fixes,
        )


def _in_no_accepted_unit(line: DrugLine, unit: str, where: Place) -> Problem:
    """The problem where the payer does not accept the unit in which the package is counted either."""
    payer = line.claim.payer_profile
    return Problem(
        where=where,
        found=Code(unit),
        expected=" or ".join(payer.ndc_units or ()),
        message="The NDC quantity is in {meaning} ({found}), which is allowed, but {payer} does not accept it.",
        correction="change the quantity and {found} to a unit of measure that the payer accepts ({expected})",
        values={"meaning": UNITS[unit], "payer": payer.label},
    )
