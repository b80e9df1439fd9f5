"""NDC004: an NDC without a quantity or unit of measure, or a quantity without an NDC."""

from collections.abc import Iterator

from lint837 import (
    Bad,
    Citation,
    Code,
    DrugIdentification,
    DrugLine,
    Fix,
    Good,
    Problem,
    Related,
    Segment,
    Severity,
    Value,
    plain_decimal,
    rule,
    show,
)

from lint837_rules.boxes import box
from lint837_rules.packages import UNITS, counted_packages, edits_of, packages_billed

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
    ],
    unless="is_plain",
)
def missing_ndc_quantity(line: DrugLine) -> Iterator[Problem]:
    """An NDC has no valid quantity or unit of measure, or a quantity has no NDC.

    The NDC, its quantity and its unit of measure belong together. A clearinghouse rejects the claim if one of them is
    missing, or if the quantity is not a number above 0. Write how much of the package was used. All faults of one CTP
    are one finding, and so is a CTP before its LIN. Of two CTPs after one LIN the first is checked.
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
                values=_values(line, item),
            )


def _without_ndc(line: DrugLine, stray: Segment) -> Problem:
    later = [item.at_ndc for item in line.drug_identifications][:1]
    return Problem(
        where=line.at(stray),
        found="a quantity without its NDC",
        expected="a LIN with the NDC before it",
        message="The quantity (CTP) is before its NDC (LIN)." if later else "A quantity (CTP) has no NDC (LIN).",
        correction="put the LIN before the CTP"
        if later
        else "add a LIN with the NDC of the package that was used ({box})",
        values={"box": box(line, "NDC")},
        related=[Related(ndc, "NDC") for ndc in later],
        cause="CTP without LIN",
    )


def _incomplete(line: DrugLine, item: DrugIdentification, ctp: Segment) -> Iterator[Problem]:
    found: list[Value] = []
    faults = []
    written = ctp.exact(4)
    spaced = plain_decimal(written.strip())
    is_spaced = item.quantity is None and bool(spaced)
    if item.quantity is None:
        number = plain_decimal(written)
        found.append("nothing" if not written.strip() else "not a plain number" if number is None else number)
        fault = "is not a plain number" if number is None else "is 0"
        fault = "has a space before or after it" if spaced else fault
        faults.append(f"The NDC quantity (CTP04) {fault if written.strip() else 'is missing'}")
    if not item.unit:
        found.append("nothing")
        faults.append(
            "Its unit of measure (CTP05-1) is missing" if faults else "The NDC quantity has no unit of measure"
        )
    if not faults:
        return
    package, packages = line.package_of(item), packages_billed(line, item)
    texts: dict[int, str] = {}
    if is_spaced:
        texts[4] = written.strip()
    elif item.quantity is None and packages:
        texts[4] = show(packages)
    if not item.unit and package and package.counted_in and (spaced is None or packages is None or spaced == packages):
        texts[5] = package.counted_in
    whole = (item.quantity or 4 in texts) and (item.unit or 5 in texts)
    yield Problem(
        where=item.at_quantity if item.quantity is None else item.at_unit,
        found=found[0],
        expected="a plain number above 0" if item.quantity is None else _values(line, item)["unit"],
        message=". ".join(faults) + ".",
        correction="remove the space ({box})" if is_spaced and len(faults) == 1 else _correction(line, item),
        values=_values(line, item),
        fixes=[Fix(edits_of(line, ctp, texts), safe=is_spaced and len(faults) == 1)] if whole and texts else (),
    )


def _correction(line: DrugLine, item: DrugIdentification) -> str:
    write = "write" if item.ctp else "add a CTP with"
    if packages_billed(line, item):
        return (
            f"{write} {{packages}} in CTP04 and {{unit}} in CTP05-1, for {{used}} ({{box}}), if the unit count is right"
        )
    package = line.package_of(item)
    if package and package.counted_in:
        return f"{write} how many {{things}} were used in CTP04, and {{unit}} in CTP05-1 ({{box}})"
    return f"{write} the quantity of this NDC that was used in CTP04, and its unit of measure in CTP05-1 ({{box}})"


def _values(line: DrugLine, item: DrugIdentification) -> dict[str, Value]:
    """The unit of measure in which the package is counted, and its name; any where the package is unknown. How many the
    billed units are.
    """
    values: dict[str, Value] = {"box": box(line, "NDC")}
    package, packages = line.package_of(item), packages_billed(line, item)
    if package is None or not package.counted_in:
        return values | {"unit": ", ".join(UNITS), "things": "units"}
    if packages:
        values |= {"packages": packages, "used": counted_packages(packages, package, line.drug)}
    return values | {"unit": Code(package.counted_in), "things": UNITS[package.counted_in]}
