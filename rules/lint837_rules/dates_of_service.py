"""Why a line's date of service does not decide which code is valid: a rule then says that it did not check."""

from lint837 import DrugLine


def undecided(line: DrugLine) -> str:
    """Why the date of service does not decide which code is valid on a line; "" where it does."""
    if line.period is None:
        return "the date of service is unknown"
    return "the period includes a change of the code" if line.boundary_inside else ""
