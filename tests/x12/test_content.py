"""What a file without a readable interchange looks like: the cause is named once, and there is no flood of faults."""

import base64
import json

import pytest
from lint837.x12.content import begins_like_claims, content_of, holds_isa
from lint837.x12.faults import Cause, Content
from lint837.x12.reader import Reader

from tests.batch import Delimiters, batch, claim, group, interchange, line, subscriber, transaction_set
from tests.x12 import reading

SET = transaction_set(subscriber(2, claim("A", line())))
ONE = interchange(group(SET))
LINES = interchange(group(SET), delimiters=Delimiters(newline="\n"))
# The terminator is the line feed, and the carriage return.
LF, CR = (interchange(group(SET), delimiters=Delimiters(terminator=end)) for end in "\n\r")


def each_line(text: str, before: str, after: str = "") -> str:
    return "".join(f"{before.format(n)}{one}{after}\n" for n, one in enumerate(text.splitlines(), 1))


def segments(text: str) -> list[str]:
    return [one + "~" for one in text.split("~")[:-1]]


def without_isa16(text: str) -> str:
    return text[:104] + text[105:]


UNREADABLE = {
    "utf-16": (ONE.encode("utf-16"), Content.UTF_16),
    "utf-16 without a mark": (ONE.encode("utf-16-le"), Content.UTF_16),
    "utf-16, big end": (ONE.encode("utf-16-be"), Content.UTF_16),
    "utf-32": (ONE.encode("utf-32"), Content.UTF_32),
    "utf-32 without a mark": (ONE.encode("utf-32-le"), Content.UTF_32),
    "utf-32, big end": (ONE.encode("utf-32-be"), Content.UTF_32),
    "ebcdic": (ONE.encode("cp037"), Content.EBCDIC),
    "base64": (base64.b64encode(ONE.encode()), Content.BASE64),
    "base64 in lines": (base64.encodebytes(ONE.encode()), Content.BASE64),
    "json, one text with line feeds": (json.dumps({"claims": LINES}).encode(), Content.JSON),
    "json, a list of segments": (json.dumps(segments(ONE)).encode(), Content.JSON),
    "json, indented": (json.dumps({"edi": segments(ONE)}, indent=2).encode(), Content.JSON),
    "quoted": (each_line(LINES, '"', '"').encode(), Content.QUOTED),
    "quoted, with commas": (each_line(LINES, '"', '",').encode(), Content.QUOTED),
    "in apostrophes": (each_line(LINES, "'", "'").encode(), Content.QUOTED),
    "numbered": (each_line(LINES, "{} ").encode(), Content.NUMBERED),
    "numbered, with a tab": (each_line(LINES, "{:6}\t").encode(), Content.NUMBERED),
    "numbered, with a colon": (each_line(LINES, "{}: ").encode(), Content.NUMBERED),
    "numbered, in columns": (each_line(LINES, "{:06}").encode(), Content.NUMBERED),
    "numbered, line feeds end segments": (each_line(LF, "{} ").encode(), Content.NUMBERED),
    "as grep shows it": (each_line(LINES, "claims.837:{}:").encode(), Content.PREFIXED),
    "as an answer to an e-mail shows it": (each_line(LINES, "> ").encode(), Content.PREFIXED),
    "lower-case isa": (ONE.replace("ISA*", "isa*").encode(), Content.LOWER_CASE_ISA),
    "all in lower case": (ONE.lower().encode(), Content.LOWER_CASE_ISA),
    "without ISA16": (without_isa16(ONE).encode(), Content.NO_ISA16),
    "without ISA16, in lines": (without_isa16(LINES).encode(), Content.NO_ISA16),
    "without ISA16, crlf": (without_isa16(LINES).replace("\n", "\r\n").encode(), Content.NO_ISA16),
    "without ISA16, line feeds end segments": (without_isa16(LF).encode(), Content.NO_ISA16),
    "without ISA16 and padding": (
        without_isa16(LINES).replace("SENDER         *", "SENDER*").encode(),
        Content.NO_ISA16,
    ),
    "a blank for ISA16": ((ONE[:104] + " " + ONE[105:]).encode(), Content.NO_ISA16),
    "without ISA16 and the separator": ((LINES[:103] + LINES[105:]).encode(), Content.NO_ISA16),
    "a blank before the terminator": ((ONE[:105] + " " + ONE[105:]).encode(), Content.BLANK_AFTER_ISA16),
    "a blank before the terminator, in lines": ((LINES[:105] + " " + LINES[105:]).encode(), Content.BLANK_AFTER_ISA16),
    "blanks before each terminator": (LINES.replace("~", "  ~").encode(), Content.BLANK_AFTER_ISA16),
    "no terminators": (ONE.replace("~", "").encode(), Content.UNREADABLE_ISA),
    "ISA alone": (b"ISA", Content.UNREADABLE_ISA),
    "GS first": (ONE[106:].encode(), Content.GS),
    "ST first": (ONE[ONE.index("ST*837") :].encode(), Content.ST),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_the_cause_is_named_once(name: str) -> None:
    data, content = UNREADABLE[name]
    for size in (7, 64, 500, len(data)):
        slices, faults, _ = reading.read(Reader(reading.blocks(data, size)))
        assert [(fault.cause, fault.values["content"], fault.incomplete) for fault in faults] == [
            (Cause.NO_INTERCHANGE, content, True)
        ]
        assert {piece.kind for piece in slices} == {"other"}
    assert begins_like_claims(data) or holds_isa(data)


@pytest.mark.parametrize("text", [ONE, LINES, LF, CR, batch(), LINES.replace("\n", "\r\n")])
def test_a_claim_file(text: str) -> None:
    data = text.encode()
    assert begins_like_claims(data)
    assert reading.read(Reader([data]))[1] == []


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"Hello\n",
        b"STATE OF TEXAS\n",
        b"ST. LOUIS\n",
        b"ST 837\n",
        b"GS-12 salaries\n",
        b"ISABEL\n",
        b"ISA is a segment\n",
        b"isa is not\n",
        b"%PDF-1.7 ISA*",
        b"PK\x03\x04",
        "Notes".encode("utf-16"),
        "Notes".encode("utf-32"),
    ],
)
def test_no_claim_file(text: bytes) -> None:
    assert not begins_like_claims(text)
    assert not holds_isa(text)
    assert content_of(text) in (
        Content.EMPTY,
        Content.OTHER,
        Content.PDF,
        Content.ZIP,
        Content.UTF_16,
        Content.UTF_32,
    )


@pytest.mark.parametrize("text", [f"junk {ONE}", f'"{ONE}"', json.dumps({"edi": ONE})])
def test_one_that_segments_follow_is_read(text: str) -> None:
    _, faults, counts = reading.read(Reader([text.encode()]))
    assert {fault.cause for fault in faults} == {Cause.DATA_OUTSIDE}
    assert counts.claims == 1


def test_another_interchange_after_a_quoted_one() -> None:
    data = (each_line(LINES, '"', '"') + LINES).encode()
    _, faults, counts = reading.read(Reader([data]))
    assert ([(fault.cause, fault.incomplete) for fault in faults], counts.claims) == ([(Cause.DATA_OUTSIDE, True)], 1)


def test_a_component_separator_that_is_a_tilde() -> None:
    """Not taken for an ISA without ISA16: no other segment ends with it."""
    text = interchange(group(SET), delimiters=Delimiters(component=">", terminator="\n")).replace(">", "~")
    assert reading.read(Reader([text.encode()]))[1] == []
