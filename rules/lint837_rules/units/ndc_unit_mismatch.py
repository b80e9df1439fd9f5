"""QTY001: billed units that disagree with the NDC quantity."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from lint837 import (
    FACTS,
    Bad,
    Claim,
    DrugCode,
    DrugLine,
    Good,
    NotChecked,
    Problem,
    Related,
    Severity,
    counted,
    rule,
)

from lint837_rules.jw_groups import by_ndc
from lint837_rules.units.unit_slips import Slips, slips_of

_ON = "DTP*472*D8*20250110~"
_NDC = "LIN**N4*55513007701~CTP****{}*UN~"


def _line(modifier: str, units: int, quantity: int = 1) -> str:
    return f"SV1*HC:J9026{modifier}*16000*UN*{units}***1~{_ON}{_NDC.format(quantity)}"


@rule(
    "QTY001",
    severity=Severity.ERROR,
    cites=["asp-crosswalk", "specific-code", "jw-policy"],
    good=[
        Good(_line("", 7) + _line(":JW", 3), note="the package on both lines"),
        Good(_line(":JW", 3), also=("MOD003",), note="the administered part may be on another claim"),
    ],
    bad=[
        Bad(_line(":JZ", 1), at="SV104", note="packages billed as units, or the NDC of the other package"),
        Bad(_line(":JZ", 10, 10), at="SV104", note="milligrams written as packages"),
        Bad(_line("", 7), at="SV104", note="no line bills the discarded part"),
        Bad(_line("", 7) + _line(":JW", 2), at="SV104", note="7 + 2"),
    ],
    prefilter=FACTS,
)
def ndc_unit_mismatch(claim: Claim) -> Iterator[Problem | NotChecked]:
    """The billed units disagree with the NDC quantity.

    One unit of a drug's own code is a fixed amount, and so is one package of its NDC; the two quantities of a line must
    be the same amount. The payer compares them and rejects or underpays the line. Correct the quantity that is wrong.
    Lines are compared one by one, except that a JW line and the lines of its day, code and NDC go together: their units
    must be the sum of their NDC quantities, or the largest of them, since payers differ on that. Nothing is compared
    where the date of a JW line is unknown, or where a quantity cannot be read.
    """
    compared: set[int] = set()
    for group in _groups(claim):
        amounts = [line.ndc_amount for line in group.lines if line.drug_identifications]
        units = [line.service_unit_count for line in group.lines]
        known_amounts = [amount for amount in amounts if amount is not None]
        whole_units = [count for count in units if count is not None and count == int(count)]
        if not amounts or len(known_amounts) < len(amounts) or len(whole_units) < len(units):
            continue
        compared |= {line.ordinal for line in group.lines}
        billed = sum(whole_units, Decimal(0)) * group.code.amount
        total, largest = sum(known_amounts, Decimal(0)), max(known_amounts)
        if billed in (total, largest):
            continue
        if all(line.is_discarded for line in group.lines) and billed < total:
            continue  # the administered part, with the same package, may be on another claim
        yield _mismatch(group, billed, total, largest)
    for line in claim.drug_lines:
        if line.is_product_line and line.ordinal not in compared:
            yield NotChecked(line, _why_not(line))


def _why_not(line: DrugLine) -> str:
    """Why a line was not compared."""
    if line.discarded is None:
        return "a JW line may belong to it, but a date of service is unknown"
    if line.is_compound:
        return "it is part of a compound"
    if line.service_unit_count is None or line.service_unit_count != int(line.service_unit_count):
        return "the units are not a whole number"
    if not line.drug_identifications:
        return "there is no NDC quantity to compare with"
    return "an NDC quantity of the line, or of a line that goes with it, does not say how much was used"


class _Group(NamedTuple):
    """Lines whose units and quantities are compared together; a mismatch is reported at the first."""

    code: DrugCode
    lines: list[DrugLine]


def _groups(claim: Claim) -> Iterator[_Group]:
    days: set[tuple[str, date | None]] = set()
    for line in claim.drug_lines:
        if line.code is None or not line.code.is_product or line.discarded is None:
            continue
        if not line.discarded:
            together = [[line]]
        elif (line.code.code, line.day) in days:
            continue
        else:
            days.add((line.code.code, line.day))
            together = by_ndc(line.same_day)
        for lines in together:
            if not any(other.is_compound or other.has_stray_quantity for other in lines):
                # An administered line is first: a mismatch is reported there.
                yield _Group(line.code, sorted(lines, key=lambda other: other.is_discarded))


def _mismatch(group: _Group, billed: Decimal, total: Decimal, largest: Decimal) -> Problem:
    line, code = group.lines[0], group.code
    drug = line.drug
    items = [(other, item) for other in group.lines for item in other.drug_identifications]
    slips = Slips()
    if len(group.lines) == 1:
        message = "The line bills {units}, but its NDC quantity is {amount}, which is {right_units}."
        slips = slips_of(line, billed, total)
    elif total == largest:
        message = "The {count} lines bill {units}, but their NDC quantity is {amount}, which is {right_units}."
        slips.correct("correct the units: administered and discarded units must total {right_units}")
    else:
        message = (
            "The {count} lines bill {units}; their NDC quantities are {package_units} if they report the same package, "
            "{right_units} if each reports its own."
        )
        slips.correct(
            "correct the units: administered and discarded units must total those of the packages that were opened"
        )
    related = [Related(other.at_service_unit_count, "units") for other in group.lines[1:]]
    related += [Related(item.at_ndc, "NDC") for other, item in items]
    related += [Related(item.at_quantity, "NDC quantity") for other, item in items if item.ctp]
    return Problem(
        where=line.at_service_unit_count,
        found=billed / code.amount,
        expected=largest / code.amount,
        message=message + slips.sentence,
        correction="; ".join(slips.corrections) + " (1 unit = {unit_amount})",
        values={
            "units": counted(billed / code.amount, "unit"),
            "count": len(group.lines),
            "amount": drug.measured(total),
            "unit_amount": drug.measured(code.amount),
            "right_units": counted(total / code.amount, "unit"),
            "package_units": counted(largest / code.amount, "unit"),
            **slips.values,
        },
        related=related,
    )
