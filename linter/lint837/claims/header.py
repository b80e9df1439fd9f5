"""What the headers of a claim say, as far as rules may know it: when the file was made, the provider, the payer. Who
the patient is, only as a keyed hash.

Thousands of claims share a header, so each header slice is read once.
"""

import os
from collections.abc import Iterator
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

from lint837.claims.segment import day_of
from lint837.x12.delimiters import Delimiters, text_of
from lint837.x12.slices import Context, Slice

_Payer = tuple[str, str]
_File = tuple[date | None, bool, bool, bool]
# The guides of predeterminations, by the first ten characters of ST03 (GS08 where there is no ST03).
_PREDETERMINATIONS = frozenset({b"005010X291", b"005010X292"})
# Of this run, and of the processes that it forks. It decides no output: hashes are only compared with each other.
_KEY = os.urandom(32)
_HASH = 12  # bytes: of a million lines no two are the same by chance


class Header(NamedTuple):
    """What the headers of a claim say.

    created: the latest of ISA09, GS04 and BHT04; None where none of them is a date.
    is_encounter: BHT06 is RP or 31.
    is_padded: blanks come before the terminator of its ST, so that they are layout before any.
    is_predetermination: the guide is that of a predetermination (X291, X292).
    billing_npi: NM109 of the billing provider if it is an NPI, else "".
    claim_filing_code: SBR09 of the subscriber.
    payer_id: NM109 of the payer that the claim is sent to.
    """

    created: date | None
    is_encounter: bool
    is_padded: bool
    is_predetermination: bool
    billing_npi: str
    claim_filing_code: str
    payer_id: str


class Headers:
    """Reads the headers of one claim after another, and remembers those of the last one."""

    def __init__(self) -> None:
        self._file_context: Context | None = None
        self._file: _File = (None, False, False, False)
        self._context: Context | None = None
        self._npi = ""
        self._payer: _Payer = ("", "")

    def file_of(self, context: Context) -> _File:
        """What the headers above the billing provider say: created, is_encounter, is_padded, is_predetermination."""
        last = self._file_context
        if last is None or last.st is not context.st or last.gs is not context.gs or last.isa is not context.isa:
            self._file = _file(context)
            self._file_context = context
        return self._file

    def of(self, context: Context | None) -> Header:
        """What the headers of a claim in this context say."""
        if context is None:
            nobody = {"billing_npi": "", "claim_filing_code": "", "payer_id": ""}
            return Header(None, is_encounter=False, is_padded=False, is_predetermination=False, **nobody)
        last, delimiters = self._context, context.delimiters
        if last is None or last.hl20 is not context.hl20:
            self._npi = _billing_npi(context.hl20, delimiters)
        if last is None or last.hl22 is not context.hl22:
            self._payer = _payer(context.hl22, delimiters)
        self._context = context
        return Header(*self.file_of(context), self._npi, *self._payer)


class Patients:
    """Tells whose claims are whose, one after another: a keyed hash of the subscriber, the dependent and the payer.
    Nothing from which a person could be known is kept.
    """

    def __init__(self) -> None:
        self._context: Context | None = None
        self._hash = b""

    def of(self, context: Context, payer_id: str) -> bytes:
        """The hash for a claim in this context; b"" without a member id, and where a dependent has no name. `payer_id`:
        as its header has it.
        """
        last = self._context
        if last is None or last.hl22 is not context.hl22 or last.hl23 is not context.hl23:
            self._hash = _patient(context, payer_id)
            self._context = context
        return self._hash


def keyed_hash(*texts: object) -> bytes:
    """A hash of texts with the key of this run."""
    return blake2b(repr(texts).encode(), key=_KEY, digest_size=_HASH).digest()


def _patient(context: Context, payer_id: str) -> bytes:
    delimiters = context.delimiters
    subscriber = next(_segments(context.hl22, delimiters, b"NM1", b"IL"), None)
    if subscriber is None or not subscriber[9]:
        return b""
    responsibility = next((elements[1] for elements in _segments(context.hl22, delimiters, b"SBR")), b"")
    dependent: list[bytes] = []
    if context.hl23:
        person = next(_segments(context.hl23, delimiters, b"NM1", b"QC"), None)
        if person is None or not person[3]:
            return b""
        born = next((elements[2] for elements in _segments(context.hl23, delimiters, b"DMG")), b"")
        dependent = [person[3].upper(), person[4].upper(), born]
    return keyed_hash(subscriber[9].upper(), dependent, payer_id.upper(), responsibility)


def _file(context: Context) -> _File:
    days: list[date | None] = []
    is_encounter = False
    for piece, segment_id, element in ((context.isa, b"ISA", 9), (context.gs, b"GS", 4), (context.st, b"BHT", 4)):
        for elements in _segments(piece, context.delimiters, segment_id):
            days.append(day_of(text_of(elements[element])))
            is_encounter |= segment_id == b"BHT" and elements[6] in (b"RP", b"31")
    guides = [
        next((elements[element] for elements in _segments(piece, context.delimiters, segment_id)), b"")
        for piece, segment_id, element in ((context.st, b"ST", 3), (context.gs, b"GS", 8))
    ]
    guide = next(filter(None, guides), b"").upper()
    created = max((day for day in days if day), default=None)
    return created, is_encounter, _is_padded(context), guide[:10] in _PREDETERMINATIONS


def _is_padded(context: Context) -> bool:
    """True if blanks come before the terminator of the ST segment."""
    st = (context.st.data if context.st else None) or b""
    return st.partition(context.delimiters.terminator)[0].rstrip(b"\r\n")[-1:] in (b" ", b"\t")


def _billing_npi(piece: Slice | None, delimiters: Delimiters) -> str:
    for elements in _segments(piece, delimiters, b"NM1", b"85"):
        if elements[8] == b"XX":
            return text_of(elements[9])
    return ""


def _payer(piece: Slice | None, delimiters: Delimiters) -> _Payer:
    filing = next((text_of(elements[9]) for elements in _segments(piece, delimiters, b"SBR")), "")
    for elements in _segments(piece, delimiters, b"NM1", b"PR"):
        # NM108 too, since a damaged segment may hold another number.
        if elements[8] in (b"PI", b"XV"):
            return filing, text_of(elements[9])
    return filing, ""


def _segments(
    piece: Slice | None, delimiters: Delimiters, segment_id: bytes, qualifier: bytes | None = None
) -> Iterator[list[bytes]]:
    """Elements 0 (the id) to 9 of each segment of a header with an id, and with a first element if one is given; b""
    where missing.
    """
    if piece is None or piece.data is None:
        return
    terminator, separator, blanks = delimiters.terminator, delimiters.element, delimiters.blanks
    data = delimiters.unwrapped(piece.data)
    beginning = segment_id + separator
    at = data.find(beginning)
    while at >= 0:
        first_element = at + len(beginning)
        before = data[:at].rstrip(blanks)
        if not before or before.endswith(terminator):
            first = data[first_element : data.find(separator, first_element)].strip()
            if qualifier is None or first == qualifier:
                yield delimiters.elements(data[at:].partition(terminator)[0], 9)
        at = data.find(beginning, first_element)
