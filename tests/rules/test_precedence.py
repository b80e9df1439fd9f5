"""One cause, one finding: each declared precedence holds, and a rule that is switched off silences nothing."""

import ast
from collections.abc import Sequence
from pathlib import Path

import pytest
from lint837 import Bad, Finding, Good, Rule, lint_bytes, load_rulebook
from lint837.lint.examples import findings_in
from lint837.report.rules import explanation

from tests.rules.cases import bad_cases, in_one_file

RULEBOOK = load_rulebook(isolated=True)
ON = "DTP*472*D8*20250110~"
TEN = "LIN**N4*55513007701~CTP****1*UN~"
LINE = f"SV1*HC:J9026:JZ*16000*UN*10***1~{ON}{TEN}"
JW_AND_JZ = f"SV1*HC:J9026:JW:JZ*16000*UN*3***1~{ON}{TEN}"
TWO_LINS = f"SV1*HC:J9026:JZ*16000*UN*{{}}***1~{ON}LIN**N4*55513007701~CTP****{{}}~LIN**N4*00338004938~CTP****50*ML~"
MISPLACED = f"SV1*HC:J9026:JZ*16000*UN*10***1~{ON}LIN{{}}~CTP****1*UN~"
NOC = "SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*{}***1~DTP*472*D8*{}~"

FILES = (
    "2024-01-01 J0171 2011-01-01 2024-12-31 - Injection, adrenalin, epinephrine, 0.1 mg",
    "2026-01-01 J0171 2011-01-01 2024-12-31 - Injection, adrenalin, epinephrine, 0.1 mg",
)
MOVED = (
    "J0171 54288-0103-10 1 1 10 2024Q4 Adrenalin 0.1 MG",
    "J0165 54288-0103-10 1 1 10 2025Q1 Adrenalin 0.1 MG",
)

# Each declared pair: the rule that yields, the other one, and a claim on which both have something to find.
PAIRS: list[tuple[str, str, Good]] = [
    ("CLM006", "HCP010", Good(LINE.replace("HC:J9026:JZ", "HC*J9026"))),
    ("CLM006", "QTY003", Good(LINE.replace("*UN*10***1", "**UN*10***1"))),
    ("DOS004", "DOS006", Good(LINE.replace("J9026", "C9170").replace(ON, "DTP*472*D8*20241231~DTP*472*D8*20250102~"))),
    ("HCP003", "HCP005", Good(LINE.replace("20250110", "20240110"))),
    ("HCP004", "HCP010", Good(f"SV1*HC:55513007701*16000*UN*10***1~{ON}{TEN}")),
    ("HCP006", "HCP010", Good(f"SV1*N4:55513007701*16000*UN*10***1~{ON}")),
    ("HCP011", "HCP001", Good(LINE.replace("J9026", "C9170"))),
    ("HCP011", "HCP002", Good(LINE.replace("J9026:JZ", "C9399"))),
    ("HCP011", "HCP003", Good(LINE.replace("J9026", "C9170").replace("20250110", "20240930"))),
    (
        "HCP012",
        "HCP005",
        Good(
            f"SV2*0636*HC:J9999*16000*UN*1~{ON}{TEN}".replace("20250110", "20240515"),
            guide="837I",
            statement="20240515-20240515",
        ),
    ),
    ("HCP014", "HCP004", Good(LINE.replace("J9026", "J9206"), codes=FILES)),
    (
        "HCP015",
        "HCP001",
        Good(LINE.replace("J9026", "J0171").replace("55513007701", "54288010310"), codes=FILES, listed=MOVED),
    ),
    ("HCP008", "HCP002", Good(f"SV1*HC:J9999*16000*UN*1***1~{ON}{TEN}")),
    ("MOD001", "MOD002", Good(f"SV1*HC:J9026*16000*UN*7***1~{ON}{TEN}{JW_AND_JZ}")),
    ("MOD003", "MOD002", Good(JW_AND_JZ)),
    ("NDC003", "NDC004", Good(f"SV1*HC:J9026:JZ*16000*UN*10***1~{ON}CTP****1*UN~", filing_code="MC")),
    ("NDC003", "NDC007", Good(LINE.replace("N4", "ND"), filing_code="MC")),
    ("NDC003", "NDC007", Good(LINE.replace("N4", "EN"), filing_code="MC")),
    ("NDC001", "NDC009", Good(MISPLACED.format("*N4*55513007701"))),
    ("NDC002", "NDC009", Good(MISPLACED.format("**N4*50242013601*N4*55513007701"))),
    ("NDC003", "NDC009", Good(MISPLACED.format("**N4**N4*55513007701"), filing_code="MC")),
    ("NDC005", "NDC002", Good(TWO_LINS.format(10, "1*ML"))),
    ("NDC006", "NDC002", Good(TWO_LINS.format(10, "10*ME"))),
    ("NDC007", "NDC009", Good(MISPLACED.format("***N4*55513007701"))),
    ("QTY001", "NDC002", Good(TWO_LINS.format(1, "1*UN"))),
    ("QTY001", "NDC004", Good(LINE.replace(TEN, "CTP****1*UN~" + TEN.replace("****1*", "****2*")))),
    ("QTY001", "NDC005", Good(LINE.replace("1*UN~", "10*un~"))),
    ("QTY001", "NDC008", Good(LINE.replace(TEN, TEN.replace("****1*", "****2*") + "CTP****1*UN~"))),
    ("QTY001", "QTY003", Good(LINE.replace("UN*10", "UN*9.5"))),
    ("QTY002", "NDC008", Good(LINE.replace("UN*10", "UN*7").replace(TEN, TEN.replace("*1*", "*.7*") + "CTP****1*UN~"))),
    ("QTY002", "QTY001", Good(LINE.replace("****1*", "****4.2*"))),
    ("QTY006", "HCP002", Good(NOC.format(10, "20250110"))),
    (
        "QTY006",
        "HCP007",
        Good(
            NOC.format(10, "20241110").replace("SV1*", "SV2*0636*").replace("***1~", "~").replace("J9999", "C9399"),
            guide="837I",
            filing_code="MA",
        ),
    ),
    ("QTY006", "QTY003", Good(NOC.format("1,0", "20240815"))),
    ("QTY004", "QTY003", Good(f"SV1*HC:J9026:JZ*16000*****1~{ON}{TEN}")),
    ("QTY005", "CLM003", Good(LINE + LINE)),
    ("QTY005", "HCP009", Good(LINE.replace("UN*10", "UN*20").replace("****1*", "****2*") + NOC.format(1, "20250110"))),
    ("QTY005", "QTY001", Good(LINE.replace("UN*10", "UN*5"))),
    ("QTY005", "QTY003", Good(LINE.replace("UN*10", "UN*9.5").replace(TEN, ""))),
]


