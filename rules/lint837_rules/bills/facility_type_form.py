"""UBC003: a type of bill that does not begin with two digits."""

import re
from collections.abc import Iterator

from lint837 import Bad, Citation, Code, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_LINE = "SV2*0510*HC:99213*100*UN*1~DTP*472*D8*20260105~"
_FORM = "[1-9][1-9]"


@rule(
    "UBC003",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "Stedi, claim edits, 2026-08-13",
            "The facility type of an institutional claim is two digits, each from 1 to 9.",
        ),
    ],
    good=[
        Good(_LINE, guide="837I"),
        Good(_LINE, guide="837I", facility="85", note="a critical access hospital"),
    ],
    bad=[
        Bad(_LINE, guide="837I", facility="013", at="CLM05-1", line="", note="the leading 0 of the paper form"),
        Bad(_LINE, guide="837I", facility="1", at="CLM05-1", line=""),
        Bad(_LINE, guide="837I", facility="10", at="CLM05-1", line=""),
    ],
    only="837I",
    alike="bill",
)
def facility_type_form(claim: WholeClaim) -> Iterator[Problem]:
    """The type of bill of an institutional claim does not begin with two digits from 1 to 9.

    CLM05-1 of an 837I has the second and third digit of the type of bill as it is on paper: 13 of 0131, without the
    leading 0. The last character, the frequency, is in CLM05-3.
    """
    written = claim.facility
    if not written or re.fullmatch(_FORM, written):
        return
    yield Problem(
        where=claim.clm.at(5, 1),
        found=Code(written),
        expected="two digits from 1 to 9",
        message="The facility type is {found}, not {expected}.",
        correction="enter the type of bill without its leading 0 and without the frequency ({box})",
        values={"box": box(claim, "place of service")},
    )
