"""The claims of a run in a 277CA: accepted, nothing found in them, and written in the usual way, so that one regular
expression finds the few bytes that are answered. Whatever is written in another way is left to claim_loops.py.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from lint837.ack.claim_loops import status
from lint837.ack.status_codes import ACCEPTED
from lint837.claims.segment import day_of
from lint837.x12.delimiters import Delimiters


class Name(NamedTuple):
    """What is answered of an NM1: its elements 3 to 5 joined, 7, and 8 and 9 joined."""

    names: bytes
    suffix: bytes
    number: bytes

    @classmethod
    def of(cls, elements: Sequence[bytes], separator: bytes) -> "Name":
        """`elements`: NM1 to NM109."""
        return cls(separator.join(elements[3:6]), elements[7], separator.join(elements[8:10]))


class PlainClaims:
    """Answers the claims of runs that are written with one set of delimiters."""

    def __init__(self, delimiters: Delimiters, line_end: bytes) -> None:
        """`line_end`: what follows the terminator in the 277CA."""
        self._element = e = delimiters.element
        self._end = end = delimiters.terminator + line_end
        claims = {whether: _claim(delimiters, institutional=whether) for whether in (False, True)}
        self._claims = {whether: re.compile(claim) for whether, claim in claims.items()}
        self._names = {kind: re.compile(_name(delimiters, kind)) for kind in (b"IL", b"QC")}
        self._pairs = {whether: re.compile(_level(delimiters) + claim) for whether, claim in claims.items()}
        t, served = re.escape(delimiters.terminator), re.escape(e.join((b"DTP", b"472", b"D8", b"")))
        # It is looked for by its first letters, which is quick, and then checked for the end of a segment before it.
        self._days = re.compile(served + b"(?<=[" + t + rb"\r\n]" + served + b")([0-9]{8})")
        self._trn = e.join((b"TRN", b"2", b""))
        self._stc = end + e.join((b"STC", status(ACCEPTED, delimiters), b""))
        self._charge = e + b"WQ" + e
        self._number, self._bill = (end + e.join((b"REF", kind, b"")) for kind in (b"D9", b"BLT"))
        self._dtp = end + e.join((b"DTP", b"472", b""))
        self._nm1 = end + e.join((b"NM1", b"QC", b"1", b""))
        self._period = lru_cache(4096)(self._written)

    def is_padded(self, buffer: bytes, start: int, end: int) -> bool:
        """True if there are blanks around an element, which are no part of it: these bytes are to be cut up."""
        import numpy as np  # a run comes from a scan, which needs it too; it is not everywhere

        codes = np.frombuffer(buffer, np.uint8)[start:end]
        blank, separator = codes == ord(b" "), codes == ord(self._element)
        return bool((blank[:-1] & separator[1:]).any() or (separator[:-1] & blank[1:]).any())

    def name(self, kind: bytes, buffer: bytes, start: int, end: int) -> Name | None:
        """The first NM1 of a kind, IL or QC, in a level that is not padded; None where it is written in an unusual way,
        or there is none.
        """
        found = self._names[kind].match(buffer, start, end)
        if not found:
            return None
        names, suffix, number = found.groups(b"")
        missing = 2 - names.count(self._element)
        return Name(names + missing * self._element if missing else names, suffix, number)

    def patient(self, level: int, provider: int, patient: Name, insured: Name) -> bytes:
        """HL and NM1 of a patient, with the subscriber's member id. `level` and `provider`: HL01 and HL02."""
        return self._patient(level, provider, patient.names, patient.suffix, insured.number)

    def _patient(self, level: int, provider: int, names: bytes, suffix: bytes, number: bytes) -> bytes:
        e, end = self._element, self._end
        nm1 = b"%b%b%b%b%b%b%b" % (self._nm1, names, e, e, suffix, e, number)
        return b"HL%b%d%b%d%bPT%b%b" % (e, level, e, provider, e, nm1.rstrip(e), end)

    def pairs(self, buffer: bytes, start: int, end: int, *, institutional: bool) -> Iterator[re.Match[bytes]]:
        """Subscribers with one claim that are written in the usual way, wherever they are in some bytes."""
        return self._pairs[institutional].finditer(buffer, start, end)

    def answer_pair(
        self, pair: re.Match[bytes], level: int, provider: int, day: bytes, *, institutional: bool
    ) -> tuple[bytes, int | Decimal] | None:
        """As `patient` and `answer`, of one of `pairs`."""
        names, suffix, number, *claim = pair.groups()
        answer = self._answer(pair, claim, day, institutional=institutional)
        if answer is None:
            return None
        missing = 2 - names.count(self._element)
        if missing:
            names += missing * self._element
        patient = self._patient(level, provider, names, suffix or b"", number or b"")
        return patient + answer[0], answer[1]

    def answer(
        self, buffer: bytes, start: int, end: int, day: bytes, *, institutional: bool
    ) -> tuple[bytes, int | Decimal] | None:
        """The segments of a claim (loop 2200D) that is not padded, and its charge; None where it is written in an
        unusual way. `day`: that of the acknowledgement.
        """
        found = self._claims[institutional].fullmatch(buffer, start, end)
        return found and self._answer(found, found.groups(), day, institutional=institutional)

    def _answer(
        self, found: re.Match[bytes], groups: Sequence[bytes], day: bytes, *, institutional: bool
    ) -> tuple[bytes, int | Decimal] | None:
        name, charge, facility, frequency, on, since, until, number, first, other = groups
        if on or since:
            period = self._period(on or since, on or until)
        elif other:
            days = self._days.findall(found.string, *found.span())
            period = self._period(min(days), max(days)) if all(map(_is_day, days)) else None
        else:
            period = self._period(first or day, first or day)
        if period is None:
            return None
        text = b"%b%b%b%b%b%b" % (self._trn, name, self._stc, day, self._charge, charge)
        if number:
            text += self._number + number
        if institutional:
            text += self._bill + facility + frequency
        return text + period, int(charge) if charge.isdigit() else Decimal(charge.decode("ascii"))

    def _written(self, first: bytes, last: bytes) -> bytes | None:
        """DTP*472 of a period; None for one that is not right."""
        if not _is_day(first) or not _is_day(last) or last < first:
            return None
        period = b"D8" + self._element + first if first == last else b"RD8" + self._element + first + b"-" + last
        return self._dtp + period + self._end


