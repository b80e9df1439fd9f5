"""HCP001: a drug's own code on a date of service after its last."""

from collections.abc import Iterator

from lint837 import Bad, Code, DrugLine, Edit, Fix, Good, NotChecked, Problem, Related, Severity, counted, rule, show

from lint837_rules.codes.procedure_codes import BILLED_ALREADY, billed_under_another_code
from lint837_rules.dates_of_service import undecided

_SV1 = "SV1*HC:C9170:JZ*16000*UN*10***1~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "HCP001",
    severity=Severity.ERROR,
    cites=["hcpcs-dates"],
    good=[
        Good(f"{_SV1}DTP*472*D8*20241231~{_NDC}", note="the last day of the code"),
        Good(f"{_SV1}DTP*472*RD8*20241231-20250101~{_NDC}", also=("DOS004",), note="days on both sides of the change"),
    ],
    bad=[
        Bad(f"{_SV1}DTP*472*D8*20250101~{_NDC}", at="SV101-2", note="the first day after it"),
        Bad(
            f"SV2*0636*HC:C9170:JZ*16000*UN*10~{_NDC}",
            at="SV202-2",
            guide="837I",
            statement="20250101-20250131",
            note="no line date, but the whole statement period is after the change",
        ),
    ],
)
def expired_temporary_code(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A temporary code is billed after its last date of service.

    The payer no longer accepts the code for that date and rejects the line. Change it to the code that is valid on the
    date of service; the date when the claim is sent does not matter. The rule checks every own code of a drug that has
    a last day, including a permanent code that was replaced.
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
    units = line.service_unit_count
    same_unit = successor.amount == code.amount
    correction = "change {found} to {expected}"
    other = billed_under_another_code(line, line.drug)
    if other:
        correction = BILLED_ALREADY + correction
    elif not same_unit:
        correction += " and bill 1 unit for each {amount}"
    elif units and line.ndc_amount in (None, units * successor.amount):
        correction += " and keep {units} (1 unit = {amount})"
    yield Problem(
        where=line.at_procedure_code,
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
        fixes=[Fix((Edit(line.at_procedure_code, successor.code),), safe=False)] if same_unit and not other else (),
        sources=line.drug.cited(code, successor),
    )
