"""DOS004: dates of service on both sides of a change of codes."""

from collections.abc import Iterator

from lint837 import Bad, Code, DrugLine, Good, Problem, Severity, rule, show

from lint837_rules.sources import AMGEN_FLYER, TEXAS_NOTICE

_TEN = "LIN**N4*55513007701~CTP****1*UN~"


def _line(code: str, first: str, last: str) -> str:
    return f"SV1*HC:{code}:JZ*16000*UN*10***1~DTP*472*RD8*{first}-{last}~{_TEN}"


@rule(
    "DOS004",
    severity=Severity.WARNING,
    cites=[AMGEN_FLYER, TEXAS_NOTICE],
    good=[
        Good(_line("J9026", "20250101", "20250131"), note="from the first day"),
        Good(_line("C9170", "20241001", "20241231"), note="from the first day to the last"),
        Good(
            f"SV1*HC:J9999:::::TARLATAMAB*16000*UN*1***1~DTP*472*RD8*20240930-20241001~{_TEN}",
            note="the change of another code of the drug",
        ),
        Good(
            f"SV2*0636*HC:J9026:JZ*16000*UN*10~DTP*472*D8*20250110~{_TEN}",
            guide="837I",
            statement="20241215-20250115",
            note="the statement period is on both sides, but the line has its own date",
        ),
        Good(
            f"SV1*HC:J9026:JZ*16000*UN*10***1~{_TEN}",
            statement="20241215-20250115",
            also=("DOS001",),
            note="an 837P has no statement period",
        ),
        Good("SV1*HC:96413*410*UN*1***1~DTP*472*RD8*20241231-20250101~", note="not a line of the drug"),
    ],
    bad=[
        Bad(_line("J9026", "20241231", "20250101"), at="DTP03", note="the day before and the first day"),
        Bad(_line("C9170", "20241231", "20250101"), at="DTP03", note="the last day and the day after"),
        Bad(_line("C9170", "20240930", "20241001"), at="DTP03", note="the day before and the first day"),
        Bad(_line("C9170", "20240901", "20250131"), at="DTP03", note="both changes"),
        Bad(_line("C9170", "20241001", "20250131"), at="DTP03", note="from the first day: the last change alone"),
        Bad(_line("C9170", "20240901", "20241231"), at="DTP03", note="to the last day: the first change alone"),
        Bad(
            f"SV1*HC:J9999:::::TARLATAMAB*16000*UN*1***1~DTP*472*RD8*20241231-20250101~{_TEN}",
            at="DTP03",
        ),
        Bad(
            f"SV2*0636*HC:J9026:JZ*16000*UN*10~DTP*472*RD8*20241231-20250101~{_TEN}",
            at="DTP03",
            guide="837I",
            statement="20241231-20250101",
        ),
        Bad(
            f"SV2*0636*HC:C9170:JZ*16000*UN*10~{_TEN}SV2*0636*HC:C9170:JZ*16000*UN*10~{_TEN}",
            at="DTP03",
            guide="837I",
            statement="20241201-20250131",
            line="1 2",
            note="the statement period, for each line that has no date of its own",
        ),
        Bad(_line("J9026", "20241231", "20250101"), at="DTP03", dependent=True, filing_code=""),
        Bad(_line("J9026", "20241231", "20250101"), at="DTP03", frequency="8", severity=Severity.INFO),
        Bad(
            f"SV2*0636*HC:J9026*16000*UN*10~{_TEN}",
            at="DTP03",
            guide="837I",
            facility="11",
            statement="20241230-20250102",
            severity=Severity.INFO,
        ),
    ],
)
def service_range_spans_code_change(line: DrugLine) -> Iterator[Problem]:
    """The dates of service of a line lie on both sides of a change of codes.

    The day of the dose selects the code, and one of the two sides needs another code, so a payer may reject the line;
    no rule judges the code then. Give the line its day of service, or bill the days of each side on a line
    of its own with the code of that side. What counts is the first day of the line's own code and the day after its
    last. Where the statement period of an 837I stands in for the date, the finding is at the statement period, one for
    each such line; the missing date itself is DOS001, which only informs.
    """
    code, period = line.code, line.period
    if code is None or period is None or not line.boundary_inside:
        return
    changes = [day for day in code.boundaries if period.first < day <= period.last]
    yield Problem(
        where=line.at_period,
        found=period,
        expected="dates on one side of " + " and ".join(show(day) for day in changes),
        message="The dates of service, {found}, lie on both sides of {changes}, where the codes of {drug} change; "
        "{code} is right for a part of them only."
        if line.date_segment
        else "The line has no date of its own, and the statement period, {found}, lies on both sides of {changes}, "
        "where the codes of {drug} change; {code} is right for a part of it only.",
        correction="if it was one day, write that day; else bill each side on a line of its own, with its own code"
        if line.date_segment
        else "add the day of service to the line (DTP*472)",
        values={
            "changes": " and ".join(show(day) for day in changes),
            "drug": line.drug.name,
            "code": Code(code.code),
        },
    )
