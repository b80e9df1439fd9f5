"""What the rules on dates of service share."""

from lint837 import DrugLine


def undecided(line: DrugLine) -> str:
    """Why the date of service does not decide which code is valid on a line; "" where it does."""
    if line.period is None:
        return "the date of service is unknown"
    return "the period includes a change of the code" if line.boundary_inside else ""
