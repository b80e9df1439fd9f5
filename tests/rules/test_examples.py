"""What every rule must withstand, made from its cases: other kinds of claims, other ways to write a file, other lines."""

import itertools
import os
import statistics
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from lint837 import (
    Bad,
    Finding,
    Formulary,
    Good,
    Rule,
    Rulebook,
    Severity,
    entry_of,
    failures,
    lint_bytes,
    load_rulebook,
)
from lint837.lint.examples import claim_file, findings_in, findings_on
from lint837.report.rules import explanation, markdown

from tests.rules.cases import (
    bad_cases,
    cases_of,
    findings_of_the_cases,
    inpatient,
    more_of,
    not_checked_in_the_cases,
    on_an_837i,
    on_an_837p,
)

RULEBOOK = load_rulebook(isolated=True)
RULES = RULEBOOK.drug_rules
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
FOLDER = Path(__file__).parent
SNAPSHOT_OF_HALVES = FOLDER / "examples_in_half_units.txt"
SNAPSHOT = FOLDER / "examples.txt"
NOT_CHECKED = FOLDER / "not_checked.txt"
# What no case of a rule may lose: how many there were when the longer lists moved to their files.
CASES = 764


@cache
def found_on(code: str) -> tuple[list[Finding], ...]:
    """The findings of a rule on each of its wrong cases, which several tests compare with others."""
    rule = RULEBOOK.rule(code)
    assert rule
    return tuple(findings_on(case, rule, RULEBOOK) for case in bad_cases(rule))


def seen(case: Good | Bad, rule: Rule) -> list[tuple[str, str, str | None]]:
    """Severity, element and service line of each finding of a rule on a case."""
    findings = findings_on(case, rule, RULEBOOK)
    return [(str(found.severity), found.location.element, found.location.service_line) for found in findings]


def expected(case: Bad, rule: Rule, severity: Severity | None = None) -> list[tuple[str, str, str | None]]:
    """What a case says of itself, with another severity where one is given."""
    told = severity or case.severity or rule.severity
    lines: list[str | None] = [*case.line.split()]
    return [(str(told), case.at, line) for line in lines or [None]]


@each_rule
class TestEachRule:
    def test_its_cases_hold(self, rule: Rule) -> None:
        assert [str(failure) for failure in failures(rule, RULEBOOK, more_of(rule))] == []

    def test_its_module_shows_three_to_six_examples(self, rule: Rule) -> None:
        assert 3 <= len(rule.good) + len(rule.bad) <= 6
        assert rule.good
        assert rule.bad

    def test_its_file_repeats_none_of_them(self, rule: Rule) -> None:
        cases = [repr(replace(case, note="")) for case in cases_of(rule)]
        assert len(set(cases)) == len(cases)


def test_no_case_is_lost() -> None:
    assert sum(len(cases_of(rule)) for rule in RULES) >= CASES
    assert {path.stem for path in FOLDER.glob("*.toml")} == {rule.code for rule in RULEBOOK.claim_rules}


# The place of service and the pointers to diagnoses, and what is beside these.
ONLY_IN_SV1 = ("SV105", "SV106", "SV107-2", "SV107-3", "SV107-4", "SV108")


class TestShort:
    """A rule fits on a screen: its module, what `explain` prints of it, and docs/rules.md as a whole."""

    def test_modules(self) -> None:
        package = Path(__file__).parents[2] / "rules"
        lengths = [
            len((package / rule.module.replace(".", "/")).with_suffix(".py").read_text(encoding="utf-8").splitlines())
            for rule in RULES
        ]
        assert statistics.median(lengths) <= 80

    def test_explanations(self) -> None:
        lengths = [len(list(explanation(rule, RULEBOOK))) for rule in RULES]
        assert statistics.median(lengths) <= 60
        assert max(lengths) <= 100

    def test_the_page(self) -> None:
        assert len(list(markdown(RULEBOOK))) <= 2500


# ---------------------------------------------------------------- other kinds of claims

