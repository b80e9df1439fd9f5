"""SVC007: service lines that are not numbered 1, 2, 3."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, Problem, Severity, WholeClaim, rule

_LINE = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
_FIRST, _SECOND = "LX*1~", "LX*2~"


@rule(
    "SVC007",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "837P 005010X222A1 and 837I 005010X223A2, loop 2400, LX01; EDISS and UnitedHealthcare, EDI edits",
            "The lines of a claim are numbered from 1, each one above the line before.",
        ),
    ],
    good=[
        Good(_LINE + _LINE),
        Good(_LINE, instead=((_FIRST, "LX*001~"),), note="zeros before it"),
    ],
    bad=[
        Bad(_LINE + _LINE, instead=((_SECOND, "LX*3~"),), at="LX01", line="3"),
        Bad(_LINE + _LINE + _LINE, instead=((_SECOND, "LX*5~"),), at="LX01", line="5", note="reported once a claim"),
    ],
    alike="bill",
)
def line_numbers(claim: WholeClaim) -> Iterator[Problem]:
    """The service lines of the claim are not numbered 1, 2, 3.

    LX01 counts the lines of a claim. A gap or a repeated number may stand for a line that was lost, and payers reject
    the claim. Number the lines from 1. The first wrong number is reported.
    """
    for line in claim.lines:
        lx = line.rows[0]
        number = lx.element(1)
        if lx.id == "LX" and number.isascii() and number.isdigit() and int(number) != line.ordinal:
            yield Problem(
                where=lx.at(1),
                found="another number",
                expected=str(line.ordinal),
                message="LX01 is not {expected}, the number of the line in the claim.",
                correction="see that no line is missing, and number the lines 1, 2, 3 in LX01",
            )
            return
