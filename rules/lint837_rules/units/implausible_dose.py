"""QTY005: units of a day that are no dose of the label."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from lint837 import (
    FACTS,
    Bad,
    Citation,
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
_NEXT = "DTP*472*D8*20250117~"


def _line(units: str, quantity: str = "", modifier: str = "JZ", on: str = _ON, ndc: str = "55513007701") -> str:
    loop = f"LIN**N4*{ndc}~CTP****{quantity}*UN~" if quantity else ""
    code = f"J9026:{modifier}".rstrip(":")
    return f"SV1*HC:{code}*16000*UN*{units}***1~{on}{loop}"


@rule(
    "QTY005",
    severity=Severity.WARNING,
    cites=[
        Citation(
            "Amgen, IMDELLTRA permanent J-code flyer",
            "1 mg on day 1 of cycle 1, 10 mg on days 8 and 15, then 10 mg every 2 weeks.",
        ),
        "jw-policy",
    ],
    good=[
        Good(_line("10", "1")),
        Good(_line("1", "1", ndc="55513005901")),
        Good(_line("1", "1", "") + _line("9", "1", "JW"), note="1 mg of the package of 10 mg, the rest discarded"),
        Good(_line("1", "1", ndc="55513005901") + _line("10", "1", on=_NEXT), note="two days"),
        Good(
            _line("10", "1") + _line("10", "1", on=_NEXT) + _line("10", "1", on="DTP*472*D8*20250131~"),
            note="a month on one claim, a line a day",
        ),
        Good(
            _line("7") + _line("7").replace("J9026", "C9170"),
            also=("HCP001", "HCP009"),
            note="under two codes: HCP009 tells that",
        ),
        Good(_line("30", "3", on="DTP*472*RD8*20250110-20250131~"), note="a range holds more than one dose"),
        Good(
            "SV2*0636*HC:J9026:JZ*48000*UN*30~LIN**N4*55513007701~CTP****3*UN~",
            guide="837I",
            statement="20250101-20250131",
            also=("DOS001",),
            note="a month on one line",
        ),
        Good(
            _line("5", on=_ON) + _line("5", on="DTP*472*RD8*20250110-20250111~"),
            note="a line of several days may hold the rest of the dose",
        ),
        Good(
            _line("7", modifier="") + _line("3", modifier="JW", on=""),
            also=("DOS001",),
            note="a JW line whose day is not known may hold the rest",
        ),
        Good(_line("20", "2"), frequency="3", note="an interim bill: a remainder is billed"),
        Good(_line("20", "2"), frequency="5", note="late charges"),
        Good(_line("5", "1"), also=("QTY001",), note="one cause: units and NDC quantity disagree"),
        Good(_line("9.5", "1"), also=("QTY003",), note="one cause: no unit count"),
        Good(_line("10", "1") + _line("10", "1"), also=("CLM003",), note="one cause: the same line twice"),
        Good(_line("3", "1", "JW"), also=("MOD003",), note="the administered part may be on another claim"),
        Good(
            "SV1*HC:J9999:::::TARLATAMAB 5 MG*8000*UN*1***1~DTP*472*D8*20241110~"
            "SV1*HC:C9170:JZ*8000*UN*5***1~DTP*472*D8*20241110~",
            also=("HCP009",),
            note="one cause: two codes",
        ),
        Good(
            "SV1*HC:J9999:::::TARLATAMAB*16000*UN*3***1~DTP*472*D8*20241110~LIN**N4*55513007701~CTP****1*UN~",
            note="a miscellaneous code does not say what its unit is",
        ),
        Good(f"SV1*HC:J9271*9000*UN*200***1~{_ON}", note="another drug"),
    ],
    bad=[
        Bad(_line("20", "2"), at="SV104", note="two packages"),
        Bad(_line("5"), at="SV104"),
        Bad(_line("100", "10"), at="SV104", note="tenfold, in both quantities"),
        Bad(_line("7", modifier="") + _line("2", modifier="JW"), at="SV104", note="7 + 2"),
        Bad(
            _line("2", modifier="JW") + _line("9", modifier=""),
            at="SV104",
            line="2",
            note="9 + 2, said at the administered line",
        ),
        Bad(
            _line("10", "1") + _line("10", "1", "JZ:76"),
            at="SV104",
            note="76 says that it is no duplicate, but the label knows no such dose",
        ),
        Bad(
            _line("1", "1", ndc="55513005901") + _line("10", "1"),
            at="SV104",
            note="1 mg and 10 mg for one day",
        ),
        Bad(
            _line("20", "2") + _line("10", "1", on=_NEXT),
            at="SV104",
            note="each day for itself",
        ),
        Bad(_line("20", "2", "JZ:Q0"), at="SV104", severity=Severity.INFO, note="in a study"),
        Bad(
            f"SV2*0636*HC:J9026:JZ*32000*UN*20~{_ON}LIN**N4*55513007701~CTP****2*UN~",
            at="SV205",
            guide="837I",
            statement="20250101-20250131",
        ),
        Bad(_line("20", "2"), at="SV104", dependent=True, filing_code=""),
        Bad(_line("20", "2"), at="SV104", frequency="8", severity=Severity.INFO),
        Bad(
            f"SV2*0636*HC:J9026*32000*UN*20~{_ON}LIN**N4*55513007701~CTP****2*UN~",
            at="SV205",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
    prefilter=FACTS,
    yields_to=[("QTY001", "day"), ("QTY003", "day"), ("HCP009", "day"), ("CLM003", "day")],
)
def implausible_dose(claim: Claim) -> Iterator[Problem | NotChecked]:
    """The units that were prepared for one day are no dose of the label.

    What was administered and discarded on one day comes to a dose of the label (1 mg or 10 mg of tarlatamab); another
    number is likely a slip that stands in the units and in the NDC quantity alike, a line of another day, or one too
    many. Check what was given. Only days that a line states by itself are added up, only a drug's own code, and not on
    late charges and interim bills. A day is passed over where another rule says why (units and NDC quantity disagree,
    an invalid count, two codes, a repeated line), where only a JW line stands, or where a line whose day is not known
    may hold the rest.
    """
    if claim.is_partial:
        yield from (
            NotChecked(line, "the claim bills a remainder (frequency 0, 2, 3, 4 or 5)") for line in claim.drug_lines
        )
        return
    problems = [(day, *found) for day, lines in _days(claim) if (found := _judge(day, lines))]
    if not problems:
        return
    unclear = _undated(claim)
    for day, line, problem in problems:
        if line.drug.name in unclear and unclear[line.drug.name].meet(Period(day, day)):
            yield NotChecked(line, "a line whose day is not known may belong to the day")
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
    codes = {line.code for line in billed if line.code}
    given = next((line for line in billed if not line.is_discarded), None)
    if given is None or len(codes) != 1 or any(line.service_unit_count is None for line in billed):
        return None
    code = codes.pop()
    units = sum((line.service_unit_count or Decimal(0) for line in billed), Decimal(0))
    if not code.is_product or not given.drug.doses or units * code.amount in given.drug.doses:
        return None
    return given, _problem(day, given, code, units, [line for line in billed if line is not given])


def _problem(day: date, given: DrugLine, code: DrugCode, units: Decimal, others: list[DrugLine]) -> Problem:
    drug = given.drug
    return Problem(
        where=given.at_service_unit_count,
        found=units,
        expected=" or ".join(show(dose / code.amount) for dose in drug.doses),
        message="For {day} the claim bills {units} ({amount}){together}; the doses of {drug} are {doses}.",
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
