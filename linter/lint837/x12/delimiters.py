"""The delimiters of an interchange, the ISA segment that declares them, and the values of elements."""

import re
from functools import lru_cache
from typing import NamedTuple

ELLIPSIS = "…"  # in place of what may not be shown
LARGEST_CONTROL_NUMBER = 999_999_999  # of an interchange or a group
ISA_LOOKAHEAD = 512  # an ISA segment, malformed or wrapped, is recognized within this many bytes
# Where an ISA may begin. In a hard-wrapped file a line may break inside the three letters.
ISA_MAYBE = re.compile(rb"I[\r\n]{0,2}S[\r\n]{0,2}A")

_SEPARATORS = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
# A segment terminator is one character: one byte, or several where the file is UTF-8.
TERMINATOR = rb"(?:[\xc2-\xf4][\x80-\xbf]{1,3}|[^A-Za-z0-9 ])"
# An HTML entity such as &gt; in place of a character.
ENTITY = rb"&(?:[A-Za-z]{2,6}|#[0-9]{2,4}|#[Xx][0-9A-Fa-f]{2,4});"
# ISA16 and the segment terminator.
_TAIL = re.compile(rb"(" + ENTITY + rb"|.)(" + TERMINATOR + rb")", re.DOTALL)
_LOOSE_TAIL = rb"(" + ENTITY + rb"|[^A-Za-z0-9\s])(" + TERMINATOR + rb")\s*(?:GS|TA1|IEA)?$"
# What ISA09, ISA12, ISA13 and ISA15 look like in an ISA that has lost its padding.
_LOOSE_ELEMENTS = {8: rb"\d{6}|\d{8}", 11: rb"\d{5}", 12: rb"\d{1,15}", 14: rb"[A-Z]"}


class Delimiters(NamedTuple):
    """The delimiters of one interchange. `repetition` is empty where ISA11 is not a separator (4010)."""

    element: bytes
    component: bytes
    repetition: bytes
    terminator: bytes

    @property
    def breaks_are_layout(self) -> bool:
        """Whether a line break inside a segment is layout (wrapping) because it is not the terminator."""
        return self.terminator not in (b"\n", b"\r")

    @property
    def blanks(self) -> bytes:
        """The bytes that are layout around a segment: white space, except for delimiters."""
        return _blanks(self)

    def unwrapped(self, raw: bytes) -> bytes:
        """`raw` without line breaks where they are layout: those of wrapping, and those after terminators."""
        if (b"\n" in raw or b"\r" in raw) and self.breaks_are_layout:
            return raw.translate(None, b"\r\n")
        return raw

    def clean(self, raw: bytes) -> bytes:
        """`raw` as the sender meant it: without blanks around it and line breaks of a hard-wrapped file."""
        text = self.unwrapped(raw)
        # Hardly any segment has blanks around it, and to find out which of them are layout takes longer than this.
        return text.strip(self.blanks) if text[:1].isspace() or text[-1:].isspace() else text

    def elements(self, segment: bytes, last: int) -> list[bytes]:
        """The elements of a clean segment by their number, from 0 (the id) to `last`; b"" where missing."""
        elements = [element.strip() for element in segment.split(self.element, last + 1)[: last + 1]]
        return elements if len(elements) > last else elements + [b""] * (last + 1 - len(elements))


class InterchangeHeader(NamedTuple):
    """An ISA segment.

    length: its raw bytes, with the terminator.
    elements: ISA01 to ISA16.
    misfits: the names of the elements that do not have their fixed width.
    """

    length: int
    delimiters: Delimiters
    elements: tuple[bytes, ...]
    misfits: tuple[str, ...]


def parse_isa(text: bytes, at: int = 0) -> InterchangeHeader | None:
    """The ISA segment at `text[at:]`, or None if there is none that can be used.

    It is read in three ways, strictest first: as the 106 bytes of the standard; as the same wrapped by line breaks; as
    16 elements of any width that look like an ISA's and are followed by GS, TA1 or IEA. So the word ISA in a name is
    not mistaken for one.
    """
    window = text[at : at + ISA_LOOKAHEAD]
    if window.startswith(b"ISA") and not _looks_like_isa(window):
        return None
    header = _fixed(window) or _wrapped(window) or _loose(window)
    return None if header and _lacks_isa16(window, header) else header