SILENT_FOR_INPATIENTS = {"CLM002", "HCP006", "HCP007", "HCP011", "HCP012", "MOD001", "NDC003", "QTY006"}
FOR_INSTITUTIONS_ONLY = {"CLM002", "DOS005", "HCP012"}
FOR_PROFESSIONALS_ONLY = {"HCP011"}
BY_SETTING = {"HCP007", "QTY006"}  # they speak of other codes on the other guide
# What is less certain, or less grave, on an outpatient 837I.
ON_AN_837I = {
    "DOS001": Severity.INFO,
    "HCP006": Severity.WARNING,
    "HCP008": Severity.WARNING,
    "NDC003": Severity.WARNING,
}


@each_rule
class TestOtherKindsOfClaims:
    def test_a_void_mirrors_the_original(self, rule: Rule) -> None:
        """Every second case, and those between them as a stay."""
        for case in bad_cases(rule)[::2]:
            void = replace(case, frequency="8")
            if rule.code == "CLM005":
                assert seen(void, rule) == [], void  # it corrects another claim
            else:
                assert seen(void, rule) == expected(void, rule, Severity.INFO if rule.lowered else None), void

    def test_a_dependent(self, rule: Rule) -> None:
        """Every third case: what a rule reads of a claim is the same, but for its header."""
        for case, found in [*zip(bad_cases(rule), found_on(rule.code), strict=True)][::3]:
            of_a_dependent = findings_on(replace(case, dependent=True), rule, RULEBOOK)
            assert said(of_a_dependent) == said(found), case

    def test_an_inpatient(self, rule: Rule) -> None:
        cases = bad_cases(rule)
        for case in cases[1::2] if len(cases) > 8 else cases:
            if case.at in ONLY_IN_SV1:
                continue
            stay = inpatient(case)
            silent = rule.code in SILENT_FOR_INPATIENTS or (rule.code == "HCP008" and says_more(case))
            most = Severity.INFO if rule.lowered else None
            assert seen(stay, rule) == ([] if silent else expected(stay, rule, most)), stay

    def test_an_outpatient_837i(self, rule: Rule) -> None:
        for case in bad_cases(rule):
            if case.guide == "837I" or (rule.code == "HCP008" and says_more(case)) or rule.code in BY_SETTING:
                continue  # on an 837I a note, or a description without a dose, is enough
            if case.at in ONLY_IN_SV1:
                continue
            visit = on_an_837i(case)
            if rule.code in FOR_PROFESSIONALS_ONLY:
                assert seen(visit, rule) == [], visit
                continue
            most = ON_AN_837I.get(rule.code, Severity.ERROR)
            if case.payer and case.payer.ndc_required and not case.other_payer:
                most = Severity.ERROR  # a payer profile decides on both guides
            if rule.code == "MOD001" and case.payer:
                most = Severity.WARNING  # only of Medicare is it known that the drug is paid apart
            assert seen(visit, rule) == expected(visit, rule, min(case.severity or rule.severity, most)), visit

    def test_an_837p(self, rule: Rule) -> None:
        for case in bad_cases(rule):
            if not has_an_837p(case, rule):
                continue
            office = on_an_837p(case)
            if rule.code in FOR_INSTITUTIONS_ONLY:
                assert seen(office, rule) == [], office
                continue
            places = [(element, line) for _, element, line in expected(office, rule)]
            assert [(element, line) for _, element, line in seen(office, rule)] == places, office
            if rule.code not in {*ON_AN_837I, "MOD001"}:
                assert seen(office, rule) == expected(office, rule), office

    def test_a_good_case_is_good_for_every_rule(self, rule: Rule) -> None:
        """But for what it says that another rule rightly finds."""
        for case in cases_of(rule):
            if isinstance(case, Good):
                assert {finding.rule for finding in findings_in(case, RULEBOOK)} == set(case.also), case


