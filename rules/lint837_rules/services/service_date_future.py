"""DTM003: a service on a day after the file was made."""

from collections.abc import Iterator
from datetime import date, timedelta

from lint837 import Bad, Citation, Good, Problem, Row, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_LINE = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*{}~"
_GRACE = timedelta(days=1)  # for time zones


@rule(
    "DTM003",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "UnitedHealthcare, EDI claim edits; CMS, encounter edits; EDISS, edit types",
            "A service after the day of the file is rejected.",
        ),
        "ma-encounters",
    ],
    good=[
        Good(_LINE.format("20260116"), note="a day after the file: time zones"),
        Good(_LINE.format("20260115")),
    ],
    bad=[
        Bad(_LINE.format("20260117"), at="DTP03"),
        Bad(_LINE.replace("D8*{}", "RD8*20260110-20260117"), at="DTP03"),
    ],
    yields_to=[("DOS003", "line")],
    alike="bill",
)
def service_date_future(claim: WholeClaim) -> Iterator[Problem]:
    """A service is dated after the day on which the file was made.

    A service is billed after it was given, so payers reject a date of service, or a statement period, that ends after
    the latest day of BHT04, GS04 and ISA09. Correct the date. One day of grace is for time zones. A predetermination
    asks about services to come, and is not checked.
    """
    created, services = claim.created, claim.services
    if claim.is_predetermination or created is None or services is None or services.last <= created + _GRACE:
        return
    statement = claim.statement
    rows = [(statement, "statement period")] if statement and claim.institutional else []
    rows += ((line.date_row, "date") for line in claim.lines if line.date_row)
    for row, part in rows:
        if row.period and row.period.last > created + _GRACE:
            yield _problem(claim, row, part, row.period.last, created)


def _problem(claim: WholeClaim, row: Row, part: str, last: date, created: date) -> Problem:
    return Problem(
        where=row.at(3),
        found=last,
        expected="a day through the day of the file",
        message="The service ends on {found}, but the file was made on {created}.",
        correction="correct the date ({box}), or bill after the service was given",
        values={"created": created, "box": box(claim, part)},
    )
