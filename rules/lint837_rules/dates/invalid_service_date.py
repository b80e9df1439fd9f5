"""DOS002: a date of service that is not valid."""

import re
from collections.abc import Iterator
from datetime import date

from lint837 import Bad, Code, DrugLine, Edit, Fix, Good, Period, Problem, Segment, Severity, Value, day_of, rule

from lint837_rules.boxes import box

_LINE = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*{}~LIN**N4*55513007701~CTP****1*UN~"
_FORMATS = {"D8": "CCYYMMDD", "RD8": "CCYYMMDD-CCYYMMDD"}


@rule(
    "DOS002",
    severity=Severity.ERROR,
    cites=["date-format"],
    good=[
        Good(_LINE.format("D8*20250110")),
    ],
    bad=[
        Bad(_LINE.format("D8*20250229"), at="DTP03", note="2025 has no such day"),
        Bad(_LINE.format("D8*01102025"), at="DTP03", note="the year at the end"),
    ],
    unless="is_plain",
)
def invalid_service_date(line: DrugLine) -> Iterator[Problem]:
    """A date of service is not valid.

    A clearinghouse rejects a date that is not in the calendar, that is not written as CCYYMMDD (D8) or
    CCYYMMDD-CCYYMMDD (RD8), or whose last day is before its first; and the valid code is then unknown. Write the date
    of service. Where DTP03 is a valid day or range with the wrong qualifier, only the qualifier is wrong. Each DTP*472
    of a line is read; while one of them is not valid, the line has no date of service.
    """
    if line.line_period is None:
        for segment in line.date_segments:
            yield from _problems(line, segment)


def _problems(line: DrugLine, segment: Segment) -> Iterator[Problem]:
    if segment in line.readable_dates:
        return
    qualifier, days = segment.element(2), _days(segment.element(3))
    if len(days) == 2 and days[0] > days[1]:
        yield Problem(
            where=line.at(segment, 3),
            found=Period(days[0], days[1]),
            expected="a range whose first day is not after its last",
            message="The date of service ends on {last}, before it begins on {first}.",
            correction="write the first day of service, then the last ({box})",
            values={"first": days[0], "last": days[1], "box": box(line, "date")},
        )
    elif days:
        yield _wrong_qualifier(line, segment, "D8" if len(days) == 1 else "RD8")
    elif qualifier in _FORMATS:
        empty = not segment.element(3)
        yield Problem(
            where=line.at(segment, 3),
            found="nothing" if empty else "not a calendar date",
            expected=_FORMATS[qualifier],
            message="The date of service is empty."
            if empty
            else "The date of service is not a calendar date written as {expected} ({qualifier}).",
            correction="write the date of service as {expected} ({box})",
            values={"qualifier": _shown(qualifier), "box": box(line, "date")},
        )
    else:
        yield Problem(
            where=line.at(segment, 2),
            found=_shown(qualifier),
            expected="D8 or RD8",
            message="DTP02 is not the qualifier of a day (D8) or a range of days (RD8), and DTP03 is not a date.",
            correction="write D8 and the date of service as CCYYMMDD ({box})",
            values={"box": box(line, "date")},
        )


def _wrong_qualifier(line: DrugLine, segment: Segment, right: str) -> Problem:
    where, qualifier = line.at(segment, 2), segment.element(2)
    return Problem(
        where=where,
        found=_shown(qualifier),
        expected=right,
        message="DTP03 is {what}, but DTP02 is {found}, not {expected}."
        if qualifier
        else "DTP03 is {what}, but DTP02 is empty, not {expected}.",
        correction="write {expected} in DTP02 and keep the date ({box})",
        values={"what": "one day" if right == "D8" else "a range of days", "box": box(line, "date")},
        fixes=[Fix((Edit(where, right),), safe=True)],
    )


def _shown(qualifier: str) -> Value:
    """A qualifier as a message may show it: the two valid ones are words of this rule."""
    return qualifier if qualifier in _FORMATS else Code(qualifier) if qualifier else "nothing"


def _days(text: str) -> list[date]:
    """The one or two days of a text in one of the two formats, whatever the qualifier; none otherwise."""
    if not re.fullmatch(r"[0-9]{8}(-[0-9]{8})?", text):
        return []
    days = [day_of(part) for part in text.split("-")]
    known = [day for day in days if day]
    return known if len(known) == len(days) else []
