"""QTY002: a part of a package without a line for the rest."""

from collections.abc import Iterator
from decimal import ROUND_CEILING

from lint837 import Bad, DrugLine, Good, NotChecked, Problem, Severity, counted, rule

from lint837_rules.packages import PACKAGES

_ON = "DTP*472*D8*20250110~LIN**N4*55513007701~"


def _line(units: str, quantity: str, modifier: str = "") -> str:
    return f"SV1*HC:J9026{modifier}*1600*UN*{units}***1~{_ON}CTP****{quantity}*UN~"


@rule(
    "QTY002",
    severity=Severity.WARNING,
    cites=["bcbsm-units", "jw-policy", "asp-crosswalk"],
    good=[
        Good(_line("7", ".7") + _line("3", ".3", ":JW"), note="the JW line bills the rest"),
        Good(
            f"SV1*HC:J9026:JZ*16000*UN*10***1~{_ON}CTP****.01*GR~",
            also=("NDC006",),
            note="a weight need not be whole",
        ),
    ],
    bad=[
        Bad(_line("7", ".7"), at="CTP04"),
        Bad(_line("7", ".7", ":JZ"), at="CTP04", note="JZ: nothing was discarded"),
        Bad(_line("15", "1.5"), at="CTP04"),
    ],
)
def fractional_package(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A part of a package is billed, and no line bills the rest.

    A single-dose package is opened as a whole, and payers that price by the NDC expect whole packages. Report the
    packages that were opened; or, where the payer wants the quantity divided, bill the discarded part on a separate
    line with JW. Compounds (REF*VY), drugs counted in milliliters, and lines to which a JW line of an unknown date may
    belong are not checked.
    """
    if line.code is None:
        return  # the line bills something else
    if line.is_compound or line.discarded is None:
        reason = "it is part of a compound"
        if not line.is_compound:
            reason = "a JW line may belong to it, but a date of service is unknown"
        yield NotChecked(line, reason)
        return
    if line.discarded:
        return
    for item in line.drug_identifications:
        package, quantity = line.package_of(item), item.quantity
        if package is None or package.counted_in != PACKAGES or item.unit != PACKAGES:
            continue
        if item.ctp is None or quantity is None or quantity == quantity.to_integral_value():
            continue
        whole = quantity.to_integral_value(ROUND_CEILING)
        yield Problem(
            where=item.at_quantity,
            found=quantity,
            expected=whole,
            message="The NDC quantity is {found} packages of {amount}, and no JW line bills the rest.",
            correction="if {packages} opened, change {found} to {expected}; bill what was discarded on a line with JW",
            values={
                "amount": line.drug.measured(package.amount),
                "packages": counted(whole, "package") + (" was" if whole == 1 else " were"),
            },
        )