@pytest.mark.parametrize(("yields", "to", "claim"), PAIRS, ids=lambda value: value if isinstance(value, str) else "")
class TestEachPair:
    def test_both_are_on(self, yields: str, to: str, claim: Good) -> None:
        assert [code for code in codes(claim) if code in (yields, to)] == [to]

    def test_the_other_one_is_ignored(self, yields: str, to: str, claim: Good) -> None:
        found = [code for code in codes(claim, ignore=[to]) if code in (yields, to)]
        assert set(found) == {yields}

    def test_only_the_yielding_one_is_selected(self, yields: str, to: str, claim: Good) -> None:
        assert set(codes(claim, select=[yields])) == {yields}
        assert to in codes(claim, select=[to])


def codes(claim: Good | Bad, select: list[str] | None = None, ignore: list[str] | None = None) -> list[str]:
    return [finding.rule for finding in findings_in(claim, RULEBOOK.narrowed(select or [], ignore or []))]


def test_every_declared_pair_is_tested() -> None:
    """Those of the rules about every claim are in test_every_claim."""
    declared = {(rule.code, entry.rule) for rule in RULEBOOK.rules if not rule.group for entry in rule.yields_to}
    tested = {(yields, to) for yields, to, _ in PAIRS}
    assert declared - tested == {("HCP006", "HCP004")}  # below
    assert tested <= declared


def test_of_two_rules_on_a_misplaced_ndc_one_is_left() -> None:
    """Where HCP010 is off, HCP004 goes before HCP006."""
    claim = Good(f"SV1*HC:55513007701*16000*UN*10***1~{ON}{TEN}")
    assert codes(claim, ignore=["MOD", "HCP010"]) == ["HCP004"]
    assert codes(claim, ignore=["MOD", "HCP010", "HCP004"]) == ["HCP006"]


def test_jz_beside_a_jw_line_silences_nothing() -> None:
    """Only JW with JZ on one line does: another day's line without either is still MOD001."""
    lines = LINE.replace("UN*10", "UN*7") + LINE.replace("JZ*16000*UN*10", "JW*16000*UN*3")
    other = LINE.replace(":JZ", "").replace("0110", "0117")
    assert codes(Good(lines + other)) == ["MOD002", "MOD001"]


def test_jw_with_jz_on_another_day_silences_nothing() -> None:
    range_of_days = LINE.replace(":JZ", "").replace("D8*20250110", "RD8*20250110-20250112")
    assert codes(Good(range_of_days + JW_AND_JZ.replace("0110", "0201")), ignore=["QTY"]) == ["MOD001", "MOD002"]
    assert codes(Good(range_of_days + JW_AND_JZ.replace("0110", "0112")), ignore=["QTY"]) == ["MOD002"]


