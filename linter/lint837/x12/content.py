"""What a text without a readable interchange looks like, by its first bytes, so that a message can name the cause."""

import re

from lint837.x12.delimiters import ISA_MAYBE, TERMINATOR, parse_isa
from lint837.x12.faults import Content

HEAD = 1024  # bytes that are enough to look at
BOM = b"\xef\xbb\xbf"
# What may come between interchanges: NUL and SUB (0x1A) pad the files of old transfer programs.
PADDING = b" \t\r\n\x00\x1a"

_MAGIC = ((b"%PDF", Content.PDF), (b"PK", Content.ZIP), (b"\x1f\x8b", Content.GZIP))
# The byte order marks, the longer ones first, and ISA without a mark.
_WIDE = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"I\x00\x00\x00S\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00I\x00\x00\x00S", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"I\x00S\x00", "utf-16-le"),
    (b"\x00I\x00S", "utf-16-be"),
)
_WIDE_CONTENT = {"utf-16": Content.UTF_16, "utf-32": Content.UTF_32}
_EBCDIC_ISA = "ISA".encode("cp037")
_BASE64_ISA = rb"SVNB[A-Za-z0-9+/\r\n]{16,}={0,2}\s*"  # "ISA" and more
_ISA = rb"ISA(?:[^A-Za-z0-9\s]|$)|(?i:ISA)[^A-Za-z0-9\s]"
_GS = rb"GS([^A-Za-z0-9\s])[A-Z]{2}\1"
_ST = rb"ST([^A-Za-z0-9\s])\d{3}\1"
# After the separator that ends ISA15, or after ISA15: no ISA16, but the terminator, which ends the next segment, too.
_NO_ISA16 = rb"(?s)[A-Z]?[ \t]*(" + TERMINATOR + rb")\s*(?:GS|TA1|IEA).*?\1\s*(?:TA1|GS|ST|GE|IEA|$)"
_BLANK_AFTER_ISA16 = rb"[^A-Za-z0-9\s][ \t]+" + TERMINATOR + rb"\s*(?:GS|TA1|IEA|$)"
_NUMBERED = rb"\W*\d[\d\W]*"
# What is a claim file in another form than this program reads.
_CLAIMS = frozenset(Content) - {Content.EMPTY, Content.PDF, Content.ZIP, Content.GZIP, Content.OTHER}


def content_of(head: bytes, before_isa: bytes | None = None) -> Content:
    """What an input without an interchange looks like, by its first bytes. `before_isa`: what its line has before
    an ISA that is whole but not followed by a segment, where there is one.
    """
    if not head:
        return Content.EMPTY
    for magic, content in _MAGIC:
        if head.startswith(magic):
            return content
    wide = _wide(head)
    if wide:
        return _WIDE_CONTENT[wide[:6]]
    if head.startswith(_EBCDIC_ISA):
        return Content.EBCDIC
    text = head.removeprefix(BOM).lstrip(PADDING)
    if before_isa is not None:
        return _lead(text, before_isa)
    if re.fullmatch(_BASE64_ISA, text):
        return Content.BASE64
    if re.match(_ISA, text):
        return _unreadable_isa(text) if text.startswith(b"ISA") else Content.LOWER_CASE_ISA
    if re.match(_GS, text):
        return Content.GS
    return Content.ST if re.match(_ST, text) else Content.OTHER


def begins_like_claims(head: bytes) -> bool:
    """Whether a text begins as a claim file does, also one that cannot be read: by its first bytes."""
    wide = _wide(head)
    if wide:
        return "ISA" in head.decode(wide, "ignore")
    return content_of(head) in _CLAIMS


def holds_isa(head: bytes) -> bool:
    """Whether the beginning of a text holds an ISA segment, whatever is before it: a quotation mark, a line number."""
    return any(parse_isa(head, match.start()) for match in ISA_MAYBE.finditer(head))


def _wide(head: bytes) -> str:
    """The encoding of a text with two or four bytes a character; "" for another one."""
    return next((encoding for mark, encoding in _WIDE if head.startswith(mark)), "")


def _lead(text: bytes, before_isa: bytes) -> Content:
    """What is around the segments, by the text's beginning and by what comes before ISA on its line."""
    if text.startswith((b"{", b"[")):
        return Content.JSON
    if before_isa.endswith((b'"', b"'")):
        return Content.QUOTED
    return Content.NUMBERED if re.fullmatch(_NUMBERED, before_isa) else Content.PREFIXED


def _unreadable_isa(text: bytes) -> Content:
    separator = text[3:4] or b"*"
    after_isa15 = text.split(separator, 16)[16:]
    for rest in (*text.split(separator, 15)[15:], *after_isa15):
        if re.match(_NO_ISA16, rest):
            return Content.NO_ISA16
    if any(re.match(_BLANK_AFTER_ISA16, rest) for rest in after_isa15):
        return Content.BLANK_AFTER_ISA16
    return Content.UNREADABLE_ISA
