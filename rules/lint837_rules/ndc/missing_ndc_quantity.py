"""NDC004: an NDC without its quantity or unit of measure, or a quantity without its NDC."""

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

from lint837_rules.package_words import UNITS

_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~"
_SV2 = "SV2*0636*HC:J9026:JZ*16000*UN*10~DTP*472*D8*20250110~"
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
    good=[
        Good(f"{_SV1}{_LIN}CTP****1*UN~"),
        Good(f"{_SV1}{_LIN}CTP****1.00*UN~", note="needless zeros are no error"),
        Good(
            f"SV1*HC:J9026*8000*UN*5***1~DTP*472*D8*20250110~{_LIN}CTP****.5*UN~"
            f"SV1*HC:J9026:JW*8000*UN*5***1~DTP*472*D8*20250110~{_LIN}CTP****.5*UN~",
            note="a number that begins with its point",
        ),
        Good(f"{_SV1}{_LIN}CTP***0*1*UN~", note="CTP03, of an older version of the guide, is not judged"),
        Good(_SV1, note="neither NDC nor quantity"),
        Good(
            "SV1*HC:J2941*5332*UN*84***1~DTP*472*D8*20250110~LIN**N4*00013264681~",
            note="another drug's line",
        ),
    ],
    bad=[
        Bad(_SV1 + _LIN, at="", note="no CTP"),
        Bad(f"{_SV1}CTP****1*UN~", at="", note="no LIN"),
        Bad(f"{_SV1}CTP~", at="", note="no LIN, and an empty CTP"),
        Bad(f"{_SV1}CTP****1*UN~{_LIN}", at="", note="the quantity before its NDC: one finding"),
        Bad(f"{_SV1}CTP****1*UN~{_LIN}{_LIN}CTP****1*UN~", at="", note="the first of two before its NDC"),
        Bad(f"{_SV1}{_LIN}CTP*****UN~", at="CTP04", note="no number"),
        Bad(f"{_SV1}{_LIN}CTP~", at="CTP04", note="neither number nor unit of measure: one finding"),
        Bad(f"{_SV1}{_LIN}CTP****0*UN~", at="CTP04"),
        Bad(f"{_SV1}{_LIN}CTP****0.000*UN~", at="CTP04"),
        Bad(f"{_SV1}{_LIN}CTP****-1*UN~", at="CTP04"),
        Bad(f"{_SV1}{_LIN}CTP****+1*UN~", at="CTP04"),
        Bad(f"{_SV1}{_LIN}CTP****1,0*UN~", at="CTP04", note="a comma"),
        Bad(f"{_SV1}{_LIN}CTP****1E1*UN~", at="CTP04", note="an exponent"),
        Bad(f"{_SV1}{_LIN}CTP****1 VIAL*UN~", at="CTP04", note="words"),
        Bad(f"{_SV1}{_LIN}CTP****1~", at="CTP05-1", note="no unit of measure"),
        Bad(f"{_SV1}{_LIN}CTP****0*~", at="CTP04", note="two causes in one CTP are one finding"),
        Bad(f"{_SV1}{_LIN}{_LIN}CTP****1*UN~", at="", note="the first of two LIN has no quantity"),
        Bad(
            "SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***1~DTP*472*D8*20241110~" + _LIN,
            at="",
            note="under a miscellaneous code",
        ),
        Bad(
            "SV1*HC:J3490:::::PREMED FOR IMDELLTRA*20*UN*1***1~DTP*472*D8*20241110~CTP****1*UN~",
            at="",
            severity=Severity.WARNING,
            note="a line that is only perhaps the drug's",
        ),
        Bad(_SV2 + _LIN, at="", guide="837I", statement="20250110-20250110"),
        Bad(_SV1 + _LIN, at="", dependent=True, filing_code=""),
        Bad(_SV1 + _LIN, at="", frequency="8", severity=Severity.INFO),
        Bad(
            _SV2 + _LIN,
            at="",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
)
def missing_ndc_quantity(line: DrugLine) -> Iterator[Problem]:
    """An NDC has no valid quantity or unit of measure, or a quantity has no NDC.

    The NDC, its quantity and its unit of measure belong together, and a clearinghouse rejects the claim where one of
    them is missing, or the quantity is not a number above 0. Write how much of the package was used. Several faults of
    one CTP are one finding, and so is a CTP that stands before its LIN. A LIN with another qualifier than N4 needs a
    quantity, too.
    """
    stray = next((s for s in line.segments if s.id == "CTP"), None) if line.has_stray_quantity else None
    if stray is not None:  # an empty segment is falsy
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
    behind = [item.lin for item in line.drug_identifications][:1]
    return Problem(
        where=stray.at(line=line.ordinal),
        found="a quantity without its NDC",
        expected="a LIN with the NDC before it",
        message="A quantity (CTP) stands before its NDC (LIN)."
        if behind
        else "A quantity (CTP) stands without its NDC (LIN).",
        correction="put the LIN before the CTP" if behind else "add a LIN with the NDC of the package that was used",
        related=[Related(lin.at(3, line=line.ordinal), "NDC") for lin in behind],
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
    """The unit of measure in which the package is counted, and its name; any where the package is not known."""
    package = line.package_of(item)
    if package is None:
        return {"unit": ", ".join(UNITS), "things": "units"}
    return {"unit": Code(package.counted_in), "things": UNITS[package.counted_in]}
