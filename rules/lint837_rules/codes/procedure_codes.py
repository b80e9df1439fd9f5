"""What the rules on procedure codes share: what is in the code's place, and which codes are valid there."""

from lint837 import Code, Drug, DrugCode, DrugLine, Period, ServiceLine, is_ndc, show

BILLED_ALREADY = "if another line of that day already bills this dose, remove this line; otherwise, "


def ndc_in_its_place(line: ServiceLine) -> bool:
    """Whether an NDC, of any product, is in the place of the procedure code."""
    return is_ndc(line.procedure_code.removeprefix("N4"))


def can_be_shown(code: str) -> bool:
    """Whether a procedure code looks like one, so that a message may show it."""
    return len(code) == 5 and show(Code(code)) == code


def codes_for(drug: Drug, period: Period | None) -> list[DrugCode]:
    """The codes that can bill the drug for a whole period: its permanent code only, if it has one. None where the date
    of service is unknown.
    """
    if period is None:
        return []
    codes = [code for code in drug.codes_on(period.first) if code.valid_on(period.last)]
    return [code for code in codes if code.kind == "permanent"] or codes


def expected_of(codes: list[DrugCode], drug: Drug) -> str:
    """The codes as the expected value of a finding."""
    return ", ".join(code.code for code in codes) or f"the code of {drug.name} for the date of service"


def choices_of(codes: list[DrugCode], drug: Drug) -> str:
    """The codes in a correction, with the settings that use them: "C0001 (hospital outpatient) or J0001"."""
    choices = [code.code + (f" ({code.settings})" if code.settings else "") for code in codes]
    if not choices:
        return f"the code of {drug.name} for the date of service"
    return " or ".join(filter(None, [", ".join(choices[:-1]), choices[-1]]))


def billed_under_another_code(line: ServiceLine, drug: Drug) -> DrugLine | None:
    """Another line of the claim that bills the drug for the same single day, under another of its codes; not one that
    only mentions it in a text.
    """
    if line.day is None:
        return None
    for code in drug.codes:
        lines = line.claim.lines_by_code.get(code.code) if code.code != line.procedure_code else None
        for other in lines.on(line.day) if lines else ():
            if not other.weak:
                return other
    return None
