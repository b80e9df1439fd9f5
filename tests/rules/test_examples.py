"""What every rule must withstand, made from its cases: other kinds of claims, other ways to write a file, other lines."""

import os
import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lint837 import Bad, Finding, Good, Rule, Severity, entry_of, failures, lint_bytes, load_rulebook
from lint837.lint.examples import claim_file, findings_in, findings_on
from lint837.report.rules import explanation, markdown

from tests.rules.cases import bad_cases, cases_of, inpatient, more_of, on_an_837i, on_an_837p

RULEBOOK = load_rulebook(isolated=True)
RULES = RULEBOOK.claim_rules
GOOD = [
    pytest.param(rule, case, id=f"{rule.code}-good-{number}")
    for rule in RULES
    for number, case in enumerate(case for case in cases_of(rule) if isinstance(case, Good))
]
BAD = [
    pytest.param(rule, case, id=f"{rule.code}-bad-{number}")
    for rule in RULES
    for number, case in enumerate(bad_cases(rule))
]
FOLDER = Path(__file__).parent
# What no case of a rule may lose: how many there were when the longer lists moved to their files.
CASES = 764


def seen(case: Good | Bad, rule: Rule) -> list[tuple[str, str, str | None]]:
    """Severity, element and service line of each finding of a rule on a case."""
    findings = findings_on(case, rule, RULEBOOK)
    return [(str(found.severity), found.location.element, found.location.service_line) for found in findings]


def expected(case: Bad, rule: Rule, severity: Severity | None = None) -> list[tuple[str, str, str | None]]:
    """What a case says of itself, with another severity where one is given."""
    told = severity or case.severity or rule.severity
    lines: list[str | None] = [*case.line.split()]
    return [(str(told), case.at, line) for line in lines or [None]]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
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
    assert {path.stem for path in FOLDER.glob("*.toml")} == {rule.code for rule in RULES}


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

SILENT_FOR_INPATIENTS = {"CLM002", "HCP006", "HCP007", "MOD001", "NDC003"}
FOR_INSTITUTIONS_ONLY = {"CLM002", "DOS005"}
# What is less certain, or less grave, on an outpatient 837I.
ON_AN_837I = {
    "DOS001": Severity.INFO,
    "HCP006": Severity.WARNING,
    "HCP008": Severity.WARNING,
    "NDC003": Severity.WARNING,
}


@pytest.mark.parametrize(("rule", "case"), BAD)
class TestOtherKindsOfClaims:
    def test_a_void_mirrors_the_original(self, rule: Rule, case: Bad) -> None:
        void = replace(case, frequency="8")
        if rule.code == "CLM005":
            assert seen(void, rule) == []  # it corrects another claim
        else:
            assert seen(void, rule) == expected(case, rule, Severity.INFO if rule.lowered else None)

    def test_a_dependent(self, rule: Rule, case: Bad) -> None:
        found = findings_on(case, rule, RULEBOOK)
        of_a_dependent = findings_on(replace(case, dependent=True), rule, RULEBOOK)
        assert [_said(one) for one in of_a_dependent] == [_said(one) for one in found]

    def test_an_inpatient(self, rule: Rule, case: Bad) -> None:
        stay = inpatient(case)
        silent = rule.code in SILENT_FOR_INPATIENTS or (rule.code == "HCP008" and "NTE" in case.lines)
        assert seen(stay, rule) == ([] if silent else expected(stay, rule, Severity.INFO if rule.lowered else None))

    def test_an_outpatient_837i(self, rule: Rule, case: Bad) -> None:
        if case.guide == "837I":
            pytest.skip("it is one")
        if rule.code == "HCP008" and "NTE" in case.lines:
            pytest.skip("there a note of the line is enough")
        visit = on_an_837i(case)
        most = ON_AN_837I.get(rule.code, Severity.ERROR)
        if case.payer and case.payer.ndc_required and not case.other_payer:
            most = Severity.ERROR  # a payer profile decides on both guides
        if rule.code == "MOD001" and case.payer:
            most = Severity.WARNING  # only of Medicare is it known that the drug is paid apart
        assert seen(visit, rule) == expected(visit, rule, min(case.severity or rule.severity, most))

    def test_an_837p(self, rule: Rule, case: Bad) -> None:
        if case.guide == "837P" or case.facility == "11":
            pytest.skip("it is one, or what is lowered for an inpatient")
        if rule.code == "HCP007" or case.filing_code == "MA" or (rule.code == "CLM004" and case.filing_code == "MB"):
            pytest.skip("the setting or the payer is none of an 837P")
        if case.statement and "DTP*472" not in case.lines and rule.code != "DOS001":
            pytest.skip("an 837P has no statement period")
        office = on_an_837p(case)
        if rule.code in FOR_INSTITUTIONS_ONLY:
            assert seen(office, rule) == []
        else:
            told = [(element, line) for _, element, line in expected(office, rule)]
            assert [(element, line) for _, element, line in seen(office, rule)] == told
            if rule.code not in {*ON_AN_837I, "MOD001"}:
                assert seen(office, rule) == expected(office, rule)


def _said(found: Finding) -> tuple[object, ...]:
    at = found.location
    return (found.rule, found.severity, found.message, found.correction, at.element, at.service_line)


@pytest.mark.parametrize(("rule", "case"), GOOD)
def test_a_good_case_is_good_for_every_rule(rule: Rule, case: Good) -> None:  # noqa: ARG001 - for the id
    """But for what it says that another rule rightly finds."""
    assert {finding.rule for finding in findings_in(case, RULEBOOK)} == set(case.also)


