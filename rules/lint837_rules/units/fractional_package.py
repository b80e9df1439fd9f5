"""QTY002: a part of a package without a line for the rest."""

from collections.abc import Iterator
from decimal import ROUND_CEILING

from lint837 import Bad, DrugLine, Good, NotChecked, Problem, Severity, counted, rule

from lint837_rules.package_words import PACKAGES
from lint837_rules.sources import ASP_CROSSWALK

_TEN = "LIN**N4*55513007701~"
_ON = "DTP*472*D8*20250110~"


def _line(units: str, quantity: str, modifier: str = "", on: str = _ON) -> str:
    code = f"J9026:{modifier}".rstrip(":")
    return f"SV1*HC:{code}*1600*UN*{units}***1~{on}{_TEN}CTP****{quantity}*UN~"


@rule(
    "QTY002",
    severity=Severity.WARNING,
    cites=["bcbsm-units", "jw-policy", ASP_CROSSWALK],
    good=[
        Good(_line("10", "1", "JZ")),
        Good(_line("10", "1.000", "JZ"), note="a whole number, written otherwise"),
        Good(_line("7", ".7") + _line("3", ".3", "JW"), note="the rest is on the JW line"),
        Good(
            _line("7", ".7", on="DTP*472*RD8*20250110-20250112~") + _line("3", ".3", "JW"),
            note="the JW line may belong to it",
        ),
        Good(_line("3", ".3", "JW"), also=("MOD003",), note="a JW line"),
        Good(_line("10", ".5", "JZ") + "REF*VY*123456~", note="part of a compound"),
        Good(
            f"SV1*HC:J9026:JZ*16000*UN*10***1~{_ON}LIN**N4*50242013601~CTP****.5*UN~",
            also=("NDC002",),
            note="another product",
        ),
        Good(
            f"SV1*HC:J9026:JZ*16000*UN*10***1~{_ON}{_TEN}CTP****.01*GR~",
            also=("NDC006",),
            note="a weight need not be whole",
        ),
        Good(
            f"SV1*HC:J9026:JZ*16000*UN*10***1~{_ON}{_TEN}CTP****.5*VIAL~",
            also=("NDC005",),
            note="nor a unit of measure that does not exist",
        ),
        Good(f"SV1*HC:J2941*5332*UN*84***1~{_ON}LIN**N4*00013264681~CTP****6.5*UN~", note="another drug"),
    ],
    bad=[
        Bad(_line("7", ".7"), at="CTP04"),
        Bad(_line("7", ".7", "JZ"), at="CTP04", note="JZ says that nothing was discarded"),
        Bad(_line("15", "1.5"), at="CTP04"),
        Bad(
            f"SV1*HC:J9026*1600*UN*7***1~{_ON}LIN**N4*50242013601~CTP****1*UN~{_TEN}CTP****.7*UN~",
            at="CTP04",
            note="behind the NDC of another product",
        ),
        Bad(
            _line("7", ".7") + _line("3", ".3", "JW", on="DTP*472*D8*20250117~"),
            at="CTP04",
            note="the JW line is of another day",
        ),
        Bad(_line("7", ".7", on=""), at="CTP04", note="no date, but no JW line either"),
        Bad(
            f"SV1*HC:J9999:::::TARLATAMAB 7 MG*16000*UN*1***1~DTP*472*D8*20241110~{_TEN}CTP****.7*UN~",
            at="CTP04",
            note="under a miscellaneous code",
        ),
        Bad(
            f"SV2*0636*HC:J9026*16000*UN*7~{_TEN}CTP****.7*UN~",
            at="CTP04",
            guide="837I",
            statement="20250101-20250131",
        ),
        Bad(_line("7", ".7"), at="CTP04", dependent=True, filing_code=""),
        Bad(_line("7", ".7"), at="CTP04", frequency="8", severity=Severity.INFO),
        Bad(
            f"SV2*0636*HC:J9026*16000*UN*7~{_ON}{_TEN}CTP****.7*UN~",
            at="CTP04",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
)
def fractional_package(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A part of a package is billed, and no line says what became of the rest.

    A package of a single dose is opened as a whole, and payers that price by the NDC expect whole packages. Report the
    packages that were opened, or, where the payer wants the quantity divided, the discarded part on a line of its own
    with JW. Nothing is said of a compound (REF*VY), of a drug that is counted in milliliters, and where a JW line of
    the same code may belong to the line but a day is not known.
    """
    if line.code is None:
        return  # the NDC stands under another procedure: HCP004 says it
    if line.is_compound or line.discarded is None:
        reason = "it is part of a compound" if line.is_compound else "a JW line may go with it, but a day is not known"
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
            message="The NDC quantity is {found} packages of {amount}, and no line with JW bills the rest.",
            correction="if {packages} opened, change {found} to {expected}; bill what was discarded on a line with JW",
            values={
                "amount": line.drug.measured(package.amount),
                "packages": counted(whole, "package") + (" was" if whole == 1 else " were"),
            },
        )