def has_an_837p(case: Bad, rule: Rule) -> bool:
    """Whether an 837I case means the same on an 837P, which has no inpatients, no hospital and no statement period."""
    if case.guide == "837P" or case.facility == "11" or rule.code in BY_SETTING or case.filing_code == "MA":
        return False
    if case.at == "SV201" and rule.code == "CLM006":
        return False
    if rule.code == "CLM004" and case.filing_code == "MB":
        return False  # there contractors correct claims by reopening them
    return not case.statement or "DTP*472" in case.lines or rule.code == "DOS001"


def says_more(case: Bad) -> bool:
    """Whether a note or a description says what was given."""
    return "NTE" in (case.lines + case.claim).replace("NTE*ADD~", "") or ":::::" in case.lines


def said(findings: list[Finding]) -> list[tuple[object, ...]]:
    """What findings say, and where in the claim, but not where in the file."""
    return [
        (f.rule, f.severity, f.message, f.correction, f.location.element, f.location.service_line) for f in findings
    ]


# ---------------------------------------------------------------- whole findings


def test_what_the_findings_of_the_cases_hold() -> None:
    """Written again by LINT837_UPDATE=1: then read it before you commit it."""
    found = "".join(findings_of_the_cases(rule, RULEBOOK, found_on(rule.code)) for rule in RULES)
    if os.environ.get("LINT837_UPDATE"):
        SNAPSHOT.write_text(found, encoding="utf-8")
    assert found == SNAPSHOT.read_text(encoding="utf-8")


def _in_half_units() -> Rulebook:
    """The rules, with the drug billed in units of 0.5 mg: what is divided and multiplied by one shows then."""
    drug = RULEBOOK.formulary.drugs[0]
    codes = tuple(code._replace(amount=code.amount / 2) for code in drug.codes)
    return RULEBOOK._replace(formulary=Formulary([drug._replace(codes=codes)]))


HALVED = _in_half_units()


def test_what_the_findings_of_the_cases_hold_in_other_units() -> None:
    """Of the rules on units, NDCs and modifiers. Written again by LINT837_UPDATE=1: then read it before you commit it."""
    found = "".join(findings_of_the_cases(rule, HALVED) for rule in RULES if in_other_units(rule))
    if os.environ.get("LINT837_UPDATE"):
        SNAPSHOT_OF_HALVES.write_text(found, encoding="utf-8")
    assert found == SNAPSHOT_OF_HALVES.read_text(encoding="utf-8")


def in_other_units(rule: Rule) -> bool:
    """Whether a rule is looked at in other units too."""
    return rule.code.startswith(("QTY", "NDC", "MOD", "HCP001", "HCP002"))


def test_what_the_rules_do_not_check_in_the_cases() -> None:
    """Written again by LINT837_UPDATE=1: then read it before you commit it."""
    said = "".join(not_checked_in_the_cases(rule, RULEBOOK) for rule in RULES)
    if os.environ.get("LINT837_UPDATE"):
        NOT_CHECKED.write_text(said, encoding="utf-8")
    assert said == NOT_CHECKED.read_text(encoding="utf-8")


def test_which_fixes_are_safe() -> None:
    """Those that change the form only; a code that changes and a measure that is added change what is billed."""
    fixes = {
        (rule.code, fix.safe)
        for rule in RULES
        for found in found_on(rule.code)
        for finding in found
        for fix in finding.fixes
    }
    assert fixes == {
        ("DOS002", True),  # the qualifier of a date
        ("HCP001", False),
        ("HCP002", False),
        ("HCP006", False),
        ("HCP007", False),
        ("HCP008", False),
        ("HCP010", False),  # an NDC in the code's place
        ("HCP010", True),  # letter case, spaces, the qualifier and the place of a code
        ("HCP011", False),
        ("HCP012", False),
        ("NDC001", False),  # what is beside the NDC
        ("NDC001", True),  # the digits of the same NDC
        ("NDC004", False),  # a quantity, by the units
        ("NDC004", True),  # a space
        ("NDC005", False),  # a unit of measure, by the units
        ("NDC005", True),  # letter case
        ("NDC006", False),  # packages in place of a weight
        ("NDC007", True),  # N4
        ("NDC009", False),  # what is beside the NDC
        ("NDC009", True),  # the place of the NDC
        ("QTY003", True),  # a space
        ("QTY004", False),  # no measure
        ("QTY004", True),  # letter case
        ("QTY006", False),
    }


