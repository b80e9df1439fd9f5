"""QTY005: the units of one day are not a dose of the label."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from lint837 import (
    FACTS,
    Bad,
    Claim,
    DrugLine,
    Fact,
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

from lint837_rules.boxes import box
from lint837_rules.packages import billed_amount, is_spread

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
    ],
    bad=[
        Bad(_line(20, ":JZ", _TEN.format(2)), at="SV104", note="two packages"),
        Bad(_line(7, "") + _line(2, ":JW"), at="SV104", note="7 + 2"),
    ],
    prefilter=FACTS,
    yields_to=[("QTY001", "day"), ("QTY003", "day"), ("HCP009", "day"), ("CLM003", "day")],
    study=Severity.INFO,
    not_on=["partial"],
    needs=[Fact.DOSES],
    unless="is_right",
)
def implausible_dose(claim: Claim) -> Iterator[Problem | NotChecked]:
    """The units prepared for one day are not a dose of the label.

    The administered and discarded units of one day together are a dose of the label. Another number is probably a
    mistake in both the units and the NDC quantity, a line of another day, or an extra line. Check what was given. Only
    a drug's own code counts, on lines with a single date. Days with only a JW line are not checked, nor days to which a
    line of an unknown date may belong unless their units are more than any dose, nor interim and late-charge claims.
    """
    if claim.has_unreadable_line:
        yield from (NotChecked(line, "a line of the claim could not be read") for line in claim.drug_lines)
        return
    doses = [(day, dose) for day, lines in _days(claim) if (dose := _dose(lines)) and not dose.is_of_the_label]
    unclear = _undated(claim) if doses else {}
    for day, dose in doses:
        drug = dose.given.drug
        doubtful = drug.name in unclear and unclear[drug.name].meet(Period(day, day))
        if (dose.is_part or doubtful) and dose.amount < max(drug.doses):
            yield NotChecked(dose.given, "a line without an amount or a known date of service may hold the rest")
        else:
            yield _problem(day, dose)


def _days(claim: Claim) -> Iterator[tuple[date, list[DrugLine]]]:
    """The lines of each drug and single day, but for a right line alone: its units are a dose."""
    days: dict[tuple[str, date], list[DrugLine]] = {}
    for line in claim.drug_lines:
        if line.day:
            days.setdefault((line.drug.name, line.day), []).append(line)
    for (_, day), lines in days.items():
        if len(lines) > 1 or not lines[0].is_right:
            yield day, lines


def _undated(claim: Claim) -> dict[str, Periods]:
    """The days to which each drug's lines without a single day may belong."""
    periods: dict[str, list[Period | None]] = {}
    for line in claim.drug_lines:
        if line.code and not line.day:
            periods.setdefault(line.drug.name, []).append(line.period)
    return {drug: Periods(known) for drug, known in periods.items()}


class _Dose(NamedTuple):
    """What lines of a drug's own codes bill for a day, and the first administered one. is_part: a miscellaneous line,
    which has no amount, may be the rest.
    """

    given: DrugLine
    others: list[DrugLine]
    units: Decimal
    amount: Decimal
    is_part: bool

    @property
    def is_of_the_label(self) -> bool:
        """Whether it is a dose of the label, or none is known."""
        return not self.given.drug.doses or self.amount in self.given.drug.doses


def _dose(lines: list[DrugLine]) -> _Dose | None:
    """None where no line is an administered one, or where not all of them say how much."""
    billed = [line for line in lines if line.is_product_line]
    given = next((line for line in billed if not line.is_discarded), None)
    amounts = [amount for line in billed if (amount := billed_amount(line)) is not None]
    if given is None or len(amounts) < len(billed) or any(is_spread(line) for line in lines):
        return None
    return _Dose(
        given,
        [line for line in billed if line is not given],
        sum((units for line in billed if (units := line.service_unit_count)), Decimal(0)),
        sum(amounts, Decimal(0)),
        is_part=any(line.code and not line.is_product_line and not line.weak for line in lines),
    )


def _problem(day: date, dose: _Dose) -> Problem:
    given, others, drug = dose.given, dose.others, dose.given.drug
    in_unit = dose.amount / dose.units
    return Problem(
        where=given.at_service_unit_count,
        found=dose.units,
        expected=" or ".join(show(label / in_unit) for label in drug.doses),
        message="For {day} the claim bills {units} ({amount}){together}; the label doses of {drug} are {doses}.",
        correction="check how much was prepared, and the units ({units_box}) and the date ({date_box}) of each line",
        values={
            "day": day,
            "units": counted(dose.units, "unit"),
            "amount": drug.measured(dose.amount),
            "together": ", administered and discarded together" if any(line.is_discarded for line in others) else "",
            "drug": drug.name,
            "units_box": box(given, "units"),
            "date_box": box(given, "date"),
            "doses": " and ".join(drug.measured(label) for label in drug.doses),
        },
        related=[Related(line.at_service_unit_count, "units") for line in others],
        severity=Severity.INFO if any(line.is_study_or_free for line in others) else None,
    )
