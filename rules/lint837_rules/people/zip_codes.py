"""What is wrong with the ZIP code of a provider's address."""

import re
from collections.abc import Iterable, Iterator

from lint837 import Edit, Fix, Loop, Problem, Row, Severity, WholeClaim

from lint837_rules.boxes import box

_NINE = "[0-9]{9}"


def zip_problem(claim: WholeClaim, loop: Loop, whose: str, others: Iterable[Loop]) -> Iterator[Problem]:
    """What is wrong with the ZIP code of a loop of a name, if anything; `whose`: in words. `others`: loops of names
    that may have the same address with all nine digits.
    """
    row = loop.one("N4")
    if row and row.element(4) in ("", "US") and not re.fullmatch(_NINE, row.element(3)):
        yield _problem(claim, loop, row, whose, others)


def _elsewhere(loop: Loop, row: Row, others: Iterable[Loop]) -> str:
    """The nine digits that the same address has in another loop; "" for none, and where there are several."""
    address = _street(loop), row.texts[1:3]
    found = set()
    for other in others:
        there = other.one("N4")
        if there and (_street(other), there.texts[1:3]) == address and re.fullmatch(_NINE, there.element(3)):
            found.add(there.element(3))
    return found.pop() if len(found) == 1 and re.fullmatch("[0-9]{5}", row.element(3), re.ASCII) else ""


def _street(loop: Loop) -> list[str]:
    row = loop.one("N3")
    return row.texts if row else []


def _problem(claim: WholeClaim, loop: Loop, row: Row, whose: str, others: Iterable[Loop]) -> Problem:
    written = row.element(3)
    digits = re.sub("[ -]", "", written)
    whole = bool(re.fullmatch(_NINE, digits))
    known = digits if whole else _elsewhere(loop, row, others)
    if not known.startswith(digits):
        known = ""  # another ZIP code
    return Problem(
        where=row.at(3),
        found="hyphens or blanks" if whole else f"{len(written)} characters" if written else "nothing",
        expected="nine digits",
        message="The ZIP code of the {whose} has {what}, not nine digits.",
        correction="remove the hyphen or blank ({box})"
        if whole
        else "write the nine digits that the same address has elsewhere in the claim ({box})"
        if known
        else "enter the ZIP code with its last four digits ({box})",
        values={
            "whose": whose,
            "what": "a hyphen or blank" if whole else f"{len(written)} characters",
            "box": box(claim, "billing address" if whose == "billing provider" else "facility address"),
        },
        fixes=[Fix((Edit(row.at(3), known),), safe=True)] if known else [],
        severity=Severity.INFO if claim.is_test else None,
        once=f"{[one.texts for one in (*loop.all('N3'), row)]} {loop.first.element(9)}",
    )
