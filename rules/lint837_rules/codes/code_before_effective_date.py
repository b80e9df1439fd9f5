"""HCP003: a drug's own code on a date of service before its first."""

from collections.abc import Iterator

from lint837 import Bad, Code, DrugLine, Good, NotChecked, Problem, Severity, rule, show

from lint837_rules.codes.procedure_codes import choices_of
from lint837_rules.dates_of_service import undecided
from lint837_rules.sources import AMGEN_FLYER, TEXAS_NOTICE

_NDC = "LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "HCP003",
    severity=Severity.ERROR,
    cites=[AMGEN_FLYER, TEXAS_NOTICE],
    good=[
        Good(f"SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250101~{_NDC}", note="the first day of J9026"),
        Good(f"SV1*HC:C9170:JZ*16000*UN*10***1~DTP*472*D8*20241001~{_NDC}", note="the first day of C9170"),
        Good(f"SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*RD8*20241231-20250101~{_NDC}", also=("DOS004",)),
        Good(f"SV1*HC:J9999:::::TARLATAMAB*16000*UN*1***1~DTP*472*D8*20240601~{_NDC}"),
        Good("SV1*HC:J9027*16000*UN*10***1~DTP*472*D8*20240601~", note="the code of another drug"),
    ],
    bad=[
        Bad(
            "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20240516~LIN**N4*55513007701~CTP****1*UN~",
            at="SV101-2",
            note="the day of the approval",
        ),
        Bad(
            f"SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20241231~{_NDC}",
            at="SV101-2",
            note="one day too early",
        ),
        Bad(
            f"SV1*HC:C9170:JZ*16000*UN*10***1~DTP*472*D8*20240930~{_NDC}",
            at="SV101-2",
            note="one day too early",
        ),
        Bad(f"SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*RD8*20241201-20241231~{_NDC}", at="SV101-2"),
        Bad(
            f"SV2*0636*HC:J9026:JZ*16000*UN*10~{_NDC}",
            at="SV202-2",
            guide="837I",
            statement="20241201-20241231",
        ),
        Bad(
            f"SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20241115~{_NDC}",
            at="SV101-2",
            created="20260301",
            dependent=True,
            filing_code="",
            note="sent in 2026: the date of service alone selects the code",
        ),
        Bad(
            f"SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20241231~{_NDC}",
            at="SV101-2",
            frequency="8",
            severity=Severity.INFO,
        ),
        Bad(
            f"SV2*0636*HC:J9026*16000*UN*10~DTP*472*D8*20241231~{_NDC}",
            at="SV202-2",
            guide="837I",
            facility="11",
            statement="20241230-20250102",
            severity=Severity.INFO,
        ),
    ],
)
def code_before_effective_date(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A code is billed before its first date of service.

    The code did not exist on that date, and the payer rejects the line. Claims that are late, or sent again, keep the
    codes of their date of service: tarlatamab has J9026 from 2025-01-01 and C9170 from 2024-10-01, and before them only
    miscellaneous codes. Bill a code that was valid on the date of service.
    """
    code, period = line.code, line.period
    drug = line.drug
    if code is None or not code.is_product or code.first is None:
        return
    if period is None or line.boundary_inside:
        yield NotChecked(line, undecided(line))
        return
    if period.last < drug.approved:
        yield NotChecked(line, "the drug was not yet approved (HCP005)")
        return
    if period.last >= code.first:
        return
    valid = [code for code in drug.codes_on(max(period.first, drug.approved)) if code.valid_on(period.last)]
    if valid:
        message = "{found} is valid only from date of service {first}. For {date} the codes are {codes}."
        correction = "check the date of service; if it is right, bill {choices}"
    else:
        message = "{found} is valid only from date of service {first}; no code of {drug} is known for {date}."
        correction = "check the date of service"
    codes = ", ".join(code.code for code in valid)
    yield Problem(
        where=line.at_procedure_code,
        found=Code(code.code),
        expected=codes or f"a date of service from {code.first}",
        message=message,
        correction=correction,
        values={
            "first": show(code.first),
            "date": period,
            "codes": codes,
            "choices": choices_of(valid, drug),
            "drug": drug.name,
        },
    )
