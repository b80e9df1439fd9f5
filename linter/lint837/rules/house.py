"""INT about rules, CFG about the configuration; and with ENV, from envelope.py, all rules of the program itself."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from lint837.claims.segment import Place
from lint837.rules.envelope import RULE_OF
from lint837.rules.rule import Problem, Rule, Severity, rule
from lint837.rules.structure import GUIDE_RULES
from lint837.rules.values import counted


class RuleFailure(NamedTuple):
    """A rule that raised an exception.

    rule: its code.
    failure: the exception's type and place, such as "ValueError at x.py:12"; never its text.
    """

    rule: str
    failure: str


class UsedSuppression(NamedTuple):
    """What a suppression did in a run.

    rule: the code of the rule whose findings it hides.
    last_day: the last date of service for which it does.
    hidden: how many findings it hid.
    expired: how many it did not hide because of its last day.
    """

    rule: str
    last_day: date
    hidden: int
    expired: int


@rule("INT001", severity=Severity.ERROR, cites=[], incomplete=True)
def rule_failed(failure: RuleFailure) -> Iterator[Problem]:
    """A rule failed on a claim.

    This is a defect of the rule, not of the claim. The other rules ran.
    """
    yield Problem(
        message="Rule {rule} failed ({found}), so it did not check this claim.",
        found=failure.failure,
        expected="a rule that ends without an exception",
        correction="report this to the author of {rule}, with the version; the other rules ran",
        values={"rule": failure.rule},
    )


class UnjudgedMention(NamedTuple):
    """A code or NDC of a drug where it belongs to no drug line: its place."""

    where: Place


@rule("INT002", severity=Severity.ERROR, cites=[], incomplete=True)
def mention_not_judged(mention: UnjudgedMention) -> Iterator[Problem]:
    """A code or NDC of a drug is where no rule can judge it.

    A segment or element is lost, doubled, damaged or out of its place. So that no wrong line passes in silence, the
    claim counts as not checked. One finding per line.
    """
    yield Problem(
        where=mention.where,
        message="A code or NDC of a drug is here, but the line cannot be read as a line of that drug, so it was not "
        "checked.",
        found="a code or NDC out of its place",
        expected="the code in SV101-2 or SV202-2, the NDC in LIN03 after the qualifier N4",
        correction="check the line against the order; if it bills this drug, put the procedure code in SV101-2 "
        "(SV202-2) and the NDC in LIN03",
    )


@rule("CFG001", severity=Severity.INFO, cites=[])
def unused_suppression(used: UsedSuppression) -> Iterator[Problem]:
    """A suppression hid nothing, although something that it covers was checked.

    What it covered was corrected, or its match is wrong. Nothing is reported where its rule did not run, where no file
    or claim that it covers was read, or where something could not be checked.
    """
    if not used.hidden and not used.expired:
        yield Problem(
            message="The suppression of {rule} hid nothing, although something that it covers was checked.",
            found="no finding",
            expected="a finding that it covers",
            correction="remove it, or correct its match",
            values={"rule": used.rule},
        )


@rule("CFG002", severity=Severity.WARNING, cites=[])
def expired_suppression(used: UsedSuppression) -> Iterator[Problem]:
    """A suppression ended before the date of a finding, which is reported.

    The last day is compared with the date of service or, where that is not known, with the day on which the file was
    made. The day of the run does not matter. Look at the finding again.
    """
    if used.expired:
        yield Problem(
            message="The suppression of {rule} ended on {found}. {findings} reported.",
            found=used.last_day.isoformat(),
            expected="a last day on or after the date of service",
            correction="look at the findings again, then set a later last day or remove the suppression",
            values={
                "rule": used.rule,
                "findings": f"{counted(used.expired, 'later finding')} {'is' if used.expired == 1 else 'are'}",
            },
        )


HOUSE_RULES: Mapping[str, Rule] = {
    one.code: one
    for one in (
        *RULE_OF.values(),
        *GUIDE_RULES.values(),
        rule_failed,
        mention_not_judged,
        unused_suppression,
        expired_suppression,
    )
}
