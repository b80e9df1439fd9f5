"""Where a line's dates of service do not decide which code is valid: why, and what to do."""

from typing import NamedTuple

from lint837 import Choice, DrugCode, DrugLine

from lint837_rules.boxes import box


def undecided(line: DrugLine) -> str:
    """Why the date of service does not decide which code is valid on a line; "" where it does."""
    if line.period is None:
        return "the date of service is unknown"
    return "the period includes a change of the code" if line.boundary_inside else ""


def unlimited(line: DrugLine, code: DrugCode) -> str:
    """Why the days of a code do not decide whether it is valid on the date of service: its HCPCS file is older, or
    there is none; "" where they do.
    """
    if line.period is None or code.known_through is None or (code.last and line.period.first > code.last):
        return ""
    if code.known_through >= line.period.last:
        return ""
    if code.source != "hcpcs":
        return "no HCPCS file that was imported has the code, so its days are not known"
    return f"the newest HCPCS file is of {code.known_through}, so what became of the code since is not known"


class Advice(NamedTuple):
    """What to do, as one correction or as alternatives."""

    correction: str = ""
    choices: tuple[Choice, ...] = ()


def one_code_a_line(line: DrugLine) -> Advice:
    """What to do with a line on whose dates several codes are valid, one after the other."""
    where = box(line, "date")
    if line.date_segment is None:
        return Advice(f"add the date of service to the line (DTP*472, {where})")
    several = "bill those before and after the change on separate lines, each with its code"
    one = Choice("it was one day", f"write that day ({where})")
    return Advice(choices=(one, Choice("there were several days", several)))
