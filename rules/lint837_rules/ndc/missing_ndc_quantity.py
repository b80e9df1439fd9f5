"""NDC004: an NDC without a quantity or unit of measure, or a quantity without an NDC."""

from collections.abc import Iterator

from lint837 import (
    Bad,
    Citation,
    Code,
    DrugIdentification,
    DrugLine,
    Good,
    Problem,
    Related,
    Segment,
    Severity,
    Value,
    plain_decimal,
    rule,
)

from lint837_rules.packages import UNITS

_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~"
_LIN = "LIN**N4*55513007701~"


@rule(
    "NDC004",
    severity=Severity.ERROR,
    cites=[
        "loop-2410",
        "rfi-2151",
        "rfi-1924",
        Citation(
            "Stedi, claim edit: Invalid drug unit count",
            "A claim is rejected where loop 2410 is present and the quantity in CTP04 is not above 0.",
        ),
    ],
    good=[Good(f"{_SV1}{_LIN}CTP****1.00*UN~", note="1.00 is a plain number")],
    bad=[
        Bad(f"{_SV1}{_LIN}", at="", note="no CTP"),
        Bad(f"{_SV1}CTP****1*UN~", at="", note="no LIN"),
        Bad(f"{_SV1}{_LIN}CTP****0*UN~", at="CTP04"),
        Bad(f"{_SV1}{_LIN}CTP****1~", at="CTP05-1", note="no unit of measure"),
    ],
)
def missing_ndc_quantity(line: DrugLine) -> Iterator[Problem]:
    """An NDC has no valid quantity or unit of measure, or a quantity has no NDC.

    The NDC, its quantity and its unit of measure belong together. A clearinghouse rejects the claim if one of them is
    missing, or if the quantity is not a number above 0. Write how much of the package was used. All faults of one CTP
    are one finding, and so is a CTP before its LIN.
    """
    stray = next((s for s in line.segments if s.id == "CTP"), None) if line.has_stray_quantity else None
    if stray is not None:
        yield _without_ndc(line, stray)
    for number, item in enumerate(line.drug_identifications):
        if item.ctp is not None:
            yield from _incomplete(line, item, item.ctp)
        elif number or stray is None:
            yield Problem(
                where=item.at_lin,
                found="no quantity",
                expected="a quantity and its unit of measure",
                message="The NDC has no quantity: no CTP follows its LIN.",
                correction=_correction(line, item),
                values=_unit(line, item),
            )


def _without_ndc(line: DrugLine, stray: Segment) -> Problem:
    later = [item.at_ndc for item in line.drug_identifications][:1]
    return Problem(
        where=line.at(stray),
        found="a quantity without its NDC",
        expected="a LIN with the NDC before it",
        message="The quantity (CTP) is before its NDC (LIN)." if later else "A quantity (CTP) has no NDC (LIN).",
        correction="put the LIN before the CTP" if later else "add a LIN with the NDC of the package that was used",
        related=[Related(ndc, "NDC") for ndc in later],
        cause="CTP without LIN",
    )


def _incomplete(line: DrugLine, item: DrugIdentification, ctp: Segment) -> Iterator[Problem]:
    found: list[Value] = []
    faults = []
    if item.quantity is None:
        written = ctp.element(4)
        number = plain_decimal(written)
        found.append("nothing" if not written else "not a plain number" if number is None else number)
        fault = "is missing" if not written else "is not a plain number" if number is None else "is 0"
        faults.append(f"The NDC quantity (CTP04) {fault}")
    if not item.unit:
        found.append("nothing")
        faults.append(
            "Its unit of measure (CTP05-1) is missing" if faults else "The NDC quantity has no unit of measure"
        )
    if not faults:
        return
    yield Problem(
        where=item.at_quantity if item.quantity is None else item.at_unit,
        found=found[0],
        expected="a plain number above 0" if item.quantity is None else _unit(line, item)["unit"],
        message=". ".join(faults) + ".",
        correction=_correction(line, item),
        values=_unit(line, item),
    )


def _correction(line: DrugLine, item: DrugIdentification) -> str:
    if line.package_of(item):
        return "write how many {things} were used in CTP04, and {unit} in CTP05-1"
    return "write the quantity of this NDC that was used in CTP04, and its unit of measure in CTP05-1"


def _unit(line: DrugLine, item: DrugIdentification) -> dict[str, Value]:
    """The unit of measure in which the package is counted, and its name; any where the package is unknown."""
    package = line.package_of(item)
    if package is None:
        return {"unit": ", ".join(UNITS), "things": "units"}
    return {"unit": Code(package.counted_in), "things": UNITS[package.counted_in]}
