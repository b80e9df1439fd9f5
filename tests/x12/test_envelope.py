"""The envelope's findings: each ENV rule, where it is found and what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lint837 import Finding, lint_bytes
from lint837.x12.control_numbers import ROOM, ControlNumbers

from tests.batch import batch, claim, group, interchange, line, subscriber, transaction_set

ONE = interchange(group(transaction_set(subscriber(2, claim("A", line()), claim("B", line())))))

UNREADABLE_ISA = (
    "The ISA segment at its beginning cannot be read: no segment terminator can be known from it. Nothing was checked."
)

Seen = tuple[str, str, bool, int | None, str, str, str]


def lint(text: str | bytes) -> list[Finding]:
    data = text.encode("latin-1") if isinstance(text, str) else text
    return list(lint_bytes(data).findings)


def seen(text: str | bytes) -> list[Seen]:
    """Rule, severity, whether incomplete, segment, element, found and expected of each finding."""
    return [(f.rule, str(f.severity), f.incomplete, f.segment, f.element, f.found, f.expected) for f in lint(text)]


def brief(text: str | bytes) -> list[tuple[str, bool]]:
    return [(f.rule, f.incomplete) for f in lint(text)]


def test_nothing_wrong() -> None:
    assert seen(batch()) == []


class TestNotAnInterchange:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "The file is empty. Nothing was checked."),
            (b"%PDF-1.7 ...", "The file is a PDF document, not a claim file. Nothing was checked."),
            (b"PK\x03\x04", "The file is a ZIP archive, not a claim file. Nothing was checked."),
            (b"\x1f\x8b\x08", "The file is a gzip archive, not a claim file. Nothing was checked."),
            (
                ONE.encode("utf-16"),
                "The file is UTF-16 text, and a claim file has one byte a character. Nothing was checked.",
            ),
            (b"hello\n", "No ISA segment was found in the file. Nothing was checked."),
            (
                ONE[106:].encode(),
                "The file begins with GS: the ISA segment that should come first is missing. Nothing was checked.",
            ),
            (
                ONE[:105].encode(),
                UNREADABLE_ISA,
            ),
            (
                ONE.replace("~", "").encode(),
                UNREADABLE_ISA,
            ),
        ],
    )
    def test_env001(self, data: bytes, message: str) -> None:
        assert [(f.rule, f.message, f.line, f.column, f.segment, f.incomplete) for f in lint(data)] == [
            ("ENV001", message, 1, 1, None, True)
        ]


class TestTruncated:
    def test_inside_a_segment(self) -> None:
        at = ONE.index("CTP", ONE.index("CLM*B")) + 5
        [finding] = lint(ONE[:at])
        assert (finding.rule, finding.offset, finding.segment, finding.transaction_set) == ("ENV002", at, 25, "0001")
        assert finding.message == (
            "The transaction set is cut off: the file ends inside a segment, before the SE segment that is due. "
            "The claim that was cut was not checked."
        )

    @pytest.mark.parametrize(
        ("before", "due"), [("SE*", "an SE segment"), ("GE*", "a GE segment"), ("IEA*", "an IEA segment")]
    )
    def test_before_a_trailer(self, before: str, due: str) -> None:
        assert [s[0::6] for s in seen(ONE[: ONE.index(before)])] == [("ENV002", due)]

    @pytest.mark.parametrize(
        ("text", "found", "due"),
        [
            (ONE.replace("SE*26*0001~", ""), "GE comes", "an SE segment"),
            (ONE.replace("SE*26*0001~GE*1*1~", ""), "IEA comes", "an SE segment"),
            (ONE.replace("GE*1*1~", ""), "IEA comes", "a GE segment"),
            (
                ONE[: ONE.index("IEA")]
                + ONE.replace("*000000001*0*", "*000000002*0*").replace("IEA*1*000000001", "IEA*1*000000002"),
                "ISA comes",
                "an IEA segment",
            ),
            (
                ONE[:300] + ONE.replace("*000000001*0*", "*000000002*0*").replace("IEA*1*000000001", "IEA*1*000000002"),
                "ISA comes inside a segment",
                "an SE segment",
            ),
        ],
    )
    def test_another_envelope_comes_first(self, text: str, found: str, due: str) -> None:
        assert [(s[0], s[5], s[6]) for s in seen(text)] == [("ENV002", found, due)]

    def test_the_rest_is_read(self) -> None:
        second = ONE.replace("*000000001*0*", "*000000002*0*").replace("IEA*1*000000001", "IEA*1*000000002")
        report = lint_bytes((ONE[:-60] + second).encode())
        assert [(f.rule, f.interchange) for f in report.findings] == [("ENV002", "000000001")]
        assert (report.inputs[0].claims, report.inputs[0].drug_lines, report.inputs[0].unchecked) == (4, 3, 6)

    def test_a_transaction_set_inside_a_segment(self) -> None:
        text = batch()
        at = text.index("ST*837*0002")
        assert [(f.rule, f.found) for f in lint(text[: at - 20] + text[at:])] == [
            ("ENV002", "ST comes inside a segment")
        ]

    def test_a_line_or_a_claim_that_was_cut_is_not_linted(self) -> None:
        bad = ONE.replace("HC:J9026", "HC:C9170")
        assert brief(bad) == [("HCP001", False), ("HCP001", False)]
        assert brief(bad[: bad.index("SE*")]) == [("HCP001", False), ("ENV002", True)]


class TestCountsAndControlNumbers:
    @pytest.mark.parametrize(
        ("old", "new", "element", "found", "expected", "segment"),
        [
            ("SE*26*", "SE*25*", "SE01", "25", "26", 26),
            ("SE*26*", "SE*026*", "", "", "", 0),
            ("SE*26*", "SE*two dozen*", "SE01", "not a count", "26", 26),
            ("SE*26*", "SE**", "SE01", "not a count", "26", 26),
            ("SE*26*", "SE*" + "9" * 5000 + "*", "SE01", "not a count", "26", 26),
            ("SE*26*", "SE*1234567893*", "SE01", "not a count", "26", 26),
            ("GE*1*", "GE*2*", "GE01", "2", "1", None),
            ("IEA*1*", "IEA*0*", "IEA01", "0", "1", None),
        ],
    )
    def test_env003(self, old: str, new: str, element: str, found: str, expected: str, segment: int | None) -> None:
        wanted = [("ENV003", "error", False, segment, element, found, expected)] if element else []
        assert seen(ONE.replace(old, new)) == wanted

    def test_every_transaction_set_is_counted(self) -> None:
        assert seen(batch().replace("SE*5*0001", "SE*6*0001")) == [("ENV003", "error", False, 5, "SE01", "6", "5")]

    @pytest.mark.parametrize(
        ("old", "new", "element", "found", "expected"),
        [
            ("SE*26*0001", "SE*26*1", "SE02", "1", "0001"),
            ("GE*1*1~", "GE*1*2~", "GE02", "2", "1"),
            ("GE*1*1~", "GE*1*0001~", "", "", ""),
            ("IEA*1*000000001", "IEA*1*000000002", "IEA02", "000000002", "000000001"),
            ("IEA*1*000000001", "IEA*1*1", "", "", ""),
            ("IEA*1*000000001", "IEA*1*JANE DOE", "IEA02", "…", "000000001"),
        ],
    )
    def test_env004(self, old: str, new: str, element: str, found: str, expected: str) -> None:
        assert [(s[0], s[4], s[5], s[6]) for s in seen(ONE.replace(old, new))] == (
            [("ENV004", element, found, expected)] if element else []
        )

    def test_env009(self) -> None:
        twice = ONE + ONE
        assert seen(twice) == [
            ("ENV009", "warning", False, None, "ISA13", "000000001", "a control number that was not used before")
        ]
        other_sender = ONE + interchange(group(transaction_set(subscriber(2, claim("A", line())))), sender="OTHER")
        assert seen(other_sender) == []
        one_set = transaction_set(subscriber(2, claim("A", line())))
        assert [s[0::4] for s in seen(interchange(group(one_set, one_set)))] == [("ENV009", "ST02")]
        assert [s[0::4] for s in seen(interchange(group(one_set), group(one_set)))] == [("ENV009", "GS06")]

    @given(
        st.lists(st.tuples(st.sampled_from(("", "A", "0" * 40)), st.integers(0, 30), st.integers(1, 4)), max_size=80)
    )
    def test_a_control_number_is_known_again(self, written: list[tuple[str, int, int]]) -> None:
        numbers = [(f"{letters}{value:0{width}}".encode(), letters.encode()) for letters, value, width in written]
        known = ControlNumbers()
        assert [known.add(*number) for number in numbers] == [number in numbers[:n] for n, number in enumerate(numbers)]
        assert not known.is_full

    def test_as_many_control_numbers_as_there_is_room_for(self) -> None:
        known = ControlNumbers(room=3)
        kept = [b"1", b"7", b"A"]
        assert not any(known.add(number) for number in [*kept, *(b"%d" % number for number in range(8, 10))])
        assert not known.is_full
        assert not known.add(b"3")
        assert known.is_full
        again = [*kept, b"8", b"2", b"3", b"B"]
        assert [known.add(number) for number in again] == [True, True, True, True, False, False, False]

    def test_control_numbers_that_do_not_count_up_are_told(self) -> None:
        sets = "".join(f"ST*999*{2 * n:09}~SE*2*{2 * n:09}~" for n in range(ROOM + 2))
        acknowledgements = interchange(group()).replace("GS*HC", "GS*FA").replace("005010X222A1", "005010X231A1")
        foreign = acknowledgements.replace("GE*0", f"{sets}GE*{ROOM + 2}")
        findings = lint(foreign)
        assert [(f.rule, str(f.severity), f.incomplete, f.element, f.offset) for f in findings] == [
            ("ENV007", "error", True, "ST02", foreign.index(f"ST*999*{2 * ROOM:09}"))
        ]
        assert findings[0].message == (
            "Too many control numbers do not count up: whether ST02 is used twice is not checked from here on."
        )


class TestGuides:
    @pytest.mark.parametrize(
        ("version", "expected"),
        [
            ("005010X222", []),
            ("005010X222A3", []),
            ("005010X291", []),
            ("005010x222a1", []),
            ("005010X224A2", []),
            ("005010X298", []),
            ("004010X097A1", []),
            ("004010X098A1", [("ENV005", "error", True, 1, "ST03", "004010X098A1")]),
            ("008020X323", [("ENV005", "error", True, 1, "ST03", "008020X323")]),
            ("JANE DOE", [("ENV005", "error", True, 1, "ST03", "…")]),
        ],
    )
    def test_env005(self, version: str, expected: list[tuple[object, ...]]) -> None:
        text = interchange(group(transaction_set(subscriber(2, claim("A", line())), version=version), version=version))
        assert [tuple(s[:6]) for s in seen(text)] == expected

    @pytest.mark.parametrize(("gs08", "expected"), [("005010X222A1", []), ("005010", ["ENV005"]), ("", ["ENV005"])])
    def test_gs08_decides_without_st03(self, gs08: str, expected: list[str]) -> None:
        text = ONE.replace("*X*005010X222A1", f"*X*{gs08}").replace("ST*837*0001*005010X222A1", "ST*837*0001")
        assert [f.rule for f in lint(text)] == expected

    def test_an_unsupported_set_is_counted_as_unchecked(self) -> None:
        report = lint_bytes(ONE.replace("005010X222A1", "004010X098A1").encode())
        assert (report.inputs[0].segments, report.inputs[0].unchecked, report.complete) == (30, 26, False)

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("ST*837*", "ST*831*"),
            ("ST*837*", "ST**"),
            ("ST*837*", "ST*83*"),
            ("ST*837*", "ST~837*"),
            ("0001*005010X222A1", "0001*005010X224A2"),
            ("X*005010X222A1~ST*837*0001*005010X222A1", "X*5010~ST*8*0001*X222"),
        ],
    )
    def test_a_set_of_claims_that_is_not_named_so(self, old: str, new: str) -> None:
        report = lint_bytes(ONE.replace(old, new).encode())
        assert "ENV005" in [f.rule for f in report.findings]
        assert (report.complete, report.inputs[0].claims) == (False, 0)

    def test_env012(self) -> None:
        text = ONE.replace("*X*005010X222A1", "*X*005010X223A2")
        assert seen(text) == [("ENV012", "warning", False, 1, "ST03", "005010X222A1", "005010X223A2")]
        assert lint_bytes(text.encode()).inputs[0].drug_lines == 2


class TestIsa:
    def test_widths(self) -> None:
        text = ONE.replace("SENDER         *ZZ*RECEIVER       ", "SENDER*ZZ*RECEIVER", 1)
        [finding] = lint(text)
        assert (finding.rule, str(finding.severity), finding.message) == (
            "ENV006",
            "warning",
            "The ISA segment is not of its fixed width (ISA06, ISA08); it was read all the same.",
        )

    @pytest.mark.parametrize(
        ("lead", "found"),
        [
            (b"\xef\xbb\xbf", "a byte order mark"),
            (b" ", "white space"),
            (b"\r\n\r\n", "white space"),
            (b"\xef\xbb\xbf\n", "a byte order mark"),
        ],
    )
    def test_before_the_first(self, lead: bytes, found: str) -> None:
        [finding] = lint(lead + ONE.encode())
        assert (finding.rule, finding.found, finding.offset) == ("ENV006", found, len(lead))


class TestMalformedSegments:
    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            (
                "~BHT",
                "~~BHT",
                "An empty segment: two segment terminators with nothing between them. It was not counted.",
            ),
            (
                "~BHT",
                "~ \n ~BHT",
                "An empty segment: two segment terminators with nothing between them. It was not counted.",
            ),
            ("JANE", "JA\x07NE", "A control byte (0x07) stands inside a segment."),
            ("JANE", "JA\tNE", "A control byte (0x09) stands inside a segment."),
            ("JANE", "JA\nNE", "A line break stands inside a segment, and the file is not wrapped at one width."),
            ("JANE", "JA\rNE", "A line break stands inside a segment, and the file is not wrapped at one width."),
            (
                "REF*EI",
                "Ref*EI",
                "A segment id is not 2 or 3 capital letters or digits: this segment was not understood.",
            ),
            (
                "REF*EI",
                "REFX*EI",
                "A segment id is not 2 or 3 capital letters or digits: this segment was not understood.",
            ),
            (
                "REF*EI",
                "R*EI",
                "A segment id is not 2 or 3 capital letters or digits: this segment was not understood.",
            ),
        ],
    )
    def test_env007(self, old: str, new: str, message: str) -> None:
        lines = ONE.replace("~", "~\n") if "break" in message else ONE
        at = lines.index(old)
        text = lines[:at] + new + lines[at + len(old) :]
        assert [(f.rule, str(f.severity), f.message) for f in lint(text)] == [("ENV007", "warning", message)]

    @pytest.mark.parametrize(
        "segment_id",
        ["sv1", "SV1 ", "\x00SV1", "Sv1", "S V1", "XSV1", "SV11", "\xc2\xa0SV1", "\xef\xbb\xbfSV1", "SV1HC:J9026"],
    )
    def test_an_id_that_means_a_service_line(self, segment_id: str) -> None:
        report = lint_bytes(ONE.replace("SV1*", f"{segment_id}*", 1).encode())
        assert {(f.rule, f.incomplete) for f in report.findings} >= {("ENV007", True)}
        assert (report.complete, report.inputs[0].drug_lines, report.inputs[0].unchecked) == (False, 1, 7)

    def test_position(self) -> None:
        text = ONE.replace("~", "~\n").replace("JANE", "JA\x07NE")
        [finding] = lint(text)
        assert (finding.line, finding.column, finding.segment) == (12, 16, 9)
        assert text.encode()[finding.offset] == 7


class TestOutsideTheEnvelope:
    @pytest.mark.parametrize(
        ("text", "incomplete", "offset"),
        [
            ("From: clinic\n" + ONE, False, 0),
            (ONE + "Sent from my phone", False, len(ONE)),
            (ONE + "ST*837*0001~CLM*A*5~", True, len(ONE)),
            (ONE + "\n" + ONE[:60], True, len(ONE) + 1),
            (ONE + ONE[106:].replace("*", ">"), True, len(ONE)),
            (ONE + ONE[106:].replace("*", "\t"), True, len(ONE)),
            (ONE + "X\nC\nL\nM*A*5~", True, len(ONE)),
            (ONE + "LAST*RUST*ALGST*1", False, len(ONE)),
            (ONE + "Sent from St. Louis, see GS 5 - ISA pays", False, len(ONE)),
        ],
    )
    def test_around(self, text: str, incomplete: bool, offset: int) -> None:  # noqa: FBT001 - pytest passes it by name
        [finding] = lint(text)
        assert (finding.rule, finding.incomplete, finding.offset, finding.segment) == (
            "ENV008",
            incomplete,
            offset,
            None,
        )

    def test_between(self) -> None:
        first, second = batch().split("~ISA")
        assert brief(first + "~junk\nISA" + second) == [("ENV008", False)]

    def test_in_no_transaction_set(self) -> None:
        assert brief(ONE.replace("~GE*", "~NTE*ADD*X~NTE*ADD*Y~GE*")) == [("ENV008", False)]
        assert brief(ONE.replace("SE*26*0001~", "SE*26*0001~" * 2)) == [("ENV008", False)]

    def test_a_missing_gs(self) -> None:
        text = ONE[:106] + ONE[ONE.index("ST*837") :]
        assert brief(text) == [("ENV008", True), ("ENV003", False)]
        assert lint_bytes(text.encode()).inputs[0].unchecked == 27

    def test_a_missing_st(self) -> None:
        assert brief(ONE.replace("ST*837*0001*005010X222A1~", "")) == [("ENV008", True), ("ENV003", False)]


class TestOrphans:
    def test_a_line_without_a_claim(self) -> None:
        text = ONE.replace("CLM*A*16000***11:B:1*Y*A*Y*Y~", "").replace("SE*26", "SE*25")
        assert seen(text) == [("ENV010", "error", True, 13, "", "LX", "a CLM segment before it")]
        assert lint_bytes(text.encode()).inputs[0].unchecked == 5

    def test_a_claim_without_a_subscriber(self) -> None:
        text = ONE.replace("HL*2*1*22*0~", "").replace("SE*26", "SE*25")
        assert [(s[0], s[3], s[5]) for s in seen(text)] == [("ENV010", 11, "CLM"), ("ENV010", 18, "CLM")]
        assert lint_bytes(text.encode()).inputs[0].drug_lines == 2

    @pytest.mark.parametrize(
        ("old", "new", "found"),
        [
            ("HL*2*1*22*0", "HL*2*7*22*0", ["7"]),
            ("HL*2*1*22*0", "HL*2**22*0", ["nothing"]),
            ("HL*2*1*22*0", "HL*2*JANE*22*0", ["…"]),
            ("HL*1**20*1", "HL*1*5*20*1", ["5"]),
            ("HL*1**20*1~", "", ["1"]),
            ("HL*2*1*22*0", "HL*2*1*23*0", ["1", "CLM", "CLM"]),
            ("HL*1**20*1", "HL*01**20*1", []),
        ],
    )
    def test_a_missing_parent(self, old: str, new: str, found: list[str]) -> None:
        text = ONE.replace(old, new).replace("SE*26", "SE*26" if new else "SE*25")
        assert [(s[0], s[5]) for s in seen(text)] == [("ENV010", value) for value in found]

    def test_a_claim_that_is_lost_between_two_lines(self) -> None:
        """However the second CLM was lost, the line numbers start again, and neither claim is judged as the other."""
        for lost in ("CL0*B", "CM*B", "clm*B", "NTE*ADD*CLM*B"):
            text = ONE.replace("CLM*B", lost).replace("HC:J9026", "HC:C9170")
            report = lint_bytes(text.encode())
            assert [f.rule for f in report.findings if f.rule != "ENV007"] == ["ENV010"]
            assert (report.complete, report.inputs[0].unchecked) == (False, 14)
        many = "LX*1~SV1*HC:99213*100*UN*1***1~DTP*472*D8*20250110~"
        flood = [f.rule for f in lint_bytes(ONE.replace("CLM*B", many * 300 + "CLM*B").encode()).findings]
        assert flood == ["ENV010", "ENV003"]
        glued = lint_bytes(ONE.replace("~CLM*B", "CLM*B").encode())
        assert [(f.rule, f.incomplete) for f in glued.findings] == [("ENV010", True), ("ENV003", False)]

    def test_second_provider_is_missing(self) -> None:
        two = transaction_set(subscriber(2, claim("A", line())), ["HL*3**20*1", *subscriber(4, claim("B", line()))])
        text = interchange(group(two)).replace("HL*4*1*22", "HL*4*3*22")
        assert seen(text) == []
        count = len(two)
        lost = text.replace("HL*3**20*1~", "").replace(f"SE*{count}", f"SE*{count - 1}")
        assert [(s[0], s[4], s[5]) for s in seen(lost)] == [("ENV010", "HL02", "3")]
