"""The normal form of a claim: all that a rule may read of it, without whose claim it is and when.

Thousands of claims of a batch bill the same in the same way, and differ in person, number, day and charge. Their normal
form is one, so what the rules say of it holds for all of them. It is a claim in X12, so rules read it as any other:

- NM1, N3, N4, DMG and all else that no rule reads is left out; so are CLM01 and the numbers in REF.
- Days keep their order among themselves and with the days on which rules and facts change; all else of them is lost.
- A charge is one of a free drug, or not. Diagnoses are those on a drug's list, and one for all others.
- A text stays, since it may name a drug; the key has a keyed hash in its place.

Only a claim that is written in the usual way has a normal form. Any other is judged as it is.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from lint837.claims.header import Header, keyed_hash
from lint837.facts.drugs import Formulary
from lint837.facts.payers import PayerProfile
from lint837.x12.delimiters import Delimiters
from lint837.x12.slices import Slice

# Segments that no rule reads, wherever they are. A segment that is in none of these lists has no normal form.
_LEFT_OUT = frozenset(
    b"AMT CAS CL1 CN1 CR1 CR2 CR3 CR4 CR5 CR6 CR7 CR8 CRC DMG FRM HCP LQ MEA MIA MOA N3 N4 NM1 OI PAT PER PRV PS1 PWK "
    b"QTY SVD TOO".split()
)
_TEXTS = frozenset({b"NTE", b"K3"})
_KEPT_REFERENCES = frozenset({b"P4", b"VY", b"F8"})
_FREE, _CHARGE = b"0", b"100"
_OTHER_DIAGNOSIS = b"R69"  # "illness, unspecified"
_STUDY_DIAGNOSIS = b"Z006"
_DIAGNOSES = frozenset({b"ABK", b"ABF", b"ABJ", b"APR", b"ABN", b"BK", b"BF", b"BJ", b"PR", b"BN"})
_CONDITIONS = b"BG"
_FIRST_DAY = date(1900, 1, 1)


class NormalForm(NamedTuple):
    """The normal form of a claim.

    key: two claims with the same key have the same normal form, but for their texts.
    data: the claim in X12.
    created: the day on which its file was made.
    days: each of its days with the real one, both written as 2025-01-10.
    """

    key: tuple[object, ...]
    data: bytes
    created: date | None
    days: dict[str, str]

    def piece_of(self, real: Slice) -> Slice:
        """The slice of the normal form, in place of the real one."""
        return real._replace(
            data=self.data, start=0, end=len(self.data), line=1, line_start=0, segment=1, claim=1, claim_name=""
        )


class NormalForms:
    """Makes the normal forms of the claims of a run. `days`: on which a rule changes what it finds."""

    def __init__(self, formulary: Formulary, days: Iterable[date]) -> None:
        self._marks = sorted({_written(day) for day in (*days, *formulary.days)})
        indications = {code.encode() for drug in formulary.drugs for code in drug.indications}
        self._on_list = tuple(indications)
        self._shapes: dict[Delimiters, _Shapes] = {}
        self._last: tuple[bytes, ...] | None = None
        self._last_days: dict[bytes, bytes] = {}

    def of(self, piece: Slice, header: Header, profile: PayerProfile) -> NormalForm | None:
        """The normal form of a claim slice; None where it is not written in the usual way."""
        if piece.context is None or piece.data is None:
            return None
        delimiters = piece.context.delimiters
        shapes = self._shapes.get(delimiters)
        if shapes is None:
            shapes = self._shapes[delimiters] = _Shapes(delimiters, self._diagnoses)
        read = shapes.read(piece.data)
        if read is None:
            return None
        parts, days, texts = read
        created = _written(header.created) if header.created else b""
        mapped = self._in_order({*(parts[n] for n in days), created} - {b""})
        if mapped is None:
            return None
        for n in days:
            parts[n] = mapped[parts[n]]
        data = b"".join(parts)
        for n in texts:
            parts[n] = keyed_hash(parts[n])
        made = mapped.get(created, b"")
        kind = (header.is_encounter, header.is_padded, header.is_predetermination, header.claim_filing_code)
        key = (b"".join(parts) if texts else data, made, kind, profile.name, piece.context.guide, delimiters)
        return NormalForm(key, data, _day(made), {_iso(normal): _iso(real) for real, normal in mapped.items()})

    def _in_order(self, days: set[bytes]) -> dict[bytes, bytes] | None:
        """Each day with the one that stands for it: the first ones after the mark before it, in their order."""
        ordered = tuple(sorted(days))
        if ordered == self._last:
            return self._last_days
        marks, mapped, last = self._marks, dict[bytes, bytes](), b""
        for day in ordered:
            if _day(day) is None:
                return None
            at = bisect_left(marks, day)
            if at < len(marks) and marks[at] == day:
                last = day
            else:
                mark = marks[at - 1] if at else b""
                last = _next_day(max(mark, last))
            mapped[day] = last
        self._last, self._last_days = ordered, mapped
        return mapped

    def _diagnoses(self, elements: Sequence[bytes], component: bytes) -> bytes | None:
        """What an HI says of diagnoses and conditions, as one."""
        found: set[bytes] = set()
        for element in elements:
            qualifier, _, rest = element.partition(component)
            code = rest.partition(component)[0]
            if not (qualifier.isalnum() and len(qualifier) <= 3 and (code.replace(b".", b"").isalnum() or not code)):
                return None
            if qualifier in _DIAGNOSES:
                code = code.upper().replace(b".", b"")
                on_list = code == _STUDY_DIAGNOSIS or (self._on_list and code.startswith(self._on_list))
                found.add(b"ABK" + component + (code if on_list else _OTHER_DIAGNOSIS))
            elif qualifier == _CONDITIONS and code == b"30":
                found.add(qualifier + component + code)
        return b"*".join(sorted(found))


class _Shapes:
    """The usual forms of segments with one set of delimiters."""

    def __init__(self, delimiters: Delimiters, diagnoses: Callable[[Sequence[bytes], bytes], bytes | None]) -> None:
        self._delimiters = delimiters
        self._diagnoses = diagnoses
        e, c = re.escape(delimiters.element), re.escape(delimiters.component)
        # SV1 or SV201 and the procedure code without its text; the text; the charge; basis, units and place or rate;
        # what no rule reads, in which no code and no NDC can be.
        composite = rb"(HC%s[A-Z0-9]{5}(?:%s[A-Z0-9]{0,2}){0,4})(?:(%s[^%s%s]*))?" % (c, c, c, e, c)
        money = rb"([0-9]{1,8}(?:\.[0-9]{1,2})?)"
        short = rb"(?:%s[A-Z0-9.]{0,8}){0,3}" % e
        rest = rb"(?:%s(?:[0-9%s]{0,8}|[A-Z]{1,2}))*" % (e, c)
        self._sv1 = re.compile(rb"SV1%s%s%s%s(%s)%s" % (e, composite, e, money, short, rest))
        self._sv2 = re.compile(rb"(SV2%s[0-9]{0,4})%s%s%s%s(%s)%s" % (e, e, composite, e, money, short, rest))
        self._date = re.compile(
            rb"(DTP%s(?:472|434)%s)(?:(D8%s)([0-9]{8})|(RD8%s)([0-9]{8})-([0-9]{8}))" % (e, e, e, e)
        )
        self._other_date = re.compile(rb"DTP%s(?!472|434)[0-9]{3}%s" % (e, e))
        self._lin = re.compile(rb"LIN%s[0-9]{0,6}%s[A-Z0-9]{0,2}%s[0-9-]{0,13}" % (e, e, e))
        self._ctp = re.compile(rb"CTP(?:%s[A-Z0-9.]{0,10}){3}%s[0-9.]{1,10}%s[A-Z0-9]{2}" % (e, e, e))
        self._lx = re.compile(rb"LX%s[0-9]{1,6}" % e)
        self._bill = re.compile(rb"[A-Z0-9]{0,2}%s[A-Z]?%s[0-9A-Z]?" % (c, c))
        self._word = re.compile(rb"[A-Z0-9]{1,3}")

    def read(self, data: bytes) -> tuple[list[bytes], list[int], list[int]] | None:
        """The parts of a claim's normal form, and which of them are days and texts; None where it has none."""
        delimiters = self._delimiters
        e, terminator, layout = (
            delimiters.element,
            delimiters.terminator,
            b"\r\n" if delimiters.breaks_are_layout else b"",
        )
        parts: list[bytes] = []
        days: list[int] = []
        texts: list[int] = []
        add = parts.append
        line = False
        segments = data.split(terminator)
        if segments.pop().strip(delimiters.blanks):
            return None
        for raw in segments:
            segment = raw.lstrip(layout) if raw[:1] in (b"\n", b"\r") and layout else raw
            segment_id, _, rest = segment.partition(e)
            if segment_id in _LEFT_OUT:
                continue
            if segment_id == b"SV1" or segment_id == b"SV2":
                match = (self._sv1 if segment_id == b"SV1" else self._sv2).fullmatch(segment)
                if match is None:
                    return None
                groups = match.groups()
                if segment_id == b"SV1":
                    add(b"SV1")
                    composite, text, charge, more = groups
                else:
                    head, composite, text, charge, more = groups
                    add(head)
                add(e)
                add(composite)
                if text:
                    texts.append(len(parts))
                    add(text)
                add(e + (_CHARGE if _is_charged(charge) else _FREE) + more)
            elif segment_id == b"LX":
                if not self._lx.fullmatch(segment):
                    return None
                line = True
                add(b"LX" + e + b"1")
            elif segment_id == b"DTP":
                match = self._date.fullmatch(segment)
                if match is None:
                    if self._other_date.match(segment):
                        continue
                    return None
                head, day_qualifier, day, range_qualifier, first, last = match.groups()
                add(head + (day_qualifier or range_qualifier))
                days.append(len(parts))
                if day:
                    add(day)
                else:
                    if first > last:
                        return None
                    add(first)
                    add(b"-")
                    days.append(len(parts))
                    add(last)
            elif segment_id == b"LIN":
                if not line or not self._lin.fullmatch(segment):
                    return None
                add(segment)
            elif segment_id == b"CTP":
                if not line or not self._ctp.fullmatch(segment):
                    return None
                add(segment)
            elif segment_id == b"REF":
                qualifier, _, number = rest.partition(e)
                if qualifier == b"N4" or not self._word.fullmatch(qualifier):
                    return None
                if qualifier not in _KEPT_REFERENCES:
                    continue
                add(b"REF" + e + qualifier + e + (b"1" if number.strip() else b""))
            elif segment_id in _TEXTS:
                texts.append(len(parts))
                add(segment)
            elif segment_id == b"HI":
                said = self._diagnoses(rest.split(e), delimiters.component)
                if said is None:
                    return None
                add(b"HI" + e + said.replace(b"*", e))
            elif segment_id == b"SBR":
                filing = (rest.split(e) + [b""] * 9)[8]
                if line or len(filing) > 2 or not (filing.isalnum() or not filing):
                    return None
                add(b"SBR" + e * 9 + filing)
            elif segment_id == b"CLM":
                bill = (rest.split(e) + [b""] * 5)[4]
                if parts or not self._bill.fullmatch(bill):
                    return None
                add(b"CLM" + e + b"1" + e + b"1" + e * 3 + bill)
            else:
                return None
            add(terminator)
        return parts, days, texts


def _is_charged(charge: bytes) -> bool:
    """Whether a plain number is more than the charge of a free drug, 1.01."""
    return float(charge) > 1.01


def _written(day: date) -> bytes:
    return b"%04d%02d%02d" % (day.year, day.month, day.day)


@lru_cache(4096)
def _iso(text: bytes) -> str:
    return f"{text[:4].decode()}-{text[4:6].decode()}-{text[6:].decode()}"


@lru_cache(4096)
def _day(text: bytes) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


@lru_cache(4096)
def _next_day(text: bytes) -> bytes:
    """The day after one; "" is before any."""
    day = _day(text)
    return _written(day + timedelta(1) if day else _FIRST_DAY)
