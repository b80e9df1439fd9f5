"""HCP003: a drug's own code on a date of service before its first."""

from collections.abc import Iterator

from lint837 import Bad, Choice, Code, DrugLine, Good, NotChecked, Problem, Severity, rule, show

from lint837_rules.boxes import box
from lint837_rules.codes.change_of_code import choices_of
from lint837_rules.codes.procedure_codes import codes_for
from lint837_rules.dates_of_service import undecided, unlimited

_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "HCP003",
    severity=Severity.ERROR,
    cites=["hcpcs-dates"],
    good=[
        Good(f"{_SV1}DTP*472*D8*20250101~{_NDC}", note="the first day of J9026"),
        Good(f"{_SV1}DTP*472*RD8*20241231-20250101~{_NDC}", also=("DOS004",), note="days on both sides of the change"),
    ],
    bad=[
        Bad(f"{_SV1}DTP*472*D8*20241231~{_NDC}", at="SV101-2", note="the day before the first day of J9026"),
        Bad(
            f"SV1*HC:C9170:JZ*16000*UN*10***1~DTP*472*D8*20240930~{_NDC}",
            at="SV101-2",
            note="the day before the first day of C9170",
        ),
        Bad(f"SV2*0636*HC:J9026:JZ*16000*UN*10~{_NDC}", at="SV202-2", guide="837I", statement="20241201-20241231"),
    ],
    yields_to=[("HCP005", "line")],
    unless="is_well_coded",
)
def code_before_effective_date(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A code is billed before its first date of service.

    The code did not exist on that date, and the payer rejects the line. A claim that is late, or that is sent again,
    keeps the codes of its date of service. Bill a code that was valid on the date of service: before a drug has its own
    code, that is a miscellaneous (unlisted) code.
    """
    code, period, drug = line.code, line.period, line.drug
    if code is None or not code.is_product:
        return
    if code.first is None:
        if unlimited(line, code):
            yield NotChecked(line, unlimited(line, code))
        return
    if period is None or line.boundary_inside:
        yield NotChecked(line, undecided(line))
        return
    if period.last >= code.first:
        return
    valid = codes_for(drug, line) if period.last >= drug.begins else []
    choices, values = choices_of(line, drug, valid, "the date of service is right")
    dated = f"{line.at_date.element or 'DTP03'} ({box(line, 'date')})"
    yield Problem(
        where=line.at_procedure_code,
        found=Code(code.code),
        expected=", ".join(code.code for code in valid) or f"a date of service from {code.first}",
        message="{found} is not valid before {first}. For {date} this line takes {codes}."
        if valid
        else "{found} is not valid before {first}; the date of service is {date}."
        if drug.lacks
        else "{found} is not valid before {first}, and no code of {drug} is known for {date}.",
        correction="" if valid else f"check the date of service in {dated}",
        choices=[*choices, Choice("the date is wrong", f"correct it in {dated}")] if valid else (),
        values={
            "first": show(code.first),
            "date": period,
            "codes": " or ".join(code.code for code in valid),
            "drug": drug.name,
            **values,
        },
        sources=drug.cited(code, *valid),
    )
