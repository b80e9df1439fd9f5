"""DOS003: a date of service after the file was created."""

from collections.abc import Iterator

from lint837 import Bad, Citation, DrugLine, Good, Problem, Severity, rule, show

from lint837_rules.boxes import box

_SV2 = "SV2*0636*HC:J9026:JZ*16000*UN*10~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"


def _line(date: str) -> str:
    return f"SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*{date}~{_NDC}"


@rule(
    "DOS003",
    severity=Severity.WARNING,
    cites=[
        Citation(
            "837 guides 005010X222 and 005010X223, ISA09, GS04 and BHT04",
            "They are the dates when the interchange, the group and the transaction set were created.",
        )
    ],
    good=[
        Good(_line("D8*20260115"), note="the day when the file was created"),
        Good(
            f"{_SV2}{_NDC}",
            guide="837I",
            statement="20260115-20260131",
            also=("DOS001",),
            note="a statement period that has begun",
        ),
        Good(_line("D8*20260116"), version="005010X291", note="a predetermination"),
    ],
    bad=[
        Bad(_line("D8*20260116"), at="DTP03", note="one day later"),
        Bad(_line("RD8*20260115-20260116"), at="DTP03", note="the last day of the range"),
        Bad(_SV2 + _NDC, at="DTP03", guide="837I", statement="20260116-20260131", note="the whole statement period"),
    ],
)
def future_service_date(line: DrugLine) -> Iterator[Problem]:
    """A date of service is after the day when the file was created.

    A payer rejects a service that was not yet given; usually the year or month is mistyped. Correct the date, or send
    the claim after the service. The rule compares it with the latest of ISA09, GS04 and BHT04, never with today, so the
    same file always has the same findings. A range is in the future by its last day; a statement period that is used
    for a line without a date, by its first day, because the service may be on any of its days. Of several dates of a
    line, each must be in the future. A predetermination is about a service that was not yet given, and is not checked.
    """
    created, period = line.claim.created, line.period
    if created is None or period is None or line.claim.is_predetermination:
        return
    if period.last <= created:
        return
    day = min((dated.last for dated in line.line_periods), default=period.first)
    if day <= created:
        return
    yield Problem(
        where=line.at_period,
        found=day,
        expected=f"{show(created)} or earlier",
        message="The date of service {found} is after {created}, when the file was created."
        if line.date_segment
        else "The statement period begins on {found}, after {created}, when the file was created.",
        correction="correct the date ({box}), or send the claim after the service",
        values={"created": show(created), "box": box(line, "date" if line.date_segment else "statement period")},
    )
