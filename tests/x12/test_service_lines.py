"""Service lines that cannot be read: another separator than ISA16's, no SV1 or SV2, the other guide's, no line at all."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lint837.x12.faults import Cause, Fault, Scope
from lint837.x12.reader import Reader
from lint837.x12.slices import Slice

from tests.batch import Delimiters, claim, group, interchange, line, subscriber, transaction_set
from tests.x12 import reading

PROFESSIONAL, INSTITUTIONAL = "005010X222A1", "005010X223A2"
# What may separate components: no letter, digit, blank or hyphen, and none of the other delimiters.
SEPARATORS = "!\"#$%&'()+,./:;<=>?@[]_`{|}"


def one_set(*claims: list[str], version: str = PROFESSIONAL, control: str = "0001") -> list[str]:
    levels = [subscriber(n, one) for n, one in enumerate(claims, 2)]
    return transaction_set(*levels, version=version, control=control)


def file_of(*sets: list[str], version: str = PROFESSIONAL, component: str = ":") -> str:
    """A file whose ISA16 is `component`; its sets are written as they are."""
    text = interchange(group(*sets, version=version))
    return text[:104] + component + text[105:]


def bill(*composites: str) -> list[str]:
    """A claim with a line for each SV101."""
    return claim("A", *([f"SV1*{one}*9*UN*1", "DTP*472*D8*20250110"] for one in composites))


def read(text: str) -> tuple[list[Fault], list[bool]]:
    """The faults, and of each claim whether it is damaged; the same by every way to read."""
    data = text.encode()
    slices, faults, counts = reading.read(Reader([data], scan_from=reading.NEVER))
    for blocks, scan_from in ((reading.blocks(data, 50), 0), ([data], 0), (reading.blocks(data, 7), reading.NEVER)):
        assert reading.read(Reader(blocks, scan_from=scan_from)) == (slices, faults, counts)
    assert counts.unchecked <= counts.segments
    return faults, [piece.damaged for piece in slices if piece.kind == "claim"]


def causes(text: str) -> list[Cause]:
    return [fault.cause for fault in read(text)[0]]


class TestSeparator:
    @given(st.sampled_from(SEPARATORS), st.sampled_from([*SEPARATORS, "§", "&gt;", "&#58;"]), st.integers(1, 3))
    def test_any_other_one(self, declared: str, used: str, lines: int) -> None:
        text = file_of(one_set(bill(*[f"HC{used}J9026{used}JZ"] * lines, "99213")), component=declared)
        faults, damaged = read(text)
        if declared in used:
            assert (faults, damaged) == ([], [False])
            return
        widths = [fault for fault in faults if fault.cause is Cause.ISA_WIDTHS]
        [fault] = [fault for fault in faults if fault not in widths]
        assert (fault.cause, fault.scope, fault.element, fault.claim_name) == (
            Cause.SEPARATOR_DIFFERS,
            Scope.FILE,
            "SV101",
            "A",
        )
        assert (fault.values, damaged) == ({"declared": declared, "used": used}, [True])
        assert text.encode()[fault.offset :].startswith(f"SV1*HC{used}".encode())

    def test_institutional(self) -> None:
        lines = claim("A", ["SV2*0636*HC>J9026*9*UN*1"], facility="13:A:1")
        [fault] = read(file_of(one_set(lines, version=INSTITUTIONAL), version=INSTITUTIONAL))[0]
        assert (fault.cause, fault.element) == (Cause.SEPARATOR_DIFFERS, "SV202")

    @pytest.mark.parametrize(
        "composites",
        [
            ["HC:J9026"],
            ["HC>J9026", "HC:99213"],
            ["HC>J9026", "HC|99213"],
            ["HC>J9026", "J9026/JZ"],
            ["HC>J9026", "HCX>J9026"],
            ["HC >J9026"],
            ["HC-J9026"],
            ["HC J9026"],
            ["HCJ9026"],
            ["C9170"],
            ["55513-077 01"],
            [""],
            ["HC;J9026:JZ"],
            ["HC\u200b:J9026"],
            ["HC\u200bJ9026"],
            ["HC\u00a0J9026"],
        ],
    )
    def test_not_decided_or_declared(self, composites: Sequence[str]) -> None:
        assert read(file_of(one_set(bill(*composites)))) == ([], [False])

    @given(st.lists(st.sampled_from(["99213", "J90-26", ""]), max_size=3), st.booleans(), st.booleans())
    def test_the_first_claim_that_shows_it_decides(
        self,
        before: list[str],
        first: bool,  # noqa: FBT001 - hypothesis passes it by position
        second: bool,  # noqa: FBT001
    ) -> None:
        """Those before it, which show nothing, and those after it are judged if it is the declared one, else not."""
        deciding = [f"HC{'>' if differs else ':'}99213" for differs in (first, second)]
        text = file_of(one_set(*(bill(one) for one in [*before, *deciding])))
        faults, damaged = read(text)
        assert damaged == [first] * (len(before) + 2)
        assert [fault.cause for fault in faults] == [Cause.SEPARATOR_DIFFERS] * first

    def test_each_set_decides_and_the_first_is_reported(self) -> None:
        wrong, right = bill("HC>J9026"), bill("HC:J9026")
        sets = [one_set(one, control=f"{n:04}") for n, one in enumerate((right, wrong, right, wrong), 1)]
        text = file_of(*sets)
        faults, damaged = read(text)
        assert damaged == [False, True, False, True]
        assert [(fault.cause, fault.control_numbers[2]) for fault in faults] == [(Cause.SEPARATOR_DIFFERS, "0002")]
        other = text.replace("*000000001*0*", "*000000002*0*").replace("IEA*1*000000001", "IEA*1*000000002")
        assert causes(text + other) == [Cause.SEPARATOR_DIFFERS] * 2

    def test_what_is_not_checked_is_counted(self) -> None:
        wrong = one_set(bill("99213"), [*bill("HC>J9026"), "sv1*1"])
        data = file_of(wrong, one_set(bill("HC:99213"), control="0002")).encode()
        counts = reading.read(Reader([data]))[2]
        assert (counts.claims, counts.unchecked) == (3, len(wrong))

    def test_other_faults_of_its_lines_are_silent(self) -> None:
        bad = [*bill("HC>J9026"), "LX*2", "DTP*472*D8*20250110", "LX*3", "SV2*0636*HC>99213*9*UN*1"]
        first, cut = claim("B", ["NTE*ADD*X"]), claim("C", ["NTE*ADD*X"])
        first[2:2] = ["LIN**N4*12345678901"]
        text = file_of(one_set(first, bad, cut))
        assert causes(text) == [Cause.DRUG_BEFORE_LINES, Cause.LINE_WITHOUT_SERVICE, Cause.SEPARATOR_DIFFERS]

    @pytest.mark.parametrize("scan_from", [0, reading.NEVER])
    def test_claims_far_before_are_handed_out(self, scan_from: int) -> None:
        """What is held back until it is decided is not more than so many bytes."""
        small = [f"SV1*99213*9*UN*1~NTE*ADD*{'X' * 900}"]
        many = [subscriber(n, claim(f"C{n}", small)) for n in range(2, 2000)]
        text = file_of(transaction_set(*many, subscriber(2000, bill("HC>J9026"))))
        data = text.encode()
        for size in (len(data), 50_000):
            claims = [
                one
                for one in Reader(reading.blocks(data, size), scan_from=scan_from)
                if isinstance(one, Slice) and one.kind == "claim"
            ]
            end = claims[-1].end
            assert [one.damaged for one in claims] == [
                *(one.start >= end - 1024 * 1024 for one in claims[:-1]),
                True,
            ]

    @pytest.mark.parametrize("newline", ["", "\n", "\r\n"])
    @pytest.mark.parametrize("entity", ["&gt;", "&lt;", "&amp;", "&#124;", "&#x3e;"])
    def test_an_html_entity_in_isa16(self, entity: str, newline: str) -> None:
        text = interchange(
            group(one_set(claim("A", line("HC&J9026&JZ").copy()))), delimiters=Delimiters(newline=newline)
        )
        text = (text[:104] + "&" + text[105:]).replace("&", entity)
        [fault] = read(text)[0]
        assert (fault.cause, fault.scope, fault.values) == (
            Cause.ISA_WIDTHS,
            Scope.NONE,
            {"elements": ("ISA16",), "entity": entity},
        )
        [piece] = reading.whole_claims(reading.read(Reader([text.encode()]))[0])
        assert piece.context is not None
        assert piece.context.delimiters.component == entity.encode()


class TestLineWithoutService:
    @given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=2, max_size=3), st.integers(1, 3))
    def test_any_segment_glued_to_lx(self, segment_id: str, place: int) -> None:
        text = file_of(one_set(bill("HC:1", "HC:2", "HC:3")))
        glued = text.replace(f"LX*{place}~SV1", f"LX*{place}{segment_id}")
        faults, damaged = read(glued)
        assert [(one.cause, one.scope, one.claim) for one in faults if one.cause is not Cause.COUNT_DIFFERS] == [
            (Cause.LINE_WITHOUT_SERVICE, Scope.CLAIM, 1)
        ]
        assert faults[0].values["glued"] is True
        assert glued.encode()[faults[0].offset :].startswith(b"LX*%d" % place)
        assert damaged == [False]

    @given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=2, max_size=3))
    def test_any_other_id_in_place_of_sv1(self, segment_id: str) -> None:
        if segment_id in ("SV1", "SV2", "SV3", "SV5", "LX", "HL", "CLM", "SE", "ISA", "IEA", "GS", "GE", "ST"):
            return
        text = file_of(one_set(bill("HC:J9026"))).replace("SV1*", f"{segment_id}*")
        faults, damaged = read(text)
        assert [(fault.cause, fault.values) for fault in faults] == [
            (Cause.LINE_WITHOUT_SERVICE, {"number": "1", "glued": False})
        ]
        assert damaged == [False]

    @given(st.text("SV1slVI 5?-", min_size=1, max_size=5))
    def test_a_damaged_id_in_its_place_is_told_once(self, segment_id: str) -> None:
        """Whatever it is, the line is told: by the id if that is damaged, else by the line."""
        text = file_of(one_set(bill("HC:J9026"))).replace("SV1*", f"{segment_id}*")
        faults, damaged = read(text)
        if segment_id.strip() in ("SV1", "SV5"):  # SV5 is a service, too
            assert faults == []
            return
        [fault] = faults
        assert fault.scope is Scope.CLAIM
        assert damaged == [fault.cause is Cause.MALFORMED_ID]

    @pytest.mark.parametrize("service", ["SV1*HC:1", "SV2*0636*HC:1", "SV3*AD:D0120*1", "SV5*HC:E0100*DA*1"])
    def test_a_service_that_comes_late(self, service: str) -> None:
        text = file_of(one_set(claim("A", ["DTP*472*D8*20250110", service])))
        assert Cause.LINE_WITHOUT_SERVICE not in causes(text)

    def test_once_a_line(self) -> None:
        lost = ["DTP*472*D8*20250110"]
        text = file_of(one_set(claim("A", lost, line(), lost), claim("B", line(), []), claim("C", line())))
        faults, damaged = read(text)
        assert [(fault.cause, fault.claim_name, fault.values["number"], fault.after) for fault in faults] == [
            (Cause.LINE_WITHOUT_SERVICE, "A", "1", 0),
            (Cause.LINE_WITHOUT_SERVICE, "A", "3", 0),
            (Cause.LINE_WITHOUT_SERVICE, "B", "2", 1),
        ]
        assert damaged == [False] * 3

    def test_not_the_line_that_is_cut(self) -> None:
        text = file_of(one_set(claim("A", [], line())))
        cut = text[: text.index("LX*2~") + 5]
        assert causes(cut) == [Cause.LINE_WITHOUT_SERVICE, Cause.CUT_OFF]

    def test_a_flood_takes_linear_time(self) -> None:
        many = claim("A", *[[] for _ in range(60_000)])
        data = file_of(one_set(many)).encode()
        faults = [one for one in Reader([data]) if isinstance(one, Fault)]
        assert len(faults) == 60_000


class TestDrugBeforeLines:
    @pytest.mark.parametrize("segment", ["LIN**N4*55513007701", "CTP****1*UN"])
    def test_once_a_claim(self, segment: str) -> None:
        one = claim("A", line(), line())
        one[2:2] = [segment, "LIN**N4*1", "CTP****1*UN"]
        text = file_of(one_set(one, claim("B", line())))
        [fault] = read(text)[0]
        assert (fault.cause, fault.scope, fault.values, fault.claim_name) == (
            Cause.DRUG_BEFORE_LINES,
            Scope.CLAIM,
            {"segment_id": segment[:3]},
            "A",
        )
        assert text.encode()[fault.offset :].startswith(segment.encode())

    def test_not_in_a_line_without_lx(self) -> None:
        assert causes(file_of(one_set([*claim("A"), *line()]))) == []


class TestOtherGuidesLine:
    @pytest.mark.parametrize(
        ("version", "right", "wrong"),
        [(PROFESSIONAL, "SV1*HC:1", "SV2*0636*HC:1"), (INSTITUTIONAL, "SV2*0636*HC:1", "SV1*HC:1")],
    )
    def test_once_a_set(self, version: str, right: str, wrong: str) -> None:
        claims = [claim("A", [right]), claim("B", [right], [wrong], [wrong]), claim("C", [wrong])]
        first, second = one_set(*claims, version=version), one_set(claims[2], version=version, control="0002")
        text = file_of(first, second, version=version)
        faults, damaged = read(text)
        assert [(fault.cause, fault.scope, fault.control_numbers[2], fault.claim_name) for fault in faults] == [
            (Cause.OTHER_GUIDES_LINE, Scope.NONE, "0001", "B"),
            (Cause.OTHER_GUIDES_LINE, Scope.NONE, "0002", "C"),
        ]
        assert faults[0].values == {"segment_id": wrong[:3], "guide": "837P" if right[2] == "1" else "837I"}
        assert damaged == [False] * 4
        assert causes(file_of(one_set(*claims[:1], version=version), version=version)) == []


class TestScope:
    """What a fault concerns: its claim, or the file."""

    @pytest.mark.parametrize(
        ("old", "new", "scope"),
        [
            ("SV1*", "sv1*", Scope.CLAIM),
            ("LIN*", "L?IN*", Scope.CLAIM),
            ("DTP*", "dtp*", Scope.CLAIM),
            ("CLM*B", "clm*B", Scope.FILE),
            ("HL*3", "hl*3", Scope.FILE),
            ("SBR*", "sbr*", Scope.FILE),
            ("DTP*472", "NTE*ADD*" + "X" * 70_000, Scope.CLAIM),
            ("SBR*", "NTE*ADD*" + "X" * 70_000, Scope.FILE),
        ],
    )
    def test_a_malformed_segment(self, old: str, new: str, scope: Scope) -> None:
        text = file_of(one_set(claim("A", line()), claim("B", line())))
        first = next(
            fault for fault in read(text.replace(old, new, 1))[0] if fault.cause is not Cause.LINES_START_AGAIN
        )
        assert first.scope is scope

    def test_a_cut(self) -> None:
        text = file_of(one_set(claim("A", line()), claim("B", line())))
        places = {"in a claim": text.index("CTP", text.index("CLM*B")), "in a level": text.index("NM1*IL")}
        scopes = {name: read(text[:at])[0][0].scope for name, at in places.items()}
        assert scopes == {"in a claim": Scope.CLAIM, "in a level": Scope.FILE}
        assert read(text[: text.index("IEA*")])[0][0].scope is Scope.FILE

    def test_a_damaged_claim_keeps_its_place(self) -> None:
        """So that split can put it, whole and unchanged, on one side."""
        text = file_of(one_set(claim("A", line()), claim("B", line()))).replace("SV1*", "sv1*", 1)
        slices = reading.read(Reader([text.encode()]))[0]
        one = next(piece for piece in slices if piece.kind == "claim")
        assert (one.damaged, one.data, one.claim, one.claim_name) == (True, None, 1, "A")
        assert (text.index("CLM*A"), text.index("HL*3")) == (one.start, one.end)
