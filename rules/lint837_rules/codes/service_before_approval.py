"""HCP005: a drug on a date of service before its approval."""

from collections.abc import Iterator

from lint837 import Bad, Citation, DrugLine, Good, NotChecked, Problem, Related, Severity, rule, show

from lint837_rules.dates_of_service import undecided
from lint837_rules.sources import AMGEN_FLYER

_NDC = "LIN**N4*55513007701~CTP****1*UN~"
_SV1 = "SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***1~"
_SV2 = "SV2*0636*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1~"
_BEFORE = "DTP*472*D8*20240515~"


@rule(
    "HCP005",
    severity=Severity.ERROR,
    cites=[
        Citation("FDA, approval of tarlatamab-dlle (IMDELLTRA)", "Tarlatamab was approved on 2024-05-16."),
        AMGEN_FLYER,
    ],
    good=[
        Good(f"{_SV1}DTP*472*D8*20240516~{_NDC}", note="the day of the approval"),
        Good(
            f"{_SV1}DTP*472*RD8*20240515-20240516~{_NDC}",
            note="a range on both sides of the approval decides nothing",
        ),
        Good(
            f"{_SV2}{_NDC}",
            guide="837I",
            statement="20240501-20240516",
            also=("DOS001",),
            note="a statement period on both sides of the approval",
        ),
        Good(f"{_SV1}DTP*472*D8*20240230~{_NDC}", also=("DOS002",), note="no date that could be compared"),
        Good(f"SV1*HC:J9271*9000*UN*200***1~{_BEFORE}", note="another drug"),
        Good(
            f"SV1*HC:J3490:::::DILUENT FOR TARLATAMAB*9*UN*1***1~{_BEFORE}LIN**N4*00338004938~CTP****1*ML~",
            note="the NDC says that it is another product",
        ),
    ],
    bad=[
        Bad(f"{_SV1}{_BEFORE}{_NDC}", at="DTP03", note="one day too early"),
        Bad(f"{_SV1}DTP*472*RD8*20240501-20240515~{_NDC}", at="DTP03", note="the whole range is too early"),
        Bad(f"SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20240110~{_NDC}", at="DTP03", note="20250110 mistyped"),
        Bad(
            f"SV1*HC:J9271*16000*UN*10***1~{_BEFORE}{_NDC}",
            at="DTP03",
            note="known by its NDC, under whatever code",
        ),
        Bad(f"{_SV2}{_BEFORE}{_NDC}", at="DTP03", guide="837I", statement="20240515-20240515"),
        Bad(
            f"{_SV2}{_NDC}",
            at="",
            guide="837I",
            statement="20240501-20240515",
            note="no line date: the statement period says it",
        ),
        Bad(f"{_SV1}{_BEFORE}{_NDC}", at="DTP03", claim="REF*P4*NCT1~", severity=Severity.INFO, note="in a study"),
        Bad(
            f"SV1*HC:J9999:Q0*16000*UN*1***1~{_BEFORE}{_NDC}",
            at="DTP03",
            severity=Severity.INFO,
            note="in a study",
        ),
        Bad(
            f"SV1*HC:J9999:::::TARLATAMAB 10 MG*.01*UN*1***1~{_BEFORE}{_NDC}",
            at="DTP03",
            severity=Severity.INFO,
            note="free of charge, as where the drug was given before it could be sold",
        ),
        Bad(
            f"SV1*HC:J3490:::::PREMED FOR IMDELLTRA*20*UN*1***1~{_BEFORE}",
            at="DTP03",
            severity=Severity.WARNING,
            note="the text names the drug, but may be about something else",
        ),
        Bad(f"{_SV1}{_BEFORE}{_NDC}", at="DTP03", dependent=True, filing_code=""),
        Bad(f"{_SV1}{_BEFORE}{_NDC}", at="DTP03", frequency="8", severity=Severity.INFO),
        Bad(
            f"{_SV2}{_BEFORE}{_NDC}",
            at="DTP03",
            guide="837I",
            facility="11",
            statement="20240514-20240517",
            severity=Severity.INFO,
        ),
    ],
)
def service_before_approval(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A drug is billed for a date of service before it was approved.

    Nobody could sell the drug on that day, and a payer pays no code of it; most often the year is mistyped. Tarlatamab
    was approved on 2024-05-16. Correct the date of service, or the drug. In a study, or free of charge, the drug may
    have been given before: then it is only worth knowing. A range or statement period that reaches the day of the
    approval decides nothing. It is reported at the date; where the line has none of its own, at the line.
    """
    period, drug = line.period, line.drug
    if period is None:
        yield NotChecked(line, undecided(line))
        return
    if period.last >= drug.approved:
        return
    stated = None if line.date_segment else line.claim.statement_segment
    yield Problem(
        where=line.at_date,
        found=period,
        expected=f"a date of service from {drug.approved}",
        message="The date of service is {found}, but {drug} was approved only on {approved}.",
        correction="check the date of service and the drug",
        values={"drug": drug.name, "approved": show(drug.approved)},
        related=[Related(stated.at(3), "statement period")] if stated else (),
        severity=Severity.INFO if line.is_study_or_free else None,
    )
