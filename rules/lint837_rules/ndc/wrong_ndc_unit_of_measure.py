"""NDC005: an NDC quantity in a unit of measure that does not exist, or in which the package is not counted."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, DrugIdentification, DrugLine, Edit, Fix, Good, Package, Problem, Severity, rule

from lint837_rules.package_words import UNITS, WEIGHTS

_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~"
_SV2 = "SV2*0636*HC:J9026:JZ*16000*UN*10~DTP*472*D8*20250110~"
_LIN = "LIN**N4*55513007701~"


@rule(
    "NDC005",
    severity=Severity.ERROR,
    cites=[
        "loop-2410",
        "bcbsm-units",
        Citation("X12, request for interpretation 591", "ML is for liquids, GR for weights, UN for packages."),
        Citation(
            "FDA, structured product label 1e7b6163-5d83-42ea-82c9-cf7620cdc782, version 5",
            "A package of IMDELLTRA is a kit with a vial of powder.",
        ),
    ],
    good=[
        Good(f"{_SV1}{_LIN}CTP****1*UN~"),
        Good(
            f"{_SV1}{_LIN}CTP****10*ME~",
            also=("NDC006",),
            note="a weight is right by the guide, though some payers refuse it",
        ),
        Good(f"{_SV1}{_LIN}CTP****1~", also=("NDC004",), note="none at all"),
        Good(f"{_SV1}LIN**N4*50242013601~CTP****20*ML~", also=("NDC002",), note="another product, perhaps a liquid"),
        Good(f"{_SV1}LIN**N4*5024201360~CTP****20*ML~", also=("NDC001",), note="which product cannot be known"),
        Good("SV1*HC:J1550*53*UN*1***1~DTP*472*D8*20250110~LIN**N4*00026063512~CTP****10*ML~", note="another drug"),
    ],
    bad=[
        Bad(f"{_SV1}{_LIN}CTP****1*ML~", at="CTP05-1", note="packages counted under ML"),
        Bad(f"{_SV1}{_LIN}CTP****4.2*ML~", at="CTP05-1", note="the volume after reconstitution"),
        Bad(f"{_SV1}{_LIN}CTP****1*F2~", at="CTP05-1", note="international units"),
        Bad(f"{_SV1}{_LIN}CTP****10*MG~", at="CTP05-1", note="no unit of measure of this element"),
        Bad(f"{_SV1}{_LIN}CTP****1*EA~", at="CTP05-1"),
        Bad(f"{_SV1}{_LIN}CTP****1*VIAL~", at="CTP05-1"),
        Bad(
            f"SV1*HC:J9026:JZ*32000*UN*20***1~DTP*472*D8*20250110~{_LIN}CTP****1*EA~",
            at="CTP05-1",
            note="the units say that there were two",
        ),
        Bad(f"{_SV1}{_LIN}CTP****1*UN~{_LIN}CTP****1*EA~", at="CTP05-1", note="the second of two LIN"),
        Bad(
            f"{_SV1}{_LIN}CTP****1*EA~{_LIN}CTP****1*UN~",
            at="CTP05-1",
            note="of two LIN, which one the units are of is not known",
        ),
        Bad(
            f"SV1*HC:J9026:JZ*16000*UN*1,0***1~DTP*472*D8*20250110~{_LIN}CTP****1*EA~",
            at="CTP05-1",
            note="whether the quantity is right, the units cannot say",
        ),
        Bad(f"{_SV1}{_LIN}CTP****1*un~", at="CTP05-1", note="in lower case"),
        Bad(f"{_SV1}LIN**N4*55513-077-01~CTP****1*ML~", at="CTP05-1", note="however the NDC is written"),
        Bad(f"{_SV1}{_LIN}CTP****0*ML~", at="CTP05-1", note="that the quantity is 0 is another cause"),
        Bad(
            f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***1~DTP*472*D8*20241110~{_LIN}CTP****4.2*ML~",
            at="CTP05-1",
            note="under a miscellaneous code",
        ),
        Bad(f"{_SV2}{_LIN}CTP****1*ML~", at="CTP05-1", guide="837I", statement="20250110-20250110"),
        Bad(f"{_SV1}{_LIN}CTP****1*ML~", at="CTP05-1", dependent=True, filing_code=""),
        Bad(f"{_SV1}{_LIN}CTP****1*ML~", at="CTP05-1", frequency="8", severity=Severity.INFO),
        Bad(
            f"{_SV2}{_LIN}CTP****1*ML~",
            at="CTP05-1",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
)
def wrong_ndc_unit_of_measure(line: DrugLine) -> Iterator[Problem]:
    """An NDC quantity has a unit of measure that does not exist, or in which the package is not counted.

    The unit of measure is F2, GR, ME, ML or UN, in capital letters; a package is counted in one of UN and ML: a powder
    by the package (UN), whatever the volume after reconstitution. The payer cannot price the other, and F2 is for
    drugs that are measured in international units. Weights (ME, GR) are payer-dependent-ndc-unit. Only an NDC that is
    recognised as the drug's is judged: another product's may be a liquid.
    """
    for item in line.drug_identifications:
        package, ctp, unit = line.package_of(item), item.ctp, item.unit
        if package is None or ctp is None or unit in ("", package.counted_in, *WEIGHTS):
            continue
        where = item.at_unit
        same = unit.upper() == package.counted_in
        if same:
            message = "The unit of measure {found} is not in capital letters."
        elif unit in UNITS:
            message = "The NDC quantity is in {meaning} ({found}), but {drug} is counted in {things} ({expected})."
        else:
            message = '"{found}" is no unit of measure of an NDC quantity; {drug} is counted in {things} ({expected}).'
        correction = "change it to {expected}"
        if not same and _is_counted(line, item, package):
            correction += "; the quantity is already the number of {things}"
        elif not same:
            correction += ", and the quantity to the number of {things} that were used"
        yield Problem(
            where=where,
            found=Code(unit),
            expected=Code(package.counted_in),
            message=message,
            correction=correction,
            values={
                "meaning": UNITS.get(unit, ""),
                "things": UNITS[package.counted_in],
                "drug": line.drug.name,
            },
            fixes=[Fix((Edit(where, package.counted_in),), safe=True)] if same else (),
        )


def _is_counted(line: DrugLine, item: DrugIdentification, package: Package) -> bool:
    """Whether the billed units say that the quantity is right as a count of packages."""
    code, units = line.code, line.service_unit_count
    if code is None or units is None or item.quantity is None:
        return False  # a miscellaneous code's unit is no amount, 0
    return len(line.drug_identifications) == 1 and item.quantity * package.amount == units * code.amount
