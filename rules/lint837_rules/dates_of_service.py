"""Why a line's date of service does not decide which code is valid: a rule then says that it did not check."""

from lint837 import DrugCode, DrugLine


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