def test_two_dates_silence_what_does_not_hold_for_each() -> None:
    """HCP001 holds only where the code has ended on each of the days."""
    old = LINE.replace("J9026", "C9170")
    assert codes(Good(old.replace(ON, "DTP*472*D8*20241231~DTP*472*D8*20250102~"))) == ["DOS006"]
    assert codes(Good(old.replace(ON, "DTP*472*D8*20250103~DTP*472*D8*20250102~"))) == ["HCP001", "DOS006"]


def test_a_repeated_modifier_silences_nothing() -> None:
    """Only JW with JZ explains that JZ is missing."""
    twice = LINE.replace("J9026:JZ", "J9026:59:59")
    assert codes(Good(twice)) == ["MOD001", "MOD002"]


def test_an_ndc_without_a_quantity_does_not_explain_a_missing_ndc() -> None:
    lines = f"SV1*HC:J9026:JZ*16000*UN*10***1~{ON}LIN**ND*55513007701~"
    assert codes(Good(lines, filing_code="MC"), ignore=["NDC007"]) == ["NDC003", "NDC004"]


def test_a_lin_before_the_lines_explains_a_missing_ndc() -> None:
    claim = Good(LINE.replace(TEN, ""), filing_code="MC", claim=TEN)
    assert codes(claim) == ["NDC009"]
    assert "NDC003" in codes(claim, ignore=["NDC009"])


def test_a_misplaced_ndc_explains_only_its_own_lin() -> None:
    lines = f"SV1*HC:J9026:JZ*16000*UN*20***1~{ON}LIN***N4*55513007701~CTP****1*UN~LIN**ND*55513007701~CTP****1*UN~"
    assert [code for code in codes(Good(lines)) if code.startswith("NDC")] == ["NDC009", "NDC008", "NDC007"]


def test_a_count_that_cannot_be_read_explains_the_group() -> None:
    """The other line of the group, too: administered and discarded units are compared together."""
    waste = LINE.replace("J9026:JZ", "J9026:JW")
    lines = LINE.replace("J9026:JZ", "J9026").replace("UN*10", "UN*7") + waste.replace("UN*10", "UN*2.5")
    assert codes(Good(lines)) == ["QTY003"]
    assert "QTY001" in codes(Good(lines), ignore=["QTY003"])


@pytest.mark.parametrize("rule", RULEBOOK.claim_rules, ids=lambda rule: rule.code)
def test_no_rule_knows_another(rule: Rule) -> None:
    """It imports no other rule's module: what rules share is in modules of their own."""
    path = Path(__file__).parents[2] / "rules" / f"{rule.module.replace('.', '/')}.py"
    modules = {other.module for other in RULEBOOK.claim_rules}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported & modules == set()


def test_an_explanation_shows_both_sides() -> None:
    said = {
        code: " ".join(explanation(rule, RULEBOOK))
        for code in ("QTY005", "QTY001", "NDC003")
        if (rule := RULEBOOK.rule(code))
    }
    assert "Not reported where QTY001, QTY003, HCP009 or CLM003 is found for the same day." in said["QTY005"]
    assert "Takes precedence over QTY002 and QTY005." in said["QTY001"]
    assert "Not reported where NDC009 (before the first line) is found in the same claim." in said["NDC003"]
    assert "Not reported where NDC007, NDC004 (CTP without LIN) or NDC009 is found on the same line." in said["NDC003"]


@pytest.mark.parametrize("rule", RULEBOOK.claim_rules, ids=lambda rule: rule.code)
def test_a_rule_alone_finds_at_least_what_it_finds_with_the_others(rule: Rule) -> None:
    """On its wrong cases; a case with facts or a payer of its own is read by itself, the others in one file."""
    alone, every = RULEBOOK.narrowed([rule.code]), RULEBOOK._replace(claims=True).narrowed()
    cases = bad_cases(rule)
    own = [case for case in cases if case.payer or case.listed or case.codes]
    data = in_one_file(case for case in cases if case not in own)
    pairs: list[tuple[Sequence[Finding], ...]] = [
        tuple(lint_bytes(data, rulebook=one).findings for one in (every, alone)),
        *(tuple(findings_in(case, one) for one in (every, alone)) for case in own),
    ]
    for with_others, by_itself in pairs:
        found = [f.location for f in with_others if f.rule == rule.code]
        locations = {f.location for f in by_itself}
        assert [location for location in found if location not in locations] == []
