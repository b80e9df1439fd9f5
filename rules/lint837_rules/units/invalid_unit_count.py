"""QTY003: billed units that are no count."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, DrugLine, Good, Problem, Severity, Value, plain_decimal, rule

from lint837_rules.sources import AMGEN_FLYER

_ON = "DTP*472*D8*20250110~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"


def _line(units: str) -> str:
    return f"SV1*HC:J9026:JZ*16000*UN*{units}***1~{_ON}{_NDC}"


@rule(
    "QTY003",
    severity=Severity.ERROR,
    cites=[
        AMGEN_FLYER,
        "jw-policy",
        Citation("Stedi, claim edit: Negative service unit counts", "A unit count below 0 is rejected."),
        Citation(
            "837P 005010X222A1 SV104 and 837I 005010X223A2 SV205, as in the maps of pyx12",
            "The unit count is required, and a decimal number.",
        ),
    ],
    good=[
        Good(_line("10")),
        Good(_line("10.0"), note="a whole number, written otherwise"),
        Good(
            f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1.5***1~DTP*472*D8*20241110~{_NDC}",
            note="what a unit of a miscellaneous code is, is not fixed",
        ),
        Good(f"SV1*HC:A0425*90*UN*0***1~{_ON}", note="no drug"),
    ],
    bad=[
        Bad(_line(""), at="SV104", note="none"),
        Bad(f"SV1*HC:J9026:JZ*16000*~{_ON}{_NDC}", at="SV104", note="the segment ends before it"),
        Bad(_line("0"), at="SV104"),
        Bad(_line("-10"), at="SV104"),
        Bad(_line("+10"), at="SV104"),
        Bad(_line("1,0"), at="SV104", note="a comma"),
        Bad(_line("1E1"), at="SV104", note="an exponent"),
        Bad(_line("10MG"), at="SV104"),
        Bad(_line("1234567890123456"), at="SV104", note="more than 15 digits"),
        Bad(_line("9.5"), at="SV104", note="a part of a unit"),
        Bad(
            f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*0***1~DTP*472*D8*20241110~{_NDC}",
            at="SV104",
            note="under a miscellaneous code",
        ),
        Bad(_line("10.25"), at="SV104", note="not whole"),
        Bad(
            "SV1*HC:J3490:::::PREMED FOR IMDELLTRA*20*UN*0***1~DTP*472*D8*20241110~",
            at="SV104",
            severity=Severity.WARNING,
            note="a line that is only perhaps the drug's",
        ),
        Bad(
            f"SV2*0636*HC:J9026:JZ*16000*UN*0~{_ON}{_NDC}",
            at="SV205",
            guide="837I",
            statement="20250110-20250110",
        ),
        Bad(
            f"SV2*0636*HC:J9026:JZ*16000~{_ON}{_NDC}",
            at="SV205",
            guide="837I",
            statement="20250110-20250110",
            note="neither unit nor count",
        ),
        Bad(_line("0"), at="SV104", dependent=True, filing_code=""),
        Bad(_line("0"), at="SV104", frequency="8", severity=Severity.INFO),
        Bad(
            f"SV2*0636*HC:J9026*16000*UN*0~{_ON}{_NDC}",
            at="SV205",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
)
def invalid_unit_count(line: DrugLine) -> Iterator[Problem]:
    """The billed units are missing, not a number above 0, or not whole.

    The payer cannot price the line and rejects it. A drug's own code is billed in whole units; under any other code
    only a number above 0 is asked for. A plain number is digits with at most one point, at most 15 of them.
    """
    written, code = line.units_as_written, line.code
    units = plain_decimal(written)
    found: Value = "nothing"
    if not written:
        message = "The line has no unit count."
    elif units is None:
        found = "not a plain number"
        message = "The unit count is not a plain number: digits with at most one point, no sign or comma."
    elif units == 0:
        found = units
        message = "The unit count is 0."
    elif code and code.is_product and units != units.to_integral_value():
        found = units
        message = "The line bills {found} units, but {code} is billed in whole units."
    else:
        return
    own = code if code and code.is_product else None
    yield Problem(
        where=line.at_service_unit_count,
        found=found,
        expected="a whole number above 0" if own else "a number above 0",
        message=message,
        correction="bill whole units (1 unit = {amount})" if own else "write the number of units, above 0",
        values={
            "code": Code(own.code) if own else "",
            "amount": line.drug.measured(own.amount) if own else "",
        },
    )
