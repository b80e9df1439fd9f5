"""What the headers of a claim say, as far as rules may know it: when the file was made, the provider, the payer. Who
the patient is, only as a keyed hash.

Thousands of claims share a header, so each header slice is read once.
"""

import os
import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from lint837.claims.segment import day_of
from lint837.x12.delimiters import Delimiters, text_of
from lint837.x12.slices import Context, Slice

# The guides of predeterminations, by the first ten characters of ST03 (GS08 where there is no ST03).
PREDETERMINATIONS = frozenset({b"005010X291", b"005010X292"})
# Of this run, and of the processes that it forks. It decides no output: hashes are only compared with each other.
_KEY = os.urandom(32)
_HASH = 8  # bytes: of a million lines no two have the same by chance


class FileFacts(NamedTuple):
    """What the headers above the billing provider say, as in Header."""

    created: date | None = None
    is_encounter: bool = False
    is_padded: bool = False
    is_predetermination: bool = False
    is_test: bool = False


class Header(NamedTuple):
    """What the headers of a claim say.

    created: the latest of ISA09, GS04 and BHT04; None where none of them is a date.
    is_encounter: BHT06 is RP or 31.
    is_padded: blanks come before the terminator of its ST, so that they are layout before any.
    is_predetermination: the guide is that of a predetermination (X291, X292).
    billing_npi: NM109 of the billing provider if it is an NPI, else "".
    claim_filing_code: SBR09 of the subscriber, in capital letters.
    payer_id: NM109 of the payer that the claim is sent to.
    is_test: the interchange is a test (ISA15 is T).
    """

    created: date | None
    is_encounter: bool
    is_padded: bool
    is_predetermination: bool
    billing_npi: str
    claim_filing_code: str
    payer_id: str
    is_test: bool = False


class _Subscriber(NamedTuple):
    """What the segments of an hl22 slice say: SBR01, SBR09, NM109 of the subscriber and of the payer."""

    responsibility: bytes
    filing: str
    member_id: bytes
    payer_id: str


_NOBODY = _Subscriber(b"", "", b"", "")


class Headers:
    """Reads the headers of one claim after another, and remembers those of the last one."""

    def __init__(self) -> None:
        self._file_context: Context | None = None
        self._file = FileFacts()
        self._hl20: Slice | None = None
        self._hl22: Slice | None = None
        self._npi = ""
        self._subscriber = _NOBODY
        self._context: Context | None = None
        self._header: Header | None = None
        self._patient_of: tuple[Slice | None, Slice | None] = (None, None)
        self._patient = b""

    def file_of(self, context: Context) -> FileFacts:
        """What the headers above the billing provider say."""
        last = self._file_context
        if last is None or last.st is not context.st or last.gs is not context.gs or last.isa is not context.isa:
            self._file = _file(context)
            self._file_context = context
            self._header = None
        return self._file

    def of(self, context: Context | None) -> Header:
        """What the headers of a claim in this context say."""
        if context is None:
            return Header(None, False, False, False, "", "", "")  # noqa: FBT003
        if self._header and context is self._context:
            return self._header
        file = self.file_of(context)
        self._context = context
        if self._header and self._hl20 is context.hl20 and self._hl22 is context.hl22:
            return self._header
        if self._hl20 is not context.hl20:
            self._npi = _billing_npi(context.hl20, context.delimiters)
        self._subscriber = _subscriber(context.hl22, context.delimiters)
        self._hl20, self._hl22 = context.hl20, context.hl22
        subscriber = self._subscriber
        self._header = Header(*file[:4], self._npi, subscriber.filing, subscriber.payer_id, file.is_test)
        return self._header

    def patient(self, context: Context) -> bytes:
        """A keyed hash of the subscriber, the dependent and the payer of a claim in this context: whose claim it is;
        and of whether it is an encounter or a predetermination. b"" without a member id, and where a dependent has no
        name. Nothing from which a person could be known is kept.
        """
        header = self.of(context)
        if self._patient_of[0] is not context.hl22 or self._patient_of[1] is not context.hl23 or not self._patient:
            self._patient = _patient(self._subscriber, header, context)
            self._patient_of = context.hl22, context.hl23
        return self._patient


def keyed_hash(text: bytes) -> bytes:
    """A hash of a text with the key of this run."""
    return blake2b(text, key=_KEY, digest_size=_HASH).digest()


