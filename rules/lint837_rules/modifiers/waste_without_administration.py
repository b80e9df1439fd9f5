"""MOD003: a discarded amount without an administered amount."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from lint837 import (
    FACTS,
    Bad,
    Choice,
    Citation,
    Claim,
    DrugLine,
    Edit,
    Good,
    NotChecked,
    Period,
    Periods,
    Problem,
    Severity,
    Value,
    counted,
    rule,
)

from lint837_rules.boxes import box

_ON = "DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"
_GIVEN = "SV1*HC:J9026*11200*UN*7***1~"
_WASTE = f"SV1*HC:J9026:JW*4800*UN*3***1~{_ON}"


@rule(
    "MOD003",
    severity=Severity.ERROR,
    cites=[
        "discard-policy",
        Citation(
            "First Coast, JW modifier",
            "A line for the discarded amount without a line for the administered amount is rejected.",
        ),
    ],
    good=[
        Good(f"{_GIVEN}{_ON}{_WASTE}"),
    ],
    bad=[
        Bad(_WASTE, at="SV101-3"),
        Bad(_WASTE, at="SV101-3", filing_code="CI", severity=Severity.WARNING, note="not Medicare"),
    ],
    prefilter=FACTS,
    yields_to=[("MOD002", "line", "JW with JZ")],
    study=Severity.INFO,
    not_on=["partial"],
    unless="is_right",
)
def waste_without_administration(claim: Claim) -> Iterator[Problem | NotChecked]:
    """A discarded amount is billed without an administered amount.

    Payers pay for a discarded amount only with the amount that was given from the same container on the same day, and
    reject a JW line without it. If the line is what was given, and nothing was discarded, change JW to JZ; otherwise,
    bill the administered amount on a separate line. To remove JW, and do nothing else, is never right.

    Any other line of the drug without JW counts as administered, whatever its code. It is an error for Medicare, and a
    warning for other payers. Interim and late-charge claims are not checked, nor a line where a date of service is
    unknown, nor a claim with a line that cannot be read.
    """
    if claim.has_unreadable_line:
        yield from (NotChecked(line, "a line of the claim cannot be read") for line in claim.drug_lines)
        return
    given: Counter[tuple[str, date]] = Counter()
    undated: dict[str, list[Period | None]] = {}
    for line in claim.drug_lines:
        if line.day and not line.is_discarded:
            given[line.drug.name, line.day] += 1
        elif not line.is_discarded:
            undated.setdefault(line.drug.name, []).append(line.line_period)
    unclear = {drug: Periods(periods) for drug, periods in undated.items()}
    wasted = Counter((line.drug.name, line.day) for line in claim.drug_lines if line.is_discarded)
    for line in claim.drug_lines:
        if "JW" not in line.modifiers:
            continue
        drug, itself = line.drug.name, not line.is_discarded  # with JZ, too: it is among the given lines
        if line.day is None or (drug in unclear and unclear[drug].meet(Period(line.day, line.day))):
            yield NotChecked(line, "the date of service is unknown, of the line or of one that may go with it")
        elif given[drug, line.day] == itself:
            yield _problem(line, line.day, alone=wasted[drug, line.day] <= 1)


def _problem(line: DrugLine, day: date, *, alone: bool) -> Problem:
    """`alone`: no other line of the day bills what was discarded, so that one with JZ contradicts none."""
    where = next(place for modifier, place in line.places_of_modifiers if modifier == "JW")
    units, whole = line.service_unit_count, _units_of_the_package(line)
    values: dict[str, Value] = {"drug": line.drug.name, "date": day, "box": box(line, "modifiers")}
    exact = alone and not line.procedure.form  # else the place of JW is the whole of SV101 or SV202
    to_jz = (Edit(where, "JZ"),) if exact else ()
    choices = [
        Choice("this line is what was given, and nothing was discarded", "change JW to JZ ({box})", to_jz),
        Choice("this line is what was discarded", "bill what was given on a separate line"),
    ]
    if units and whole and units < whole and line.code:
        whole_units = (Edit(line.at_service_unit_count, f"{whole:f}"),) if exact else ()
        amount = line.code.amount
        values |= {"units": units, "whole": whole, "rest": counted(whole - units, "unit"), "in": box(line, "units")}
        values |= {"billed": line.drug.measured(units * amount), "package": line.drug.measured(whole * amount)}
        choices = [
            Choice(
                "all {package} of the NDC quantity was given",
                "change JW to JZ ({box}), and the units from {units} to {whole} ({in})",
                (*to_jz, *whole_units),
            ),
            Choice(
                "{billed} was given and the rest was discarded",
                "remove JW from this line ({box}), and bill the other {rest} on a separate line with JW",
            ),
            Choice("{billed} was discarded and the rest was given", "bill the other {rest} on a separate line"),
        ]
    choices.append(Choice("nothing was given on that day", "remove this line"))
    return Problem(
        where=where,
        found="JW alone",
        expected="an administered amount on the same day",
        message="The line bills a discarded amount (JW), but no line bills an administered amount of {drug} on {date}.",
        choices=choices,
        values=values,
        severity=Severity.ERROR if line.setting.is_medicare else Severity.WARNING,
    )


def _units_of_the_package(line: DrugLine) -> Decimal | None:
    """How many units the packages of the line hold; None where that is not known."""
    if line.code is None or not line.is_product_line or line.ndc_amount is None:
        return None
    whole = line.ndc_amount / line.code.amount
    return whole if whole == whole.to_integral_value() else None
