"""The guide check: its findings, one cause each; what pyx12 has wrong; where it is asked for; the quick look."""

import random
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import load_rulebook
from lint837.commands.main import cli
from lint837.guide import check as check_module
from lint837.guide import levels as levels_module
from lint837.guide.check import CHECKED
from lint837.guide.fast import quick_look
from lint837.guide.maps import guide
from lint837.guide.walk import Walk, segments_in
from lint837.lint.engine import Lint
from lint837.rules.rulebook import ALL, DRUG_CLAIMS
from lint837.x12.reader import Reader
from lint837.x12.slices import Slice

from tests.batch import claim, group, interchange, line, subscriber, transaction_set
from tests.documents import ROOT
from tests.guide.mutants import found_in
from tests.guide.peer import _map, answers

RULEBOOK = load_rulebook(isolated=True)
SAMPLES = sorted(ROOT.glob("samples/clean/*.837"))
OTHER = ["SV1*HC:96413*100*UN*1***1", "DTP*472*D8*20250110"]  # a line without a drug


def whole(*claims: list[str], version: str = "005010X222A1") -> str:
    """A file with all that the guide asks for."""
    one = transaction_set(subscriber(2, *claims, whole=True), whole=True, version=version)
    return interchange(group(one, version=version))


def told(text: str, checked: str = ALL, **changes: object) -> list[tuple[str, str, int | None, str | None]]:
    """Rule, element, segment and loop of each finding."""
    rulebook = RULEBOOK._replace(guide=checked, **changes).narrowed()  # type: ignore[arg-type]
    found = Lint([text.encode()], "claims.837", rulebook)
    return [(f.rule, f.location.element, f.location.segment, f.location.loop) for f in found]


