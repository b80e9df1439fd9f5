"""The faults of the envelope: each cause, where it is found and with which values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lint837.x12 import reader
from lint837.x12.control_numbers import ROOM, ControlNumbers
from lint837.x12.faults import Cause, Content, Fault, FaultValue, Lead

from tests.batch import batch, claim, group, interchange, line, subscriber, transaction_set
from tests.x12 import reading

ONE = interchange(group(transaction_set(subscriber(2, claim("A", line()), claim("B", line(day="20250117"))))))

Values = dict[str, FaultValue]
Seen = tuple[Cause, bool, int, str, Values]


def read(text: str | bytes) -> reading.Read:
    data = text.encode("latin-1") if isinstance(text, str) else text
    return reading.read(reader.Reader([data]))


def faults(text: str | bytes) -> list[Fault]:
    return read(text)[1]


def seen(text: str | bytes) -> list[Seen]:
    """Cause, whether incomplete, segment, element and values of each fault."""
    return [(f.cause, f.incomplete, f.segment, f.element, dict(f.values)) for f in faults(text)]


def causes(text: str | bytes) -> list[Cause]:
    return [f.cause for f in faults(text)]


def brief(text: str | bytes) -> list[tuple[Cause, bool]]:
    return [(f.cause, f.incomplete) for f in faults(text)]


def cut_off(due: str, came: str, *, inside_segment: bool = False, cut_claim: bool = False) -> Values:
    return {"due": due, "came": came, "inside_segment": inside_segment, "cut_claim": cut_claim}


def test_nothing_wrong() -> None:
    assert seen(batch()) == []


class TestNoInterchange:
    @pytest.mark.parametrize(
        ("data", "content"),
        [
            (b"", Content.EMPTY),
            (b"%PDF-1.7 ...", Content.PDF),
            (b"PK\x03\x04", Content.ZIP),
            (b"\x1f\x8b\x08", Content.GZIP),
            (ONE.encode("utf-16"), Content.UTF_16),
            (b"hello\n", Content.OTHER),
            (b"STATE\n", Content.OTHER),
            (ONE[106:].encode(), Content.GS),
            (ONE[ONE.index("ST*837") :].encode(), Content.ST),
            (ONE[:105].encode(), Content.UNREADABLE_ISA),
            (ONE.replace("~", "").encode(), Content.UNREADABLE_ISA),
        ],
    )
    def test_content(self, data: bytes, content: Content) -> None:
        [fault] = faults(data)
        assert (fault.cause, fault.values) == (Cause.NO_INTERCHANGE, {"content": content, "size": len(data)})
        assert (fault.line, fault.column, fault.segment, fault.incomplete) == (1, 1, 0, True)


class TestTruncated:
    def test_inside_a_segment(self) -> None:
        at = ONE.index("CTP", ONE.index("CLM*B")) + 5
        [fault] = faults(ONE[:at])
        assert (fault.cause, fault.incomplete, fault.offset, fault.segment) == (Cause.CUT_OFF, True, at, 25)
        assert (fault.control_numbers, fault.ordinals) == (("000000001", "1", "0001"), (1, 1, 1))
        assert (fault.claim, fault.claim_name, fault.after) == (2, "B", 1)
        assert fault.values == cut_off("SE", "", inside_segment=True, cut_claim=True)

    @pytest.mark.parametrize(
        ("before", "values"),
        [("SE*", cut_off("SE", "", cut_claim=True)), ("GE*", cut_off("GE", "")), ("IEA*", cut_off("IEA", ""))],
    )
    def test_before_a_trailer(self, before: str, values: Values) -> None:
        assert [(s[0], s[4]) for s in seen(ONE[: ONE.index(before)])] == [(Cause.CUT_OFF, values)]

    @pytest.mark.parametrize(
        ("text", "values"),
        [
            (ONE.replace("SE*26*0001~", ""), cut_off("SE", "GE", cut_claim=True)),
            (ONE.replace("SE*26*0001~GE*1*1~", ""), cut_off("SE", "IEA", cut_claim=True)),
            (ONE.replace("GE*1*1~", ""), cut_off("GE", "IEA")),
            (
                ONE[: ONE.index("IEA")]
                + ONE.replace("*000000001*0*", "*000000002*0*").replace("IEA*1*000000001", "IEA*1*000000002"),
                cut_off("IEA", "ISA"),
            ),
            (
                ONE[:300] + ONE.replace("*000000001*0*", "*000000002*0*").replace("IEA*1*000000001", "IEA*1*000000002"),
                cut_off("SE", "ISA", inside_segment=True),
            ),
        ],
    )
    def test_another_envelope_comes_first(self, text: str, values: Values) -> None:
        assert [(s[0], s[4]) for s in seen(text)] == [(Cause.CUT_OFF, values)]

    def test_the_rest_is_read(self) -> None:
        second = ONE.replace("*000000001*0*", "*000000002*0*").replace("IEA*1*000000001", "IEA*1*000000002")
        slices, found, counts = read(ONE[:-60] + second)
        assert [(f.cause, f.control_numbers[0]) for f in found] == [(Cause.CUT_OFF, "000000001")]
        assert (counts.claims, len(reading.whole_claims(slices)), counts.unchecked) == (4, 3, 6)

    def test_a_transaction_set_inside_a_segment(self) -> None:
        text = batch()
        at = text.index("ST*837*0002")
        [fault] = faults(text[: at - 20] + text[at:])
        assert (fault.cause, fault.values["came"], fault.values["inside_segment"]) == (Cause.CUT_OFF, "ST", True)


class TestCountsAndControlNumbers:
    @pytest.mark.parametrize(
        ("old", "new", "element", "stated", "counted", "segment"),
        [
            ("SE*26*", "SE*25*", "SE01", "25", 26, 26),
            ("SE*26*", "SE*026*", "", "", 0, 0),
            ("SE*26*", "SE*two dozen*", "SE01", "", 26, 26),
            ("SE*26*", "SE**", "SE01", "", 26, 26),
            ("SE*26*", "SE*" + "9" * 5000 + "*", "SE01", "", 26, 26),
            ("SE*26*", "SE*1234567893*", "SE01", "", 26, 26),
            ("GE*1*", "GE*2*", "GE01", "2", 1, 0),
            ("IEA*1*", "IEA*0*", "IEA01", "0", 1, 0),
        ],
    )
    def test_a_count(self, old: str, new: str, element: str, stated: str, counted: int, segment: int) -> None:
        fault = (Cause.COUNT_DIFFERS, False, segment, element, {"stated": stated, "counted": counted})
        assert seen(ONE.replace(old, new)) == ([fault] if element else [])

    def test_every_transaction_set_is_counted(self) -> None:
        fault = (Cause.COUNT_DIFFERS, False, 5, "SE01", {"stated": "6", "counted": 5})
        assert seen(batch().replace("SE*5*0001", "SE*6*0001")) == [fault]

    @pytest.mark.parametrize(
        ("old", "new", "element", "header", "found", "expected"),
        [
            ("SE*26*0001", "SE*26*1", "SE02", "ST02", "1", "0001"),
            ("SE*26*0001", "SE*26", "SE02", "ST02", "", "0001"),
            ("GE*1*1~", "GE*1*2~", "GE02", "GS06", "2", "1"),
            ("GE*1*1~", "GE*1*0001~", "", "", "", ""),
            ("IEA*1*000000001", "IEA*1*000000002", "IEA02", "ISA13", "000000002", "000000001"),
            ("IEA*1*000000001", "IEA*1*1", "", "", "", ""),
            ("IEA*1*000000001", "IEA*1*JANE DOE", "IEA02", "ISA13", "…", "000000001"),
        ],
    )
    def test_a_control_number_that_differs(
        self, old: str, new: str, element: str, header: str, found: str, expected: str
    ) -> None:
        values = {"header": header, "found": found, "expected": expected}
        assert [(s[0], s[1], s[3], s[4]) for s in seen(ONE.replace(old, new))] == (
            [(Cause.CONTROL_NUMBER_DIFFERS, False, element, values)] if element else []
        )

    def test_a_control_number_that_is_used_again(self) -> None:
        twice = ONE + ONE
        assert seen(twice) == [(Cause.CONTROL_NUMBER_AGAIN, False, 0, "ISA13", {"control_number": "000000001"})]
        other_sender = ONE + interchange(group(transaction_set(subscriber(2, claim("A", line())))), sender="OTHER")
        assert seen(other_sender) == []
        one_set = transaction_set(subscriber(2, claim("A", line())))
        again = Cause.CONTROL_NUMBER_AGAIN
        assert [s[0::3] for s in seen(interchange(group(one_set, one_set)))] == [(again, "ST02")]
        assert [s[0::3] for s in seen(interchange(group(one_set), group(one_set)))] == [(again, "GS06")]

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

    def test_control_numbers_that_do_not_count_up_are_reported(self) -> None:
        sets = "".join(f"ST*999*{2 * n:09}~SE*2*{2 * n:09}~" for n in range(ROOM + 2))
        acknowledgements = interchange(group()).replace("GS*HC", "GS*FA").replace("005010X222A1", "005010X231A1")
        foreign = acknowledgements.replace("GE*0", f"{sets}GE*{ROOM + 2}")
        [fault] = faults(foreign)
        assert (fault.cause, fault.incomplete, fault.element, fault.offset, fault.values) == (
            Cause.MANY_CONTROL_NUMBERS,
            True,
            "ST02",
            foreign.index(f"ST*999*{2 * ROOM:09}"),
            {},
        )


class TestGuides:
    @pytest.mark.parametrize(
        ("version", "unsupported"),
        [
            ("005010X222", []),
            ("005010X222A3", []),
            ("005010X291", []),
            ("005010x222a1", []),
            ("005010X224A2", []),
            ("005010X298", []),
            ("004010X097A1", []),
            ("004010X098A1", ["004010X098A1"]),
            ("008020X323", ["008020X323"]),
            ("JANE DOE", ["…"]),
        ],
    )
    def test_versions(self, version: str, unsupported: list[str]) -> None:
        text = interchange(group(transaction_set(subscriber(2, claim("A", line())), version=version), version=version))
        assert seen(text) == [(Cause.UNSUPPORTED_VERSION, True, 1, "ST03", {"version": shown}) for shown in unsupported]

    @pytest.mark.parametrize(("gs08", "unsupported"), [("005010X222A1", []), ("005010", ["005010"]), ("", [""])])
    def test_gs08_decides_without_st03(self, gs08: str, unsupported: list[str]) -> None:
        text = ONE.replace("*X*005010X222A1", f"*X*{gs08}").replace("ST*837*0001*005010X222A1", "ST*837*0001")
        assert seen(text) == [(Cause.UNSUPPORTED_VERSION, True, 1, "", {"version": shown}) for shown in unsupported]

    def test_an_unsupported_set_is_counted_as_unchecked(self) -> None:
        _, found, counts = read(ONE.replace("005010X222A1", "004010X098A1"))
        assert (counts.segments, counts.unchecked, [f.incomplete for f in found]) == (30, 26, [True])

    @pytest.mark.parametrize(
        ("old", "new", "version"),
        [
            ("ST*837*", "ST*831*", "005010X222A1"),
            ("ST*837*", "ST**", "005010X222A1"),
            ("ST*837*", "ST*83*", "005010X222A1"),
            ("ST*837*", "ST~837*", "005010X222A1"),
            ("0001*005010X222A1", "0001*005010X224A2", "005010X224A2"),
            ("X*005010X222A1~ST*837*0001*005010X222A1", "X*5010~ST*8*0001*X222", "…"),
        ],
    )
    def test_a_set_of_claims_that_is_not_named_so(self, old: str, new: str, version: str) -> None:
        _, found, counts = read(ONE.replace(old, new))
        hidden = [(f.incomplete, f.element, f.values) for f in found if f.cause is Cause.HIDDEN_CLAIMS]
        assert (hidden, counts.claims) == ([(True, "", {"version": version})], 0)

    def test_guides_that_differ(self) -> None:
        text = ONE.replace("*X*005010X222A1", "*X*005010X223A2")
        values = {"st03": "005010X222A1", "gs08": "005010X223A2"}
        assert seen(text) == [(Cause.GUIDES_DIFFER, False, 1, "ST03", values)]
        contexts = [piece.context for piece in reading.whole_claims(read(text)[0])]
        assert [context.guide for context in contexts if context] == ["837P", "837P"]


class TestSetsThatAreNotRead:
    """They are counted by what they are, so that a summary can name them."""

    @pytest.mark.parametrize(
        ("kind", "version", "expected"),
        [
            ("837", "005010X222A1", {}),
            ("837", "005010X298A1", {"837 005010X298": 2}),
            ("837", "005010X300", {"837 005010X300": 2}),
            ("837", "004010X098A1", {"837 004010X098": 2}),
            ("837", "005010X224A2", {"837 005010X224": 2}),
            ("837", "", {"837": 2}),
            ("835", "005010X221A1", {"835 005010X221": 2}),
            ("999", "JANE DOE", {"999": 2}),
            ("JANE", "005010X221A1", {"other": 2}),
        ],
    )
    def test_kinds(self, kind: str, version: str, expected: dict[str, int]) -> None:
        sets = [transaction_set(control=control, kind=kind, version=version) for control in ("0001", "0002")]
        assert read(interchange(group(*sets, version=version)))[2].not_read == expected

    def test_many_kinds(self) -> None:
        sets = [[f"ST*{n}*{n:04}*", f"SE*2*{n:04}"] for n in range(100, 200)]
        not_read = read(interchange(group(*sets)))[2].not_read
        assert (len(not_read), not_read["other"], sum(not_read.values())) == (33, 68, 100)


class TestIsa:
    def test_widths(self) -> None:
        text = ONE.replace("SENDER         *ZZ*RECEIVER       ", "SENDER*ZZ*RECEIVER", 1)
        assert seen(text) == [(Cause.ISA_WIDTHS, False, 0, "", {"elements": ("ISA06", "ISA08"), "entity": ""})]

    @pytest.mark.parametrize(
        ("before", "lead"),
        [
            (b"\xef\xbb\xbf", Lead.BYTE_ORDER_MARK),
            (b" ", Lead.WHITE_SPACE),
            (b"\r\n\r\n", Lead.WHITE_SPACE),
            (b"\xef\xbb\xbf\n", Lead.BYTE_ORDER_MARK),
        ],
    )
    def test_before_the_first(self, before: bytes, lead: Lead) -> None:
        [fault] = faults(before + ONE.encode())
        assert (fault.cause, fault.incomplete, fault.offset, fault.values) == (
            Cause.BEFORE_FIRST_ISA,
            False,
            len(before),
            {"lead": lead},
        )


class TestMalformedSegments:
    @pytest.mark.parametrize(
        ("old", "new", "cause", "values"),
        [
            ("~BHT", "~~BHT", Cause.EMPTY_SEGMENT, {}),
            ("~BHT", "~ \n ~BHT", Cause.EMPTY_SEGMENT, {}),
            ("JANE", "JA\x07NE", Cause.CONTROL_BYTE, {"byte": 7}),
            ("JANE", "JA\tNE", Cause.CONTROL_BYTE, {"byte": 9}),
            ("JANE", "JA\nNE", Cause.LINE_BREAK, {}),
            ("JANE", "JA\rNE", Cause.LINE_BREAK, {}),
            ("REF*EI", "Ref*EI", Cause.MALFORMED_ID, {}),
            ("REF*EI", "REFX*EI", Cause.MALFORMED_ID, {}),
            ("REF*EI", "R*EI", Cause.MALFORMED_ID, {}),
        ],
    )
    def test_a_segment(self, old: str, new: str, cause: Cause, values: Values) -> None:
        lines = ONE.replace("~", "~\n") if cause is Cause.LINE_BREAK else ONE
        at = lines.index(old)
        text = lines[:at] + new + lines[at + len(old) :]
        assert [(f.cause, f.incomplete, f.values) for f in faults(text)] == [(cause, False, values)]

    @pytest.mark.parametrize(
        "segment_id",
        ["sv1", "SV1 ", "\x00SV1", "Sv1", "S V1", "XSV1", "SV11", "\xc2\xa0SV1", "\xef\xbb\xbfSV1", "SV1HC:J9026"],
    )
    def test_an_id_that_means_a_service_line(self, segment_id: str) -> None:
        slices, found, counts = read(ONE.replace("SV1*", f"{segment_id}*", 1))
        assert (Cause.MALFORMED_ID, True) in [(f.cause, f.incomplete) for f in found]
        assert ([piece.claim_name for piece in reading.whole_claims(slices)], counts.unchecked) == (["B"], 7)

    def test_position(self) -> None:
        text = ONE.replace("~", "~\n").replace("JANE", "JA\x07NE")
        [fault] = faults(text)
        assert (fault.line, fault.column, fault.segment) == (12, 16, 9)
        assert text.encode()[fault.offset] == 7


class TestOutsideTheEnvelope:
    @pytest.mark.parametrize(
        ("text", "incomplete", "offset"),
        [
            ("From: clinic\n" + ONE, False, 0),
            ("From: clinic " + ONE, False, 0),
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
        [fault] = faults(text)
        assert (fault.cause, fault.incomplete, fault.offset, fault.segment, fault.values) == (
            Cause.DATA_OUTSIDE,
            incomplete,
            offset,
            0,
            {"in_interchange": False, "missing": ""},
        )

    def test_between(self) -> None:
        first, second = batch().split("~ISA")
        assert brief(first + "~junk\nISA" + second) == [(Cause.DATA_OUTSIDE, False)]

    def test_in_no_transaction_set(self) -> None:
        for text in (
            ONE.replace("~GE*", "~NTE*ADD*X~NTE*ADD*Y~GE*"),
            ONE.replace("SE*26*0001~", "SE*26*0001~" * 2),
        ):
            assert seen(text) == [(Cause.DATA_OUTSIDE, False, 0, "", {"in_interchange": True, "missing": ""})]

    def test_a_missing_gs(self) -> None:
        text = ONE[:106] + ONE[ONE.index("ST*837") :]
        assert brief(text) == [(Cause.DATA_OUTSIDE, True), (Cause.COUNT_DIFFERS, False)]
        assert faults(text)[0].values == {"in_interchange": True, "missing": "GS"}
        assert read(text)[2].unchecked == 27

    def test_a_missing_st(self) -> None:
        text = ONE.replace("ST*837*0001*005010X222A1~", "")
        assert brief(text) == [(Cause.DATA_OUTSIDE, True), (Cause.COUNT_DIFFERS, False)]
        assert faults(text)[0].values == {"in_interchange": True, "missing": "ST"}

    def test_a_second_gs_or_none(self) -> None:
        gs = ONE[106 : ONE.index("ST*")]
        after_ge = ONE.replace("IEA*", "NTE*ADD*X~IEA*")
        assert faults(after_ge)[0].values == {"in_interchange": True, "missing": ""}
        assert [f.values["due"] for f in faults(ONE.replace(gs, gs + gs)) if f.cause is Cause.CUT_OFF] == ["GE"]


class TestOrphans:
    def test_a_line_without_a_claim(self) -> None:
        text = ONE.replace("CLM*A*16000***11:B:1*Y*A*Y*Y~", "").replace("SE*26", "SE*25")
        assert seen(text) == [(Cause.LINE_WITHOUT_CLAIM, True, 13, "", {"segment_id": "LX"})]
        assert read(text)[2].unchecked == 5

    def test_a_claim_without_a_subscriber(self) -> None:
        text = ONE.replace("HL*2*1*22*0~", "").replace("SE*26", "SE*25")
        assert seen(text) == [(Cause.CLAIM_WITHOUT_SUBSCRIBER, False, segment, "", {}) for segment in (11, 18)]
        assert len(reading.whole_claims(read(text)[0])) == 2

    @pytest.mark.parametrize(
        ("old", "new", "parent", "orphans"),
        [
            ("HL*2*1*22*0", "HL*2*7*22*0", ["7"], 0),
            ("HL*2*1*22*0", "HL*2**22*0", [""], 0),
            ("HL*2*1*22*0", "HL*2*JANE*22*0", ["…"], 0),
            ("HL*1**20*1", "HL*1*5*20*1", ["5"], 0),
            ("HL*1**20*1~", "", ["1"], 0),
            ("HL*2*1*22*0", "HL*2*1*23*0", ["1"], 2),
            ("HL*1**20*1", "HL*01**20*1", [], 0),
        ],
    )
    def test_a_missing_parent(self, old: str, new: str, parent: list[str], orphans: int) -> None:
        text = ONE.replace(old, new).replace("SE*26", "SE*26" if new else "SE*25")
        missing = [(Cause.MISSING_PARENT, "HL02", {"parent": value}) for value in parent]
        claims: list[tuple[Cause, str, Values]] = [(Cause.CLAIM_WITHOUT_SUBSCRIBER, "", {})] * orphans
        assert [(s[0], s[3], s[4]) for s in seen(text)] == [*missing, *claims]

    @pytest.mark.parametrize("level", ["20", "22"])
    @pytest.mark.parametrize("count", [1, 2, 30])
    def test_all_below_a_level_that_is_missing_are_one(self, level: str, count: int) -> None:
        if level == "20":
            text = interchange(
                group(transaction_set(*(subscriber(n, claim("A", line())) for n in range(2, 2 + count))))
            )
            lost = text.replace("HL*1**20*1~", "")
        else:
            dependents = [claim(f"C{n}", line()) for n in range(count)]
            text = interchange(group(transaction_set(subscriber(2, dependents=dependents))))
            lost = text.replace("HL*2*1*22*1~", "")
        missing = [fault for fault in faults(lost) if fault.cause is Cause.MISSING_PARENT]
        assert [(f.offset, f.values["parent"]) for f in missing] == [
            (lost.index("HL*"), "1") if level == "20" else (lost.index("*23*0") - 6, "2")
        ]

    @pytest.mark.parametrize(
        ("old", "new", "incomplete"),
        [
            # A subscriber's number again: of one that may have dependents, of one that has none.
            ("HL*5*1*22*0", "HL*3*1*22*0", [False]),
            ("HL*5*1*22*0", "HL*3*1*22*1", [True]),
            # The number of the level above, of a subscriber or of a dependent.
            ("HL*2*1*22*0", "HL*1*1*22*0", [True]),
            ("HL*4*3*23*0", "HL*3*3*23*0", [True]),
            ("HL*4*3*23*0", "HL*1*3*23*0", [True]),
            ("HL*6**20*1", "HL*1**20*1", [True]),
            # Twice, and not twice.
            ("HL*2*1*22*0~", "HL*2*1*22*0~HL*2*1*22*0~", [False]),
            ("HL*5*1*22*0", "HL*9*1*22*0", []),
            ("HL*5*1*22*0", "HL*05*1*22*0", []),
            # Gaps, and numbers that go back but were not used.
            ("HL*3*1*22*1", "HL*8*1*22*1", []),
        ],
    )
    def test_a_number_that_is_used_again(self, old: str, new: str, incomplete: list[bool]) -> None:
        text = interchange(
            group(
                transaction_set(
                    subscriber(2, claim("A", line())),
                    subscriber(3, dependents=[claim("B", line())]),
                    subscriber(5, claim("C", line())),
                    ["HL*6**20*1", *subscriber(7, claim("D", line()), above=6)],
                )
            )
        )
        assert faults(text) == []
        again = [fault for fault in faults(text.replace(old, new)) if fault.cause is Cause.LEVEL_AGAIN]
        assert [fault.incomplete for fault in again] == incomplete
        assert all((fault.element, fault.values["number"]) == ("HL01", new.split("*")[1]) for fault in again)

    def test_numbers_that_start_again_are_one(self) -> None:
        """And one more where it becomes unclear which levels are below which."""
        body = subscriber(2, claim("A", line()))
        text = interchange(group(transaction_set(*[body] * 5, ["HL*1**20*1"], *[body] * 5)))
        again = [(f.incomplete, f.values["number"]) for f in faults(text) if f.cause is Cause.LEVEL_AGAIN]
        assert again == [(False, "2"), (True, "1")]

    def test_a_claim_that_is_lost_between_two_lines(self) -> None:
        """However the second CLM was lost, the line numbers start again, and neither claim is judged as the other."""
        for lost in ("CL0*B", "CM*B", "clm*B", "NTE*ADD*CLM*B"):
            slices, found, counts = read(ONE.replace("CLM*B", lost))
            assert [f.cause for f in found if f.cause is not Cause.MALFORMED_ID] == [Cause.LINES_START_AGAIN]
            assert (reading.whole_claims(slices), counts.unchecked) == ([], 14)
        many = "LX*1~SV1*HC:99213*100*UN*1***1~DTP*472*D8*20250110~"
        flood = causes(ONE.replace("CLM*B", many * 300 + "CLM*B"))
        assert flood == [Cause.LINES_START_AGAIN, Cause.COUNT_DIFFERS]
        glued = brief(ONE.replace("~CLM*B", "CLM*B"))
        assert glued == [(Cause.LINES_START_AGAIN, True), (Cause.COUNT_DIFFERS, False)]

    def test_second_provider_is_missing(self) -> None:
        two = transaction_set(subscriber(2, claim("A", line())), ["HL*3**20*1", *subscriber(4, claim("B", line()))])
        text = interchange(group(two)).replace("HL*4*1*22", "HL*4*3*22")
        assert seen(text) == []
        count = len(two)
        lost = text.replace("HL*3**20*1~", "").replace(f"SE*{count}", f"SE*{count - 1}")
        assert [(s[0], s[3], s[4]) for s in seen(lost)] == [(Cause.MISSING_PARENT, "HL02", {"parent": "3"})]