# ---------------------------------------------------------------- other lines, other ways to write the file

RIGHT_LINE = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20260105~LIN**N4*55513007701~CTP****1*UN~"
RIGHT_SV2 = "SV2*0636*HC:J9026:JZ*16000*UN*10~DTP*472*D8*20260105~LIN**N4*55513007701~CTP****1*UN~"


@each_rule
def test_a_right_line_before_it_changes_nothing(rule: Rule) -> None:
    """A line of another day that is right does not keep the wrong one from being found."""
    for case, alone in zip(bad_cases(rule), found_on(rule.code), strict=True):
        if not allows_a_right_line(case, rule):
            continue
        right = RIGHT_LINE if case.guide == "837P" else RIGHT_SV2
        after = findings_on(replace(case, lines=right + case.lines, statement=""), rule, RULEBOOK)
        assert [(f.location.element, f.message, f.severity) for f in after] == [
            (f.location.element, f.message, f.severity) for f in alone
        ], case


def allows_a_right_line(case: Bad, rule: Rule) -> bool:
    """Whether a line of 2026-01-05 that bills the drug would be right on the claim, and changes nothing that the case
    is about: its statement period, the day when the file was made, or a note that counts only without such a line.
    """
    if rule.code == "DOS005" or (case.statement and "DTP*472" not in case.lines):
        return False
    return case.created >= "20260106" and "NTE" not in case.claim


def _wrapped(data: bytes) -> bytes:
    return b"\n".join(data[i : i + 80] for i in range(0, len(data), 80))


def _translated(data: bytes) -> bytes:
    return data.translate(bytes.maketrans(b"*:^~", b"|>!\n"))


def _with_crlf(data: bytes) -> bytes:
    return data.replace(b"~", b"~\r\n")


WAYS: list[Callable[[bytes], bytes]] = [_wrapped, _translated, _with_crlf]


@each_rule
def test_the_same_claim_written_differently(rule: Rule) -> None:
    """Every second case in one of the three ways, the next one in the next way."""
    for case, write in zip(bad_cases(rule)[::2], itertools.cycle(WAYS), strict=False):
        data = claim_file(case)
        assert _told(write(data)) == _told(data), case


def _told(data: bytes) -> list[tuple[object, ...]]:
    return [
        (f.rule, f.severity, f.message, f.correction, f.location.segment, f.location.element, f.fingerprint)
        for f in lint_bytes(data, rulebook=RULEBOOK).findings
    ]


@each_rule
def test_the_offset_and_the_edits_are_where_they_say(rule: Rule) -> None:
    """In every second case."""
    for case in bad_cases(rule)[::2]:
        data = claim_file(case)
        for finding in lint_bytes(data, rulebook=RULEBOOK).findings:
            as_billed, at = entry_of(finding).as_billed, finding.location
            assert as_billed is not None
            start, end = as_billed.highlight
            shown = as_billed.excerpt[start:end].strip("…")
            if not as_billed.excerpt[start:].startswith("…"):  # free text before a name is not shown
                assert data[at.offset :].startswith(shown.split("…")[0].encode()), case
            assert (at.line, at.column) == (1, at.offset + 1), case
            for fix in finding.fixes:
                text = data
                for edit in sorted(fix.edits, reverse=True):
                    text = text[: edit.start] + edit.text.encode() + text[edit.end :]
                left = [(f.rule, f.location.segment) for f in lint_bytes(text, rulebook=RULEBOOK).findings]
                assert (finding.rule, finding.location.segment) not in left, case
