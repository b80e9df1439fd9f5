"""NDC007: a drug's NDC under a qualifier other than N4."""

from collections.abc import Iterator

from lint837 import Bad, Code, DrugLine, Edit, Fix, Good, Problem, Severity, rule

_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~"
_SV2 = "SV2*0636*HC:J9026:JZ*16000*UN*10~DTP*472*D8*20250110~"
_CTP = "CTP****1*UN~"
_NDC = "N4"


@rule(
    "NDC007",
    severity=Severity.ERROR,
    cites=["rfi-2151"],
    good=[
        Good(f"{_SV1}LIN**N4*55513007701~{_CTP}"),
        Good(f"{_SV1}LIN**UP*055513077016~{_CTP}", note="a UPC under its own qualifier"),
        Good(f"{_SV1}LIN**ND*50242013601~{_CTP}", note="not the product's NDC: what it is cannot be known"),
        Good(f"{_SV1}LIN*1*N4*55513007701~{_CTP}", note="LIN01 is not judged"),
        Good("SV1*HC:J2941*5332*UN*84***1~DTP*472*D8*20250110~LIN**ND*00013264681~CTP****7*UN~", note="another drug"),
    ],
    bad=[
        Bad(f"{_SV1}LIN**ND*55513007701~{_CTP}", at="LIN02"),
        Bad(f"{_SV1}LIN**UP*55513007701~{_CTP}", at="LIN02", note="the NDC as a UPC"),
        Bad(f"{_SV1}LIN**n4*55513007701~{_CTP}", at="LIN02", note="in lower case"),
        Bad(f"{_SV1}LIN***55513007701~{_CTP}", at="LIN02", note="no qualifier"),
        Bad(f"{_SV1}LIN**NDC*55513-077-01~{_CTP}", at="LIN02", note="whose NDC is malformed, too"),
        Bad(
            f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***1~DTP*472*D8*20241110~LIN**ND*55513007701~{_CTP}",
            at="LIN02",
            note="under a miscellaneous code",
        ),
        Bad(f"{_SV2}LIN**ND*55513007701~{_CTP}", at="LIN02", guide="837I", statement="20250110-20250110"),
        Bad(f"{_SV1}LIN**ND*55513007701~{_CTP}", at="LIN02", dependent=True, filing_code=""),
        Bad(f"{_SV1}LIN**ND*55513007701~{_CTP}", at="LIN02", frequency="8", severity=Severity.INFO),
        Bad(
            f"{_SV2}LIN**ND*55513007701~{_CTP}",
            at="LIN02",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
)
def wrong_ndc_qualifier(line: DrugLine) -> Iterator[Problem]:
    """An NDC stands behind another qualifier than N4.

    The payer reads what follows as another kind of number, or not at all, and rejects the line as one without an NDC.
    Change LIN02 to N4. Only the NDC of the drug is judged, in any written form; that it is malformed is another
    finding.
    """
    for item in line.drug_identifications:
        qualifier = item.lin.element(2)
        if qualifier == _NDC or line.package_of(item) is None:
            continue
        where = item.at_qualifier
        yield Problem(
            where=where,
            found=Code(qualifier) if qualifier else "nothing",
            expected=Code(_NDC),
            message="LIN03 holds the NDC of {drug}, but its qualifier in LIN02 is {found}, not {expected}."
            if qualifier
            else "LIN03 holds the NDC of {drug}, but LIN02 has no qualifier.",
            correction="change LIN02 to {expected}",
            values={"drug": line.drug.name},
            fixes=[Fix((Edit(where, _NDC),), safe=True)],
        )
