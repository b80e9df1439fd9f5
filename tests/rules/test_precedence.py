"""One cause, one finding: each declared precedence holds, and a rule that is switched off silences nothing."""

import ast
from pathlib import Path

import pytest
from lint837 import Bad, Good, Rule, load_rulebook
from lint837.lint.examples import findings_in
from lint837.report.rules import explanation

from tests.rules.cases import cases_of

RULEBOOK = load_rulebook(isolated=True)
ON = "DTP*472*D8*20250110~"
TEN = "LIN**N4*55513007701~CTP****1*UN~"
LINE = f"SV1*HC:J9026:JZ*16000*UN*10***1~{ON}{TEN}"
JW_AND_JZ = f"SV1*HC:J9026:JW:JZ*16000*UN*3***1~{ON}{TEN}"
PREMEDICATION = f"SV1*HC:J3490:::::PREMED FOR IMDELLTRA*20*UN*1***1~{ON}"

# Each declared pair: the rule that yields, the other one, and a claim on which both have something to find.
PAIRS: list[tuple[str, str, Good]] = [
    ("HCP003", "HCP005", Good(LINE.replace("20250110", "20240110"))),
    ("HCP004", "HCP010", Good(f"SV1*HC:55513007701*16000*UN*10***1~{ON}{TEN}")),
    ("HCP006", "HCP010", Good(f"SV1*N4:55513007701*16000*UN*10***1~{ON}")),
    ("HCP008", "HCP002", Good(f"SV1*HC:J9999*16000*UN*1***1~{ON}{TEN}")),
    ("MOD001", "MOD002", Good(f"SV1*HC:J9026*16000*UN*7***1~{ON}{TEN}{JW_AND_JZ}")),
    ("MOD003", "MOD002", Good(JW_AND_JZ)),
    ("NDC003", "NDC004", Good(f"SV1*HC:J9026:JZ*16000*UN*10***1~{ON}CTP****1*UN~", filing_code="MC")),
    ("NDC003", "NDC007", Good(LINE.replace("N4", "ND"), filing_code="MC")),
    ("NDC003", "NDC007", Good(LINE.replace("N4", "EN"), filing_code="MC")),
    ("QTY004", "QTY003", Good(f"SV1*HC:J9026:JZ*16000*****1~{ON}{TEN}")),
    ("QTY005", "CLM003", Good(LINE + LINE)),
    ("QTY005", "HCP009", Good(LINE.replace("UN*10", "UN*20").replace("****1*", "****2*") + PREMEDICATION)),
    ("QTY005", "QTY001", Good(LINE.replace("UN*10", "UN*5"))),
    ("QTY005", "QTY003", Good(LINE.replace("UN*10", "UN*9.5"))),
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
    declared = {(rule.code, entry.rule) for rule in RULEBOOK.rules for entry in rule.yields_to}
    tested = {(yields, to) for yields, to, _ in PAIRS}
    assert declared - tested == {("HCP006", "HCP004")}  # below
    assert tested <= declared


def test_of_two_rules_on_a_misplaced_ndc_one_is_left() -> None:
    """Where HCP010 is off, HCP004 goes before HCP006."""
    claim = Good(f"SV1*HC:55513007701*16000*UN*10***1~{ON}{TEN}")
    assert codes(claim, ignore=["MOD", "HCP010"]) == ["HCP004"]
    assert codes(claim, ignore=["MOD", "HCP010", "HCP004"]) == ["HCP006"]


def test_a_repeated_modifier_silences_nothing() -> None:
    """Only JW with JZ explains that JZ is missing."""
    twice = LINE.replace("J9026:JZ", "J9026:59:59")
    assert codes(Good(twice)) == ["MOD001", "MOD002"]


def test_an_ndc_without_a_quantity_does_not_explain_a_missing_ndc() -> None:
    lines = f"SV1*HC:J9026:JZ*16000*UN*10***1~{ON}LIN**ND*55513007701~"
    assert codes(Good(lines, filing_code="MC"), ignore=["NDC007"]) == ["NDC003", "NDC004"]


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
    assert "Takes precedence over QTY005." in said["QTY001"]
    assert "Not reported where NDC007 or NDC004 (CTP without LIN) is found on the same line." in said["NDC003"]


@pytest.mark.parametrize("rule", RULEBOOK.claim_rules, ids=lambda rule: rule.code)
def test_a_rule_alone_finds_at_least_what_it_finds_with_the_others(rule: Rule) -> None:
    for case in cases_of(rule):
        found = [f.location for f in findings_in(case, RULEBOOK) if f.rule == rule.code]
        alone = [f.location for f in findings_in(case, RULEBOOK.narrowed([rule.code]))]
        assert [location for location in found if location not in alone] == []
