"""A code that CMS ended: which codes replaced it on a date of service, and how many of their units to bill."""

from lint837 import Choice, Code, DrugCode, DrugLine, Edit, Fix, Period, Problem, Successor, counted, show

from lint837_rules.boxes import box
from lint837_rules.codes.change_of_code import code_edits
from lint837_rules.packages import unit_edits


def replaced(line: DrugLine, code: DrugCode, period: Period) -> Problem:
    """The problem of a code of the HCPCS file after its last day."""
    valid = [one for one in line.drug.successors if one.code.valid_on(period.first) and one.code.valid_on(period.last)]
    message = "{found} ended {last}; for {date} the code is {expected}."
    if not valid:
        message = "{found} ended {last}, before {date}; CMS names no code that replaced it."
    elif len(valid) > 1:
        message = "{found} ended {last}; for {date} CMS names {expected}."
    dos = [edits for one in valid if (edits := _change(line, code, one))]
    one_way = dos[0] if len(valid) == 1 else None
    where = f"{line.at_procedure.element} ({box(line, 'code')})"
    return Problem(
        where=line.at_procedure_code,
        found=Code(code.code),
        expected=" or ".join(one.code.code for one in valid) or "a code that is valid on the date of service",
        message=message,
        correction=one_way[0]
        if one_way
        else ""
        if valid
        else f"bill the code of what was given that is valid on the date of service in {where}, and check the date",
        choices=[
            Choice(f"{one.code.code} describes what was given", do) for one, (do, _) in zip(valid, dos, strict=True)
        ]
        if len(valid) > 1
        else (),
        values={"last": show(code.last or ""), "date": period},
        fixes=[Fix(one_way[1], safe=False)] if one_way and one_way[1] else (),
        sources=line.drug.cited(code),
    )


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
