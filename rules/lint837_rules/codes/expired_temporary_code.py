"""HCP001: a drug's own code on a date of service after its last."""

from collections.abc import Iterator

from lint837 import Bad, Choice, Code, DrugLine, Fix, Good, NotChecked, Problem, Related, Severity, rule, show

from lint837_rules.codes.change_of_code import change_to, code_edits
from lint837_rules.codes.procedure_codes import BILLED_ALREADY, billed_under_another_code, own_code_for
from lint837_rules.codes.replaced_code import replaced
from lint837_rules.dates_of_service import undecided, unlimited

_SV1 = "SV1*HC:C9170:JZ*16000*UN*10***1~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "HCP001",
    severity=Severity.ERROR,
    cites=["hcpcs-dates"],
    good=[
        Good(f"{_SV1}DTP*472*D8*20241231~{_NDC}", filing_code="MC", note="the last day of the code"),
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
    unless="is_well_coded",
)
def expired_temporary_code(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A temporary code is billed after its last date of service.

    The payer no longer accepts the code for that date and rejects the line. Change it to the code that is valid on the
    date of service; the date when the claim is sent does not matter. The rule checks every own code of a drug that has
    a last day, including a permanent code that was replaced.

    Of a drug that only CMS lists, the HCPCS file says the last day and the codes that replaced it. Where their units
    differ, the correction says so: twice as many units of a code for 5 mg as of one for 10 mg.
    """
    code, period = line.code, line.period
    if code is None or not code.is_product:
        return
    if unlimited(line, code):
        yield NotChecked(line, unlimited(line, code))
        return
    if code.last is None:
        return
    if period is None or line.boundary_inside:
        yield NotChecked(line, undecided(line))
        return
    if period.first <= code.last:
        return
    successor = own_code_for(line.drug, period)
    if line.drug.lacks or successor is None:
        yield replaced(line, code, period)
        return
    other = billed_under_another_code(line, line.drug)
    change = change_to(line, line.drug, successor)
    edits = change.edits or (code_edits(line, successor) if successor.amount == code.amount else ())
    yield Problem(
        where=line.at_procedure_code,
        found=Code(code.code),
        expected=Code(successor.code),
        message="{found} ended {last}; for {date} the code is {expected}.",
        correction="" if other else "{change}",
        choices=[Choice(BILLED_ALREADY, "remove this line"), Choice("it does not", "{change}")] if other else (),
        values={"last": show(code.last), "date": period, "change": change.do},
        related=[Related(other.at_procedure_code, "the same day")] if other else (),
        fixes=[Fix(edits, safe=False)] if edits and not other else (),
        sources=line.drug.cited(code, successor),
    )
