"""Where a line's date of service is read from."""

from lint837 import DrugLine


def undecided(line: DrugLine) -> str:
    """Why no rule on the line's code can be decided by its date of service; "" where it can."""
    if line.period is None:
        return "the date of service is not known"
    return "the period has days on both sides of a change of the code" if line.boundary_inside else ""
