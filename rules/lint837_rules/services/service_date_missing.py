"""DTM002: a line without its date of service."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, LineLoop, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_OFFICE = "SV1*HC:99213*100*UN*1***1~"
_VISIT = "SV2*0510*HC:99213*100*UN*1~"
_TOTAL = "0001"


@rule(
    "DTM002",
    severity=Severity.ERROR,
    cites=[
        "date-places",
        Citation(
            "Availity, transaction edits, 2011-08-20 (3938afb); Stedi, claim edits",
            "A line without its date is rejected.",
        ),
    ],
    good=[
        Good(_OFFICE + "DTP*472*D8*20260105~"),
        Good(_VISIT, guide="837I", statement="20260105-20260105", note="a statement of one day"),
        Good(_VISIT, guide="837I", facility="11", statement="20260105-20260109", note="an inpatient"),
    ],
    bad=[
        Bad(_OFFICE, at=""),
        Bad(_VISIT, guide="837I", statement="20260105-20260109", at=""),
    ],
    yields_to=[("DOS001", "line")],
    alike="dates",
)
def service_date_missing(claim: WholeClaim) -> Iterator[Problem]:
    """A service line has no date of service.

    An 837P needs DTP*472 on each line. An outpatient 837I needs it where the statement (DTP*434) covers more than one
    day: the payer cannot tell when the service was done. Enter the line's date of service. Inpatient claims and
    predeterminations need none.
    """
    if all(line.date_row for line in claim.lines) or claim.is_predetermination or claim.is_inpatient:
        return
    statement = claim.statement_period
    for line in claim.lines:
        if line.date_row or line.service is None or _is_total(line):
            continue
        if not line.institutional or (statement and not statement.is_day):
            yield Problem(
                where=line.service.at(),
                found="no DTP*472",
                expected="the date of service",
                message="The line has no date of service (DTP*472).",
                correction="enter the line's date of service ({box})",
                values={"box": box(claim, "date")},
            )


def _is_total(line: LineLoop) -> bool:
    return line.institutional and line.service is not None and line.service.element(1) == _TOTAL
