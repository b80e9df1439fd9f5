"""A quarter of a year: what a crosswalk of CMS is for."""

from datetime import date, timedelta
from typing import NamedTuple


class Quarter(NamedTuple):
    """A quarter of a year, 1 to 4. It prints as "2025Q3"."""

    year: int
    number: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> "Quarter":
        """The quarter after it."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """The quarter that a day is in."""
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def read(cls, text: str) -> "Quarter":
        """The quarter that prints as `text`."""
        return cls(int(text[:4]), int(text[5:]))
