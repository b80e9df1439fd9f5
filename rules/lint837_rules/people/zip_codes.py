"""What is wrong with the ZIP code of a provider's address."""

import re
from collections.abc import Iterator

from lint837 import Edit, Fix, Loop, Problem, Row, Severity, WholeClaim

from lint837_rules.boxes import box


def zip_problem(claim: WholeClaim, loop: Loop, whose: str) -> Iterator[Problem]:
    """What is wrong with the ZIP code of a loop of a name, if anything; `whose`: in words."""
    row = loop.one("N4")
    if row and row.element(4) in ("", "US") and not re.fullmatch("[0-9]{9}", row.element(3), re.ASCII):
        yield _problem(claim, loop, row, whose)


def _problem(claim: WholeClaim, loop: Loop, row: Row, whose: str) -> Problem:
    written = row.element(3)
    digits = re.sub("[ -]", "", written)
    whole = bool(re.fullmatch("[0-9]{9}", digits, re.ASCII))
    return Problem(
        where=row.at(3),
        found="hyphens or blanks" if whole else f"{len(written)} characters" if written else "nothing",
        expected="nine digits",
        message="The ZIP code of the {whose} has {what}, not nine digits.",
        correction="remove the hyphen or blank ({box})"
        if whole
        else "enter the ZIP code with its last four digits ({box})",
        values={
            "whose": whose,
            "what": "a hyphen or blank" if whole else f"{len(written)} characters",
            "box": box(claim, "billing address" if whose == "billing provider" else "facility address"),
        },
        fixes=[Fix((Edit(row.at(3), digits),), safe=True)] if whole else [],
        severity=Severity.INFO if claim.is_test else None,
        once=f"{[one.texts for one in (*loop.all('N3'), row)]} {loop.first.element(9)}",
    )
