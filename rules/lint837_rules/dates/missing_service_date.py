"""DOS001: a drug's line without a date of service."""

from collections.abc import Iterator

from lint837 import Bad, DrugLine, Good, Problem, Severity, rule

from lint837_rules.boxes import box

_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "DOS001",
    severity=Severity.ERROR,
    cites=["date-places"],
    good=[
        Good(f"{_SV1}DTP*472*RD8*20250110-20250111~{_NDC}"),
        Good(f"{_SV1}DTP*472*D8*20250230~{_NDC}", also=("DOS002",), note="invalid, but not missing"),
    ],
    bad=[
        Bad(_SV1 + _NDC, at=""),
        Bad(_SV1 + _NDC, at="", statement="20250101-20250131", note="an 837P has no statement period"),
        Bad(
            f"SV2*0636*HC:J9026:JZ*16000*UN*10~{_NDC}",
            at="",
            guide="837I",
            statement="20250110-20250110",
            severity=Severity.INFO,
            note="the statement period is used instead",
        ),
    ],
    unless="is_plain",
)
def missing_service_date(line: DrugLine) -> Iterator[Problem]:
    """A line has no date of service.

    An 837P must date each line; a claim without the date is rejected. On an 837I the statement period is used instead,
    but only the date of the dose decides which code is valid and which lines belong together. Add the date of service
    (DTP*472).
    """
    if line.date_segment:
        return
    if line.period:
        message = "The line has no date of service (DTP*472); the statement period, {period}, is used instead."
    else:
        message = "The line has no date of service (DTP*472), so the valid code is unknown."
    yield Problem(
        where=line.at_service,
        found="nothing",
        expected="a date of service",
        message=message,
        correction="add the date of service to the line (DTP*472, {box})",
        values={"period": line.period or "", "box": box(line, "date")},
        severity=Severity.INFO if line.guide == "837I" else None,
    )
