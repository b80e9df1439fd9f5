"""DOS005: a line of an 837I dated outside the statement period."""

from collections.abc import Iterator

from lint837 import Bad, Choice, DrugLine, Good, Problem, Related, Severity, rule

from lint837_rules.boxes import box

_LINE = "SV2*0636*HC:J9026:JZ*16000*UN*10~DTP*472*{}~LIN**N4*55513007701~CTP****1*UN~"
_JANUARY = "20250101-20250131"


@rule(
    "DOS005",
    severity=Severity.WARNING,
    cites=["date-places"],
    good=[
        Good(_LINE.format("D8*20250131"), guide="837I", statement=_JANUARY, note="the last day"),
        Good(_LINE.format("D8*20250201"), guide="837I", note="no statement period"),
    ],
    bad=[
        Bad(_LINE.format("D8*20250201"), at="DTP03", guide="837I", statement=_JANUARY, note="the day after it"),
        Bad(_LINE.format("RD8*20250130-20250201"), at="DTP03", guide="837I", statement=_JANUARY, note="in part"),
    ],
)
def service_date_outside_statement(line: DrugLine) -> Iterator[Problem]:
    """A line of an institutional claim is dated outside the statement period.

    The statement period includes every service of the claim; a payer returns a claim with a line before or after it.
    Correct the date of the line, or the statement period. All days of a range must be inside. Of several dates of a
    line, each must be outside. A statement period that is missing or not valid is not checked here.
    """
    claim = line.claim
    period, statement, segment = line.line_period, claim.statement_period, claim.statement_segment
    if line.guide != "837I" or period is None or statement is None or segment is None:
        return
    if any(statement.first <= dated.first and dated.last <= statement.last for dated in line.line_periods):
        return
    yield Problem(
        where=line.at_date,
        found=period,
        expected=statement,
        message="The date of service, {found}, is outside the statement period, {expected}.",
        choices=[
            Choice("the date of service is wrong", "correct it ({box})"),
            Choice("the statement period is wrong", "correct that (DTP*434, {statement})"),
        ],
        values={"box": box(line, "date"), "statement": box(line, "statement period")},
        related=[Related(segment.at(3), "statement period")],
    )