def _subscriber(piece: Slice | None, delimiters: Delimiters) -> _Subscriber:
    if piece is None or piece.data is None:
        return _NOBODY
    text = delimiters.unwrapped(piece.data)
    usual = _usual_subscriber(delimiters).match(text)
    if usual:
        responsibility, filing, member_id, payer_id = (value.strip() for value in usual.groups())
        return _Subscriber(responsibility, text_of(filing).upper(), member_id.upper(), text_of(payer_id))
    e, blanks = delimiters.element, delimiters.blanks
    sbr, nm1 = b"SBR" + e, b"NM1" + e
    responsibility = filing = member_id = payer_id = None
    for part in text.split(delimiters.terminator):
        segment = part.lstrip(blanks)
        if not segment.startswith((sbr, nm1)):
            continue
        elements = segment.split(e, 10)
        elements += [b""] * (10 - len(elements))
        qualifier = elements[1].strip()
        if elements[0] == b"SBR":
            if filing is None:
                responsibility, filing = qualifier, text_of(elements[9].strip())
        elif qualifier == b"IL":
            if member_id is None:
                member_id = elements[9].strip().upper()
        # NM108 too, since a damaged segment may hold another number.
        elif qualifier == b"PR" and payer_id is None and elements[8].strip() in (b"PI", b"XV"):
            payer_id = text_of(elements[9].strip())
    return _Subscriber(responsibility or b"", (filing or "").upper(), member_id or b"", payer_id or "")


@lru_cache(16)
def _usual_subscriber(delimiters: Delimiters) -> re.Pattern[bytes]:
    """The beginning of an hl22 slice without line breaks that is written as most are, up to the payer: what it says of
    one.
    """
    e, t = re.escape(delimiters.element), re.escape(delimiters.terminator)
    value = rb"[^%s%s\r\n]*+" % (e, t)
    others = rb"(?:(?!SBR|NM1)[A-Z][A-Z0-9]{1,2}%s[^%s]*+%s)*+" % (e, t, t)
    sbr = rb"SBR%s(%s)(?:%s%s){7}%s(%s)[^%s]*+%s" % (e, value, e, value, e, value, t, t)
    member = rb"NM1%sIL(?:%s%s){7}%s(%s)[^%s]*+%s" % (e, e, value, e, value, t, t)
    payer = rb"NM1%sPR(?:%s%s){6}%s(?:PI|XV)%s(%s)[%s%s]" % (e, e, value, e, e, value, e, t)
    return re.compile(others + sbr + others + member + others + payer)


def _patient(subscriber: _Subscriber, header: Header, context: Context) -> bytes:
    if not subscriber.member_id:
        return b""
    dependent: list[bytes] = []
    if context.hl23:
        found = list(header_segments(context.hl23, context.delimiters, b"NM1", b"DMG"))
        person = next((elements for elements in found if elements[:2] == [b"NM1", b"QC"]), None)
        if person is None or not person[3]:
            return b""
        born = next((elements[2] for elements in found if elements[0] == b"DMG"), b"")
        dependent = [person[3].upper(), person[4].upper(), born]
    payer = subscriber.payer_id.upper(), subscriber.responsibility
    kind = header.is_encounter, header.is_predetermination
    return keyed_hash(repr((subscriber.member_id, dependent, payer, kind)).encode())


def _file(context: Context) -> FileFacts:
    days: list[date | None] = []
    is_encounter = False
    for piece, segment_id, element in ((context.isa, b"ISA", 9), (context.gs, b"GS", 4), (context.st, b"BHT", 4)):
        for elements in header_segments(piece, context.delimiters, segment_id):
            days.append(day_of(text_of(elements[element])))
            is_encounter |= segment_id == b"BHT" and elements[6] in (b"RP", b"31")
    guides = [
        next((elements[element] for elements in header_segments(piece, context.delimiters, segment_id)), b"")
        for piece, segment_id, element in ((context.st, b"ST", 3), (context.gs, b"GS", 8))
    ]
    guide = next(filter(None, guides), b"").upper()
    created = max((day for day in days if day), default=None)
    isa = context.delimiters.clean((context.isa.data if context.isa else None) or b"")
    is_test = context.delimiters.elements(isa, 15)[15] == b"T"
    return FileFacts(
        created=created,
        is_encounter=is_encounter,
        is_padded=_is_padded(context),
        is_predetermination=guide[:10] in PREDETERMINATIONS,
        is_test=is_test,
    )


def _is_padded(context: Context) -> bool:
    """True if blanks come before the terminator of the ST segment."""
    st = (context.st.data if context.st else None) or b""
    return st.partition(context.delimiters.terminator)[0].rstrip(b"\r\n")[-1:] in (b" ", b"\t")


def _billing_npi(piece: Slice | None, delimiters: Delimiters) -> str:
    for elements in header_segments(piece, delimiters, b"NM1"):
        if elements[1] == b"85" and elements[8] == b"XX":
            return text_of(elements[9])
    return ""


def header_segments(piece: Slice | None, delimiters: Delimiters, *segment_ids: bytes) -> Iterator[list[bytes]]:
    """Elements 0 (the id) to 9 of each segment of a header with one of these ids; b"" where missing."""
    if piece is None or piece.data is None:
        return
    beginnings, blanks = tuple(segment_id + delimiters.element for segment_id in segment_ids), delimiters.blanks
    for part in delimiters.unwrapped(piece.data).split(delimiters.terminator):
        segment = part.lstrip(blanks)
        if segment.startswith(beginnings):
            yield delimiters.elements(segment, 9)
