"""DOS002: a date of service that is none."""

import re
from collections.abc import Iterator
from datetime import date

from lint837 import Bad, Code, DrugLine, Edit, Fix, Good, Period, Problem, Segment, Severity, Value, day_of, rule

_TEN = "LIN**N4*55513007701~CTP****1*UN~"
_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~"
_SV2 = "SV2*0636*HC:J9026:JZ*16000*UN*10~"
_FORMATS = {"D8": "CCYYMMDD", "RD8": "CCYYMMDD-CCYYMMDD"}


@rule(
    "DOS002",
    severity=Severity.ERROR,
    cites=["date-format"],
    good=[
        Good(f"{_SV1}DTP*472*D8*20250110~{_TEN}"),
        Good(f"{_SV1}DTP*472*RD8*20250110-20250111~{_TEN}"),
        Good(f"{_SV1}DTP*472*RD8*20250110-20250110~{_TEN}", note="a range of one day"),
        Good("SV1*HC:J9999:::::TARLATAMAB*16000*UN*1***1~DTP*472*D8*20240831~", note="the last day of a month"),
        Good(f"{_SV1}{_TEN}", also=("DOS001",), note="missing, which is another finding"),
        Good(f"{_SV1}DTP*471*D8*20251301~DTP*472*D8*20250110~{_TEN}", note="another date is not read"),
        Good("SV1*HC:96413*410*UN*1***1~DTP*472*D8*20251301~", note="not a line of the drug"),
    ],
    bad=[
        Bad(f"{_SV1}DTP*472*D8*20250229~{_TEN}", at="DTP03", note="2025 has no such day"),
        Bad(f"{_SV1}DTP*472*D8*20251301~{_TEN}", at="DTP03"),
        Bad(f"{_SV1}DTP*472*D8*01102025~{_TEN}", at="DTP03", note="the year at the end"),
        Bad(f"{_SV1}DTP*472*D8*250110~{_TEN}", at="DTP03", note="the year has four digits"),
        Bad(f"{_SV1}DTP*472*D8*2025-01-10~{_TEN}", at="DTP03"),
        Bad(f"{_SV1}DTP*472*D8~{_TEN}", at="DTP03", note="nothing"),
        Bad(f"{_SV1}DTP*472*RD8*20250111-20250110~{_TEN}", at="DTP03", note="reversed"),
        Bad(f"{_SV1}DTP*472*RD8*20250110-20250132~{_TEN}", at="DTP03", note="only the first is a date"),
        Bad(f"{_SV1}DTP*472*RD8*20250110~{_TEN}", at="DTP02", note="one day under the range's qualifier"),
        Bad(f"{_SV1}DTP*472*D8*20250110-20250111~{_TEN}", at="DTP02", note="a range under the day's"),
        Bad(f"{_SV1}DTP*472*D8*20250110-20250110~{_TEN}", at="DTP02", note="a range of one day, too"),
        Bad(f"{_SV1}DTP*472**20250110~{_TEN}", at="DTP02", note="no qualifier"),
        Bad(f"{_SV1}DTP*472*d8*20250110~{_TEN}", at="DTP02"),
        Bad(f"{_SV1}DTP*472*TM*1200~{_TEN}", at="DTP02", note="a time"),
        Bad(
            f"{_SV1}DTP*472*D8*20251301~DTP*472*D8*20250110~{_TEN}",
            at="DTP03",
            note="the first date of the line is read",
        ),
        Bad(
            "SV1*HC:J3490:::::PREMED FOR IMDELLTRA*20*UN*1***1~DTP*472*D8*20251301~",
            at="DTP03",
            severity=Severity.WARNING,
            note="a line that is only perhaps the drug's",
        ),
        Bad(
            f"{_SV2}DTP*472*D8*20250132~{_TEN}",
            at="DTP03",
            guide="837I",
            statement="20250101-20250131",
            note="the statement period does not replace it",
        ),
        Bad(f"{_SV1}DTP*472*D8*20251301~{_TEN}", at="DTP03", dependent=True, filing_code=""),
        Bad(f"{_SV1}DTP*472*D8*20251301~{_TEN}", at="DTP03", frequency="8", severity=Severity.INFO),
        Bad(
            f"{_SV2}DTP*472*D8*20251301~{_TEN}",
            at="DTP03",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
)
def invalid_service_date(line: DrugLine) -> Iterator[Problem]:
    """A date of service is not valid.

    A clearinghouse rejects a date that is not in the calendar, that is written otherwise than as CCYYMMDD (D8) or
    CCYYMMDD-CCYYMMDD (RD8), or whose last day comes before its first; and which code is right cannot be known. Write
    the date of service. Where DTP03 holds a valid day or range under the wrong qualifier, only the qualifier is wrong.
    A line's first date of service is read, as payers do; one finding a line.
    """
    segment = line.date_segment
    if segment is None or line.line_period:
        return
    qualifier, days = segment.element(2), _days(segment.element(3))
    if len(days) == 2 and days[0] > days[1]:
        yield Problem(
            where=line.at_date,
            found=Period(days[0], days[1]),
            expected="a range whose first day is not after its last",
            message="The date of service ends on {last}, before it begins on {first}.",
            correction="write the first day of service, then the last",
            values={"first": days[0], "last": days[1]},
        )
    elif days:
        yield _wrong_qualifier(line, segment, "D8" if len(days) == 1 else "RD8")
    elif qualifier in _FORMATS:
        empty = not segment.element(3)
        yield Problem(
            where=line.at_date,
            found="nothing" if empty else "not a calendar date",
            expected=_FORMATS[qualifier],
            message="The date of service is empty."
            if empty
            else "The date of service is not a calendar date written as {expected} ({qualifier}).",
            correction="write the date of service as {expected}",
            values={"qualifier": _shown(qualifier)},
        )
    else:
        yield Problem(
            where=line.at_date_qualifier,
            found=_shown(qualifier),
            expected="D8 or RD8",
            message="DTP02 does not announce a date of service (D8 a day, RD8 a range), and DTP03 holds none.",
            correction="write D8 and the day of service as CCYYMMDD",
        )


def _wrong_qualifier(line: DrugLine, segment: Segment, right: str) -> Problem:
    where, qualifier = line.at_date_qualifier, segment.element(2)
    return Problem(
        where=where,
        found=_shown(qualifier),
        expected=right,
        message="DTP03 holds {what}, but DTP02 is {found} and not {expected}."
        if qualifier
        else "DTP03 holds {what}, but DTP02 is empty and not {expected}.",
        correction="write {expected} in DTP02; the date stays",
        values={"what": "one day" if right == "D8" else "a range of days"},
        fixes=[Fix((Edit(where, right),), safe=True)],
    )


def _shown(qualifier: str) -> Value:
    """A qualifier as it may be told: the two that are right are words of this rule."""
    return qualifier if qualifier in _FORMATS else Code(qualifier) if qualifier else "nothing"


def _days(text: str) -> list[date]:
    """The one or two days that a text holds in one of the two formats, whatever the qualifier; none otherwise."""
    if not re.fullmatch(r"[0-9]{8}(-[0-9]{8})?", text):
        return []
    days = [day_of(part) for part in text.split("-")]
    known = [day for day in days if day]
    return known if len(known) == len(days) else []
