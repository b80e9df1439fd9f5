"""HCP005: a drug on a date of service before its approval."""

from collections.abc import Iterator

from lint837 import Bad, DrugLine, Fact, Good, NotChecked, Problem, Related, Severity, rule, show

from lint837_rules.boxes import box
from lint837_rules.dates_of_service import undecided

_SV1 = "SV1*HC:J9999:::::TARLATAMAB 10 MG*{}*UN*1***1~DTP*472*D8*{}~LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "HCP005",
    severity=Severity.ERROR,
    cites=["approval"],
    good=[Good(_SV1.format(16000, 20240516), note="the day of the approval")],
    bad=[
        Bad(_SV1.format(16000, 20240515), at="DTP03", note="the day before it"),
        Bad(
            "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20240110~LIN**N4*55513007701~CTP****1*UN~",
            at="DTP03",
            note="20250110 mistyped",
        ),
        Bad(_SV1.format(".01", 20240515), at="DTP03", severity=Severity.INFO, note="free of charge, before its sale"),
        Bad(
            "SV2*0636*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1~LIN**N4*55513007701~CTP****1*UN~",
            at="",
            guide="837I",
            statement="20240501-20240515",
            note="no line date: the statement period decides",
        ),
    ],
    study=Severity.INFO,
    needs=[Fact.APPROVAL],
    unless="is_well_coded",
)
def service_before_approval(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A drug is billed for a date of service before its approval.

    The drug was not on the market on that date, and a payer accepts no code for it; usually the year is mistyped.
    Correct the date of service, or the drug. A patient may have received the drug earlier in a study or free of charge,
    so there it is info. A range or statement period that includes the day of the approval is not reported.
    """
    period, drug = line.period, line.drug
    if period is None:
        yield NotChecked(line, undecided(line))
        return
    if drug.approved is None or period.last >= drug.approved:
        return
    stated = None if line.date_segment else line.claim.statement_segment
    yield Problem(
        where=line.at_date,
        found=period,
        expected=f"a date of service from {drug.approved}",
        message="The date of service is {found}, but {drug} was not approved until {approved}.",
        correction=f"check the date of service ({box(line, 'date')}) and the drug",
        values={"drug": drug.name, "approved": show(drug.approved)},
        related=[Related(stated.at(3), "statement period")] if stated else (),
    )
