"""The drug lines of a claim with one code, by day: which JW line belongs to which line, where that is known."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date
from typing import Generic, Protocol, TypeVar

from lint837.claims.segment import Period


class Dated(Protocol):
    """What decides which service lines belong together: their days, and JW."""

    @property
    def day(self) -> date | None:
        """The single day of DTP*472."""

    @property
    def line_period(self) -> Period | None:
        """The day or range of DTP*472."""

    @property
    def is_discarded(self) -> bool:
        """True if it is a JW line."""


_Line = TypeVar("_Line", bound=Dated)


class CodeLines(Generic[_Line]):
    """The drug lines of a claim with one code, by day. A claim may have thousands."""

    def __init__(self, lines: list[_Line]) -> None:
        self._days: dict[date, list[_Line]] = {}
        self._jw: dict[date, list[_Line]] = {}
        for line in lines:
            if line.day:
                self._days.setdefault(line.day, []).append(line)
                if line.is_discarded:
                    self._jw.setdefault(line.day, []).append(line)
        self._jw_days = sorted(self._jw)
        self.has_discarded = any(line.is_discarded for line in lines)
        undated = [line for line in lines if not line.day]
        self._unclear = Periods(line.line_period for line in undated)
        self._unclear_jw = Periods(line.line_period for line in undated if line.is_discarded)

    def on(self, day: date) -> list[_Line]:
        """The lines of a day."""
        return self._days.get(day, [])

    def discarded_on(self, day: date) -> list[_Line]:
        """The JW lines of a day."""
        return self._jw.get(day, [])

    def is_unclear(self, line: _Line) -> bool:
        """True if the line may share its day with a JW line of this code, or a JW line with any line of it, but the day
        of one of them is not known.
        """
        if line.day:
            unclear = self._unclear if line.is_discarded else self._unclear_jw
            return unclear.meet(Period(line.day, line.day))
        if line.is_discarded or self._unclear_jw.meet(line.line_period):
            return True
        if line.line_period is None:
            return bool(self._jw_days)
        first = bisect_left(self._jw_days, line.line_period.first)
        return first < len(self._jw_days) and self._jw_days[first] <= line.line_period.last


class Periods:
    """Periods, merged where they overlap. None is an unknown period."""

    def __init__(self, periods: Iterable[Period | None]) -> None:
        every = list(periods)
        self._anything = None in every
        self._merged: list[Period] = []
        for period in sorted(period for period in every if period):
            if self._merged and period.first <= self._merged[-1].last:
                last = max(self._merged[-1].last, period.last)
                self._merged[-1] = Period(self._merged[-1].first, last)
            else:
                self._merged.append(period)

    def meet(self, period: Period | None) -> bool:
        """True if one of them may share a day with `period`."""
        if self._anything or period is None:
            return self._anything or bool(self._merged)
        at = bisect_left(self._merged, period.first, key=lambda merged: merged.last)
        return at < len(self._merged) and self._merged[at].first <= period.last
