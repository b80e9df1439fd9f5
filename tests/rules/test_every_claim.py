"""The rules about every claim: their cases, how a claim is written, what lowers them, and what is told once a file."""

import itertools
import os
import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lint837 import Bad, Finding, Good, Rule, Rulebook, Severity, WholeClaim, failures, lint_bytes, load_rulebook
from lint837.claims.whole_claim import LAYOUTS
from lint837.files.inputs import Input
from lint837.lint.engine import Lint
from lint837.lint.examples import alone, claim_file, findings_in, findings_on
from lint837.lint.parallel import RunOptions, lint_all
from lint837.report.entry import entry_of
from lint837.rules.rule import GUIDES
from lint837.x12.reader import Reader
from lint837.x12.slices import Slice

from tests.documents import ROOT
from tests.right_claims import FAULTS, made
from tests.rules.cases import bad_cases, cases_of, findings_of_the_cases, more_of

RULEBOOK = load_rulebook(isolated=True)
CLAIMS = RULEBOOK.narrowed(["claims"])
RULES = RULEBOOK.every_claim_rules
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
SNAPSHOT = Path(__file__).parent / "examples_of_every_claim.txt"
SAMPLES = sorted(ROOT.glob("samples/clean/*.837"))
VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"


def told(data: bytes, rulebook: Rulebook) -> list[tuple[object, ...]]:
    """All that findings say, but where in the file."""
    return [
        (f.rule, f.severity, f.message, f.correction, f.location.loop, f.location.segment, f.location.element)
        for f in lint_bytes(data, rulebook=rulebook).findings
    ]


# Wrapped, with other delimiters, and a line a segment.
WAYS: list[Callable[[bytes], bytes]] = [
    lambda data: b"\n".join(data[at : at + 80] for at in range(0, len(data), 80)),
    lambda data: data.translate(bytes.maketrans(b"*:^~", b"|>!\n")),
    lambda data: data.replace(b"~", b"~\r\n"),
]


@each_rule
class TestEachRule:
    def test_its_cases_hold(self, rule: Rule) -> None:
        assert [str(failure) for failure in failures(rule, RULEBOOK, more_of(rule))] == []

    def test_its_module_shows_three_to_six_examples(self, rule: Rule) -> None:
        assert 3 <= len(rule.good) + len(rule.bad) <= 6
        cases = [repr(replace(case, note="")) for case in cases_of(rule)]
        assert len(set(cases)) == len(cases)

    def test_a_void_is_for_information(self, rule: Rule) -> None:
        for case in bad_cases(rule):
            if case.frequency == "1" and rule.code not in ("UBC001", "PAY001", "PAY002", "PAY003"):
                found = findings_on(replace(case, frequency="8"), rule, RULEBOOK)
                assert found, case
                assert {(one.severity, one.correction, one.fixes) for one in found} == {(Severity.INFO, "", ())}, case

    def test_the_same_claim_written_differently(self, rule: Rule) -> None:
        """Each case in one of the ways, the next case in the next one."""
        only = alone(rule, RULEBOOK)
        for case, write in zip(bad_cases(rule), itertools.cycle(WAYS), strict=False):
            data = claim_file(case)
            assert told(write(data), only) == told(data, only), case

    def test_the_edits_correct_what_they_say(self, rule: Rule) -> None:
        for case in bad_cases(rule):
            data = claim_file(case)
            for finding in findings_on(case, rule, RULEBOOK):
                at = finding.location
                assert (at.line, at.column) == (1, at.offset + 1), case
                for fix in finding.fixes:
                    assert fix.safe
                    [edit] = fix.edits
                    text = data[: edit.start] + edit.text.encode() + data[edit.end :]
                    left = lint_bytes(text, rulebook=alone(rule, RULEBOOK)).findings
                    assert (at.segment, at.element) not in [(f.location.segment, f.location.element) for f in left], (
                        case
                    )

    def test_a_good_case_is_good_for_every_rule(self, rule: Rule) -> None:
        """But for what other rules rightly find in it."""
        for case in cases_of(rule):
            if isinstance(case, Good):
                assert not {finding.rule for finding in findings_in(case, CLAIMS)} & {rule.code, "INT001"}, case

    def test_nothing_of_a_person_is_shown(self, rule: Rule) -> None:
        for case in bad_cases(rule):
            texts = " ".join(f"{f} {f.correction} {f.found} {f.expected}" for f in findings_on(case, rule, RULEBOOK))
            for private in ("DOE", "JANE", "W22", "1EG4", "123-45", "74-1852963", "MAIN ST", "BOX 12", "AUSTIN"):
                assert private not in texts, case


