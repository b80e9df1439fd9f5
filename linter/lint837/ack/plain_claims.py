"""The claims of a run in a 277CA: accepted, nothing found in them, and written in the usual way, so that one regular
expression finds the few bytes that are answered in all of them. Whatever is written in another way is left to
claim_loops.py.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, Self

from lint837.ack.claim_loops import status
from lint837.ack.status_codes import ACCEPTED
from lint837.claims.segment import day_of
from lint837.x12.delimiters import Delimiters
from lint837.x12.slices import Run

_DAY = re.compile("[0-9]{8}")
_MARK = b"\0"  # at the beginning of each slice: a run holds no control byte, and its delimiters are printable


class Name(NamedTuple):
    """What is answered of an NM1: its elements 3 to 7 joined, without the sixth, and 8 and 9 joined. Bytes are
    characters of Latin-1.
    """

    names: str
    number: str

    @classmethod
    def of(cls, elements: Sequence[bytes], separator: bytes) -> Self:
        """`elements`: NM1 to NM109."""
        names, number = separator.join((*elements[3:6], b"", elements[7])), separator.join(elements[8:10])
        return cls(names.decode("latin-1"), number.decode("latin-1"))


# What is answered of a level, of a claim, or of a level and the first claim below it; "" where there is nothing, and
# nothing but "" for a slice that is written in another way. Of a subscriber the two parts of a Name; of a dependent the
# names, without those that are missing at the end. Of a claim CLM01; CLM02, which has no zeros in front or behind;
# facility and frequency of CLM05, and DTP*434, of an 837I; REF*D9 up to the number; the DTP*472.
Row = tuple[str, str, str, str, str, str, str, str, str, str]


class PlainClaims:
    """Answers the claims of runs that are written with one set of delimiters."""

    def __init__(self, delimiters: Delimiters, line_end: bytes) -> None:
        """`line_end`: what follows the terminator in the 277CA."""
        self._delimiters = delimiters
        self._padded = _padded(delimiters)
        self._rows = {whether: _rows(delimiters, institutional=whether) for whether in (False, True)}
        self._element = e = delimiters.element.decode("latin-1")
        self._end = end = (delimiters.terminator + line_end).decode("latin-1")
        self._patient = f"{e}PT{end}NM1{e}QC{e}1{e}"
        self._trn, self._charge = f"TRN{e}2{e}", f"{e}WQ{e}"
        self._stc = f"{end}STC{e}{status(ACCEPTED, delimiters).decode('latin-1')}{e}"
        self._bill, self._dtp = f"{end}REF{e}BLT{e}", f"{end}DTP{e}472{e}"
        self._period = lru_cache(4096)(self._written)

    def rows(self, run: Run) -> list[Row]:
        """The slices of a run, in order."""
        from lint837.ack.answered import answered  # with numpy, which the scan needs that a run comes from

        text = answered(run, self._delimiters, _MARK).decode("latin-1")
        if " " in text:
            text = self._padded.sub("", text)
        return self._rows[run.context.guide == "837I"].findall(text)

    def dependent(self, names: str) -> str:
        """The names of a dependent in a row as those of a Name."""
        return names + (4 - names.count(self._element)) * self._element

    def patient(self, level: int, provider: int, names: str, number: str) -> str:
        """HL and NM1 of a patient, with the subscriber's member id. `level` and `provider`: HL01 and HL02."""
        e = self._element
        return f"HL{e}{level}{e}{provider}{self._patient}{f'{names}{e}{number}'.rstrip(e)}{self._end}"

    def answer(self, row: Row, day: str) -> str:
        """The segments of a claim (loop 2200D); "" where its dates are not days. `day`: that of the acknowledgement."""
        _, _, _, claim, charge, facility, frequency, statement, reference, days = row
        period = self._period(statement, days or day)
        if not period:
            return ""
        number = self._end + reference if reference else ""
        bill = f"{self._bill}{facility}{frequency}" if facility else ""
        return f"{self._trn}{claim}{self._stc}{day}{self._charge}{charge}{number}{bill}{period}"

    def _written(self, statement: str, days: str) -> str:
        """DTP*472 of a statement's period, or of the first to the last of some days; "" where a day is none, or the
        period is reversed.
        """
        found = _DAY.findall(statement) or sorted(set(_DAY.findall(days)))
        if found[-1] < found[0] or not all(map(_is_day, found)):
            return ""
        first, last = found[0], found[-1]
        period = f"D8{self._element}{first}" if first == last else f"RD8{self._element}{first}-{last}"
        return f"{self._dtp}{period}{self._end}"


def _padded(delimiters: Delimiters) -> re.Pattern[str]:
    """The rest of a slice after its mark where there are blanks around an element, which are no part of it."""
    m, e, t = _escaped(_MARK, delimiters.element, delimiters.terminator)
    return re.compile(f"(?<={m})(?:[^{m} ]++| (?<![{e}{t}] )(?![ {e}{t}]))++ [^{m}]*+")


def _rows(delimiters: Delimiters, *, institutional: bool) -> re.Pattern[str]:
    """A Row in the answered segments of a run. It matches nothing at the mark of a slice that is written in another
    way, so no slice is lost.
    """
    m, e, c, t = _escaped(_MARK, delimiters.element, delimiters.component, delimiters.terminator)
    some, value, rest, code, ended = f"[^{e}{t}]++", f"[^{e}{t}]*+", f"[^{t}]*+{t}", "[0-9A-Z]{1,2}", f"(?![^{m}])"
    suffix = f"{e}{e}{value}"  # without NM106
    insured = f"IL{e}{value}{e}({value}{e}{value}{e}{value}{suffix}){e}({value}{e}{some})(?=[{e}{t}]){rest}"
    dependent = f"QC{e}{value}{e}({some}(?:{e}{value}){{0,2}}+(?:{suffix})?+){t}"
    level = f"{m}L{e}{rest}NM1{e}(?:{insured}|{dependent}){ended}"
    charge = r"((?:0|[1-9][0-9]{0,12})(?:\.[0-9]{0,8}[1-9])?+)"
    facility = f"({code}){c}{code}{c}({code})" if institutional else f"(){code}{c}{code}{c}{code}()"
    period = f"(?:D8{e}[0-9]{{8}}|RD8{e}[0-9]{{8}}-[0-9]{{8}})"
    statement = f"(DTP{e}434{e}{period}{t})?+" if institutional else "()"
    number = f"REF{e}D9{e}"
    reference = f"(?:({number}{some})(?=[{e}{t}]){rest}(?:{number}{rest})*+)?+"
    days = f"((?:DTP{e}472{e}D8{e}[0-9]{{8}}{t})*+)"
    clm = f"{m}LM{e}({some}){e}{charge}{e}{e}{e}{facility}(?=[{e}{t}]){rest}"
    before_lines = f"{statement}{reference}(?:NM1{e}{rest})*+"
    return re.compile(f"(?={m})(?:{level})?+(?:{clm}{before_lines}LX{e}{rest}{days}{ended})?+")


def _escaped(*texts: bytes) -> Iterator[str]:
    return (re.escape(text.decode("latin-1")) for text in texts)


@lru_cache(4096)
def _is_day(text: str) -> bool:
    return day_of(text) is not None
