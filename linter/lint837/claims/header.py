"""What a claim stands under, as far as a rule may know it: when the file was made, whose claim it is, who is to pay.

Thousands of claims stand under one header, so each header slice is read once.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from lint837.claims.segment import day_of
from lint837.x12.delimiters import Delimiters, text_of
from lint837.x12.slices import Context, Slice

_Payer = tuple[str, str]


class Header(NamedTuple):
    """created: the latest of the days that the file gives for its making (ISA09, GS04, BHT04), None where none is one;
    is_encounter: BHT06 is RP or 31; billing_npi: NM109 of the billing provider where it is an NPI, else "";
    claim_filing_code: SBR09 of the subscriber; payer_id: NM109 of the payer that the claim is sent to.
    """

    created: date | None
    is_encounter: bool
    billing_npi: str
    claim_filing_code: str
    payer_id: str


class Headers:
    """Finds the standing of one claim after another; of the headers that it has just read it remembers the last."""

    def __init__(self) -> None:
        self._file_context: Context | None = None
        self._file: tuple[date | None, bool] = (None, False)
        self._context: Context | None = None
        self._npi = ""
        self._payer: _Payer = ("", "")

    def file_of(self, context: Context) -> tuple[date | None, bool]:
        """The standing of a claim in this context, as far as the file alone decides it: created, is_encounter."""
        last = self._file_context
        if last is None or last.st is not context.st or last.gs is not context.gs or last.isa is not context.isa:
            self._file = _file(context)
            self._file_context = context
        return self._file

    def of(self, context: Context | None) -> Header:
        """The standing of a claim in this context."""
        if context is None:
            return Header(None, is_encounter=False, billing_npi="", claim_filing_code="", payer_id="")
        last, delimiters = self._context, context.delimiters
        if last is None or last.hl20 is not context.hl20:
            self._npi = _billing_npi(context.hl20, delimiters)
        if last is None or last.hl22 is not context.hl22:
            self._payer = _payer(context.hl22, delimiters)
        self._context = context
        return Header(*self.file_of(context), self._npi, *self._payer)


def _file(context: Context) -> tuple[date | None, bool]:
    days: list[date | None] = []
    is_encounter = False
    for piece, segment_id, element in ((context.isa, b"ISA", 9), (context.gs, b"GS", 4), (context.st, b"BHT", 4)):
        for elements in _segments(piece, context.delimiters, segment_id):
            days.append(day_of(text_of(elements[element])))
            is_encounter |= segment_id == b"BHT" and elements[6] in (b"RP", b"31")
    return max((day for day in days if day), default=None), is_encounter


def _billing_npi(piece: Slice | None, delimiters: Delimiters) -> str:
    for elements in _segments(piece, delimiters, b"NM1", b"85"):
        if elements[8] == b"XX":
            return text_of(elements[9])
    return ""


def _payer(piece: Slice | None, delimiters: Delimiters) -> _Payer:
    filing = next((text_of(elements[9]) for elements in _segments(piece, delimiters, b"SBR")), "")
    for elements in _segments(piece, delimiters, b"NM1", b"PR"):
        # NM108 too, since in a damaged segment somebody else's number may stand there.
        if elements[8] in (b"PI", b"XV"):
            return filing, text_of(elements[9])
    return filing, ""


def _segments(
    piece: Slice | None, delimiters: Delimiters, segment_id: bytes, qualifier: bytes | None = None
) -> Iterator[list[bytes]]:
    """The segments of a header with an id, and with a first element where it is given: their elements 0 (the id) to 9,
    b"" where missing.
    """
    if piece is None or piece.data is None:
        return
    terminator, separator, blanks = delimiters.terminator, delimiters.element, delimiters.blanks
    data = delimiters.unwrapped(piece.data)
    beginning = segment_id + separator
    at = data.find(beginning)
    while at >= 0:
        behind = at + len(beginning)
        before = data[:at].rstrip(blanks)
        if not before or before.endswith(terminator):
            first = data[behind : data.find(separator, behind)].strip()
            if qualifier is None or first == qualifier:
                yield delimiters.elements(data[at:].partition(terminator)[0], 9)
        at = data.find(beginning, behind)
