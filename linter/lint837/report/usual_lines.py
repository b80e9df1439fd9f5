"""Service lines cut out of the bytes of a claim, where all are written in the usual way: the fast way to rows.

It can only be too careful: a claim with anything unusual has no match, and is read as any other is.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from lint837.x12.delimiters import Delimiters

# Of the segments that lines are made of; SV3 makes a line of another kind, and SBR ends what is the claim's own.
_IDS = b"LX|SV[123]|DTP|LIN|CTP|CLM|SBR"
_TEXTS = b"|NTE|K3"
_LONG = 128  # bytes of what is remembered


class Usual(NamedTuple):
    """What a claim is made of in whose lines all segments come in the order of the guide.

    header: what is before the first line. Its groups are CLM05, and the elements of the first DTP*434 of loop 2300
    after the first one, None without one.
    line: one LX, one SV1 or SV2, and at most one DTP*472, LIN and CTP. Its groups are all of it, LX01, the service up
    to the charge, the charge, the rest, the elements of DTP*472 after the first one, and LIN with CTP.
    """

    header: re.Pattern[bytes]
    line: re.Pattern[bytes]


@lru_cache(16)
def usual(delimiters: Delimiters, has_texts: bool) -> Usual | None:  # noqa: FBT001 - a cache is quicker so
    """The patterns with these delimiters, if there are any. `has_texts`: a claim may have NTE and K3."""
    if len(delimiters.terminator) > 1:
        return None
    t, e = re.escape(delimiters.terminator), re.escape(delimiters.element)
    ids = _IDS if has_texts else _IDS + _TEXTS
    layout = rb"[\r\n]*+" if delimiters.breaks_are_layout else b""
    element, segment = rb"[^%b%b\r\n]" % (e, t), rb"[^%b\r\n]" % t
    # A blank before a terminator is a part of the last element, or not.
    end, rest = rb"(?<![ \t])%b%b" % (t, layout), b"(?:%b%b{0,%d}+)?+" % (e, segment, _LONG)

    def others(but: bytes) -> bytes:
        """Segments that say nothing of lines. `but`: the qualifier of the DTP that does."""
        dated = b"DTP%b(?!%b%b)%b{3}%b%b*+" % (e, but, e, element, e, segment)
        return rb"(?:(?:(?!(?:%b)[^A-Za-z0-9]|[ \t])%b++|%b)%b%b)*+" % (ids, segment, dated, t, layout)

    clm = rb"%bCLM(?:%b%b*+){4}+%b(%b{0,%d}+)%b*+%b" % (layout, e, element, e, element, _LONG, segment, end)
    statement = b"(?:DTP%b434(%b)%b%b)?+" % (e, rest, end, others(b"472"))
    other_payers = b"(?:SBR%b%b*+%b%b%b)*+" % (e, segment, t, layout, others(b"472"))
    header = clm + others(b"434") + statement + other_payers
    composite = b"%b%b{0,%d}+%b" % (e, element, _LONG, e)
    service = b"(SV(?:1|2%b%b{0,%d}+)%b)(%b{0,%d}+)(%b)%b" % (e, element, _LONG, composite, element, _LONG, rest, end)
    date = b"(?:DTP%b472(%b)%b)?+" % (e, rest, end)
    drug = b"(?:(LIN%b%b(?:CTP%b%b)?+)%b)?+" % (rest, end, rest, end, others(b"472"))
    parts = service, others(b"472"), date, others(b"472"), drug
    line = b"(LX%b([0-9]{0,6}+)%b%b%b)" % (e, t, layout, b"".join(parts))
    return Usual(re.compile(header), re.compile(line))


def alone_in_claim(bill: bytes, service: bytes, drug: bytes, delimiters: Delimiters) -> bytes:
    """A claim with one line."""
    segments = [b"CLM" + delimiters.element * 5 + bill, b"LX", service, drug]
    return delimiters.terminator.join(segments)


def has_code(service: bytes, delimiters: Delimiters) -> bool:
    """Whether a service up to its charge has a code where it belongs, so that nothing after that is meant by it."""
    composite = service.split(delimiters.element)[-2]
    return _code(delimiters.component).match(composite) is not None


@lru_cache(16)
def _code(component: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?:HC|ER|IV|WK|HP)%b[A-Z0-9]{5}(?:%b|\Z)" % (re.escape(component), re.escape(component)))
