"""SVC001: a procedure code that is no HCPCS code by its form."""

import re
from collections.abc import Iterator
from functools import lru_cache

from lint837 import Bad, Citation, Code, Edit, Fix, Good, LineLoop, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_LINE = "SV1*HC:{}*100*UN*1***1~DTP*472*D8*20260105~"
_HCPCS = "HC"


@rule(
    "SVC001",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "CGS, CEDI, top front-end edits, 2018 to 2022",
            "A procedure code that is not valid is A7:507, the first of the list.",
        ),
        Citation("Stedi, claim edits, 2026", "A HCPCS code has five characters."),
    ],
    good=[
        Good(_LINE.format("99213")),
        Good(_LINE.format("0001U"), note="a laboratory code"),
        Good("SV2*0120**100*DA*1~", guide="837I", facility="11", note="a line by its revenue code"),
    ],
    bad=[
        Bad(_LINE.format("9921"), at="SV101-2"),
        Bad(_LINE.format("VISIT"), at="SV101-2", note="a word"),
        Bad(_LINE.format("j1100"), at="SV101-2", note="lower case"),
    ],
    yields_to=[("HCP010", "line"), ("HCP006", "line")],
    alike="services",
)
def procedure_form(claim: WholeClaim) -> Iterator[Problem]:
    """A procedure code is not five capitals or digits.

    Under the qualifier HC a code has five characters, capitals or digits, with at least one digit. Any other is
    rejected as invalid: the most frequent rejection of Medicare's DME front end. Enter the HCPCS or CPT code, and
    nothing else in its place. That a code exists is not checked. Lower case and blanks can be corrected safely.
    """
    for line in claim.lines:
        procedure = line.procedure
        if procedure and procedure[0] == _HCPCS and not is_hcpcs(line.code):
            yield _problem(claim, line)


def _problem(claim: WholeClaim, line: LineLoop) -> Problem:
    written, where = line.code, line.at_service(1, 2)
    right = written.replace(" ", "").upper()
    usual = is_hcpcs(right)
    return Problem(
        where=where,
        found=Code(written) if written else "nothing",
        expected=Code(right) if usual else "five capitals or digits",
        message="The procedure code {found} is not five capitals or digits."
        if written
        else "The procedure code is empty.",
        correction="write {right} ({box})" if usual else "enter the five-character HCPCS or CPT code ({box})",
        values={"right": Code(right), "box": box(claim, "code")},
        fixes=[Fix((Edit(where, right),), safe=True)] if usual else [],
    )


@lru_cache(4096)
def is_hcpcs(code: str) -> bool:
    """Whether a code has the form: five capitals or digits, not all of them letters."""
    return bool(re.fullmatch("[0-9A-Z]{5}", code, re.ASCII)) and not code.isalpha()
