"""What of a segment a report may show: the elements of a drug line, each only where it looks like what it should be.

Free text is an ellipsis but for the drug's name or NDC in it. In a damaged file a name can be anywhere, also where
a charge should: what does not look right is an ellipsis too.
"""

from functools import lru_cache
from typing import NamedTuple

from lint837.claims.segment import SHORT
from lint837.lint.finding import TEXT_IN, RawSegment
from lint837.rules.values import AMOUNT_SHAPE, CODE_SHAPE, ELLIPSIS, NDC_SHAPE, seen
from lint837.x12.delimiters import Delimiters, text_of

_REMEMBERED = 4096  # excerpts: those of a batch are much alike
_ID = r"[A-Z][A-Z0-9]{1,2}"  # where one is damaged, anything may be in its place
_CODE = r"[A-Za-z0-9]{2}"
# Free text of which only names are left; what is not so is an ellipsis.
_NAMES = rf"{ELLIPSIS}(?:[^{ELLIPSIS}]+{ELLIPSIS})*"
_DATE = r"[0-9]{1,12}(?:-[0-9]{1,12})?"
# Codes, also wrongly typed ones, with blanks between them; or an NDC.
_CODES = rf" ?(?:{CODE_SHAPE})(?: (?:{CODE_SHAPE}))* ?|{NDC_SHAPE}"
_PROCEDURE = (*[_CODES] * 6, _NAMES)
# The elements that may be shown, in order, each by what it looks like; a tuple is a composite.
_SHOWN: dict[str, tuple[str | tuple[str, ...], ...]] = {
    "LX": (r"[0-9]{1,6}",),
    "SV1": (_PROCEDURE, AMOUNT_SHAPE, _CODE, AMOUNT_SHAPE, r"[0-9A-Z]{1,2}", "", ("[0-9]{1,2}",) * 4),
    "SV2": (r"[0-9]{1,4}", _PROCEDURE, AMOUNT_SHAPE, _CODE, AMOUNT_SHAPE),
    "DTP": ("472", "D8|RD8", _DATE),
    "LIN": (r"[0-9]{1,6}", _CODE, NDC_SHAPE),
    "CTP": ("", "", AMOUNT_SHAPE, AMOUNT_SHAPE, (_CODE,)),
}
# Free text, and the element that holds it.


class Excerpt(NamedTuple):
    """A segment as it may be shown, and where in it the element is that it is about (start = end: nowhere)."""

    text: str
    start: int
    end: int


def excerpt(raw: RawSegment, element: str) -> Excerpt:
    """The excerpt of a segment about an element such as "SV101-2", or about the whole ("")."""
    # Nothing is remembered of a segment that is no service line's: it may name a person or a claim.
    cut = _remembered if raw.id in _SHOWN and len("".join(raw.texts)) <= SHORT else _excerpt
    return cut(raw.id, raw.texts, raw.delimiters, element)


def _excerpt(segment_id: str, texts: tuple[str, ...], delimiters: Delimiters, about: str) -> Excerpt:
    def text_at(number: int) -> str:
        return texts[number] if number < len(texts) else ""

    separator, joint = _printable(delimiters.element, "*"), _printable(delimiters.component, ":")
    element, _, component = about[len(segment_id) :].partition("-")
    wanted = (int(element or 0), int(component or 0))
    if segment_id in TEXT_IN:
        text = segment_id + separator
        text += (seen(text_at(1), _CODE + "?[A-Z]?") + separator) if segment_id == "NTE" else ""
        named = seen(text_at(TEXT_IN[segment_id]), _NAMES)
        return Excerpt(text + named, len(text), len(text + named))
    patterns = _SHOWN.get(segment_id)
    if patterns is None or (segment_id == "DTP" and text_at(1).strip() != "472"):
        return Excerpt(seen(segment_id, _ID) + separator + ELLIPSIS, 0, 0)
    text = segment_id
    span = (0, len(text)) if wanted == (0, 0) else (0, 0)
    for number in range(1, len(texts)):
        if number > len(patterns):
            text += separator + ELLIPSIS if any(value.strip() for value in texts[number:]) else ""
            break
        text += separator
        start = len(text)
        pattern = patterns[number - 1]
        if isinstance(pattern, str):
            text += seen(texts[number], pattern)
        else:
            components = texts[number].split(text_of(delimiters.component))
            parts = [seen(one, pattern[n]) if n < len(pattern) else ELLIPSIS for n, one in enumerate(components)]
            if wanted[0] == number and 0 < wanted[1] <= len(parts):
                span_start = start + len(joint.join([*parts[: wanted[1] - 1], ""]))
                span = (span_start, span_start + len(parts[wanted[1] - 1]))
            text += joint.join(parts)
        if wanted == (number, 0):
            span = (start, len(text))
    return Excerpt(text, *span)


_remembered = lru_cache(_REMEMBERED)(_excerpt)


def _printable(delimiter: bytes, usual: str) -> str:
    """A delimiter as it is, or the usual one in place of a control byte."""
    text = delimiter.decode("latin-1")
    return text if text.isprintable() else usual
