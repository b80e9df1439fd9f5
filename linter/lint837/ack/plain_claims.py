"""The claims of a run in a 277CA: accepted, nothing found in them, and written in the usual way, so that the few bytes
that are answered are cut out of them. Whatever is written in another way is left to claim_loops.py.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from lint837.ack.claim_loops import status
from lint837.ack.status_codes import ACCEPTED
from lint837.claims.segment import day_of
from lint837.x12.delimiters import Delimiters


class PlainAnswer(NamedTuple):
    """The segments of a claim (loop 2200D) as bytes, how many they are, and its charge."""

    text: bytes
    segments: int
    charge: Decimal


class PlainClaims:
    """Answers the claims of runs that are written with one set of delimiters."""

    def __init__(self, delimiters: Delimiters, line_end: bytes) -> None:
        """`line_end`: what follows the terminator in the 277CA."""
        self.delimiters = delimiters
        self._blank_before, self._blank_after = b" " + delimiters.element, delimiters.element + b" "
        self._element, self._end = delimiters.element, delimiters.terminator + line_end
        self._accepted = status(ACCEPTED, delimiters)
        e, c, t = (re.escape(one) for one in (delimiters.element, delimiters.component, delimiters.terminator))

        def segment(*words: bytes) -> bytes:
            """The beginning of a segment. It is looked for by its first letters, which is quick, and then checked."""
            text = e.join(map(re.escape, words))
            return text + b"(?<=[" + t + rb"\r\n]" + text + b")"

        code = b"([0-9A-Z]{1,2})"
        # CLM01, a charge without leading or trailing zeros, which is written as it is, and CLM05.
        self._clm = re.compile(
            b"CLM" + e + b"([^" + e + t + b"]+)" + e + rb"((?:0|[1-9][0-9]{0,12})(?:\.[0-9]{0,8}[1-9])?)" + e + e + e
            + code + c + code + c + code + b"[" + e + t + b"]"
        )  # fmt: skip
        self._lx = re.compile(segment(b"LX") + e)
        self._dates = re.compile(segment(b"DTP") + e + b"([^" + t + b"]*)")
        self._number = re.compile(segment(b"REF", b"D9") + e + b"([^" + e + t + b"]+)")
        name = b"(?:" + e + b"([^" + t + b"]*)| *(?=" + t + b"))"
        self._names = {kind: re.compile(segment(b"NM1", kind) + name) for kind in (b"IL", b"QC")}
        self._head = b"DTP" + delimiters.element
        self._days = re.compile(segment(b"DTP", b"472", b"D8") + e + b"([0-9]{8})" + t)
        self._day = re.compile(b"472" + e + b"D8" + e + b"([0-9]{8})")
        self._statement = re.compile(b"434" + e + b"(?:D8" + e + b"([0-9]{8})|RD8" + e + b"([0-9]{8})-([0-9]{8}))")
        self._other = re.compile(b"(?!472|434)[0-9]{3}" + e)

    def is_padded(self, buffer: bytes, start: int, end: int) -> bool:
        """True if there are blanks around an element, which are no part of it: these bytes are to be cut up."""
        return buffer.find(self._blank_before, start, end) >= 0 or buffer.find(self._blank_after, start, end) >= 0

    def name(self, kind: bytes, buffer: bytes, start: int, end: int) -> list[bytes]:
        """Elements 0 to 9 of the first NM1 of a kind, IL or QC, in a level that is not padded; empty ones where there
        is none.
        """
        found = self._names[kind].search(buffer, start, end)
        return self.delimiters.elements(found[0], 9) if found else [b""] * 10

    def answer(self, buffer: bytes, start: int, end: int, day: bytes, *, institutional: bool) -> PlainAnswer | None:
        """The answer to a claim; None where it is written in an unusual way. `day`: that of the acknowledgement."""
        clm = self._clm.match(buffer, start, end)
        line = self._lx.search(buffer, start, end)
        if clm is None or line is None or self.is_padded(buffer, start, end):
            return None
        first = line.start()
        period = self._period(buffer, start, first, end, institutional=institutional)
        number = self._number.search(buffer, start, first)
        if period is None or (number and number[1].endswith(b" ")):
            return None
        name, charge, facility, _, frequency = clm.groups()
        e, end_of = self._element, self._end
        parts = [b"TRN" + e + b"2" + e + name, e.join((b"STC", self._accepted, day, b"WQ", charge))]
        if number:
            parts.append(e.join((b"REF", b"D9", number[1])))
        if institutional:
            parts.append(e.join((b"REF", b"BLT", facility + frequency)))
        parts.append(e.join((b"DTP", b"472", period or b"D8" + e + day)))
        return PlainAnswer(end_of.join(parts) + end_of, len(parts), _decimal(charge))

    def _period(self, buffer: bytes, start: int, first: int, end: int, *, institutional: bool) -> bytes | None:
        """DTP02 and DTP03 of the statement or the lines, the first of which begins at `first`; b"" where there is none;
        None where a date is written in an unusual way.
        """
        days: list[bytes] = self._days.findall(buffer, first, end)
        if days and len(days) == buffer.count(self._head, start, end):
            return self._written(min(days), max(days)) if all(map(_is_day, days)) else None
        days = []
        for found in self._dates.finditer(buffer, start, end):
            text, in_lines = found[1], found.start() > first
            day = self._day.fullmatch(text)
            if day and in_lines:
                days.append(day[1])
            elif institutional and not in_lines and (statement := self._statement.fullmatch(text)):
                return self._written(statement[1] or statement[2], statement[1] or statement[3])
            elif not self._other.match(text):
                return None
        return self._written(min(days), max(days)) if days and all(map(_is_day, days)) else None if days else b""

    def _written(self, first: bytes, last: bytes) -> bytes | None:
        if first == last and _is_day(first):
            return b"D8" + self._element + first
        if not _is_day(first) or not _is_day(last) or last < first:
            return None
        return b"RD8" + self._element + first + b"-" + last


_decimal = lru_cache(4096)(lambda charge: Decimal(charge.decode("ascii")))


@lru_cache(4096)
def _is_day(text: bytes) -> bool:
    return day_of(text.decode("ascii")) is not None
