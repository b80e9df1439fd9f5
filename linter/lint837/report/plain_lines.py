"""The service lines of a claim cut out of its bytes, where all of them are written plainly: the fast way to rows.

It can only be too careful: of a claim with anything unusual it says nothing, and the claim is read as any other is.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from lint837.claims.segment import SHORT
from lint837.x12.delimiters import Delimiters
from lint837.x12.slices import Slice

_DATE, _STATEMENT = b"472", b"434"
_IDS = b"LX|SV[1235]|DTP|LIN|CTP|CLM|SBR|NTE|K3"  # of the segments that lines are made of
_CHARGE = {b"SV1": 2, b"SV2": 3}  # the number of the element with the charge


class PlainLine(NamedTuple):
    """A line with one LX, one SV1 or SV2, and at most one DTP*472, LIN and CTP, each b"" where it has none.

    segment, offset: the ordinal of its LX from ST, and its offset in the input. charge: the number of its element.
    """

    segment: int
    offset: int
    lx: bytes
    service: bytes
    charge: int
    date: bytes
    lin: bytes
    ctp: bytes


class PlainClaim(NamedTuple):
    """clm, statement: CLM and the first DTP*434 of loop 2300, b"" without one. has_text: it has an NTE or K3."""

    clm: bytes
    statement: bytes
    lines: list[PlainLine]
    has_text: bool
    delimiters: Delimiters


def plain_claim(piece: Slice) -> PlainClaim | None:
    """The lines of a claim slice; None where one is not plain: blanks before a terminator, a wrapped segment, a blank
    in a segment id, a line without LX or service, a segment that comes twice, or one that is long.
    """
    if piece.context is None or piece.data is None:
        return None
    data, delimiters = piece.data, piece.context.delimiters
    terminator, separator = delimiters.terminator, delimiters.element
    if not _is_laid_out_plainly(data, terminator, piece.segments):
        return None
    clm = data[: data.find(terminator)].lstrip(delimiters.blanks)
    if not clm.startswith(b"CLM" + separator) or len(clm) > SHORT:
        return None
    statement = lx = service = date = lin = ctp = b""
    lines: list[PlainLine] = []
    has_text = False
    in_header, charge, start, counted, ordinal = True, 0, 0, 0, piece.segment
    for match in _segments(terminator, separator).finditer(data):
        kind = match[1]
        at = match.start(1)
        raw = data[at : match.end()]
        if len(raw) > SHORT or len(raw) == len(kind):
            return None
        if kind == b"LX":
            if lx and not service:
                return None
            if lx:
                lines.append(PlainLine(ordinal, piece.start + start, lx, service, charge, date, lin, ctp))
            elif usual := _usual_lines(data, at, piece, delimiters):
                lines = usual
                break
            ordinal += data.count(terminator, counted, at)
            counted = start = at
            lx, service, date, lin, ctp = raw, b"", b"", b"", b""
        elif kind == b"DTP":
            qualifier = raw[4:7]
            if raw[7:8] != separator:
                return None
            if lx:
                if qualifier == _DATE:
                    if date:
                        return None
                    date = raw
            elif qualifier == _STATEMENT and in_header:
                statement = statement or raw
        elif kind == b"NTE" or kind == b"K3":
            has_text = True
        elif kind == b"SBR":
            in_header = False
        elif not lx:
            return None
        elif kind in _CHARGE and not service:
            service, charge = raw, _CHARGE[kind]
            if raw.count(separator) < charge:
                return None
        elif kind == b"LIN" and not lin:
            lin = raw
        elif kind == b"CTP" and lin and not ctp:
            ctp = raw
        else:
            return None
    if lx and not service:
        return None
    if lx:
        lines.append(PlainLine(ordinal, piece.start + start, lx, service, charge, date, lin, ctp))
    return PlainClaim(clm, statement, lines, has_text, delimiters)


def _usual_lines(data: bytes, begin: int, piece: Slice, delimiters: Delimiters) -> list[PlainLine]:
    """The lines of a claim from `begin` to its end; none where one is not written in the usual order."""
    terminator, separator = delimiters.terminator, delimiters.element
    lines: list[PlainLine] = []
    at, ordinal = begin, piece.segment + data.count(terminator, 0, begin)
    for match in _usual_line(terminator, separator).finditer(data, begin):
        lx, service, kind, date, lin, ctp = match.groups(b"")
        charge = _CHARGE[kind]
        if match.start() != at or service.count(separator) < charge:
            return []
        lines.append(PlainLine(ordinal, piece.start + at, lx, service, charge, date, lin, ctp))
        ordinal += data.count(terminator, at, match.end())
        at = match.end()
    return lines if at == len(data) else []


@lru_cache(16)
def _usual_line(terminator: bytes, separator: bytes) -> re.Pattern[bytes]:
    """LX and SV1 or SV2, then DTP*472, LIN and CTP, if they are there, with segments of other ids between them."""
    t, e = re.escape(terminator), re.escape(separator)
    end = t + rb"[\r\n]*+"
    rest = b"%b[^%b]{0,%d}+" % (e, t, SHORT - len("DTP*472*"))
    others = rb"(?:(?!(?:%b)[^A-Za-z0-9]|[ \t])[^%b]++%b)*+" % (_IDS, t, end)
    date = b"(?:(DTP%b%b%b)%b%b)?+" % (e, _DATE, rest, end, others)
    drug = b"(?:(LIN%b)%b%b(?:(CTP%b)%b%b)?+)?+" % (rest, end, others, rest, end, others)
    return re.compile(b"(LX%b)%b((SV[12])%b)%b%b%b%b" % (rest, end, rest, end, others, date, drug))


@lru_cache(16)
def _segments(terminator: bytes, separator: bytes) -> re.Pattern[bytes]:
    """The segments after CLM that lines are made of. An id with a blank after it is found without elements."""
    end, after = re.escape(terminator), re.escape(separator)
    return re.compile(rb"%b[ \t\r\n]*(%b)(?:%b[^%b]*|(?![A-Za-z0-9]))" % (end, _IDS, after, end))


def _is_laid_out_plainly(data: bytes, terminator: bytes, segments: int) -> bool:
    """Whether line breaks only follow segment terminators, no blank comes before one, and no segment is empty."""
    if len(terminator) > 1 or data.count(terminator) != segments:
        return False
    if b" " + terminator in data or b"\t" + terminator in data:
        return False
    returns = data.count(b"\r") if b"\r" in data else 0
    if returns and returns != data.count(terminator + b"\r\n"):
        return False
    if terminator == b"\n" or b"\n" not in data:
        return True
    return data.count(b"\n") == data.count(terminator + b"\n") + returns
