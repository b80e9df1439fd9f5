"""The INT and CFG rules, and the table of all rules that come with the program itself."""

from datetime import date

import pytest
from lint837.rules.house import HOUSE_RULES, RuleFailure, UsedSuppression
from lint837.rules.rule import Problem, Severity

from tests.rules.test_envelope_rules import sentences


def used(hidden: int, expired: int) -> UsedSuppression:
    return UsedSuppression("HCP001", date(2025, 1, 31), hidden, expired)


def problems(code: str, about: RuleFailure | UsedSuppression) -> list[tuple[str, str, str, str]]:
    return [sentences(problem) for problem in HOUSE_RULES[code].check(about) if isinstance(problem, Problem)]


def test_rule_failed() -> None:
    assert problems("INT001", RuleFailure("HCP001", "ValueError at x.py:12")) == [
        (
            "Rule HCP001 failed (ValueError at x.py:12), so it did not check this claim.",
            "ValueError at x.py:12",
            "a rule that ends without an exception",
            "report this to the author of HCP001, with the version; the other rules ran",
        )
    ]


def test_unused_suppression() -> None:
    assert problems("CFG001", used(0, 0)) == [
        (
            "The suppression of HCP001 hid nothing, although something that it covers was checked.",
            "no finding",
            "a finding that it covers",
            "remove it, or correct its match",
        )
    ]
    assert problems("CFG001", used(1, 0)) == problems("CFG001", used(0, 1)) == []


@pytest.mark.parametrize(
    ("expired", "findings"), [(1, "1 later finding is reported"), (2, "2 later findings are reported")]
)
def test_expired_suppression(expired: int, findings: str) -> None:
    assert problems("CFG002", used(3, expired)) == [
        (
            f"The suppression of HCP001 ended on 2025-01-31. {findings.capitalize()}.",
            "2025-01-31",
            "a last day on or after the date of service",
            "look at the findings again, then set a later last day or remove the suppression",
        )
    ]
    assert problems("CFG002", used(3, 0)) == []


def test_all_rules_by_code() -> None:
    own = {code: (rule.name, rule.severity, rule.incomplete) for code, rule in HOUSE_RULES.items()}
    assert {code: one for code, one in own.items() if not code.startswith(("ENV", "GDE"))} == {
        "INT001": ("rule-failed", Severity.ERROR, True),
        "INT002": ("mention-not-judged", Severity.ERROR, True),
        "CFG001": ("unused-suppression", Severity.INFO, False),
        "CFG002": ("expired-suppression", Severity.WARNING, False),
    }
    guide = [*(f"GDE{number:03}" for number in range(1, 11)), "GDE099"]
    assert list(own) == [
        *(f"ENV{number:03}" for number in range(1, 16)),
        *guide,
        "INT001",
        "INT002",
        "CFG001",
        "CFG002",
    ]
    for code, rule in HOUSE_RULES.items():
        assert (rule.code, rule.reads_claims) == (code, False)
        assert all(cite.source and cite.says for cite in rule.cites)
