"""QTY005: the units of one day are not a dose of the label."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from lint837 import (
    FACTS,
    Bad,
    Claim,
    DrugCode,
    DrugLine,
    Good,
    NotChecked,
    Period,
    Periods,
    Problem,
    Related,
    Severity,
    counted,
    rule,
    show,
)

_ON = "DTP*472*D8*20250110~"


def _line(units: int, modifier: str, ndc: str = "", on: str = _ON) -> str:
    return f"SV1*HC:J9026{modifier}*16000*UN*{units}***1~{on}{ndc}"


_ONE = _line(1, ":JZ", "LIN**N4*55513005901~CTP****1*UN~")
_TEN = "LIN**N4*55513007701~CTP****{}*UN~"


@rule(
    "QTY005",
    severity=Severity.WARNING,
    cites=["label", "jw-policy"],
    good=[
        Good(
            _line(1, "", _TEN.format(1)) + _line(9, ":JW", _TEN.format(1)),
            note="1 mg from the package of 10 mg, the rest discarded",
        ),
        Good(
            _line(30, ":JZ", _TEN.format(3), "DTP*472*RD8*20250110-20250131~"),
            note="a range of days has several doses",
        ),
    ],
    bad=[
        Bad(_line(20, ":JZ", _TEN.format(2)), at="SV104", note="two packages"),
        Bad(_line(7, "") + _line(2, ":JW"), at="SV104", note="7 + 2"),
        Bad(_ONE + _line(10, ":JZ", _TEN.format(1)), at="SV104", note="1 mg and 10 mg on one day"),
    ],
    prefilter=FACTS,
    yields_to=[("QTY001", "day"), ("QTY003", "day"), ("HCP009", "day"), ("CLM003", "day")],
)
def implausible_dose(claim: Claim) -> Iterator[Problem | NotChecked]:
    """The units prepared for one day are not a dose of the label.

    The administered and discarded units of one day together are a dose of the label. Another number is probably a
    mistake in both the units and the NDC quantity, a line of another day, or an extra line. Check what was given. Only
    a drug's own code counts, on lines with a single date. Days with only a JW line are not checked, nor days to which a
    line of an unknown date may belong, nor interim and late-charge claims.
    """
    if claim.is_partial:
        yield from (
            NotChecked(line, "an interim or late-charge claim bills only a part (CLM05-3)") for line in claim.drug_lines
        )
        return
    problems = [(day, *found) for day, lines in _days(claim) if (found := _judge(day, lines))]
    if not problems:
        return
    unclear = _undated(claim)
    for day, line, problem in problems:
        if line.drug.name in unclear and unclear[line.drug.name].meet(Period(day, day)):
            yield NotChecked(line, "a line whose date of service is unknown may belong to the day")
        else:
            yield problem


def _days(claim: Claim) -> Iterator[tuple[date, list[DrugLine]]]:
    """The lines of each drug and single day."""
    days: dict[tuple[str, date], list[DrugLine]] = {}
    for line in claim.drug_lines:
        if line.day:
            days.setdefault((line.drug.name, line.day), []).append(line)
    for (_, day), lines in days.items():
        yield day, lines


def _undated(claim: Claim) -> dict[str, Periods]:
    """The days to which each drug's lines without a single day may belong."""
    periods: dict[str, list[Period | None]] = {}
    for line in claim.drug_lines:
        if line.code and not line.day:
            periods.setdefault(line.drug.name, []).append(line.period)
    return {drug: Periods(known) for drug, known in periods.items()}


def _judge(day: date, lines: list[DrugLine]) -> tuple[DrugLine, Problem] | None:
    billed = [line for line in lines if line.code and not line.weak]
    codes = [line.code for line in billed if line.code]
    given = next((line for line in billed if not line.is_discarded), None)
    counts = [line.service_unit_count for line in billed if line.service_unit_count is not None]
    # Units add up only where all codes count the same amount; a miscellaneous code counts none.
    if given is None or given.code is None or len({code.amount for code in codes}) > 1 or len(counts) < len(billed):
        return None
    units = sum(counts, Decimal(0))
    if not given.is_product_line or not given.drug.doses or units * given.code.amount in given.drug.doses:
        return None
    return given, _problem(day, given, given.code, units, [line for line in billed if line is not given])


def _problem(day: date, given: DrugLine, code: DrugCode, units: Decimal, others: list[DrugLine]) -> Problem:
    drug = given.drug
    return Problem(
        where=given.at_service_unit_count,
        found=units,
        expected=" or ".join(show(dose / code.amount) for dose in drug.doses),
        message="For {day} the claim bills {units} ({amount}){together}; the label doses of {drug} are {doses}.",
        correction="check how much was prepared, and the date of each line",
        values={
            "day": day,
            "units": counted(units, "unit"),
            "amount": drug.measured(units * code.amount),
            "together": ", administered and discarded together" if any(line.is_discarded for line in others) else "",
            "drug": drug.name,
            "doses": " and ".join(drug.measured(dose) for dose in drug.doses),
        },
        related=[Related(line.at_service_unit_count, "units") for line in others],
        severity=Severity.INFO if any(line.is_study_or_free for line in (given, *others)) else None,
    )
