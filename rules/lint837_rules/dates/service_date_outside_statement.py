"""DOS005: a line of an 837I dated outside the statement period."""

from collections.abc import Iterator

from lint837 import Bad, DrugLine, Good, Problem, Related, Severity, rule

_TEN = "LIN**N4*55513007701~CTP****1*UN~"
_SV2 = "SV2*0636*HC:J9026:JZ*16000*UN*10~"
_MONTH = "20250101-20250131"


@rule(
    "DOS005",
    severity=Severity.WARNING,
    cites=["date-places"],
    good=[
        Good(f"{_SV2}DTP*472*D8*20250101~{_TEN}", guide="837I", statement=_MONTH, note="the first day"),
        Good(f"{_SV2}DTP*472*D8*20250131~{_TEN}", guide="837I", statement=_MONTH, note="the last day"),
        Good(f"{_SV2}DTP*472*RD8*20250101-20250131~{_TEN}", guide="837I", statement=_MONTH),
        Good(f"{_SV2}DTP*472*D8*20250201~{_TEN}", guide="837I", note="no statement period to compare with"),
        Good(
            f"{_SV2}DTP*472*D8*20250201~{_TEN}",
            guide="837I",
            statement="20250131-20250101",
            note="a statement period that is none",
        ),
        Good(f"{_SV2}{_TEN}", guide="837I", statement=_MONTH, also=("DOS001",), note="no date to compare"),
        Good(
            f"SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250201~{_TEN}",
            statement=_MONTH,
            note="an 837P has no statement period",
        ),
        Good(
            "SV2*0335*HC:96413*410*UN*1~DTP*472*D8*20250201~",
            guide="837I",
            statement=_MONTH,
            note="not a line of the drug",
        ),
    ],
    bad=[
        Bad(f"{_SV2}DTP*472*D8*20250201~{_TEN}", at="DTP03", guide="837I", statement=_MONTH, note="a day later"),
        Bad(
            f"{_SV2}DTP*472*D8*20250109~{_TEN}",
            at="DTP03",
            guide="837I",
            statement="20250110-20250131",
            note="a day earlier",
        ),
        Bad(
            f"{_SV2}DTP*472*RD8*20250130-20250201~{_TEN}",
            at="DTP03",
            guide="837I",
            statement=_MONTH,
            note="a part of the range",
        ),
        Bad(
            f"{_SV2}DTP*472*D8*20250201~{_TEN}",
            at="DTP03",
            guide="837I",
            statement=_MONTH,
            dependent=True,
            filing_code="",
        ),
        Bad(
            f"{_SV2}DTP*472*D8*20250201~{_TEN}",
            at="DTP03",
            guide="837I",
            statement=_MONTH,
            frequency="8",
            severity=Severity.INFO,
        ),
        Bad(
            f"{_SV2}DTP*472*D8*20250108~{_TEN}",
            at="DTP03",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
)
def service_date_outside_statement(line: DrugLine) -> Iterator[Problem]:
    """A line of an institutional claim is dated outside the statement period.

    The statement period holds every service of the claim; a payer returns a claim with a line before or after it.
    Correct the date of the line, or the statement period. A range must be inside with all its days. A statement period
    that is missing or not valid is the guide check's business.
    """
    claim = line.claim
    period, statement, segment = line.line_period, claim.statement_period, claim.statement_segment
    if claim.guide != "837I" or period is None or statement is None or line.date_segment is None or segment is None:
        return
    if statement.first <= period.first and period.last <= statement.last:
        return
    yield Problem(
        where=line.at_date,
        found=period,
        expected=statement,
        message="The date of service, {found}, is not within the statement period, {expected}.",
        correction="correct the date of service, or the statement period (DTP*434)",
        related=[Related(segment.at(3), "statement period")],
    )
