"""One fix a line leads to a clean line: what a finding says is done, the file is read again, and nothing is left there.

On a line with two causes the fixes of both are applied. What is left may only be what no edit corrects, because the
claim does not say what is right: NOT_AUTOMATIC names these rules, with the reason.
"""

from collections.abc import Sequence

import pytest
from lint837 import Finding, Rule, Severity, TextEdit, load_rulebook
from lint837.lint.engine import Lint
from lint837.lint.examples import claim_file

from tests.rules.cases import bad_cases

RULEBOOK = load_rulebook(isolated=True)
# Rules with a finding that no edit corrects, and why.
NOT_AUTOMATIC = {
    "CLM003": "only the biller knows whether it is the same dose",
    "CLM004": "the payer's number of the earlier claim is not in the file",
    "CLM005": "only the biller knows whether it is the same service",
    "CLM006": "a segment or a separator moves, and values with it",
    "DOS001": "the date is not on the line",
    "DOS002": "the date is not on the line",
    "DOS003": "the date is not on the line",
    "DOS004": "the line may have to be divided",
    "DOS005": "either date may be wrong",
    "DOS006": "either date may be right, and a segment goes",
    "HCP001": "a line goes, or the units need an NDC quantity",
    "HCP002": "the units need an NDC quantity, and JZ needs to know that nothing was discarded",
    "HCP003": "only the payer says how to bill what was discarded",
    "HCP004": "the drug or the NDC may be wrong",
    "HCP005": "the date or the drug may be wrong",
    "HCP006": "the units need an NDC quantity, and JZ needs to know that nothing was discarded",
    "HCP008": "the dose is not on the line",
    "HCP009": "a line goes",
    "HCP010": "there is no code, or the units need an NDC quantity",
    "HCP011": "the text may describe something else",
    "HCP013": "the text or the NDC may be wrong",
    "MOD001": "no place is free for a modifier",
    "MOD002": "values go back into their elements",
    "MOD003": "the administered part may be missing",
    "NDC001": "the package is not known",
    "NDC002": "the drug or the NDC may be wrong",
    "NDC003": "two segments come",
    "NDC004": "a segment comes, or the quantity is not known",
    "NDC005": "the quantity is not known",
    "NDC006": "a part of a package has no number",
    "NDC008": "a segment goes",
    "NDC009": "a segment moves",
    "QTY001": "nothing on the line is a dose",
    "QTY002": "a line comes",
    "QTY003": "the units need an NDC quantity",
    "QTY004": "the count may be one of something else",
    "QTY005": "only the biller knows what was prepared",
}
# Cases whose correction leads to another finding, and why.
_TWO_DOSES = "the claim bills two doses for one day, of which QTY001 is the first cause that is told"
_NO_PART = "a JW line alone may be a part of the package, so QTY001 is told of its units only without JW"
EXEMPT = {
    ("QTY001", "the lines of each package by themselves: 7 + 2"): _TWO_DOSES,
    ("QTY001", "and the line of the other package"): _TWO_DOSES,
    ("MOD003", "a quarter of a package"): _NO_PART,
    ("MOD003", "three quarters of a package"): _NO_PART,
    ("HCP006", "another line of that day bills the dose"): "with a code it is the same line, which CLM003 asks about",
    ("HCP006", "another line of that day bills the dose, and Medicaid takes two codes"): "HCP009 asks the same then",
}
MOST = 6  # causes on a line


def ways(finding: Finding) -> list[Sequence[TextEdit]]:
    """The edits of each way to correct a finding that the claim says in full."""
    return [*(fix.edits for fix in finding.fixes), *(choice.edits for choice in finding.choices if choice.edits)]


def edited(data: bytes, edits: Sequence[TextEdit]) -> bytes:
    """The data with the edits done."""
    for edit in sorted(edits, reverse=True):
        data = data[: edit.start] + edit.text.encode() + data[edit.end :]
    return data


def lint(data: bytes, like: Finding | None = None) -> list[Finding]:
    """The findings above info; on the service line of a finding, where one is given."""
    found = [one for one in Lint([data], "example.837", RULEBOOK) if one.severity > Severity.INFO]
    line = like.location.service_line_ordinal if like else None
    return [one for one in found if like is None or one.location.service_line_ordinal == line]


def what_is_left(data: bytes, finding: Finding) -> list[Finding]:
    """The findings on a line when each that has a way to be corrected is corrected, one after another."""
    left = lint(data, finding)
    for _ in range(MOST):
        edits = next((ways(one)[0] for one in left if ways(one)), None)
        if edits is None:
            break
        data = edited(data, edits)
        left = lint(data, finding)
    return left


@pytest.mark.parametrize("rule", RULEBOOK.drug_rules, ids=lambda rule: rule.code)
def test_one_fix_a_line_leads_to_a_clean_line(rule: Rule) -> None:
    """After one correction only what was there before is left, which has corrections of its own: these lead to a clean
    line.
    """
    without_an_edit = False
    for case in bad_cases(rule):
        data = claim_file(case)
        every = lint(data)
        for finding in (one for one in every if one.rule == rule.code):
            without_an_edit |= not ways(finding)
            if (rule.code, case.note) in EXEMPT:
                continue
            line = finding.location.service_line_ordinal
            others = {one.rule for one in every if one.location.service_line_ordinal == line} - {rule.code}
            for edits in ways(finding):
                once = edited(data, edits)
                assert {one.rule for one in lint(once, finding)} <= others, (case, finding.correction)
                left = {one.rule for one in what_is_left(once, finding)}
                assert left <= set(NOT_AUTOMATIC), (case, finding.correction)
    assert without_an_edit == (rule.code in NOT_AUTOMATIC)


def test_what_no_edit_corrects_is_known() -> None:
    assert set(NOT_AUTOMATIC) <= {rule.code for rule in RULEBOOK.drug_rules}
