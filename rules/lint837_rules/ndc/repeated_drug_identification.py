"""NDC008: two NDCs on one service line, or two quantities of one NDC."""

from collections.abc import Iterator
from decimal import Decimal

from lint837 import (
    Bad,
    Choice,
    Citation,
    Code,
    DrugIdentification,
    DrugLine,
    Good,
    Problem,
    Related,
    Segment,
    Severity,
    Value,
    plain_decimal,
    rule,
)

from lint837_rules.boxes import box

_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"
_HALVES = "LIN**N4*55513007701~CTP****.5*UN~LIN**N4*55513005901~CTP****5*UN~"
_ONE = "LIN**N4*55513005901~CTP****{}*UN~"


@rule(
    "NDC008",
    severity=Severity.ERROR,
    cites=[
        "loop-2410",
        Citation(
            "Palmetto GBA, Reporting the National Drug Code; HealthChoice Oklahoma, claims with NDC",
            "For a drug from two NDCs some payers want one line with the second NDC in NTE02, others a line for each "
            "NDC with modifiers; none wants two in loop 2410.",
        ),
    ],
    good=[
        Good(
            f"SV1*HC:J9026:JZ*14400*UN*9***1~DTP*472*D8*20250110~{_ONE.format(9)}"
            f"SV1*HC:J9026:JZ:KP*1600*UN*1***1~DTP*472*D8*20250110~{_ONE.format(1)}",
            note="each on its own line",
        ),
    ],
    bad=[
        Bad(_SV1 + _HALVES, at="", note="two packages"),
        Bad(_SV1 + _NDC + _NDC, at="", note="the same NDC twice"),
    ],
    unless="is_plain",
)
def repeated_drug_identification(line: DrugLine) -> Iterator[Problem]:
    """A service line has more than one LIN, or two CTPs that differ after one LIN.

    Loop 2410 occurs once per service line: a payer reads the first or the last NDC or quantity, or rejects the claim.
    Payers differ on how to bill a drug from two packages: on two lines, often with KP and KQ, or on one line with the
    second NDC in a note. There is one finding a line, at the second LIN, or at the CTP that differs.
    """
    items = line.drug_identifications
    twice = [(item, ctp) for item in items for ctp in item.ctps[1:] if _said(ctp) != _said(item.ctps[0])]
    cause = "two CTPs" if twice else ""
    if len(items) < 2:
        if twice:
            yield _two_quantities(line, *twice[0], cause)
        return
    first, second = items[:2]
    ndcs = [line.package_of(item) or item.ndc for item in items]
    if len(set(ndcs)) == 1:
        correction = "keep one LIN, with the whole quantity of the NDC in its CTP ({box})"
    else:
        correction = (
            "bill each NDC on its own line, often with KP and KQ, or as the payer asks for two packages ({box})"
        )
    yield Problem(
        where=second.at_lin,
        found=len(items),
        expected=1,
        message="The line has {found} LIN segments, but it can report only {expected} NDC.",
        correction=correction,
        values={"box": box(line, "NDC")},
        related=[Related(item.at_ndc, "NDC") for item in (first, *items[2:])],
        cause=cause,
    )


def _said(ctp: Segment) -> tuple[object, str]:
    """What a CTP says, so that 1 and 1.0 are equal."""
    return (plain_decimal(ctp.element(4)) or ctp.element(4), ctp.element(5, 1))


def _two_quantities(line: DrugLine, item: DrugIdentification, other: Segment, cause: str) -> Problem:
    values: dict[str, Value] = {"box": box(line, "NDC")}
    for name, ctp in (("first", item.ctps[0]), ("other", other)):
        number, unit = plain_decimal(ctp.element(4)), ctp.element(5, 1)
        values[name] = "an unreadable quantity with" if number is None else number
        values[f"{name}_unit"] = Code(unit) if unit else "no unit of measure"
    return Problem(
        where=line.at(other),
        found=len(item.ctps),
        expected=1,
        message="The NDC has {found} quantities (CTP), {first} {first_unit} and {other} {other_unit}, but it can have "
        "only {expected}.",
        choices=[
            Choice(f"{{{name}}} {{{name}_unit}} is right", "keep only that CTP ({box})")
            for name in ("first", "other")
            if isinstance(values[name], Decimal)
        ]
        or [Choice("neither is right", "write one CTP with the quantity that was used ({box})")],
        values=values,
        related=[Related(item.at_quantity, "NDC quantity")],
        cause=cause,
    )
