"""Segments of a claim with their elements and components; places; dates and numbers."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from lint837.claims.lazy import lazy
from lint837.x12.delimiters import Delimiters, text_of
from lint837.x12.slices import Slice

_REMEMBERED = 4096  # segments, numbers and dates; in a batch they repeat
_LONGEST_NUMBER = 16  # characters: 15 digits and a point
_BLANKS = re.compile(rb"[ \t]*")
# Segments of a claim that no rule about drugs reads; and all that may be in a claim besides those that bill something.
UNREAD = frozenset(
    b"AMT CAS CL1 CN1 CR1 CR2 CR3 CR4 CR5 CR6 CR7 CR8 CRC DMG FRM HCP LQ MEA MIA MOA N3 N4 NM1 OI PAT PER PRV PS1 PWK "
    b"QTY SVD TOO".split()
)
BESIDE_SERVICES = UNREAD | frozenset(b"CLM DTP HI HL K3 NTE REF SBR".split())
SHORT = 256  # bytes; longer ones are not remembered, since a batch may be made of them
# They name a person or an account, or may: no two claims have the same, and nothing of them is remembered.
_OF_A_PERSON = frozenset(["CLM", "DMG", "K3", "N3", "N4", "NM1", "NTE", "PAT", "PER", "REF", "SBR"])


def _texts(raw: bytes, delimiters: Delimiters) -> tuple[str, ...]:
    segment = delimiters.unwrapped(raw)
    if segment.isascii():
        return tuple(segment.decode().split(text_of(delimiters.element)))
    return tuple(text_of(value) for value in segment.split(delimiters.element))


def _components(text: str, separator: bytes) -> tuple[str, ...]:
    return tuple(text.split(text_of(separator)))


# Many segments of a batch are equal, and to split one takes longer than to find it again.
_remembered_texts = lru_cache(_REMEMBERED)(_texts)
_remembered_components = lru_cache(_REMEMBERED)(_components)


class Period(NamedTuple):
    """The first and last day of a service or a statement; they are equal for a single day."""

    first: date
    last: date

    @property
    def is_day(self) -> bool:
        """True for a single day."""
        return self.first == self.last


class Segment:
    """One segment.

    raw: its bytes, without the terminator.
    offset: their offset in the input.
    ordinal: its number in the transaction set; ST is 1.
    """

    def __init__(self, segment_id: bytes, raw: bytes, offset: int, ordinal: int, delimiters: Delimiters) -> None:
        self.id = segment_id.decode("ascii", "replace")
        self.raw = raw
        self.offset = offset
        self.ordinal = ordinal
        self.delimiters = delimiters

    @lazy
    def texts(self) -> tuple[str, ...]:
        """Its elements, the id first, without the line breaks of a hard-wrapped file."""
        remembered = len(self.raw) <= SHORT and self.id not in _OF_A_PERSON
        return (_remembered_texts if remembered else _texts)(self.raw, self.delimiters)

    def exact(self, element: int, component: int = 0) -> str:
        """An element (1-based), or one of its components, with its blanks; "" where missing."""
        if component:
            components = self.components(element)
            return components[component - 1] if component <= len(components) else ""
        texts = self.texts
        return texts[element] if element < len(texts) else ""

    def __bool__(self) -> bool:
        return True  # a segment without elements too

    def __len__(self) -> int:
        """The number of elements after the id."""
        return len(self.texts) - 1

    def element(self, element: int, component: int = 0) -> str:
        """An element (1-based), or one of its components, without blanks around it; "" where missing."""
        if not component and element < len(self.texts):  # as in exact, for the most frequent case
            return self.texts[element].strip()
        return self.exact(element, component).strip()

    def components(self, element: int) -> tuple[str, ...]:
        """The components of an element, with their blanks; none where it is missing."""
        if element >= len(self.texts):
            return ()
        cut = _remembered_components if len(self.raw) <= SHORT else _components
        return cut(self.texts[element], self.delimiters.component)

    def at(self, element: int = 0, component: int = 0, *, line: int = 0) -> "Place":
        """The place of an element (1-based) or component; by default that of the whole segment. `line`: the ordinal of
        its service line.
        """
        return Place(self, element, component, line)


class Place(NamedTuple):
    """Where a problem is. Its offsets are computed when a finding is made.

    number: of the element in the segment, 1-based; 0 for the whole segment.
    component: in the element, 1-based; 0 for the whole element.
    line: the ordinal of the service line that it is in; 0 for none.
    """

    segment: Segment
    number: int = 0
    component: int = 0
    line: int = 0

    @property
    def element(self) -> str:
        """Its name such as "SV101-2"; "" for a whole segment."""
        if not self.number and not self.component:
            return ""
        name = f"{self.segment.id}{self.number:02}" if self.number else ""
        return f"{name}-{self.component}" if self.component else name

    @property
    def start(self) -> int:
        """The offset in the input where it begins."""
        return self.span[0]

    @property
    def span(self) -> tuple[int, int]:
        """The offsets in the input where it begins and ends; those of the segment where it is missing."""
        segment, delimiters = self.segment, self.segment.delimiters
        start, end = segment.offset, segment.offset + len(segment.raw)
        elements = segment.raw.split(delimiters.element)
        if not 0 < self.number < len(elements):
            return start, end
        start += sum(len(value) + 1 for value in elements[: self.number])
        value = elements[self.number]
        end = start + len(value)
        if self.component:
            components = value.split(delimiters.component)
            if self.component <= len(components):
                width = len(delimiters.component)
                start += sum(len(part) + width for part in components[: self.component - 1])
                end = start + len(components[self.component - 1])
        value = segment.raw[start - segment.offset : end - segment.offset]
        if delimiters.breaks_are_layout:  # a hard-wrapped line may break just before or after it
            start += len(value) - len(value.lstrip(b"\r\n"))
            end = max(start, end - len(value) + len(value.rstrip(b"\r\n")))
        return start, end


def segments_of(
    data: bytes, piece: Slice, delimiters: Delimiters, *, padded: bool = True
) -> Iterator[tuple[bytes, bytes, int, int]]:
    """The segments of a slice: id, bytes without layout around them, offset in the input, ordinal. Blanks before a
    terminator are layout where segments are `padded`; else they belong to the last element.
    """
    terminator, separator = delimiters.terminator, delimiters.element
    blanks, width = delimiters.blanks, len(terminator)
    offset, ordinal = piece.start, piece.segment - 1
    for part in data.split(terminator):
        raw = part.strip(blanks)
        if raw:
            ordinal += 1
            segment_id = raw.partition(separator)[0]
            if not segment_id.isalnum():  # a hard-wrapped line may break within the id
                segment_id = delimiters.clean(segment_id)
            at = 0 if raw is part else part.find(raw)
            if not padded and len(part) > at + len(raw):
                raw += _BLANKS.match(part, at + len(raw))[0]  # type: ignore[index]  # it matches nothing, too
            yield segment_id, raw, offset + at, ordinal
        offset += len(part) + width


def plain_decimal(text: str) -> Decimal | None:
    """A plain decimal number: at most 15 ASCII digits and one point, without sign, exponent or comma; else None."""
    return _plain_decimal(text) if len(text) <= _LONGEST_NUMBER else None


@lru_cache(_REMEMBERED)
def _plain_decimal(text: str) -> Decimal | None:
    digits = text.replace(".", "", 1)
    if not digits.isascii() or not digits.isdigit() or len(digits) >= _LONGEST_NUMBER:
        return None
    return Decimal(text)


def period_of(segment: Segment) -> Period | None:
    """The period in a DTP (D8 a day, RD8 a range); None where it is not a calendar date, or is reversed."""
    return period_of_texts(segment.element(2), segment.element(3))


def period_of_texts(qualifier: str, text: str) -> Period | None:
    """The same of DTP02 and DTP03, with their blanks."""
    return _period(qualifier, text) if len(qualifier + text) <= SHORT else None


@lru_cache(_REMEMBERED)
def _period(qualifier: str, text: str) -> Period | None:
    pattern = {"D8": r"(\d{8})", "RD8": r"(\d{8})-(\d{8})"}.get(qualifier.strip())
    match = re.fullmatch(pattern, text.strip(), re.ASCII) if pattern else None
    if match is None:
        return None
    days = [day for day in map(day_of, match.groups()) if day]
    whole = len(days) == len(match.groups()) and days[0] <= days[-1]
    return Period(days[0], days[-1]) if whole else None


def day_of(text: str) -> date | None:
    """A day written CCYYMMDD, or YYMMDD (of this century) as in ISA09; None where it is not a calendar date."""
    text = f"20{text}" if len(text) == 6 else text
    if not re.fullmatch(r"[0-9]{8}", text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
