"""A date of service described without the date: where it lies among the days on which a drug's codes change.

Which code is right depends on nothing else, so a redacted report still says why.
"""

import re
from datetime import date, timedelta

from lint837.claims.segment import Period
from lint837.rules.values import ELLIPSIS, Value, show

# Eight digits that can be a day of 1900 to 2099, as a damaged file may have them in the place of a number.
_LIKE_A_DAY = r"(?<![0-9])(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?![0-9])"


def relation(period: Period, changes: tuple[date, ...]) -> str:
    """Such as "after 2024-12-31", "from 2024-10-01 to 2024-12-31" or "on both sides of 2025-01-01"; an ellipsis where
    there is no day to tell it by.
    """
    if not changes:
        return ELLIPSIS
    inside = [show(day) for day in changes if period.first < day <= period.last]
    if inside:
        return f"on both sides of {' and '.join(inside)}"
    begun = [day for day in changes if day <= period.first]
    due = [day for day in changes if day > period.last]
    if not begun:
        return f"before {show(due[0])}"
    before = begun[-1] - timedelta(days=1)
    return f"from {show(begun[-1])} to {show(due[0] - timedelta(days=1))}" if due else f"after {show(before)}"


def described(value: Value, changes: tuple[date, ...]) -> str:
    """A value of a problem as `show` writes it, but a date or a period by its relation: "a day after 2024-12-31"."""
    if isinstance(value, date):
        value = Period(value, value)
    if isinstance(value, Period):
        return f"{'a day' if value.is_day else 'days'} {relation(value, changes)}"
    return without_days(show(value))[0]


def without_days(text: str, span: tuple[int, int] = (0, 0)) -> tuple[str, tuple[int, int]]:
    """A text in which every number that can be a day (CCYYMMDD) is an ellipsis, and where in it `span` now is."""
    parts: list[str] = []
    start, end = span
    shorter, at = 0, 0
    for match in re.finditer(_LIKE_A_DAY, text):
        parts += text[at : match.start()], ELLIPSIS
        at = match.end()
        lost = match.end() - match.start() - len(ELLIPSIS)
        begins = match.start() - shorter
        # Positions after the number move by what was lost; those within it, to its ellipsis.
        start = start - lost if start >= match.end() - shorter else min(start, begins)
        end = end - lost if end >= match.end() - shorter else min(end, begins + len(ELLIPSIS)) if end > begins else end
        shorter += lost
    return "".join(parts) + text[at:], (start, end)