def test_what_the_findings_of_the_cases_hold() -> None:
    """Written again by LINT837_UPDATE=1: then read it before you commit it."""
    found = "".join(findings_of_the_cases(rule, RULEBOOK) for rule in RULES)
    if os.environ.get("LINT837_UPDATE"):
        SNAPSHOT.write_text(found, encoding="utf-8")
    assert found == SNAPSHOT.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_right_claim_has_no_finding(path: Path) -> None:
    assert told(path.read_bytes(), CLAIMS) == []


def test_they_run_only_where_they_are_asked_for() -> None:
    wrong = claim_file(Bad(VISIT, at="", instead=(("CLM*CLAIM-1*100*", "CLM*CLAIM-1*99*"),)))
    both = RULEBOOK._replace(claims=True).narrowed()
    codes = {name: [f.rule for f in lint_bytes(wrong, rulebook=one).findings] for name, one in
             {"default": RULEBOOK, "claims": CLAIMS, "both": both, "a family": RULEBOOK.narrowed(["BAL"]),
              "ignored": RULEBOOK.narrowed(["claims"], ["BAL001"])}.items()}  # fmt: skip
    assert codes == {"default": [], "claims": ["BAL001"], "both": ["BAL001"], "a family": ["BAL001"], "ignored": []}
    assert {rule.code for rule in both.running} > {rule.code for rule in RULEBOOK.running}


# ---------------------------------------------------------------- one finding a number and file


def batch(claims: int, npi: str = "1234567894") -> bytes:
    """Claims of one subscriber, each with this rendering provider."""
    one = f"CLM*C{{}}*100***11:B:1*Y*A*Y*Y~HI*ABK:C3490~NM1*82*1*ROE*ANN****XX*{npi}~LX*1~{VISIT}"
    data = claim_file(Bad(VISIT, at="")).decode()
    head, tail = data[: data.index("CLM*")], data[data.index("SE*") :]
    body = "".join(one.format(number) for number in range(claims))
    text = head + body + tail
    segments = text[text.index("ST*") : text.index("SE*")].count("~") + 1
    return re.sub(r"SE\*\d+", f"SE*{segments}", text).encode()


def test_a_number_is_told_once_a_file_with_how_many_claims_have_it() -> None:
    [finding] = lint_bytes(batch(40), rulebook=CLAIMS).findings
    assert (finding.rule, finding.location.claim, finding.location.loop) == ("NPI001", "C0", "2310B")
    assert finding.note == "The file has 39 more claims with the same."
    [finding] = lint_bytes(batch(1), rulebook=CLAIMS).findings
    assert finding.note == ""


@pytest.mark.parametrize(
    ("code", "right", "wrong"),
    [
        ("ADR001", "MAIN ST~N4*AUSTIN*TX*787010000", "MAIN ST~N4*AUSTIN*TX*78701"),
        ("ADR002", "N3*1 MAIN ST", "N3*PO BOX 12"),
        ("PRV001", "REF*EI*741852963", "REF*EI*741852"),
        ("PRV001", "REF*EI*741852963", "REF*0B*A1"),
    ],
)
@pytest.mark.parametrize(("npi", "told"), [("1234567893", 1), ("1982604476", 2)])
def test_the_same_fault_of_two_billing_providers(code: str, right: str, wrong: str, npi: str, told: int) -> None:
    """It is told of each provider, and once of one."""
    data = claim_file(Bad(VISIT, at="", instead=((right, wrong),))).decode()
    start, end = data.index("HL*1**20*1~"), data.index("SE*")
    again = data[start:end].replace("HL*1*", "HL*3*").replace("HL*2*1*", "HL*4*3*").replace("1234567893", npi)
    text = data[:end] + again.replace("CLAIM-1", "CLAIM-2") + data[end:]
    segments = text[text.index("ST*") : text.index("SE*")].count("~") + 1
    text = re.sub(r"SE\*\d+", f"SE*{segments}", text)
    found = lint_bytes(text.encode(), rulebook=CLAIMS).findings
    assert [one.rule for one in found] == [code] * told


def test_one_number_under_two_qualifiers_is_wrong_twice() -> None:
    both = (("REF*EI*741852963", "REF*EI*741852~REF*SY*741852"),)
    assert [f.location.element for f in finding_of("PRV001", instead=both)] == ["REF02", "REF02"]


