"""PRV001: a billing provider without a valid tax id."""

import re
from collections.abc import Iterator

from lint837 import Bad, Citation, Edit, Fix, Good, Loop, Problem, Row, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
_RIGHT = "REF*EI*741852963"
_DUMMY = r"123456789|(\d)\1{8}"
_TEST = ("*0*P*:", "*0*T*:")


@rule(
    "PRV001",
    severity=Severity.ERROR,
    cites=[
        Citation("Stedi, claim edits, 2025-12-02", "The billing provider's tax id must be nine digits."),
        Citation(
            "CGS, CEDI, top front-end edits", "A tax id that is not on file for the provider is A8:562 and A8:128."
        ),
    ],
    good=[
        Good(_VISIT, instead=((_RIGHT, "REF*SY*741852963"),), note="a social security number"),
        Good(_VISIT, instead=((_RIGHT, "REF*0B*12-3~REF*EI*741852963"),), note="a license number beside it"),
    ],
    bad=[
        Bad(_VISIT, instead=((_RIGHT, "REF*EI*74-1852963"),), at="REF02", line="", note="a hyphen"),
        Bad(_VISIT, instead=((_RIGHT, "REF*0B*A1"),), at="", line="", note="none"),
        Bad(_VISIT, instead=((_RIGHT, "REF*EI*123456789"),), at="REF02", line="", note="a dummy"),
        Bad(_VISIT, instead=((_RIGHT, "REF*EI*000000000"), _TEST), at="REF02", line="", severity=Severity.INFO),
    ],
    alike="billing",
)
def billing_tax_id_invalid(claim: WholeClaim) -> Iterator[Problem]:
    """The billing provider has no tax id of nine digits.

    Payers identify the billing provider by NPI and tax id together (REF*EI, or REF*SY for a social security number),
    and reject a claim whose tax id is missing, is not nine digits, or is a dummy such as 123456789. Enter the nine
    digits without a hyphen. Each number is reported once a file. The message never holds the number.

    A dummy in a test interchange (ISA15 is T) is for information.
    """
    loop = claim.billing.entity("85")
    if loop is None:
        return
    numbers = [*loop.all("REF", "EI"), *loop.all("REF", "SY")]
    if not numbers:
        yield Problem(
            where=(loop.one("N4") or loop.first).at(),
            found="nothing",
            expected="REF*EI with the tax id",
            message="The billing provider has no tax id (REF*EI or REF*SY).",
            correction="add REF*EI with the nine digits of the provider's tax id to loop 2010AA ({box})",
            values={"box": box(claim, "tax id")},
            once=f"none {loop.first.element(9)}",
        )
    for row in numbers:
        if not re.fullmatch("[0-9]{9}", row.element(2), re.ASCII) or re.fullmatch(_DUMMY, row.element(2)):
            yield _problem(claim, loop, row)


def _problem(claim: WholeClaim, loop: Loop, row: Row) -> Problem:
    number = row.element(2)
    digits = re.sub("[ -]", "", number)
    dummy = bool(re.fullmatch(_DUMMY, digits))
    whole = not dummy and bool(re.fullmatch("[0-9]{9}", digits, re.ASCII))
    what = "is a dummy number" if dummy else "has hyphens or blanks" if whole else f"has {len(number)} characters"
    return Problem(
        where=row.at(2),
        found="a dummy number" if dummy else "hyphens or blanks" if whole else "no number of nine digits",
        expected="nine digits",
        message="The billing provider's tax id {what}; it must be nine digits.",
        correction="remove the hyphens and blanks ({box})"
        if whole
        else "enter the provider's nine-digit tax id without a hyphen ({box})",
        values={"what": what, "box": box(claim, "tax id")},
        fixes=[Fix((Edit(row.at(2), digits),), safe=True)] if whole else [],
        severity=Severity.INFO if dummy and claim.is_test else None,
        once=f"{row.element(1)} {number} {loop.first.element(9)}",
    )
