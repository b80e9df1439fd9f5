"""PAY004: a frequency that no payer takes."""

import re
from collections.abc import Iterator

from lint837 import Bad, Citation, Code, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
_STAY = "SV2*0510*HC:99213*100*UN*1~DTP*472*D8*20260105~"
_ORIGINAL, _CORRECTED, _REPLACES, _VOIDS = "1", "6", "7", "8"
_TAKEN = frozenset({_ORIGINAL, _REPLACES, _VOIDS})
_FORM = "[0-9A-Z]"


@rule(
    "PAY004",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "Stedi, claim edits, 2026",
            "A professional claim has frequency 1, 7 or 8; an institutional one a code of the NUBC's list.",
        ),
        Citation("NUCC 1500 claim form manual, box 22", "The resubmission codes are 7, replacement, and 8, void."),
    ],
    good=[
        Good(_VISIT),
        Good(_VISIT, frequency="7", claim="REF*F8*12345~"),
        Good(_STAY, guide="837I", frequency="3", note="an interim claim"),
    ],
    bad=[
        Bad(_VISIT, frequency="5", at="CLM05-3", line=""),
        Bad(
            _VISIT, frequency="6", at="CLM05-3", line="", severity=Severity.WARNING, note="some Medicaid plans take it"
        ),
        Bad(_STAY, guide="837I", frequency="11", at="CLM05-3", line=""),
    ],
    alike="bill",
)
def frequency_code(claim: WholeClaim) -> Iterator[Problem]:
    """The frequency of the claim is not one that payers take.

    CLM05-3 of an 837P is 1 for an original claim, 7 for one that replaces an earlier claim, and 8 for one that voids
    it. 6, a corrected claim, is taken by some Medicaid plans, so it is a warning. On an 837I it is the last character
    of the type of bill, a digit or a capital letter. Which ones exist is not checked: the list needs a license.
    """
    written = claim.frequency
    if not written or (re.fullmatch(_FORM, written) if claim.institutional else written in _TAKEN):
        return
    yield Problem(
        where=claim.clm.at(5, 3),
        found=Code(written),
        expected="a digit or a letter" if claim.institutional else "1, 7 or 8",
        message="The frequency of the claim is {found}, not {expected}.",
        correction="enter the last character of the type of bill ({box})"
        if claim.institutional
        else "enter 1 for an original claim, 7 for a replacement, or 8 for a void ({box})",
        values={"box": box(claim, "frequency")},
        severity=Severity.WARNING if written == _CORRECTED else None,
    )
