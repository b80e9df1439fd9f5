"""SVC005: an NDC, or its quantity, that is not written as the guide has it."""

import re
from collections.abc import Iterator

from lint837 import (
    Bad,
    Citation,
    Code,
    Edit,
    Fix,
    Good,
    Identifier,
    Problem,
    Row,
    Severity,
    WholeClaim,
    amount_of,
    rule,
)

from lint837_rules.boxes import box

_LINE = "SV1*HC:J1100*100*UN*1***1~DTP*472*D8*20260105~LIN**N4*{}~{}"
_QUANTITY = "CTP****1*ML~"
_UNITS = frozenset({"F2", "GR", "ME", "ML", "UN"})
_HYPHENS = "([0-9]{5})-([0-9]{4})-([0-9]{2})"


@rule(
    "SVC005",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "Stedi, claim edits, 2025-12-10 and 2026; UnitedHealthcare, edit H10014",
            "An NDC has 11 digits, a quantity and a unit.",
        ),
        "loop-2410",
    ],
    good=[
        Good(_LINE.format("63323016501", _QUANTITY)),
        Good(_LINE.replace("N4", "UP").format("0123456789", _QUANTITY), note="LIN02 is not N4"),
    ],
    bad=[
        Bad(_LINE.format("63323-0165-01", _QUANTITY), at="LIN03", note="hyphens"),
        Bad(_LINE.format("6332316501", _QUANTITY), at="LIN03", note="ten digits"),
        Bad(_LINE.format("63323016501", ""), at="", note="no CTP"),
        Bad(_LINE.format("63323016501", "CTP****1*EA~"), at="CTP05-1"),
    ],
    yields_to=[(f"NDC00{n}", "line") for n in (1, 4, 5, 8)],
    only="LIN CTP",
)
def ndc_form(claim: WholeClaim) -> Iterator[Problem]:
    """An NDC is not eleven digits, or its quantity or unit is missing or wrong.

    LIN03 under N4 is the NDC in eleven digits (5-4-2) without hyphens; the CTP after it has a quantity above 0 and a
    unit: F2, GR, ME, ML or UN. Payers reject anything else. Write the NDC of the package as eleven digits, with its
    quantity and unit. Hyphens in 5-4-2 can be removed safely; ten digits do not say where the 0 belongs.
    """
    for line in claim.lines if claim.has_drugs else ():
        lin: Row | None = None
        for row in line.rows:
            if row.id == "LIN":
                if lin:
                    yield _missing(claim, lin, "a CTP with the quantity and the unit", "the NDC has no quantity")
                lin = row
                yield from _number(claim, row)
            elif row.id == "CTP":
                yield from _quantity(claim, row)
                lin = None
        if lin:
            yield _missing(claim, lin, "a CTP with the quantity and the unit", "the NDC has no quantity")
        first = next((row for row in line.rows if row.id in ("LIN", "CTP")), None)
        if first and first.id == "CTP":
            yield _missing(claim, first, "a LIN with the NDC", "a quantity comes without an NDC")


def _number(claim: WholeClaim, lin: Row) -> Iterator[Problem]:
    ndc = lin.element(3)
    if lin.element(2) != "N4" or re.fullmatch("[0-9]{11}", ndc, re.ASCII):
        return
    hyphens = re.fullmatch(_HYPHENS, ndc)
    right = "".join(hyphens.groups()) if hyphens else ""
    yield Problem(
        where=lin.at(3),
        found=Identifier(ndc) if ndc else "nothing",
        expected=Identifier(right) if right else "eleven digits",
        message="The NDC is not eleven digits.",
        correction="change it to {expected} ({box})" if right else "write the NDC as eleven digits, 5-4-2 ({box})",
        values={"box": box(claim, "NDC")},
        fixes=[Fix((Edit(lin.at(3), right),), safe=True)] if right else [],
    )


def _quantity(claim: WholeClaim, ctp: Row) -> Iterator[Problem]:
    quantity, unit = amount_of(ctp.element(4)), ctp.element(5, 1)
    if quantity is None or quantity <= 0:
        yield Problem(
            where=ctp.at(4),
            found="no number above 0",
            expected="a number above 0",
            message="The quantity of the NDC is not a number above 0.",
            correction="enter the quantity of the NDC in CTP04 ({box})",
            values={"box": box(claim, "NDC")},
        )
    if unit not in _UNITS:
        yield Problem(
            where=ctp.at(5, 1),
            found=Code(unit) if unit else "nothing",
            expected="F2, GR, ME, ML or UN",
            message="The unit of the NDC quantity is {found}, not {expected}.",
            correction="enter the unit of the NDC quantity in CTP05: {expected} ({box})",
            values={"box": box(claim, "NDC")},
        )


def _missing(claim: WholeClaim, row: Row, what: str, said: str) -> Problem:
    return Problem(
        where=row.at(),
        found="nothing",
        expected=what,
        message=f"On the line {said}.",
        correction="add {expected} ({box})",
        values={"box": box(claim, "NDC")},
    )