def _claim(delimiters: Delimiters, *, institutional: bool) -> bytes:
    """The pattern of a claim that is written in the usual way. Its groups: CLM01; a charge without leading or trailing
    zeros, which is written as it is; facility and frequency of CLM05; the day, or the first and the last day, of an
    837I's statement; REF*D9; the first day of a line, and some other one.
    """
    e, c, t = (re.escape(one) for one in (delimiters.element, delimiters.component, delimiters.terminator))
    end = t + rb"[\r\n]*+"
    rest = b"[^" + t + b"]*+" + end
    value, code, day, ended = b"([^" + e + t + b"]++)", b"[0-9A-Z]{1,2}", b"([0-9]{8})", b"(?=[" + e + t + b"])"
    line, number, date = b"LX" + e, b"REF" + e + b"D9" + e, b"DTP" + e
    ends = b"HL" + e, b"CLM" + e

    def other(*segments: bytes) -> bytes:
        """A segment that does not begin as one of these or what follows a claim, nor is a date of an answer."""
        not_these = b"(?!" + b"|".join((*segments, *ends, b"DTP")) + b")" + rest
        return not_these + b"|" + date + b"(?!472|434)[0-9]{3}" + e + rest

    charge = rb"((?:0|[1-9][0-9]{0,12})(?:\.[0-9]{0,8}[1-9])?+)"
    facility = b"(" + code + b")" + c + code + c + b"(" + code + b")" + ended
    clm = b"CLM" + e + value + e + charge + e + e + e + facility + rest
    statement = date + b"434" + e + b"(?:D8" + e + day + b"|RD8" + e + day + b"-" + day + b")" + end
    served = date + b"472" + e + b"D8" + e
    before_lines = b"(?:" + other(line, number) + b")*+"
    return (
        clm
        + before_lines
        + ((b"(?:" + statement + before_lines + b")?+") if institutional else b"()()()")
        + (b"(?:" + number + value + b"(?<! )" + ended + rest + b"(?:" + other(line) + b")*+)?+")
        + (line + rest + b"(?:" + other() + b")*+")
        + (b"(?:" + served + b"(?P<first>[0-9]{8})" + end)
        + (b"(?:" + other() + b"|" + served + b"(?:(?P=first)|" + day + b")" + end + b")*+)?+")
    )


def _level(delimiters: Delimiters) -> bytes:
    """The pattern of a subscriber's level. Its groups are those of a Name."""
    e, t = re.escape(delimiters.element), re.escape(delimiters.terminator)
    others = b"(?:(?!CLM" + e + b"|HL" + e + b")[^" + t + b"]*+" + t + rb"[\r\n]*+)*+"
    return b"HL" + e + b"[^" + t + b"]*+" + t + rb"[\r\n]*+" + _name(delimiters, b"IL") + rb"[\r\n]*+" + others


def _name(delimiters: Delimiters, kind: bytes) -> bytes:
    """The pattern of a level up to the first NM1 of a kind. Its groups are those of a Name."""
    e, t = re.escape(delimiters.element), re.escape(delimiters.terminator)
    name, value = b"NM1" + e + kind, b"[^" + e + t + b"]*+"
    others = b"(?:(?!" + name + b"[ " + e + t + b"])[^" + t + b"]*+" + t + rb"[\r\n]*+)*+"
    number = e + b"(" + value + b"(?:" + e + value + b")?+)(?:" + e + b"[^" + t + b"]*+)?+"
    suffix = e + value + e + b"(" + value + b")(?:" + number + b")?+"
    names = e + b"(" + value + b"(?:" + e + value + b"){0,2}+)(?:" + suffix + b")?+"
    return others + name + e + value + names + b"(?<! )" + t


@lru_cache(4096)
def _is_day(text: bytes) -> bool:
    return day_of(text.decode("ascii")) is not None
