"""DTM004: a line of an 837I dated outside the statement period."""

from collections.abc import Iterator
from datetime import timedelta

from lint837 import Bad, Citation, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_LINE = "SV2*0510*HC:99213*100*UN*1~DTP*472*D8*{}~"
_JANUARY = "20260105-20260110"
_WINDOW = timedelta(3)  # services before an admission that are billed with the stay


@rule(
    "DTM004",
    severity=Severity.WARNING,
    cites=[Citation("Stedi, claim edits, 2026-08-14", "A line's date of service is in the statement period.")],
    good=[
        Good(_LINE.format("20260110"), guide="837I", statement=_JANUARY),
        Good(_LINE.format("20260102"), guide="837I", statement=_JANUARY, note="three days before"),
    ],
    bad=[
        Bad(_LINE.format("20260111"), guide="837I", statement=_JANUARY, at="DTP03"),
        Bad(_LINE.format("20260101"), guide="837I", statement=_JANUARY, at="DTP03", note="four days before"),
    ],
    yields_to=[("DOS005", "line")],
    only="837I",
)
def service_outside_statement(claim: WholeClaim) -> Iterator[Problem]:
    """A line is dated outside the statement period.

    DTP*434 is the period that the bill is for, and each line is in it. Either date may be wrong. Up to three days
    before the period nothing is reported: services before an admission are billed with the stay.
    """
    statement = claim.statement_period
    for line in claim.lines if statement else ():
        period, row = line.period, line.date_row
        if not (statement and period and row and line.institutional):
            continue
        if period.last > statement.last or period.first < statement.first - _WINDOW:
            yield Problem(
                where=row.at(3),
                found=period.first if period.first < statement.first else period.last,
                expected="a day of the statement period",
                message="The line is dated {found}, outside the statement period (DTP*434).",
                correction="correct the date of the line ({box}) or the statement period ({statement_box})",
                values={"box": box(claim, "date"), "statement_box": box(claim, "statement period")},
            )
