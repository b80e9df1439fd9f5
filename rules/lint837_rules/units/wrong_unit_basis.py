"""QTY004: a drug billed in another measure than units."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, DrugLine, Edit, Fix, Good, Problem, Severity, rule

_ON = "DTP*472*D8*20250110~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"
_UNITS = "UN"


def _line(basis: str, units: str = "10") -> str:
    return f"SV1*HC:J9026:JZ*16000*{basis}*{units}***1~{_ON}{_NDC}"


@rule(
    "QTY004",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "837P 005010X222A1 SV103 and 837I 005010X223A2 SV204, as in the maps of pyx12",
            "The measure of the count is MJ (minutes) or UN on an 837P, DA (days) or UN on an 837I.",
        ),
        Citation("Amgen, IMDELLTRA permanent J-code flyer", "J9026 is billed in units: 1 unit for each mg."),
    ],
    good=[
        Good(_line("UN")),
        Good(_line("", ""), also=("QTY003",), note="no count either: one cause"),
        Good(f"SV1*HC:J9026:JZ*16000~{_ON}{_NDC}", also=("QTY003",), note="the segment ends before both"),
        Good(f"SV1*HC:00100*900*MJ*60***1~{_ON}", note="minutes of anesthesia"),
        Good(
            f"SV2*0120**4000*DA*2~{_ON}SV2*0636*HC:J9026:JZ*16000*UN*10~{_ON}{_NDC}",
            guide="837I",
            statement="20250110-20250112",
            note="days of a room",
        ),
    ],
    bad=[
        Bad(_line("MJ"), at="SV103", note="minutes"),
        Bad(_line("F2"), at="SV103", note="a unit of measure of the NDC"),
        Bad(_line("ME"), at="SV103", note="the milligrams belong into CTP"),
        Bad(_line("un"), at="SV103", note="in lower case"),
        Bad(_line(""), at="SV103", note="none, though there is a count"),
        Bad(_line("MJ", ""), at="SV103", note="a wrong one, whether there is a count or not"),
        Bad(
            f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*ME*10***1~DTP*472*D8*20241110~{_NDC}",
            at="SV103",
            note="under a miscellaneous code",
        ),
        Bad(
            "SV1*HC:J3490:::::PREMED FOR IMDELLTRA*20*ML*1***1~DTP*472*D8*20241110~",
            at="SV103",
            severity=Severity.WARNING,
            note="a line that is only perhaps the drug's",
        ),
        Bad(
            f"SV2*0636*HC:J9026:JZ*16000*DA*10~{_ON}{_NDC}",
            at="SV204",
            guide="837I",
            statement="20250110-20250110",
        ),
        Bad(_line("MJ"), at="SV103", dependent=True, filing_code=""),
        Bad(_line("MJ"), at="SV103", frequency="8", severity=Severity.INFO),
        Bad(
            f"SV2*0636*HC:J9026*16000*DA*10~{_ON}{_NDC}",
            at="SV204",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
)
def wrong_unit_basis(line: DrugLine) -> Iterator[Problem]:
    """A drug is billed in another measure than units.

    The count of a drug's line is of units (UN), which its code defines; minutes and days belong to other services, and
    the units of measure of an NDC to CTP. The payer rejects the line or misreads the count. Change it to UN, and check
    the count. The drug's own and the miscellaneous codes are judged; where the count is missing, too, that is
    invalid-unit-count alone.
    """
    basis = line.unit_basis
    if line.code is None or basis == _UNITS or not (basis or line.units_as_written):
        return
    where = line.at_unit_basis
    certain = basis.upper() in ("", _UNITS)
    yield Problem(
        where=where,
        found=Code(basis) if basis else "nothing",
        expected=Code(_UNITS),
        message="The measure of the unit count is {found}; a drug is billed in units ({expected})."
        if basis
        else "The unit count has no measure; a drug is billed in units ({expected}).",
        correction="write {expected}" if certain else "change {found} to {expected}, and check the unit count",
        fixes=[Fix((Edit(where, _UNITS),), safe=basis.upper() == _UNITS)] if certain else (),
    )
