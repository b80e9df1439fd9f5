"""DOS006: two dates of service on one line."""

from collections.abc import Iterator

from lint837 import Bad, Choice, DrugLine, Good, Problem, Related, Severity, rule

from lint837_rules.boxes import box

_NDC = "LIN**N4*55513007701~CTP****1*UN~"


def _line(code: str, *dates: str) -> str:
    return f"SV1*HC:{code}:JZ*16000*UN*10***1~" + "".join(f"DTP*472*{date}~" for date in dates) + _NDC


@rule(
    "DOS006",
    severity=Severity.ERROR,
    cites=["one-date"],
    good=[
        Good(_line("J9026", "D8*20250110", "D8*20250110"), note="the same day twice names one day"),
        Good(_line("J9026", "D8*20250110", "RD8*20250110-20250110"), note="the same day as a range"),
        Good(_line("J9026", "D8*20250110", "D8*20250229"), also=("DOS002",), note="the second is no date"),
    ],
    bad=[
        Bad(_line("J9026", "D8*20250110", "D8*20250111"), at="DTP03"),
        Bad(_line("C9170", "D8*20241231", "D8*20250102"), at="DTP03", note="before and after a change of codes"),
        Bad(_line("J9026", "D8*20250110", "RD8*20250110-20250112"), at="DTP03", note="a day, and a range with it"),
    ],
    unless="is_plain",
)
def repeated_service_date(line: DrugLine) -> Iterator[Problem]:
    """A line has two dates of service that name different days.

    A line has one date of service (DTP*472); programs differ on which of two they read, and a payer may reject the
    claim. Keep the date on which the drug was given, and bill another day on its own line.

    No rule takes one of the dates: a rule that depends on the date finds something only where it holds for each of
    them, and the line goes with no other line. Dates that cannot be read are not compared here. The finding is at the
    first date that differs.
    """
    if not line.has_conflicting_dates:
        return
    (first, day), *others = line.readable_dates.items()
    other, period = next(one for one in others if one[1] != day)
    yield Problem(
        where=line.at(other, 3),
        found=period,
        expected="one date of service",
        message="The line has the date of service {first}, and also {found}; a line can have only one.",
        choices=[
            Choice("the drug was given on one of them", "remove the other DTP*472 ({box})"),
            Choice("it was given on each of them", "bill each day on its own line, with its units"),
        ],
        values={"first": day, "box": box(line, "date")},
        related=[Related(line.at(first, 3), "the first date")],
    )
