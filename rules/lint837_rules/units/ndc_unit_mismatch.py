"""QTY001: billed units that disagree with the NDC quantity."""

from collections.abc import Iterator
from decimal import Decimal

from lint837 import FACTS, Bad, Claim, DrugLine, Good, NotChecked, Problem, Related, Severity, Value, counted, rule

from lint837_rules.boxes import box
from lint837_rules.packages import is_spread
from lint837_rules.units.group_advice import discarded_advice, shared_advice
from lint837_rules.units.groups import Group, groups
from lint837_rules.units.line_advice import line_advice
from lint837_rules.units.listed_units import listed, mismatch

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
    ],
    bad=[
        Bad(_line(":JZ", 1), at="SV104", note="packages billed as units, or the NDC of the other package"),
        Bad(_line(":JZ", 10, 10), at="SV104", note="milligrams written as packages"),
    ],
    prefilter=FACTS,
    yields_to=[
        ("NDC002", "related"),
        ("QTY003", "related"),
        ("NDC004", "related"),
        ("NDC005", "related"),
        ("NDC008", "related", "two CTPs"),
    ],
    unless="is_right",
)
def ndc_unit_mismatch(claim: Claim) -> Iterator[Problem | NotChecked]:
    """The billed units disagree with the NDC quantity.

    One unit of a drug's own code is a fixed amount, and so is one package of its NDC; the two quantities of a line must
    be the same amount. The payer compares them and rejects or underpays the line. Correct the quantity that is wrong.
    Lines are compared one by one, except that a JW line and the lines of its day, code and NDC go together: their units
    must be the sum of their NDC quantities, or the largest of them, since payers differ on that. Nothing is compared
    where the date of a JW line is unknown, or where a quantity cannot be read.

    Of a drug that only CMS lists, the units must be those of the quantity by the crosswalk, in containers (UN) or in
    milliliters, rounded up to whole units. It is a warning where the units would be right if cartons were counted, if a
    part of a container was given, or if one unit is "up to" an amount.
    """
    compared: set[int] = set()
    for group in groups(claim):
        if len(group.lines) == 1 and group.lines[0].is_right:  # as most are
            compared.add(group.lines[0].ordinal)
            continue
        if group.lines[0].drug.lacks:
            one = listed(group)
            compared |= {line.ordinal for line in group.lines} if one else set()
            may_be_elsewhere = group.is_alone or claim.has_unreadable_line
            if one and not one.is_right and not (may_be_elsewhere and one.billed < one.readings[0].total):
                yield mismatch(one)
            continue
        amounts = group.amounts
        if amounts is None:
            continue
        compared |= {line.ordinal for line in group.lines}
        if amounts.billed in (amounts.total, amounts.largest):
            continue
        if amounts.billed < amounts.total and (group.is_alone or claim.has_unreadable_line):
            continue  # the administered part, with the same package, may be on another line or claim
        yield _mismatch(group, *amounts)
    for line in claim.drug_lines:
        if line.is_product_line and line.ordinal not in compared:
            yield NotChecked(line, _why_not(line))


def _why_not(line: DrugLine) -> str:
    """Why a line was not compared."""
    if line.discarded is None:
        return "a JW line may belong to it, but a date of service is unknown"
    if line.is_compound:
        return "it is part of a compound"
    if is_spread(line):
        return "the procedure code takes up several elements, so the others are not where they belong"
    if line.service_unit_count is None:
        return "the units are not a plain number"
    if not line.drug_identifications:
        return "there is no NDC quantity to compare with"
    if line.drug.lacks and all(line.package_of(item) is None for item in line.drug_identifications):
        return "no crosswalk that was imported lists the NDC under the code"
    return "an NDC quantity of the line, or of a line that goes with it, does not say how much was used"


def _mismatch(group: Group, billed: Decimal, total: Decimal, largest: Decimal) -> Problem:
    line, unit = group.lines[0], group.code.amount
    items = [(other, item) for other in group.lines for item in other.drug_identifications]
    if len(group.lines) == 1:
        message = "The line bills {units}, but its NDC quantity is {amount}, which is {right_units}."
        advice = discarded_advice(group, billed, total) if line.is_discarded else line_advice(line, billed, total, unit)
        correction = "check how much was used, and correct the units ({box}) or the NDC quantity ({ndc_box})"
    else:
        message = (
            "The {count} lines bill {units}; their NDC quantities are {package_units} if they report the same package, "
        )
        message += "{right_units} if each reports its own."
        if total == largest:
            message = "The {count} lines bill {units}, but their NDC quantity is {amount}, which is {right_units}."
        advice = shared_advice(group, total, largest)
        correction = (
            "correct the units ({box}): administered and discarded units must total those of the packages that "
        )
        correction += "were opened"
    related = [Related(other.at_service_unit_count, "units") for other in group.lines[1:]]
    related += [Related(item.at_ndc, "NDC") for other, item in items]
    related += [Related(item.at_quantity, "NDC quantity") for other, item in items if item.ctp]
    values: dict[str, Value] = {
        "units": counted(billed / unit, "unit"),
        "count": len(group.lines),
        "amount": line.drug.measured(total),
        "right_units": counted(total / unit, "unit"),
        "package_units": counted(largest / unit, "unit"),
        "box": box(line, "units"),
        "ndc_box": box(line, "NDC"),
    }
    return Problem(
        where=line.at_service_unit_count,
        found=billed / unit,
        expected=largest / unit,
        message=message + advice.sentence,
        correction="" if advice.choices else correction,
        choices=advice.choices,
        values=values | advice.values,
        related=related,
    )