def test_a_right_claim_has_none() -> None:
    assert told(whole(claim("A", line(), OTHER))) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # A wrong qualifier, a missing opener, an unknown segment: one finding each, and none on what follows.
        ("NM1*85*", "NM1*86*", [("GDE007", "NM101", 7, "2010AA")]),
        ("NM1*IL*1*DOE*JANE****MI*MEMBER1~", "", [("GDE002", "", 13, "2010BA")]),
        ("HI*ABK:C3490~", "NM1*ZZ*2*NOBODY~N3*1 ROAD~N4*AUSTIN*TX*78756~HI*ABK:C3490~", [("GDE001", "", 16, "2300")]),
        ("HI*ABK:C3490~", "HI*ABK:C3490~XYZ*1~", [("GDE001", "", 17, "2300")]),
        ("CLM*A*", "CLN*A*", [("GDE001", "", 15, "2010BB")]),
        ("N3*1 ROAD", "N33*1 ROAD", [("GDE001", "", 8, "2010AA")]),
        ("LX*1~", "", [("GDE002", "", 17, "2400")]),
        ("LX*1~SV1*HC:96413*100*UN*1***1", "SV1*HC:96413*100*UN*1***1~LX*1", [("GDE001", "", 17, "2400")]),
        ("N3*1 ROAD~N4*AUSTIN*TX*787560000", "N4*AUSTIN*TX*787560000~N3*1 ROAD", [("GDE001", "", 9, "2010AA")]),
        ("HI*ABK:C3490~", "", [("GDE002", "", 16, "2300")]),
        ("HI*ABK:C3490~", "HI*ABK:C3490~HI*ABK:C3490~", [("GDE003", "", 17, "2300")]),
        ("DTP*472*D8*20250110~", "DTP*472*D8*20250110*1~", [("GDE003", "DTP04", 19, "2400")]),
        ("11:B:1", "11:B:1:2", [("GDE003", "CLM05-4", 15, "2300")]),
        ("11:B:1", "11", [("GDE004", "CLM05-2", 15, "2300")]),
        ("CLM*A*", "CLM*" + "A" * 39 + "*", [("GDE005", "CLM01", 15, "2300")]),
        ("*100*UN", "*ABC*UN", [("GDE006", "SV102", 18, "2400")]),
        ("*UN*1***1", "*ZZ*1***1", [("GDE007", "SV103", 18, "2400")]),
        ("BHT*0019*00*1*20260115", "BHT*0019*00*1*20261315", [("GDE008", "BHT04", 2, None)]),
        ("NM1*85*2*CLINIC*", "NM1*85*2*CLINIC*****XX*1234567893*X~N3*", [("GDE009", "NM110", 7, "2010AA")]),
        ("*XX*1234567893", "*XX", [("GDE010", "NM109", 7, "2010AA")]),
        ("REF*EI*123456789", "REF*EI", [("GDE004", "REF02", 10, "2010AA")]),
    ],
)
def test_one_cause_one_finding(old: str, new: str, expected: Sequence[object]) -> None:
    text = whole(claim("A", OTHER))
    assert old in text
    assert [one for one in told(text.replace(old, new, 1)) if one[0].startswith("GDE")][: len(expected)] == expected
    if "NM110" not in str(expected):
        found = found_in(text.replace(old, new, 1).encode())
        assert len([one for one in found if one.kind.name != "CONTROL_CHARACTER"]) <= len(expected)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "REF*EI",
            "REF*XX",
            (
                "REF01 (Reference Identification Qualifier) has a code that the guide does not have in loop 2010AA. Those of "
                "the guide: EI, SY."
            ),
        ),
        (
            "*UN*1***1",
            "*UN*1***13",
            (
                "SV107-1 (Diagnosis Code Pointer) has a code that the guide does not have in loop 2400. Those of the guide: "
                "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12."
            ),
        ),
        (
            "*100*UN",
            "*$100*UN",
            (
                "SV102 (Line Item Charge Amount) is not a number. It may have digits, one decimal point and a minus sign, and "
                "nothing else."
            ),
        ),
        (
            "D8*20250110",
            "D8*01/10/2025",
            (
                "DTP03 (Service Date) is not a date in the right form: CCYYMMDD (D8), CCYYMMDD-CCYYMMDD (RD8) or "
                "CCYYMMDDHHMM (DT)."
            ),
        ),
        (
            "HI*ABK:C3490~",
            "HI*ABK:C3490~HI*ABK:C3490~",
            "HI (Health Care Diagnosis Code) comes more than once in loop 2300.",
        ),
        (
            "SBR*P*18*******MB",
            "SBR*P*18*******M1",
            "SBR09 (Claim Filing Indicator Code) has a code that the guide does not have in loop 2000B.",
        ),
    ],
)
def test_what_a_biller_reads(old: str, new: str, message: str) -> None:
    text = whole(claim("A", OTHER)).replace(old, new)
    found = Lint([text.encode()], "claims.837", RULEBOOK._replace(guide=ALL).narrowed(select=["GDE"]))
    assert [one.message for one in found if one.rule.startswith("GDE")] == [message]


def test_a_composite_that_is_not_used() -> None:
    """Which the map has without its components."""
    text = (ROOT / "samples/clean/inpatient-837i.837").read_text()
    wrong = re.sub(r"(HI\*ABJ:[A-Z0-9]+)", r"\1*ABF:C3490", text, count=1)
    assert wrong != text
    assert [one[:2] for one in told(wrong) if one[0].startswith("GDE")] == [("GDE009", "HI02")]


DEPENDENTS = subscriber(2, dependents=[claim("A", OTHER), claim("B", OTHER)], whole=True)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("HL*1**20*1", "SE*", ("GDE002", "", 5, "2000A")),
        ("HL*2*1*22*1", "SE*", ("GDE002", "", 10, "2000B")),
        ("CLM*A", "HL*4", ("GDE002", "", 20, "2300")),
        ("CLM*B", "SE*", ("GDE002", "", 31, "2300")),
    ],
)
def test_a_level_without_what_must_be_below_it(first: str, last: str, expected: object) -> None:
    text = interchange(group(transaction_set(DEPENDENTS, whole=True)))
    assert told(text) == []
    cut = text[: text.index(first)] + text[text.index(last) :]
    assert [one for one in told(cut) if one[0].startswith("GDE")] == [expected]