# ---------------------------------------------------------------- whole findings


def _whole(finding: Finding) -> str:
    """All of a finding: its place and values on one line, then its sentences."""
    entry, at = entry_of(finding), finding.location
    related = " ".join(f"{place.note}={place.element or place.segment}:{place.excerpt}" for place in entry.related)
    fixes = [(fix.safe, edit) for fix in finding.fixes for edit in fix.edits]
    edits = " ".join(f"{'safe' if safe else 'unsafe'} {edit.end - edit.start}->{edit.text}" for safe, edit in fixes)
    parts = [finding.rule, finding.severity, at.loop, at.segment, at.element, at.service_line or ""]
    place = " ".join(str(part) for part in parts)
    whole = f"{place} | found {finding.found} | expected {finding.expected} | {related} | {edits}"
    return f"{whole}\n  {finding.message}\n  fix: {finding.correction}"


def test_what_the_findings_of_the_cases_hold() -> None:
    """Written again by LINT837_UPDATE=1: then read it before you commit it."""
    said = "".join(
        f"{rule.code} {number}: {_whole(finding)}\n"
        for rule in RULES
        for number, case in enumerate(bad_cases(rule))
        for finding in findings_on(case, rule, RULEBOOK)
    )
    snapshot = FOLDER / "examples.txt"
    if os.environ.get("LINT837_UPDATE"):
        snapshot.write_text(said, encoding="utf-8")
    assert said == snapshot.read_text(encoding="utf-8")


def test_which_fixes_are_safe() -> None:
    """Those that change the form only; a code that changes and a measure that is added change what is billed."""
    fixes = {
        (rule.code, fix.safe)
        for rule in RULES
        for case in bad_cases(rule)
        for finding in findings_on(case, rule, RULEBOOK)
        for fix in finding.fixes
    }
    assert fixes == {
        ("DOS002", True),  # the qualifier of a date
        ("HCP001", False),
        ("HCP010", True),  # letter case, spaces and the qualifier of a code
        ("NDC001", True),  # the digits of the same NDC
        ("NDC005", True),  # letter case
        ("NDC007", True),  # N4
        ("QTY004", False),  # no measure
        ("QTY004", True),  # letter case
    }


# ---------------------------------------------------------------- other lines, other ways to write the file

RIGHT_LINE = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20260105~LIN**N4*55513007701~CTP****1*UN~"
RIGHT_SV2 = "SV2*0636*HC:J9026:JZ*16000*UN*10~DTP*472*D8*20260105~LIN**N4*55513007701~CTP****1*UN~"


@pytest.mark.parametrize(("rule", "case"), BAD)
def test_a_right_line_before_it_changes_nothing(rule: Rule, case: Bad) -> None:
    """A line of another day that is right does not keep the wrong one from being found."""
    if case.statement and "DTP*472" not in case.lines:
        pytest.skip("the statement period decides, and the right line is not in it")
    if rule.code == "DOS005" or case.created < "20260106":
        pytest.skip("a statement period, or the day when the file was created, would make the right line wrong")
    if "NTE" in case.claim:
        pytest.skip("the claim's note counts only where no line has the drug's own code")
    right = RIGHT_LINE if case.guide == "837P" else RIGHT_SV2
    alone = findings_on(case, rule, RULEBOOK)
    after = findings_on(replace(case, lines=right + case.lines, statement=""), rule, RULEBOOK)
    assert [(f.location.element, f.message, f.severity) for f in after] == [
        (f.location.element, f.message, f.severity) for f in alone
    ]


def _wrapped(data: bytes) -> bytes:
    return b"\n".join(data[i : i + 80] for i in range(0, len(data), 80))


def _translated(data: bytes) -> bytes:
    return data.translate(bytes.maketrans(b"*:^~", b"|>!\n"))


def _with_crlf(data: bytes) -> bytes:
    return data.replace(b"~", b"~\r\n")


@pytest.mark.parametrize("write", [_wrapped, _translated, _with_crlf])
@pytest.mark.parametrize(("rule", "case"), BAD)
def test_the_same_claim_written_differently(rule: Rule, case: Bad, write: Callable[[bytes], bytes]) -> None:  # noqa: ARG001
    data = claim_file(case)
    assert [_told(f) for f in lint_bytes(write(data)).findings] == [_told(f) for f in lint_bytes(data).findings]


def _told(found: Finding) -> tuple[object, ...]:
    at = found.location
    return (found.rule, found.severity, found.message, found.correction, at.segment, at.element, found.fingerprint)


@pytest.mark.parametrize(("rule", "case"), BAD)
def test_the_offset_and_the_edits_are_where_they_say(rule: Rule, case: Bad) -> None:  # noqa: ARG001
    data = claim_file(case)
    for finding in lint_bytes(data, rulebook=RULEBOOK).findings:
        as_billed, at = entry_of(finding).as_billed, finding.location
        assert as_billed is not None
        start, end = as_billed.highlight
        shown = as_billed.excerpt[start:end].strip("…")
        assert data[at.offset :].startswith(shown.split("…")[0].encode())
        assert (at.line, at.column) == (1, at.offset + 1)
        for fix in finding.fixes:
            text = data
            for edit in sorted(fix.edits, reverse=True):
                text = text[: edit.start] + edit.text.encode() + text[edit.end :]
            assert finding.rule not in [f.rule for f in lint_bytes(text, rulebook=RULEBOOK).findings]