def test_several_processes_tell_the_same(tmp_path: Path) -> None:
    path = tmp_path / "in.837"
    path.write_bytes(batch(200).replace(b"*C150*100*", b"*C150*101*"))
    one, two = (
        [str(event) for event in lint_all([Input(str(path))], RunOptions(CLAIMS, jobs=jobs, shared_from=1))]
        for jobs in (1, 3)
    )
    assert len(one) == 3
    assert [text.partition(" bytes=")[0] for text in two] == [text.partition(" bytes=")[0] for text in one]


def test_no_more_than_a_thousand_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are told at their first claims, once."""
    monkeypatch.setattr("lint837.lint.once.HELD", 1)
    data = batch(4).replace(b"C1*100***11:B:1*Y*A*Y*Y~HI*ABK:C3490~NM1*82*1*ROE*ANN****XX*1234567894",
                            b"C1*100***11:B:1*Y*A*Y*Y~HI*ABK:C3490~NM1*82*1*ROE*ANN****XX*1234567895")  # fmt: skip
    found = lint_bytes(data, rulebook=CLAIMS).findings
    assert [(f.location.claim, f.note) for f in found] == [
        ("C1", ""),
        ("C0", "The file has 2 more claims with the same."),
    ]


# ---------------------------------------------------------------- what else is told of the same


DRUG = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"
PAID = "SBR*P*18*******CI~AMT*D*50~OI***Y***Y~NM1*IL*1*DOE~NM1*PR*2*OTHER*****PI*99999~DTP*573*D8*20260110~"
SECOND = (("SBR*P*18*******MB", "SBR*S*18*******MB"),)
# The rule that yields, the other one, and a claim on which both have something to find.
PAIRS: list[tuple[str, str, Good]] = [
    ("COB003", "COB002", Good(f"{VISIT}SVD*99999*40*HC:99213**1~CAS*CO*45*40~", claim=PAID, instead=SECOND)),
    (
        "COB005",
        "COB007",
        Good(f"{VISIT}SVD*88888*60*HC:99213**1~CAS*CO*45*40~", claim=PAID.replace("AMT*D*50~", ""), instead=SECOND),
    ),
    ("DIA002", "CLM006", Good(DRUG.replace("***1~", "**1~"))),
    ("DTM001", "DOS002", Good(DRUG.replace("20250110", "20250230"))),
    ("DTM002", "DOS001", Good(DRUG.replace("DTP*472*D8*20250110~", ""))),
    ("DTM003", "DOS003", Good(DRUG.replace("20250110", "20260201"))),
    (
        "DTM004",
        "DOS005",
        Good(
            DRUG.replace("SV1*HC:J9026:JZ*16000*UN*10***1", "SV2*0636*HC:J9026:JZ*16000*UN*10"),
            guide="837I",
            statement="20250111-20250120",
            instead=(("D8*20250110", "D8*20250105"),),
        ),
    ),
    ("PAY001", "CLM004", Good(DRUG, frequency="7", filing_code="CI")),
    ("SVC001", "HCP006", Good(DRUG.replace("HC:J9026:JZ", "HC"))),
    ("SVC001", "HCP010", Good(DRUG.replace("J9026", "j9026"))),
    ("SVC002", "MOD002", Good(DRUG.replace(":JZ", ":JZ:JZ"))),
    ("SVC003", "HCP002", Good(DRUG.replace("J9026:JZ", "J9999"))),
    ("SVC003", "HCP008", Good(DRUG.replace("J9026:JZ", "J9999").replace("20250110", "20240601"))),
    ("SVC004", "QTY003", Good(DRUG.replace("UN*10", "UN*0"))),
    ("SVC004", "QTY004", Good(DRUG.replace("UN*10", "EA*10"))),
    ("SVC005", "NDC001", Good(DRUG.replace("55513007701", "55513-0077-01"))),
    ("SVC005", "NDC004", Good(DRUG.replace("CTP****1*UN~", ""))),
    ("SVC005", "NDC005", Good(DRUG.replace("1*UN~", "1*EA~"))),
    ("SVC005", "NDC008", Good(DRUG.replace("CTP", "LIN**N4*55513007701~CTP"))),
]
EVERY = RULEBOOK._replace(claims=True)


@pytest.mark.parametrize(("yields", "to", "claim"), PAIRS, ids=lambda part: part if isinstance(part, str) else "")
def test_a_rule_that_says_it_better_goes_first(yields: str, to: str, claim: Good) -> None:
    found = {finding.rule for finding in findings_in(claim, EVERY.narrowed())}
    assert (to in found, yields in found) == (True, False)
    others = [entry.rule for rule in RULES if rule.code == yields for entry in rule.yields_to]
    assert yields in {finding.rule for finding in findings_in(claim, EVERY.narrowed([], others))}


def test_every_declared_pair_is_tested() -> None:
    declared = {(rule.code, entry.rule) for rule in RULES for entry in rule.yields_to}
    assert declared == {(yields, to) for yields, to, _ in PAIRS}


def test_the_guide_check_goes_first_in_a_header() -> None:
    example = Good(VISIT, filing_code="CI", instead=(("****MI*1EG4TE5MK73", ""),))
    assert [f.rule for f in findings_in(example, CLAIMS)] == ["PAT002"]
    with_guide = RULEBOOK._replace(claims=True, guide="all").narrowed()
    assert {f.rule for f in findings_in(example, with_guide)} == {"GDE004"}
    without = Good(VISIT, instead=(("REF*EI*741852963~", ""),))
    assert {f.rule for f in findings_in(without, with_guide)} == {"GDE002", "GDE004"}


def test_the_guide_check_does_not_say_again_what_a_rule_says_of_a_line() -> None:
    with_guide = RULEBOOK._replace(claims=True, guide="all").narrowed()
    found = findings_in(Good(VISIT.partition("DTP")[0]), with_guide)
    assert [f.rule for f in found if f.location.service_line] == ["DTM002"]


def test_a_place_in_a_header_is_that_of_the_file() -> None:
    data = claim_file(Bad(VISIT, at="", instead=(("REF*EI*741852963", "REF*EI*74-1852963"),))).replace(b"~", b"~\n")
    [finding] = lint_bytes(data, rulebook=CLAIMS).findings
    at = finding.location
    assert data[at.offset :].startswith(b"74-1852963")
    assert (at.line, at.column) == (data[: at.offset].count(b"\n") + 1, at.offset - data.rfind(b"\n", 0, at.offset))
    assert (at.loop, at.element, entry_of(finding).as_billed is not None) == ("2010AA", "REF02", True)


# ---------------------------------------------------------------- the view


def whole(data: bytes) -> WholeClaim:
    [piece] = [one for one in Reader([data]) if isinstance(one, Slice) and one.kind == "claim"]
    return WholeClaim(piece)


def test_every_segment_is_in_one_loop() -> None:
    """Of each clean sample, also wrapped and without ends of lines."""
    for path in SAMPLES:
        for piece in (one for one in Reader([path.read_bytes()]) if isinstance(one, Slice) and one.kind == "claim"):
            claim = WholeClaim(piece)
            rows = [row for loop in claim.loops for row in loop.rows]
            mine = [row.ordinal for row in rows if row.ordinal >= piece.segment]
            assert sorted(mine) == list(range(piece.segment, piece.segment + piece.segments)), path.name


def test_the_names_of_loops() -> None:
    claim = whole(claim_file(Bad(
        VISIT + "NM1*82*1*ROE~SVD*99999*60*HC:99213**1~CAS*CO*45*40~DTP*573*D8*20260110~",
        at="",
        claim="NM1*77*2*SITE~N3*1 OAK~SBR*S*18*******CI~NM1*IL*1*DOE~NM1*PR*2*OTHER*****PI*99999~DTP*573*D8*20260111~",
    )))  # fmt: skip
    assert [loop.name for loop in claim.loops] == [
        *("2000A", "2010AA", "2000B", "2010BA", "2010BB"),
        *("2300", "2310C", "2320", "2330A", "2330B", "2400", "2420A", "2430"),
    ]
    assert [row.id for row in claim.lines[0].adjudications[0].rows] == ["SVD", "CAS", "DTP"]
    assert [row.element(3) for row in claim.dates] == ["20260105"]


def finding_of(code: str, **context: object) -> list[Finding]:
    rule = RULEBOOK.rule(code)
    assert rule
    return findings_on(Good(VISIT, **context), rule, RULEBOOK)  # type: ignore[arg-type]


@pytest.mark.parametrize("digit", "0123456789")
@pytest.mark.parametrize(("number", "right"), [("123456789", "3"), ("198260447", "6")])
def test_one_check_digit_is_right(digit: str, number: str, right: str) -> None:
    """By the example of the standard, and another."""
    found = finding_of("NPI001", instead=(("1234567893", number + digit),))
    assert bool(found) == (digit != right)


def test_each_place_of_a_medicare_number() -> None:
    """A character of another class is told by its place and class, and never shown."""
    right = "1EG4TE5MK73"
    for at, one in enumerate(right):
        other = "A" if one.isdigit() and at != 2 else "7" if at not in (2, 5) else "L"
        [finding] = finding_of("PAT001", instead=((right, right[:at] + other + right[at + 1 :]),))
        assert f"character {at + 1} is" in finding.message


@pytest.fixture(scope="module")
def many() -> list[WholeClaim]:
    """The claims of all cases, and right ones of both guides, each also with each fault and with one text changed."""
    data = [claim_file(case) for rule in RULES for case in cases_of(rule)]
    for seed in range(60):
        data += [made(seed, guide=guide).data for guide in ("837P", "837I")]
    for fault in FAULTS:
        for seed in range(5):
            claim = made(seed, *fault.features, guide=fault.guide)
            data.append(claim.data)
            fault.make(claim)
            data.append(claim.data)
    rng = random.Random(837)  # noqa: S311 - no secret is made of it
    for one in data[::3]:
        at = [found.start(1) for found in re.finditer(rb"[*:]([^*:~]+)", one[one.index(b"HL*") :])]
        place = one.index(b"HL*") + rng.choice(at)
        data.append(one[:place] + rng.choice([b"", b" ", b"0", b"9", b"X", b"-"]) + one[place + 1 :])
    pieces = [one for text in data for one in Reader([text]) if isinstance(one, Slice)]
    return [WholeClaim(one) for one in pieces if one.kind == "claim" and not one.damaged]


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.alike], ids=lambda rule: rule.code)
def test_keys_hold_all_that_a_rule_reads(rule: Rule, many: list[WholeClaim]) -> None:
    """Where it finds something, one key is not that of a claim in which it finds nothing."""
    right: dict[str, set[object]] = {"837P": set(), "837I": set()}
    wrong = []
    for claim in many:
        if rule.only not in GUIDES - {claim.guide}:
            keys = claim.keys(rule.alike)
            if any(rule.check(claim)):
                wrong.append((claim, keys))
            elif keys is not None:
                right[claim.guide].update(keys)
    assert wrong
    assert [claim.slice.data for claim, keys in wrong if keys is not None and right[claim.guide].issuperset(keys)] == []


def test_what_is_remembered_of_a_claim_tells_no_person() -> None:
    """Layouts hold ids and qualifiers, parts are hashes, and of a member id a key has the form."""
    data = claim_file(Bad(VISIT, at="", claim="NM1*DOE*1*ROE~REF*DOE*1~DOE*1~"))
    lint = Lint([data], "", CLAIMS)
    for _ in lint:
        pass
    known = [layouts._shapes for layouts in LAYOUTS.values()]
    assert "DOE" not in repr(known)
    assert "1EG4TE5MK73" not in repr(whole(data).keys("bill"))
    assert all(type(one) is int for part in lint._running.rules[""].quiet.parts(whole(data)) for one in part.right)


def test_what_is_alike_is_found_as_if_every_claim_were_judged() -> None:
    """In one file of all cases, with and without the promises of the rules."""
    data = b"".join(claim_file(case) for rule in RULES for case in cases_of(rule))
    free = CLAIMS._replace(rules=tuple(rule._replace(alike="") for rule in CLAIMS.rules))
    found, expected = (
        [(f.rule, f.severity, f.location.offset, f.message) for f in lint_bytes(data, rulebook=one).findings]
        for one in (CLAIMS, free)
    )
    assert len(found) > 100
    assert found == expected


def test_a_rule_that_raises_stops_no_other() -> None:
    def fails(claim: WholeClaim) -> None:
        raise ValueError(claim.clm.texts)

    rules = tuple(rule._replace(check=fails) if rule.code == "BAL001" else rule for rule in CLAIMS.rules)  # type: ignore[arg-type]
    wrong = claim_file(Bad(VISIT.replace("99213", "9921"), at=""))
    found = lint_bytes(wrong, rulebook=CLAIMS._replace(rules=rules)).findings
    assert [finding.rule for finding in found] == ["INT001", "SVC001"]
    assert "CLAIM-1" not in found[0].message
