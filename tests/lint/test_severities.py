"""The kind of a claim lowers findings as rules declare it: voids, late charges, inpatients, studies, encounters."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from lint837 import (
    Bad,
    Choice,
    Claim,
    DrugLine,
    Edit,
    Finding,
    Fix,
    Good,
    Problem,
    Rule,
    Rulebook,
    RuleError,
    Severity,
    lint_bytes,
)
from lint837 import rule as rule_of
from lint837.lint.asked import Rules
from lint837.lint.engine import Lint
from lint837.lint.examples import claim_file, findings_in
from lint837.lint.judgment import judge

REST = "DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"
PROFESSIONAL, INSTITUTIONAL = f"SV1*HC:J9026*16000*UN*10***1~{REST}", f"SV2*0636*HC:J9026*16000*UN*10~{REST}"
INPATIENT: dict[str, Any] = {"guide": "837I", "facility": "11", "statement": "20250109-20250112"}


def check(line: DrugLine) -> Iterator[Problem]:
    yield Problem(
        where=line.at_procedure_code,
        found="x",
        expected="y",
        message="M.",
        correction="c",
        fixes=[Fix((Edit(line.at_procedure_code, "z"),), safe=False)],
    )


def of_the_claim(claim: Claim) -> Iterator[Problem]:
    yield Problem(where=claim.at_frequency, found="x", expected="y", message="M.", choices=[Choice("a", "b")])


def a_rule(**declared: Any) -> Rule:  # noqa: ANN401 - fields of Rule
    scope = Claim if declared.get("check") is of_the_claim else DrugLine
    plain = Rule(
        code="XXX001",
        name="x",
        severity=Severity.ERROR,
        scope=scope,
        check=check,
        title="",
        documentation="",
        cites=(),
        module=__name__,
    )
    return plain._replace(**declared)


def seen(
    rulebook: Rulebook,
    example: Good,
    **declared: Any,  # noqa: ANN401
) -> list[tuple[str, str, str, int]]:
    """Severity, message and correction of each finding, and how many fixes and choices."""
    alone = Rulebook((a_rule(**declared),), rulebook.formulary, frozenset({"XXX001"}))
    return [
        (str(one.severity), one.message, one.correction, len(one.fixes) + len(one.choices))
        for one in findings_in(example, alone)
    ]


NOTHING = ("info", "M. Do nothing: a void repeats the claim that it cancels.", "", 0)


class TestVoid:
    @pytest.mark.parametrize("declared", [{}, {"check": of_the_claim}, {"severity": Severity.INFO}])
    def test_nothing_is_to_be_done(self, rulebook: Rulebook, declared: dict[str, Any]) -> None:
        assert seen(rulebook, Good(PROFESSIONAL, frequency="8"), **declared) == [NOTHING]

    def test_but_by_rules_about_voids(self, rulebook: Rulebook) -> None:
        assert seen(rulebook, Good(PROFESSIONAL, frequency="8"), lowered=False) == [("error", "M.", "c", 1)]

    def test_and_by_what_was_not_checked(self, rulebook: Rulebook) -> None:
        lines = PROFESSIONAL + "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20250110~REF*N4*55513007701~"
        found = [one for one in findings_in(Good(lines, frequency="8"), rulebook) if one.rule == "INT002"]
        assert [(str(one.severity), one.correction != "") for one in found] == [("error", True)]

    def test_no_finding_of_a_void_has_a_correction(self, rulebook: Rulebook) -> None:
        """In every second wrong case of each rule."""
        from tests.rules.cases import bad_cases, in_one_file

        for rule in rulebook.drug_rules:
            voids = [replace(case, frequency="8") for case in bad_cases(rule)[::2]]
            plain = in_one_file(case for case in voids if not (case.payer or case.listed or case.codes))
            found = list(Lint([plain], "x.837", rulebook))
            for case in voids:
                if case.payer or case.listed or case.codes:
                    found += findings_in(case, rulebook)
            for one in found:
                if one.location.claim == "CLAIM-1" and one.rule[:3] != "ENV" and one.rule not in ("CLM004", "INT002"):
                    assert (str(one.severity), one.correction, one.fixes, one.choices, one.to) == (
                        *("info", "", (), (), ""),
                    ), (rule.code, one)


class TestInpatient:
    def test_a_line(self, rulebook: Rulebook) -> None:
        [(severity, message, *rest)] = seen(rulebook, Good(INSTITUTIONAL, **INPATIENT))
        assert (severity, message, rest) == (
            "info",
            "M. Inpatient claims are seldom paid by line.",
            ["c", 1],
        )

    def test_the_other_guides_line(self, rulebook: Rulebook) -> None:
        """SV1 in an 837I: nothing of it is lowered."""
        found = seen(rulebook, Good(PROFESSIONAL + INSTITUTIONAL, **INPATIENT))
        assert [severity for severity, *_ in found] == ["error", "info"]

    def test_a_place_of_service(self, rulebook: Rulebook) -> None:
        """CLM05-2 is B: 11 is an office."""
        data = claim_file(Good(INSTITUTIONAL, **INPATIENT)).replace(b"11:A:1", b"11:B:1")
        assert _severities(data, a_rule(), rulebook) == [Severity.ERROR]

    def test_rules_that_find_nothing_there(self, rulebook: Rulebook) -> None:
        declared = {"not_on": frozenset({"inpatient"})}
        assert seen(rulebook, Good(INSTITUTIONAL, **INPATIENT), **declared) == []
        assert seen(rulebook, Good(INSTITUTIONAL, **INPATIENT), check=of_the_claim, **declared) == []
        assert len(seen(rulebook, Good(PROFESSIONAL + INSTITUTIONAL, **INPATIENT), **declared)) == 1
        assert len(seen(rulebook, Good(INSTITUTIONAL, guide="837I"), **declared)) == 1


class TestLateChargesAndInterimBills:
    @pytest.mark.parametrize("frequency", ["0", "2", "3", "4", "5"])
    def test_rules_that_find_nothing_there(self, rulebook: Rulebook, frequency: str) -> None:
        late = Good(INSTITUTIONAL, guide="837I", frequency=frequency)
        assert seen(rulebook, late, not_on=frozenset({"partial"})) == []
        assert [severity for severity, *_ in seen(rulebook, late)] == ["error"]

    @pytest.mark.parametrize("frequency", ["1", "6", "7", ""])
    def test_other_claims(self, rulebook: Rulebook, frequency: str) -> None:
        whole = Good(INSTITUTIONAL, guide="837I", frequency=frequency)
        assert len(seen(rulebook, whole, not_on=frozenset({"partial"}))) == 1

    def test_why_it_is_silent(self, rulebook: Rulebook) -> None:
        data = claim_file(Good(INSTITUTIONAL, guide="837I", frequency="5"))
        [claim] = _claims(data, rulebook)
        [(rule, said)] = judge(claim, Rules([a_rule(not_on=frozenset({"partial"}))])).not_checked
        assert (rule.code, said.reason) == ("XXX001", "an interim or late-charge claim bills only a part (CLM05-3)")


@pytest.mark.parametrize(
    "study",
    [
        {"lines": PROFESSIONAL.replace("J9026", "J9026:Q0")},
        {"lines": PROFESSIONAL.replace("J9026", "J9026:Q1")},
        {"lines": PROFESSIONAL.replace("16000", "1.01")},
        {"lines": PROFESSIONAL, "diagnoses": "ABK:C3490*ABF:Z006"},
        {"lines": PROFESSIONAL, "claim": "HI*BG:30~"},
        {"lines": PROFESSIONAL, "claim": "REF*P4*12345678~"},
    ],
    ids=["Q0", "Q1", "free", "Z006", "condition 30", "REF*P4"],
)
def test_a_study_or_a_free_drug(rulebook: Rulebook, study: dict[str, Any]) -> None:
    [(severity, message, *_)] = seen(rulebook, Good(**study), study=Severity.INFO)
    assert severity == "info"
    assert message == "M. The claim is marked as a study or a free drug; payers have other rules for these."
    assert [severity for severity, *_ in seen(rulebook, Good(**study))] == ["error"]


def test_a_charge_just_above_a_token_one(rulebook: Rulebook) -> None:
    example = Good(PROFESSIONAL.replace("16000", "1.02"))
    assert [severity for severity, *_ in seen(rulebook, example, study=Severity.INFO)] == ["error"]


class TestEncounters:
    @pytest.mark.parametrize("purpose", ["RP", "31"])
    def test_at_most_a_warning(self, rulebook: Rulebook, purpose: str) -> None:
        example = Good(PROFESSIONAL, purpose=purpose)
        assert [severity for severity, *_ in seen(rulebook, example, payer_dependent=True)] == ["warning"]
        assert [severity for severity, *_ in seen(rulebook, example)] == ["error"]
        info = seen(rulebook, example, payer_dependent=True, severity=Severity.INFO)
        assert [severity for severity, *_ in info] == ["info"]

    def test_a_claim(self, rulebook: Rulebook) -> None:
        assert [severity for severity, *_ in seen(rulebook, Good(PROFESSIONAL), payer_dependent=True)] == ["error"]

    def test_also_where_a_configuration_raises_it(self, rulebook: Rulebook) -> None:
        rule = a_rule(severity=Severity.WARNING, payer_dependent=True)
        raised = Rulebook((rule,), rulebook.formulary, frozenset({"XXX001"}))._replace(
            severities={"XXX001": Severity.ERROR}
        )
        found: list[Finding] = findings_in(Good(PROFESSIONAL, purpose="RP"), raised)
        assert [one.severity for one in found] == [Severity.WARNING]


# What the catalogue lists.
STUDY = {"HCP002", "HCP005", "QTY005", "MOD001", "MOD003", "NDC003", "CLM003", "CLM005", "HCP008", "HCP011", "QTY006"}
PAYER_DEPENDENT = {"MOD001", "NDC003", "NDC006", "HCP008", "HCP011", "QTY006"}
NOT_ON = {"partial": {"QTY005", "MOD003", "HCP009"}, "inpatient": {"MOD001", "NDC003", "HCP006"}}


def test_what_the_rules_declare(rulebook: Rulebook) -> None:
    rules = rulebook.drug_rules
    codes = {rule.code for rule in rules}
    assert {rule.code for rule in rules if rule.study} == STUDY & codes
    assert {rule.code for rule in rules if rule.payer_dependent} == PAYER_DEPENDENT & codes
    for kind, expected in NOT_ON.items():
        assert {rule.code for rule in rules if kind in rule.not_on} == expected & codes
    assert {rule.code for rule in rules if not rule.lowered} == {"CLM004"}


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"not_on": ["outpatient"]}, "not_on has 'outpatient'; it must be partial or inpatient"),
        ({"repeats": lambda _: None}, "a rule with repeats must read DrugLines"),
    ],
)
def test_what_a_rule_cannot_declare(declared: dict[str, Any], message: str) -> None:
    def some_rule(_: Claim) -> Iterator[Problem]:
        """A title.

        Why.
        """
        yield from ()

    made = rule_of(
        "XXX001",
        severity=Severity.INFO,
        cites=["discard-policy"],
        good=[Good("")],
        bad=[Bad("", at="")],
        **declared,
    )
    some_rule.__module__ = "lint837_rules.codes.expired_temporary_code"
    with pytest.raises(RuleError, match=message):
        made(some_rule)


def _claims(data: bytes, rulebook: Rulebook) -> list[Claim]:
    from lint837.x12.reader import Reader
    from lint837.x12.slices import Slice

    pieces = [one for one in Reader([data]) if isinstance(one, Slice) and one.kind == "claim"]
    return [Claim(piece, rulebook.formulary) for piece in pieces]


def _severities(data: bytes, rule: Rule, rulebook: Rulebook) -> list[Severity]:

    alone = Rulebook((rule,), rulebook.formulary, frozenset({rule.code}))
    return [one.severity for one in lint_bytes(data, rulebook=alone).findings]


class TestALineThatCannotBeRead:
    """ENV014: the line may be the JW line, or the administered part, of another one."""

    @pytest.mark.parametrize(("modifier", "code"), [("", "MOD001"), (":JW", "MOD003")])
    @pytest.mark.parametrize("unread", ["LX*2~DTP*472*D8*20250110~", "LX*2SV1~DTP*472*D8*20250110~"])
    def test_silences(self, rulebook: Rulebook, modifier: str, code: str, unread: str) -> None:
        data = claim_file(Good(PROFESSIONAL.replace("J9026", f"J9026{modifier}")))
        assert code in {one.rule for one in lint_bytes(data, rulebook=rulebook).findings}
        found = {
            one.rule for one in lint_bytes(data.replace(b"SE*", unread.encode() + b"SE*"), rulebook=rulebook).findings
        }
        assert "ENV014" in found
        assert code not in found

    def test_not_on_the_claims_beside_it(self, rulebook: Rulebook) -> None:
        lines = PROFESSIONAL + PROFESSIONAL.replace("0110", "0117")
        data = claim_file(Good(lines, earlier=PROFESSIONAL)).replace(
            b"CLM*CLAIM-1*", b"LX*2~DTP*472*D8*20250110~CLM*CLAIM-1*"
        )
        found = [(one.location.claim, one.rule) for one in lint_bytes(data, rulebook=rulebook).findings]
        assert [claim for claim, rule in found if rule == "MOD001"] == ["CLAIM-1", "CLAIM-1"]
        assert ("CLAIM-0", "ENV014") in found
