"""DOS003: a date of service after the file was made."""

from collections.abc import Iterator

from lint837 import Bad, Citation, DrugLine, Good, Problem, Severity, rule, show

_TEN = "LIN**N4*55513007701~CTP****1*UN~"
_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~"
_SV2 = "SV2*0636*HC:J9026:JZ*16000*UN*10~"


@rule(
    "DOS003",
    severity=Severity.WARNING,
    cites=[
        Citation(
            "837 guides 005010X222 and 005010X223, ISA09, GS04 and BHT04",
            "They say on which days the interchange, the group and the transaction set were made.",
        )
    ],
    good=[
        Good(f"{_SV1}DTP*472*D8*20260115~{_TEN}", created="20260115", note="billed on the day of service"),
        Good(f"{_SV1}DTP*472*RD8*20260114-20260115~{_TEN}", created="20260115"),
        Good(
            f"{_SV2}DTP*472*D8*20260115~{_TEN}",
            guide="837I",
            created="20260115",
            statement="20260101-20260131",
            note="the statement period ends later, but the line's own date decides",
        ),
        Good(
            f"{_SV2}{_TEN}",
            guide="837I",
            created="20260115",
            statement="20260115-20260131",
            also=("DOS001",),
            note="a statement period that has begun",
        ),
        Good(f"{_SV1}{_TEN}", created="20260115", statement="20260201-20260228", also=("DOS001",)),
        Good(f"{_SV1}DTP*472*D8*20269901~{_TEN}", created="20260115", also=("DOS002",), note="not a date"),
        Good("SV1*HC:96413*410*UN*1***1~DTP*472*D8*20270110~", created="20260115", note="not a line of the drug"),
    ],
    bad=[
        Bad(f"{_SV1}DTP*472*D8*20260116~{_TEN}", at="DTP03", created="20260115", note="one day later"),
        Bad(f"{_SV1}DTP*472*RD8*20260115-20260116~{_TEN}", at="DTP03", created="20260115", note="its last day"),
        Bad(f"{_SV1}DTP*472*D8*20520110~{_TEN}", at="DTP03", created="20250115", note="a slip in the year"),
        Bad(
            f"{_SV2}DTP*472*D8*20260116~{_TEN}",
            at="DTP03",
            guide="837I",
            created="20260115",
            statement="20260101-20260131",
        ),
        Bad(
            f"{_SV2}{_TEN}",
            at="DTP03",
            guide="837I",
            created="20260115",
            statement="20260116-20260131",
            note="the whole statement period, in place of the line's date",
        ),
        Bad(f"{_SV2}{_TEN}{_SV2}{_TEN}", at="DTP03", guide="837I", statement="20260116-20260131", line="1 2"),
        Bad(f"{_SV1}DTP*472*D8*20260116~{_TEN}", at="DTP03", dependent=True, filing_code=""),
        Bad(f"{_SV1}DTP*472*D8*20260116~{_TEN}", at="DTP03", frequency="8", severity=Severity.INFO),
        Bad(
            f"{_SV2}DTP*472*D8*20260116~{_TEN}",
            at="DTP03",
            guide="837I",
            facility="11",
            statement="20260110-20260120",
            severity=Severity.INFO,
        ),
    ],
)
def future_service_date(line: DrugLine) -> Iterator[Problem]:
    """A date of service is after the day on which the file was made.

    A payer rejects what has not yet been given; mostly a year or a month is mistyped. Correct the date, or send the
    claim after the service. It is compared with the latest of ISA09, GS04 and BHT04, never with today: the same file
    always has the same findings. A range is in the future by its last day. A statement period, where it stands in for
    the date of a line, is so only as a whole, by its first day, since the service may be any of its days.
    """
    created, period = line.claim.created, line.period
    if created is None or period is None:
        return
    day = period.last if line.date_segment else period.first
    if day <= created:
        return
    yield Problem(
        where=line.at_period,
        found=day,
        expected=f"{show(created)} or earlier",
        message="The date of service {found} is after {created}, the day on which the file was made."
        if line.date_segment
        else "The statement period begins on {found}, after {created}, the day on which the file was made.",
        correction="correct the date, or send the claim after the service",
        values={"created": show(created)},
    )
