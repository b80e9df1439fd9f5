"""A code that ended: which codes replaced it on a date of service, and how many of their units to bill."""

from lint837 import Choice, Code, DrugCode, DrugLine, Edit, Fix, Period, Problem, Successor, counted, show

from lint837_rules.boxes import box
from lint837_rules.codes.change_of_code import code_edits
from lint837_rules.codes.procedure_codes import is_valid_in, is_valid_throughout
from lint837_rules.dates_of_service import Advice, one_code_a_line
from lint837_rules.packages import unit_edits


def replaced(line: DrugLine, code: DrugCode, period: Period) -> Problem:
    """The problem of a code after its last day: of one of the HCPCS file, or where none of the drug's own codes is
    valid on all days of the period.
    """
    valid = [one for one in line.drug.successors if is_valid_throughout(one.code, period)]
    if not valid:
        return _without_one_code(line, code, period)
    message = "{found} ended {last}; for {date} the code is {expected}."
    if len(valid) > 1:
        message = "{found} ended {last}; for {date} CMS names {expected}."
    dos = [edits for one in valid if (edits := _change(line, code, one))]
    one_way = dos[0] if len(valid) == 1 else None
    return Problem(
        where=line.at_procedure_code,
        found=Code(code.code),
        expected=" or ".join(one.code.code for one in valid),
        message=message,
        correction=one_way[0] if one_way else "",
        choices=[
            Choice(f"{one.code.code} describes what was given", do) for one, (do, _) in zip(valid, dos, strict=True)
        ]
        if len(valid) > 1
        else (),
        values={"last": show(code.last or ""), "date": period},
        fixes=[Fix(one_way[1], safe=False)] if one_way and one_way[1] else (),
        sources=line.drug.cited(code),
    )


def _without_one_code(line: DrugLine, code: DrugCode, period: Period) -> Problem:
    """The problem where none of the codes that replaced one is valid on all days of the period."""
    later = [one.code for one in line.drug.successors]
    if not line.drug.lacks:
        later = [
            one for one in line.drug.codes if one.is_product and one.first and one.first > (code.last or one.first)
        ]
    some = [one for one in later if is_valid_in(one, period)]
    codes = " and ".join(f"{one.code} ({_days(one)})" for one in some or later)
    where = f"{line.at_procedure.element} ({box(line, 'code')})"
    correction = f"bill the code of what was given that is valid on the date of service in {where}, and check the date"
    advice = one_code_a_line(line) if some else Advice(correction)
    if some:
        message = "{found} ended {last}; {codes} replaced it, but no code is valid on all days of {date}."
    elif later:
        message = "{found} ended {last}; {codes} replaced it, but {is} not valid for {date}."
    else:
        message = "{found} ended {last}, before {date}; CMS names no code that replaced it."
        if not line.drug.lacks:
            message = "{found} ended {last}, before {date}; no later code of {drug} is known."
    return Problem(
        where=line.at_procedure_code,
        found=Code(code.code),
        expected="a code that is valid on the date of service",
        message=message,
        correction=advice.correction,
        choices=advice.choices,
        values={
            "last": show(code.last or ""),
            "date": period,
            "codes": codes,
            "is": "is" if len(later) == 1 else "are",
            "drug": line.drug.name,
        },
        sources=line.drug.cited(code, *some),
    )


def _days(code: DrugCode) -> str:
    """The days of a code, such as "from 2019-01-01"."""
    if code.first is None or code.last is None:
        return f"through {code.last}" if code.last else f"from {code.first}"
    return f"{code.first} to {code.last}"


def _change(line: DrugLine, code: DrugCode, to: Successor) -> tuple[str, tuple[Edit, ...]]:
    """How to bill a code that replaced another, as an imperative; and all that it changes, where that is sure."""
    where, units_box = f"{line.at_procedure_code.element} ({box(line, 'code')})", box(line, "units")
    do = f"change {code.code} to {to.code.code} in {where}"
    units = line.service_unit_count
    if line.procedure.form:
        return f"bill {to.code.code} in {where}", ()
    of_each = f"1 unit of {to.code.code} is {to.code.dosage}" if to.code.dosage else "its unit is another one"
    if to.factor is None:
        return f"{do}, and bill the units that it counts ({of_each}; {units_box})", ()
    if to.factor == 1:
        return f"{do}, and keep the units ({units_box})", code_edits(line, to.code)
    right = units * to.factor.numerator / to.factor.denominator if units else None
    times = (
        f"{to.factor} times as many units"
        if to.factor.denominator == 1
        else f"1 unit for every {1 / to.factor}"
        if to.factor.numerator == 1
        else f"{to.factor} of the units"
    )
    if right is None or right % 1:
        return f"{do}, and bill {times}, rounded up ({of_each}; {units_box})", ()
    said = f"{do}, and bill {counted(right, 'unit')}, {times} ({of_each}; {units_box})"
    return said, (*code_edits(line, to.code), *unit_edits(line, right))
