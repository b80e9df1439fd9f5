"""HCP001: a temporary code on a date of service after its last."""

from collections.abc import Iterator

from lint837 import Bad, Code, DrugLine, Edit, Fix, Good, NotChecked, Problem, Related, Severity, counted, rule, show

from lint837_rules.codes.procedure_codes import beside
from lint837_rules.dates_of_service import undecided
from lint837_rules.sources import AMGEN_FLYER, TEXAS_NOTICE

_NDC = "LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "HCP001",
    severity=Severity.ERROR,
    cites=[AMGEN_FLYER, TEXAS_NOTICE],
    good=[
        Good(f"SV1*HC:C9170:JZ*16000*UN*10***1~DTP*472*D8*20241231~{_NDC}", note="the code's last day"),
        Good(f"SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250101~{_NDC}", note="the new code's first day"),
        Good(
            f"SV1*HC:C9170:JZ*16000*UN*10***1~DTP*472*RD8*20241231-20250101~{_NDC}",
            note="a range on both sides of the change decides nothing",
            also=("DOS004",),
        ),
        Good(
            f"SV1*HC:C9170:JZ*16000*UN*10***1~{_NDC}",
            note="without a date of service nothing is decided",
            also=("DOS001",),
        ),
        Good(
            f"SV2*0636*HC:C9170:JZ*16000*UN*10~{_NDC}",
            guide="837I",
            statement="20241201-20250131",
            note="a statement period on both sides of the change",
            also=("DOS001", "DOS004"),
        ),
        Good("SV1*HC:C9171*16000*UN*10***1~DTP*472*D8*20250101~", note="the code of another drug"),
    ],
    bad=[
        Bad(f"SV1*HC:C9170:JZ*16000*UN*10***1~DTP*472*D8*20250101~{_NDC}", at="SV101-2", note="the first day"),
        Bad(f"SV1*HC:c9170 :JZ*16000*UN*10***1~DTP*472*RD8*20250110-20250110~{_NDC}", at="SV101-2"),
        Bad(
            f"SV1*HC:C9170:JZ*16000*UN*10***1~DTP*472*D8*20250110~{_NDC}",
            at="SV101-2",
            dependent=True,
            filing_code="",
            note="a dependent of an unknown payer",
        ),
        Bad(
            f"SV2*0636*HC:C9170:JZ*16000*UN*10~DTP*472*D8*20250110~{_NDC}",
            at="SV202-2",
            guide="837I",
            statement="20250110-20250110",
        ),
        Bad(
            f"SV2*0636*HC:C9170:JZ*16000*UN*10~{_NDC}",
            at="SV202-2",
            guide="837I",
            statement="20250101-20250131",
            note="no line date, but the whole statement period is after the change",
        ),
        Bad(
            f"SV2*0636*HC:C9170*16000*UN*10~DTP*472*D8*20250110~{_NDC}",
            at="SV202-2",
            guide="837I",
            facility="11",
            statement="20250110-20250114",
            severity=Severity.INFO,
            note="inpatient: the code is not what is paid",
        ),
        Bad(
            f"SV1*HC:C9170:JZ*16000*UN*10***1~DTP*472*D8*20250110~{_NDC}",
            at="SV101-2",
            frequency="8",
            severity=Severity.INFO,
            note="a void mirrors the original",
        ),
    ],
)
def expired_temporary_code(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A temporary code is billed after its last date of service.

    The payer's system no longer knows the code on that date and rejects the line. For tarlatamab C9170 ended with
    2024-12-31. Change it to the code that is valid on the date of service; the date on which the claim is sent does not
    matter. Where the date of service is not known, or a range lies on both sides of the change, nothing is decided. The
    rule reads every own code of a drug that has a last day, also a permanent one that was replaced.
    """
    code, period = line.code, line.period
    if code is None or not code.is_product or code.last is None:
        return
    if period is None or line.boundary_inside:
        yield NotChecked(line, undecided(line))
        return
    if period.first <= code.last:
        return
    successor = line.drug.product_code_on(period.first)
    if successor is None:
        return
    where, units = line.at_procedure_code, line.service_unit_count
    same_unit = successor.amount == code.amount
    correction = "change {found} to {expected}"
    other = beside(line, line.drug)
    if other:
        correction = "if this is the dose that another line of the day bills, remove this line; if not, " + correction
    elif not same_unit:
        correction += " and bill 1 unit for each {amount}"
    elif units and line.ndc_amount in (None, units * successor.amount):
        correction += " and keep {units} (1 unit = {amount})"
    yield Problem(
        where=where,
        found=Code(code.code),
        expected=Code(successor.code),
        message="{found} ended {last}; for {date} the code is {expected}.",
        correction=correction,
        values={
            "last": show(code.last),
            "date": period,
            "units": counted(units, "unit") if units else "",
            "amount": line.drug.measured(successor.amount),
        },
        related=[Related(other.at_procedure_code, "the same day")] if other else (),
        fixes=[Fix((Edit(where, successor.code),), safe=False)] if same_unit and not other else (),
    )