def test_a_level_that_has_it_under_another_id_is_not_empty() -> None:
    text = interchange(group(transaction_set(DEPENDENTS, whole=True))).replace("CLM*B", "CLN*B")
    assert [one for one in told(text) if one[0].startswith("GDE")] == [("GDE001", "", 32, "2010CA")]


def test_more_than_100_claims_of_a_patient() -> None:
    """The first one too many, once for each patient; counted from the last level, whoever claims."""
    many = [claim(f"A{number}", OTHER) for number in range(102)]
    assert told(whole(*many[:100])) == []
    segment = 15 + 100 * len(many[0])
    assert told(whole(*many)) == [("GDE003", "", segment, "2300")]
    dependents = subscriber(2, *many[:60], dependents=many[60:], whole=True)
    assert [
        one for one in told(interchange(group(transaction_set(dependents, whole=True)))) if one[0] == "GDE003"
    ] == []


def test_where_pyx12_crashes() -> None:
    """A component too many, and a period with two hyphens: pyx12 loses the whole file."""
    right = whole(claim("A", OTHER))
    for old, new, rule, element in (
        ("11:B:1", "11:B:1:2", "GDE003", "CLM05-4"),
        ("D8*20250110", "RD8*20250110-20250111-20250112", "GDE008", "DTP03"),
    ):
        wrong = right.replace(old, new)
        segments = [one for one in wrong.split("~") if one[:3] not in ("ISA", "GS*", "GE*", "IEA", "")]
        assert answers(segments, "837P") is None, "pyx12 has mended it"
        assert [one[:2] for one in told(wrong) if one[0].startswith("GDE")] == [(rule, element)]


