"""NDC006: an NDC quantity as a weight, which some payers refuse."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, DrugLine, Good, PayerProfile, Place, Problem, Severity, Value, rule, show

from lint837_rules.package_words import PACKAGES, UNITS, WEIGHTS

_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~"
_SV2 = "SV2*0636*HC:J9026:JZ*16000*UN*10~DTP*472*D8*20250110~"
_LIN = "LIN**N4*55513007701~"


@rule(
    "NDC006",
    severity=Severity.WARNING,
    cites=[
        "loop-2410",
        "bcbsm-units",
        Citation(
            "HealthChoice Oklahoma, claims with NDC; Mountain Health Co-Op, NDC requirement (2025)",
            "The unit of measure is F2, GR, ML or UN: ME is not among them.",
        ),
    ],
    good=[
        Good(f"{_SV1}{_LIN}CTP****1*UN~"),
        Good(f"{_SV1}{_LIN}CTP****10*ME~", payer=PayerProfile(ndc_units=("ME", "UN"))),
        Good(f"{_SV1}{_LIN}CTP****1*UN~", payer=PayerProfile(ndc_units=("UN", "ML"))),
        Good(
            f"{_SV1}{_LIN}CTP****10*ML~",
            payer=PayerProfile(ndc_units=("UN", "ML")),
            also=("NDC005",),
            note="not a unit of this package",
        ),
        Good(f"{_SV1}LIN**N4*50242013601~CTP****400*ME~", also=("NDC002",), note="another product"),
        Good(f"{_SV1}{_LIN}CTP****10*MG~", also=("NDC005",), note="no unit of measure at all"),
        Good(
            "SV1*HC:J9271*9000*UN*200***1~DTP*472*D8*20250110~LIN**N4*00006302602~CTP****200*ME~", note="another drug"
        ),
    ],
    bad=[
        Bad(f"{_SV1}{_LIN}CTP****10*ME~", at="CTP05-1", note="milligrams"),
        Bad(f"{_SV1}{_LIN}CTP****.01*GR~", at="CTP05-1", note="grams"),
        Bad(
            f"{_SV1}{_LIN}CTP****10*ME~",
            at="CTP05-1",
            payer=PayerProfile(title="Example Health", ndc_units=("GR", "UN", "ML")),
        ),
        Bad(f"{_SV1}LIN**N4*55513-077-01~CTP****10*ME~", at="CTP05-1", note="however the NDC is written"),
        Bad(
            f"{_SV1}LIN**N4*55513005901~CTP****5*UN~LIN**N4*55513005901~CTP****5*ME~",
            at="CTP05-1",
            note="the second of two LIN",
        ),
        Bad(
            "SV1*HC:J9026:JZ*1600*UN*1***1~DTP*472*D8*20250110~LIN**N4*55513005901~CTP****1*ME~",
            at="CTP05-1",
            note="the same number of packages and of milligrams",
        ),
        Bad(f"{_SV1}{_LIN}CTP****0*ME~", at="CTP05-1", note="without a number that could be converted"),
        Bad(
            f"SV1*HC:J9026*11200*UN*7***1~DTP*472*D8*20250110~{_LIN}CTP****7*ME~"
            f"SV1*HC:J9026:JW*4800*UN*3***1~DTP*472*D8*20250110~{_LIN}CTP****3*ME~",
            at="CTP05-1",
            line="1 2",
            note="parts of a package",
        ),
        Bad(
            f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***1~DTP*472*D8*20241110~{_LIN}CTP****10*ME~",
            at="CTP05-1",
            note="under a miscellaneous code",
        ),
        Bad(f"{_SV1}{_LIN}CTP****10*ME~", at="CTP05-1", purpose="RP", note="an encounter"),
        Bad(f"{_SV2}{_LIN}CTP****10*ME~", at="CTP05-1", guide="837I", statement="20250110-20250110"),
        Bad(f"{_SV1}{_LIN}CTP****10*ME~", at="CTP05-1", dependent=True, filing_code=""),
        Bad(f"{_SV1}{_LIN}CTP****10*ME~", at="CTP05-1", frequency="8", severity=Severity.INFO),
        Bad(
            f"{_SV2}{_LIN}CTP****10*ME~",
            at="CTP05-1",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
)
def payer_dependent_ndc_unit(line: DrugLine) -> Iterator[Problem]:
    """An NDC quantity is a weight, which several payers refuse.

    The guide allows milligrams (ME) and grams (GR), but payers price a drug by the unit in which its package is
    counted, and several refuse any other. Report the number of packages under UN (of milliliters under ML, for a drug
    that is counted so). Only an NDC that is recognised as the drug's is judged.

    Where a payer profile says which units the payer takes, that decides.
    """
    payer = line.claim.payer_profile
    for item in line.drug_identifications:
        package, ctp = line.package_of(item), item.ctp
        if package is None or ctp is None:
            continue
        if payer.ndc_units is None:
            if item.unit not in WEIGHTS:
                continue
        elif item.unit in payer.ndc_units or item.unit not in (package.counted_in, *WEIGHTS):
            continue
        elif package.counted_in not in payer.ndc_units:
            yield _in_no_right_unit(line, item.unit, item.at_unit)
            continue
        amount, units = line.amount_of(item), line.service_unit_count
        # Where the units say otherwise, the quantity may be the wrong one: then no number is told.
        agrees = line.code and units and line.code.is_product and units * line.code.amount == amount
        number = amount / package.amount if amount and agrees else None
        expected: Value = Code(package.counted_in)
        correction = "change the quantity to the number of {things} that were used, and {found} to {unit}"
        values: dict[str, Value] = {
            "meaning": UNITS[item.unit],
            "things": UNITS[package.counted_in],
            "unit": Code(package.counted_in),
        }
        # A quantity has at most three decimals; what is not exact so is not told.
        if number and (number * 1000).to_integral_value() == number * 1000:
            values |= {"quantity": item.quantity or number, "number": number}
            if number == int(number) or package.counted_in != PACKAGES:
                expected = f"{show(number)} {package.counted_in}"
                correction = "change the quantity from {quantity} to {number}, and {found} to {unit}"
                if number == item.quantity:
                    correction = "change {found} to {unit}; the quantity stays {number}"
            else:
                values["size"] = line.drug.measured(package.amount)
                correction += " ({quantity} {found} is {number} of a package of {size})"
        yield Problem(
            where=item.at_unit,
            found=Code(item.unit),
            expected=expected,
            message="The NDC quantity is in {meaning} ({found}): allowed, but "
            + ("several payers refuse it." if payer.ndc_units is None else "{payer} does not take it."),
            correction=correction,
            values=values | {"payer": payer.label},
        )


def _in_no_right_unit(line: DrugLine, unit: str, where: Place) -> Problem:
    """The problem where the payer does not take the unit in which the package is counted either."""
    payer = line.claim.payer_profile
    return Problem(
        where=where,
        found=Code(unit),
        expected=" or ".join(payer.ndc_units or ()),
        message="The NDC quantity is in {meaning} ({found}): allowed, but {payer} does not take it.",
        correction="change the quantity and {found} to a unit of measure that the payer takes ({expected})",
        values={"meaning": UNITS[unit], "payer": payer.label},
    )
