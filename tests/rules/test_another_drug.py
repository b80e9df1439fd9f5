"""What is one drug's is in its facts: with another drug's, no rule speaks of the bundled one."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from lint837 import Bad, Entry, Formulary, Good, Rule, Rulebook, entry_of, load_rulebook
from lint837.facts.drugs import load_drug
from lint837.lint.examples import findings_in, findings_on
from lint837.report.rules import explanation, listing, listing_json, markdown

from tests.rules.cases import bad_cases

ROOT = Path(__file__).parents[2]
EXEMPLIMAB = ROOT / "examples/clinic-rules/clinic_rules/drugs/exemplimab.toml"
RULEBOOK = load_rulebook(isolated=True)
OTHER = RULEBOOK._replace(formulary=Formulary([load_drug(EXEMPLIMAB.read_text(encoding="utf-8"), "exemplimab.toml")]))
EVERY_RULE = OTHER._replace(chosen=frozenset(OTHER.names))
# What names the bundled drug, and nothing else.
NAMES = re.compile("amgen|tarlatamab|imdelltra|C9170|J9026|55513", re.IGNORECASE)
# The bundled drug's codes, package and names, and the other drug's.
INSTEAD = {
    "C9170": "J9903",
    "c9170": "j9903",
    "J9026": "J9904",
    "j9026": "j9904",
    "55513007701": "99999001234",
    "55513005901": "99999001234",
    "55513-077-01": "99999-012-34",
    "55513 077 01": "99999 012 34",
    "TARLATAMAB": "EXEMPLIMAB",
    "IMDELLTRA": "EXEMPLA",
}


OF_CMS = ("CMS ASP NDC-HCPCS crosswalks", "CMS alpha-numeric HCPCS file")


def of_the_other(case: Bad) -> Bad:
    """The case with the other drug in it."""
    texts = [case.lines, case.claim, case.earlier]
    for old, new in INSTEAD.items():
        texts = [text.replace(old, new) for text in texts]
    return replace(case, lines=texts[0], claim=texts[1], earlier=texts[2])


def entries(rule: Rule, rulebook: Rulebook) -> list[Entry]:
    return [
        entry_of(finding)
        for case in bad_cases(rule)
        if not NAMES.search(of_the_other(case).lines.replace(" ", ""))  # what is written in a way that INSTEAD lacks
        for finding in findings_in(of_the_other(case), rulebook)
    ]


# That drug has no miscellaneous code, no indications and no revenue code, was approved long before, and is counted in
# milliliters.
SILENT = {
    *("CLM001", "CLM002", "HCP002", "HCP005", "HCP007", "HCP008", "HCP011", "HCP012", "HCP013"),
    *("QTY002", "QTY006"),
}


@pytest.mark.parametrize("rule", RULEBOOK.drug_rules, ids=lambda rule: rule.code)
def test_no_entry_names_the_bundled_drug(rule: Rule) -> None:
    """And nearly every rule finds something of the other one."""
    found = entries(rule, EVERY_RULE)
    assert [NAMES.findall(repr(entry)) for entry in found] == [[]] * len(found)
    sources = {*OTHER.formulary.drugs[0].sources.values(), *OF_CMS}
    assert {source for entry in found for source in entry.sources} <= sources
    assert (rule.code in {entry.rule for entry in found}) == (rule.code not in SILENT)


@pytest.mark.parametrize("rule", OTHER.rules, ids=lambda rule: rule.code)
def test_no_explanation_names_the_bundled_drug(rule: Rule) -> None:
    said = list(explanation(rule, OTHER))
    assert NAMES.findall("\n".join(said)) == []
    if rule.reads_claims:
        # The examples are about a drug that is not known here, but for those that list its facts.
        assert ("Wrong" in said) == (bool(rule.group) or any(case.listed or case.codes for case in rule.bad))
        assert rule.group or f"Facts verified through {OTHER.verified_through}." in said[-1]


def test_no_list_of_rules_names_the_bundled_drug() -> None:
    document = json.loads(listing_json(OTHER))
    assert document["rules"]
    for text in (*listing(OTHER), json.dumps(document), *markdown(OTHER)):
        assert NAMES.findall(text) == []


@pytest.mark.parametrize("path", sorted((ROOT / "rules/lint837_rules").rglob("*.py")), ids=lambda path: path.stem)
def test_no_docstring_names_a_drug(path: Path) -> None:
    """Nor any other text of a module but its examples, which are data."""
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"amgen|flyer", text, re.IGNORECASE) == []
    for words in re.findall(r'"""(.*?)"""', text, re.DOTALL):
        assert NAMES.findall(words) == []


def test_the_drugs_of_one_rulebook_keep_their_own_sources() -> None:
    both = RULEBOOK._replace(formulary=Formulary([*RULEBOOK.formulary.drugs, *OTHER.formulary.drugs]))
    rule = RULEBOOK.rule("HCP001")
    assert rule is not None
    [own] = [entry_of(finding) for finding in findings_on(of_the_other(rule.bad[0]), rule, both)]
    assert own.sources == ("Nobody: this drug is invented",)
    [bundled] = [entry_of(finding) for finding in findings_on(rule.bad[0], rule, both)]
    assert [source.split(",")[0] for source in bundled.sources] == [
        "TMHP notice of 2024-10-18 for the first day; the last day follows from the flyer. No CMS row for the end of C9170 was found",
        "Amgen",
    ]


# C9170 as in the facts, then one permanent code after the other, then none.
REPLACED = [
    code._replace(last=date(2025, 6, 30)) if code.code == "J9026" else code
    for drug in RULEBOOK.formulary.drugs
    for code in drug.codes
]
LATER = [
    code._replace(code="J9996", first=date(2025, 7, 1), last=date(2025, 12, 31))
    for code in REPLACED
    if code.code == "J9026"
]
CHAIN = RULEBOOK._replace(formulary=Formulary([RULEBOOK.formulary.drugs[0]._replace(codes=(*REPLACED, *LATER))]))


def said(code: str, days: str, ndc: str = "LIN**N4*55513007701~CTP****1*UN~") -> list[tuple[str, str]]:
    case = Good(f"SV1*HC:{code}*16000*UN*10***1~DTP*472*{days}~{ndc}")
    return [
        (entry.rule, entry.message)
        for finding in findings_in(case, CHAIN)
        if (entry := entry_of(finding)).rule in ("HCP001", "HCP002")
    ]


def test_a_code_is_named_only_where_it_is_valid_on_all_days_that_are_billed() -> None:
    """Of a drug whose own code was replaced more than once."""
    assert said("C9170", "D8*20250615") == [("HCP001", "C9170 ended 2024-12-31; for 2025-06-15 the code is J9026.")]
    assert said("C9170", "D8*20250715") == [("HCP001", "C9170 ended 2024-12-31; for 2025-07-15 the code is J9996.")]
    days = "J9026 (2025-01-01 to 2025-06-30) and J9996 (2025-07-01 to 2025-12-31)"
    assert said("C9170", "RD8*20250615-20250715") == [
        (
            "HCP001",
            f"C9170 ended 2024-12-31; {days} replaced it, but no code is valid on all days of 2025-06-15 to 2025-07-15.",
        )
    ]
    assert said("C9170", "D8*20260115") == [
        ("HCP001", f"C9170 ended 2024-12-31; {days} replaced it, but are not valid for 2026-01-15.")
    ]
    assert said("J9996", "D8*20260115") == [
        ("HCP001", "J9996 ended 2025-12-31, before 2026-01-15; no later code of tarlatamab is known.")
    ]
    [(_, several)] = said("J9999:::::TARLATAMAB 10MG", "RD8*20250615-20250715")
    assert several.endswith(
        "on 2025-06-15 to 2025-07-15 the codes of tarlatamab are J9026 and J9996, one after the other."
    )
    [(_, weak)] = said("J9999:::::PREMED FOR TARLATAMAB", "RD8*20250615-20250715", ndc="")
    assert weak.endswith("J9999 is not the code of tarlatamab itself for 2025-06-15 to 2025-07-15.")