def _looks_like_isa(window: bytes) -> bool:
    """Whether one of the three ways may work: a quick test that rejects a name that ends in ISA."""
    separator = window[3:4]
    if separator.isalnum():
        return False
    start = window[:24]
    if b"\n" in start or b"\r" in start:
        start = start.translate(None, b"\r\n")
    if start[6:7] == separator == start[17:18] or window[6:7] == separator == window[17:18]:
        return True
    parts = window.split(separator, 10) if separator else []
    return len(parts) > 10 and parts[9].strip().isdigit()


def _fixed(window: bytes) -> InterchangeHeader | None:
    if len(window) < 106 or not window.startswith(b"ISA"):
        return None
    separator = window[3]
    if any(window[i] != separator for i in _SEPARATORS):
        return None
    elements = tuple(window[4:103].split(window[3:4]))
    tail = _TAIL.match(window, 104)
    if tail is None or len(elements) != 15:
        return None
    component, terminator = tail.groups()
    after = window[tail.end() :].lstrip(b"\r\n")[:1]
    if terminator in (b"\r", b"\n") and after and not after.isalnum() and after not in b" \t":
        return None  # the line is wrapped just before the terminator
    return _header(tail.end(), window[3:4], (*elements, component), terminator)


def _wrapped(window: bytes) -> InterchangeHeader | None:
    if b"\n" not in window and b"\r" not in window:
        return None
    kept = [i for i, byte in enumerate(window) if byte not in b"\r\n"]
    header = _fixed(bytes(window[i] for i in kept))
    return header and header._replace(length=kept[header.length - 1] + 1)


def _loose(window: bytes) -> InterchangeHeader | None:
    separator = window[3:4]
    parts = window.split(separator, 17) if separator else []
    if len(parts) < 17 or parts[0] != b"ISA":
        return None
    elements = parts[1:16]
    tail = re.match(_LOOSE_TAIL, parts[16], re.DOTALL)
    if tail is None or any(len(element) > 35 for element in elements):
        return None
    if not all(re.fullmatch(pattern, elements[i].strip()) for i, pattern in _LOOSE_ELEMENTS.items()):
        return None
    length = len(separator.join(parts[:16])) + 1 + tail.end(2)
    return _header(length, separator, (*elements, tail[1]), tail[2])


def _lacks_isa16(window: bytes, header: InterchangeHeader) -> bool:
    """Whether ISA16 is missing, and what was taken for it is the terminator: where lines end after it, the next segment
    ends with it, too.
    """
    delimiters = header.delimiters
    if delimiters.breaks_are_layout:
        return False
    line = window[header.length :].lstrip(b"\r\n").partition(delimiters.terminator)[0]
    return line.startswith((b"GS", b"TA1", b"IEA")) and line.rstrip(b" \r\n").endswith(delimiters.component)


def _header(length: int, separator: bytes, elements: tuple[bytes, ...], terminator: bytes) -> InterchangeHeader | None:
    component, repetition = elements[15], elements[10]
    distinct = len({separator, component, terminator}) == 3 and terminator not in component
    if not distinct or separator.isalnum() or separator in b" \r\n" or component.isalnum() or component in b" \r\n":
        return None
    if len(repetition) != 1 or repetition.isalnum() or repetition.isspace():
        repetition = b""
    widths = enumerate(zip(elements, _WIDTHS, strict=True), 1)
    misfits = tuple(f"ISA{n:02}" for n, (element, width) in widths if len(element) != width)
    return InterchangeHeader(length, Delimiters(separator, component, repetition, terminator), elements, misfits)


@lru_cache(16)
def _blanks(delimiters: Delimiters) -> bytes:
    joined = b"".join(delimiters)
    return bytes(byte for byte in b" \t\r\n" if byte not in joined)


def text_of(value: bytes) -> str:
    """An element's text: UTF-8 where it is that, else Latin-1."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def number(value: bytes) -> int | None:
    """A count or a control number of up to 15 ASCII digits, else None."""
    return int(value) if len(value) <= 15 and value.isdigit() else None


def safe_control_number(value: bytes) -> str:
    """A control number that may be shown, up to 9 digits, or an ellipsis: a damaged file can hold anything in its
    place, a name too.
    """
    value = value.strip()
    if re.fullmatch(rb"[0-9]{1,9}", value):
        return value.decode()
    return ELLIPSIS if value else ""