def test_a_check_that_fails_is_incomplete(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bool:
        raise KeyError("DOE*JANE")

    monkeypatch.setattr(check_module, "segments_in", fail)
    text = whole(claim("A", OTHER), claim("B", OTHER)).replace("CLM*A*100", "CLM*A*1O0").replace("16000", "1600O")
    lint = Lint([text.encode()], "claims.837", RULEBOOK._replace(guide=ALL).narrowed())
    found = list(lint)
    assert [(one.rule, one.incomplete, one.location.claim_ordinal) for one in found] == [
        ("GDE099", True, 1),
        ("GDE099", True, 2),
    ]
    assert not lint.summary.complete
    assert "DOE" not in "".join(one.message for one in found)
    assert "KeyError at " in found[0].message


def test_so_is_a_check_of_the_levels_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends no run, and is told once, also where the check of the slice fails, too."""

    def fail(*_: object) -> object:
        raise KeyError("DOE*JANE")

    text = whole(claim("A", OTHER))
    without_levels = re.sub(r"HL\*2\*.*?(?=SE\*)", "", text)
    assert [one[0] for one in told(without_levels)].count("GDE002") == 1
    monkeypatch.setattr(levels_module, "guide_of", fail)
    assert [one for one in told(text) if one[0] == "GDE099"] == [("GDE099", "", 15, "2300")]
    assert [one[0] for one in told(without_levels)].count("GDE099") == 1
    monkeypatch.setattr(check_module, "guide_of", fail)
    monkeypatch.setattr(check_module, "quick_look", fail)
    places = [one[2] for one in told(text) if one[0] == "GDE099"]
    assert len(places) == len(set(places)) == 4


class TestWhatPyx12HasWrong:
    """Each entry of guide/known.py: pyx12 finds something in a right claim, and the guide check does not. Where pyx12
    no longer does, the entry can go.
    """

    @staticmethod
    def theirs(text: str, guide_name: str = "837P") -> set[tuple[int, str]]:
        segments = [one for one in text.split("~") if one[:3] not in ("ISA", "GS*", "GE*", "IEA", "")]
        found = answers(segments, guide_name)
        assert found is not None
        return {(one.ordinal, one.code) for one in found}

    def test_dmerc_certificate(self) -> None:
        text = whole(claim("A", [OTHER[0], "PWK*CT*AD", OTHER[1]]))
        assert (19, "7") in self.theirs(text)
        assert told(text) == []

    def test_subrogation_demand(self) -> None:
        text = whole(claim("A", OTHER)).replace("*1200*CH~", "*1200*31~")
        assert (2, "7") in self.theirs(text)
        assert told(text) == []

    @pytest.mark.parametrize("state", ["QC", "NL", "NU", "PW"])
    def test_states(self, state: str) -> None:
        text = whole(claim("A", OTHER)).replace(
            "~NM1*PR", f"~N3*1 ROAD~N4*MONTREAL*{state}*12345~DMG*D8*19700101*F~NM1*PR"
        )
        assert self.theirs(text)
        assert [one for one in told(text) if one[0].startswith("GDE")] == []

    def test_lists_that_age(self) -> None:
        lists = _map("837P").ext_codes.codes
        assert {"RS", "ME"} - lists["country"]["codes"] == {"RS", "ME"}
        assert "RSD" not in lists["currency"]["codes"]
        assert "N883" not in lists["remark_code"]["codes"]

    def test_predeterminations(self) -> None:
        text = whole(claim("A", [OTHER[0], "REF*6R*1"]), version="005010X291")
        text = text.replace("11:B:1*Y*A*Y*Y", "11:B:1*Y*A*Y*Y**********08")
        assert {code for _, code in self.theirs(text)} >= {"3", "10"}
        assert [one for one in told(text) if one[0].startswith("GDE")] == []

    def test_letters_of_other_languages(self) -> None:
        text = whole(claim("A", OTHER)).replace("DOE*JANE", "DOË*JANE")
        assert self.theirs(text)
        assert told(text) == []

    def test_foreign_zip_code(self) -> None:
        path = ROOT / "samples/clean/inpatient-837i.837"
        text = path.read_text(encoding="ascii").replace("\n", "")
        home = next(one for one in text.split("~") if one.startswith("N4*"))
        abroad = text.replace(home, "N4*TORONTO*ON*M5V 2T6*CA", 1)
        assert {code for _, code in self.theirs(abroad, "837I")} == {"7"}
        assert [one for one in told(abroad) if one[0].startswith("GDE")] == []


class TestWhere:
    WRONG = whole(claim("A", OTHER), claim("B", line())).replace("CLM*A*16000***11", "CLM*A*16000***XX")

    def test_off_is_the_default(self) -> None:
        assert told(self.WRONG, "off") == []

    def test_drug_claims(self) -> None:
        both = self.WRONG.replace("CLM*B*16000***11", "CLM*B*16000***XX").replace("PER*IC", "PER*XX")
        found = told(both, DRUG_CLAIMS)
        assert [one for one in found if one[0].startswith("GDE")] == [
            ("GDE007", "PER01", 4, "1000A"),
            ("GDE007", "CLM05-1", 20, "2300"),
        ]
        assert [one[2] for one in told(both) if one[0] == "GDE007"] == [4, 15, 20]

    def test_sets_without_claims(self) -> None:
        text = interchange(group(transaction_set(subscriber(2), whole=True)))
        assert ("GDE002", "", 14, "2010BB") not in told(text)
        assert [one[0] for one in told(text.replace("NM1*PR*2*PAYER*****PI*00952~", ""))] == ["GDE002", "ENV003"]

    def test_headers_are_told_once(self) -> None:
        text = whole(claim("A", OTHER), claim("B", OTHER)).replace("NM1*PR*2", "NM1*PR*9")
        assert [one for one in told(text) if one[0].startswith("GDE")] == [("GDE007", "NM102", 14, "2010BB")]

    def test_rules_that_say_the_same_come_first(self) -> None:
        assert [one[0] for one in told(whole(claim("A", line(units="ABC"))))] == ["QTY003"]
        lacks_date = [part for part in line() if not part.startswith("DTP")]
        assert [one[0] for one in told(whole(claim("A", lacks_date)))] == ["DOS001"]

    @pytest.mark.parametrize("written", ["HC*J9026*JZ", "HC*J9026", "HC*J9026:JZ"])
    def test_a_composite_that_is_spread_over_elements_is_one_finding(self, written: str) -> None:
        text = whole(claim("A", line("HC:J9026:JZ"))).replace("HC:J9026:JZ", written)
        assert [one[:2] for one in told(text) if one[0] != "MOD001"] == [("HCP010", "SV102")]

    def test_the_reader_says_it_already(self) -> None:
        assert [one[0] for one in told(whole(claim("A", [])))] == ["ENV014"]

    def test_severities_and_ignored_rules(self) -> None:
        text = self.WRONG
        assert told(text)[0][0] == "GDE007"
        rulebook = RULEBOOK._replace(guide=ALL).narrowed(ignore=["GDE007"])
        assert list(Lint([text.encode()], "x", rulebook)) == []

    def test_fifty_and_a_count(self) -> None:
        text = whole(claim("A", *([[OTHER[0].replace("UN", "ZZ"), OTHER[1]]] * 48 + [OTHER] * 2)))
        text = text.replace("D8*20250110", "D8*20251310")
        found = [f for f in Lint([text.encode()], "x", RULEBOOK._replace(guide=ALL).narrowed()) if f.rule[:3] == "GDE"]
        assert len(found) == 50
        assert "48 more deviations" in found[-1].message

    def test_jobs_change_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "claims.837"
        path.write_text(self.WRONG)
        one, two = (
            CliRunner().invoke(
                cli, ["check", "--isolated", "--guide", "all", "--format", "jsonl", "--jobs", jobs, str(path)]
            )
            for jobs in ("1", "2")
        )
        assert (one.exit_code, one.output) == (two.exit_code, two.output)
        assert one.exit_code == 1


def test_no_finding_holds_a_value() -> None:
    text = whole(claim("ANNE-7731", OTHER)).replace("DOE*JANE****MI*MEMBER1", "SMITHSON*ZELDA****QQ*MEMBER7731")
    text = text.replace("N3*1 ROAD", "N3*77 ELMSTREET*" + "X" * 60).replace("*100*UN*1", "*SMITHSON*UN*ZELDA")
    for finding in Lint([text.encode()], "x", RULEBOOK._replace(guide=ALL).narrowed()):
        shown = f"{finding.message} {finding.correction} {finding.found} {finding.expected}"
        for value in ("SMITHSON", "ZELDA", "7731", "ELMSTREET", "QQ"):
            assert value not in shown


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_the_quick_look_is_only_too_careful(seed: int) -> None:
    """What it passes has no deviation."""
    chance = random.Random(seed)  # noqa: S311
    data = bytearray(chance.choice(SAMPLES).read_bytes())
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(106, len(data))
        match chance.randrange(4):
            case 0:
                del data[at : at + chance.randrange(1, 12)]
            case 1:
                data[at:at] = data[at : at + chance.randrange(1, 30)]
            case 2:
                data[at] = chance.choice(b"~*:X1 0-.\xe9a")
            case _:
                other = chance.randrange(106, len(data))
                data[at:at] = data[other : other + 9]
    for piece in Reader([bytes(data)]):
        if not isinstance(piece, Slice) or piece.kind not in CHECKED or piece.data is None or piece.context is None:
            continue
        known, delimiters = guide(piece.context.guide), piece.context.delimiters
        root = known.roots["claim23" if piece.kind == "claim" and piece.context.hl23 else piece.kind]
        if quick_look(known, delimiters).passes(root, piece.data):
            segments = segments_in(piece, piece.context)
            assert Walk(known, root, segments, delimiters).deviations() == []
