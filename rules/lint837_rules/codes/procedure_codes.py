"""What the rules on procedure codes share: what is in the code's place, and which codes are valid there."""

from lint837 import Code, Drug, DrugCode, DrugLine, Period, ServiceLine, is_ndc, show

BILLED_ALREADY = "another line of that day already bills this dose"


def ndc_in_its_place(line: ServiceLine) -> bool:
    """Whether an NDC, of any product, is in the place of the procedure code."""
    code = line.procedure_code.removeprefix("N4")
    return is_ndc(code) or line.claim.formulary.by_ndc(code) is not None


def is_empty(line: ServiceLine) -> bool:
    """Whether SV101 or SV202 holds no code: nothing but a qualifier, modifiers and a description."""
    parts = [part.strip() for part in line.procedure_components[:6]]
    written = line.procedure_code_as_written.strip()
    return not written and all(len(part) <= 2 and (part.isalnum() or not part) for part in parts)


def can_be_shown(code: str) -> bool:
    """Whether a procedure code looks like one, so that a message may show it."""
    return show(Code(code)) == code


def codes_for(drug: Drug, line: ServiceLine) -> list[DrugCode]:
    """The codes that can bill the drug on the line, the best one for its setting first; where none is known for the
    setting, any that is valid. None where the date of service is unknown. Of the miscellaneous codes only the best one:
    the others are for other kinds of drugs.
    """
    if line.period is None:
        return []
    first, last = line.period
    first = max(first, drug.begins)
    codes = drug.codes_for(first, line.setting) or drug.codes_on(first)
    valid = [code for code in codes if code.valid_on(last)]
    return [code for code in valid if code.is_product or code is valid[0]]


def own_code_for(drug: Drug, period: Period) -> DrugCode | None:
    """The drug's own code that is valid on all days of a period; a permanent one rather than a temporary one."""
    own = [code for code in drug.codes if code.is_product and is_valid_throughout(code, period)]
    return min(own, key=lambda code: code.kind != "permanent", default=None)


def own_codes_in(drug: Drug, period: Period) -> list[DrugCode]:
    """The drug's own code for all days of a period; where there is none, those that are valid on some of its days."""
    one = own_code_for(drug, period)
    return [one] if one else [code for code in drug.codes if code.is_product and is_valid_in(code, period)]


def is_valid_in(code: DrugCode, period: Period) -> bool:
    """Whether a code is valid on a day of a period."""
    return (code.first is None or code.first <= period.last) and (code.last is None or period.first <= code.last)


def is_valid_throughout(code: DrugCode, period: Period) -> bool:
    """Whether a code is valid on all days of a period."""
    return code.valid_on(period.first) and code.valid_on(period.last)


def expected_of(codes: list[DrugCode], drug: Drug) -> str:
    """The codes as the expected value of a finding."""
    return ", ".join(code.code for code in codes) or f"the code of {drug.name} for the date of service"


def says_otherwise(line: DrugLine) -> bool:
    """Whether the texts of a line describe something and do not name its drug, which only the NDC does."""
    return line.describes_another(line.drug) and all(one.drug is not line.drug for one in line.mentions)


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
