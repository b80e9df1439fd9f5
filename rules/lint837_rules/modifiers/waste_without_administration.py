"""MOD003: a discarded amount without an administered amount."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from lint837 import FACTS, Bad, Claim, DrugLine, Good, NotChecked, Period, Periods, Problem, Severity, rule

_ON = "DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"
_GIVEN = "SV1*HC:J9026*11200*UN*7***1~"
_WASTE = f"SV1*HC:J9026:JW*4800*UN*3***1~{_ON}"


@rule(
    "MOD003",
    severity=Severity.WARNING,
    cites=["discard-policy"],
    good=[
        Good(f"{_GIVEN}{_ON}{_WASTE}"),
        Good(
            f"SV2*0636*HC:J9026:JW*4800*UN*3~{_ON}",
            guide="837I",
            statement="20250110-20250110",
            frequency="5",
            note="late charges: the administered part was billed before",
        ),
    ],
    bad=[
        Bad(_WASTE, at="SV101-3"),
        Bad(
            f"{_GIVEN}{_ON.replace('0110', '0117')}{_WASTE}",
            at="SV101-3",
            line="2",
            note="the administered part is for another day",
        ),
        Bad(_WASTE + _WASTE, at="SV101-3", line="1 2", note="two JW lines"),
    ],
    prefilter=FACTS,
    yields_to=[("MOD002", "line", "JW with JZ")],
)
def waste_without_administration(claim: Claim) -> Iterator[Problem | NotChecked]:
    """A discarded amount is billed without an administered amount.

    Payers pay for a discarded amount only with the amount that was given from the same container on the same day, and
    reject a JW line without it. Bill the administered amount on a separate line, or remove JW if the line is what was
    given. Any other line of the drug without JW counts as administered, whatever its code. Interim and late-charge
    claims are not checked, nor is a line where the date of service is unknown.
    """
    if claim.is_partial:
        yield from (
            NotChecked(line, "an interim or late-charge claim bills only a part (CLM05-3)") for line in claim.drug_lines
        )
        return
    given: Counter[tuple[str, date]] = Counter()
    undated: dict[str, list[Period | None]] = {}
    for line in claim.drug_lines:
        if line.day and not line.is_discarded:
            given[line.drug.name, line.day] += 1
        elif not line.is_discarded:
            undated.setdefault(line.drug.name, []).append(line.line_period)
    unclear = {drug: Periods(periods) for drug, periods in undated.items()}
    for line in claim.drug_lines:
        if "JW" not in line.modifiers:
            continue
        drug, itself = line.drug.name, not line.is_discarded  # with JZ, too: it is among the given lines
        if line.day is None or (drug in unclear and unclear[drug].meet(Period(line.day, line.day))):
            yield NotChecked(line, "the date of service is unknown, of the line or of one that may go with it")
        elif given[drug, line.day] == itself:
            yield _problem(line, line.day)


def _problem(line: DrugLine, day: date) -> Problem:
    return Problem(
        where=next(place for modifier, place in line.places_of_modifiers if modifier == "JW"),
        found="JW alone",
        expected="an administered amount on the same day",
        message="The line bills a discarded amount (JW), but no line bills an administered amount of {drug} on {date}.",
        correction="bill the administered amount on a separate line; if this line is what was given, remove JW",
        values={"drug": line.drug.name, "date": day},
    )
