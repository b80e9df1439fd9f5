"""DOS001: a drug's line without a date of service."""

from collections.abc import Iterator

from lint837 import Bad, DrugLine, Good, Problem, Severity, rule

_TEN = "LIN**N4*55513007701~CTP****1*UN~"
_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~"
_SV2 = "SV2*0636*HC:J9026:JZ*16000*UN*10~"


@rule(
    "DOS001",
    severity=Severity.ERROR,
    cites=["date-places"],
    good=[
        Good(f"{_SV1}DTP*472*D8*20250110~{_TEN}"),
        Good(f"{_SV1}DTP*472*RD8*20250110-20250111~{_TEN}"),
        Good(f"{_SV2}DTP*472*D8*20250110~{_TEN}", guide="837I", statement="20250110-20250110"),
        Good(f"{_SV1}DTP*472*D8*20250230~{_TEN}", also=("DOS002",), note="not valid, but not missing"),
        Good("SV1*HC:96413*410*UN*1***1~", note="not a line of the drug"),
    ],
    bad=[
        Bad(f"{_SV1}{_TEN}", at=""),
        Bad(f"{_SV1}DTP*471*D8*20250110~{_TEN}", at="", note="another date"),
        Bad(f"{_SV1}{_TEN}", at="", statement="20250101-20250131", note="an 837P has no statement period"),
        Bad("SV1*HC:J9999:::::TARLATAMAB*16000*UN*1***1~", at="", note="under any code"),
        Bad(
            "SV1*HC:J3490:::::PREMED FOR IMDELLTRA*20*UN*1***1~",
            at="",
            severity=Severity.WARNING,
            note="a line that is only perhaps the drug's",
        ),
        Bad(
            f"{_SV2}{_TEN}",
            at="",
            guide="837I",
            statement="20250110-20250110",
            severity=Severity.INFO,
            note="the statement period stands in for it",
        ),
        Bad(f"{_SV2}{_TEN}", at="", guide="837I", severity=Severity.INFO, note="no statement period either"),
        Bad(f"{_SV1}{_TEN}", at="", dependent=True, filing_code=""),
        Bad(f"{_SV1}{_TEN}", at="", frequency="8", severity=Severity.INFO),
        Bad(
            f"{_SV2}{_TEN}",
            at="",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
)
def missing_service_date(line: DrugLine) -> Iterator[Problem]:
    """A line has no date of service.

    An 837P must date each line, and is rejected without. On an 837I the statement period stands in for the date of a
    line, but the day of the dose alone tells which code is right and which lines belong together. Add the date of
    service (DTP*472). A date that is there but not valid is DOS002.
    """
    if line.date_segment:
        return
    institutional = line.claim.guide == "837I"
    if line.period:
        message = "The line has no date of service (DTP*472); the statement period, {period}, stands in for it."
    else:
        message = "The line has no date of service (DTP*472), so it cannot be known which code is right."
    yield Problem(
        where=line.at_service,
        found="nothing",
        expected="a date of service",
        message=message,
        correction="add the day of service to the line (DTP*472)",
        values={"period": line.period} if line.period else {},
        severity=Severity.INFO if institutional else None,
    )
