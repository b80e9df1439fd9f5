"""Where a line's date of service is read from."""

from lint837 import DrugLine, Place


def at_period(line: DrugLine) -> Place:
    """The place of `line.period`: the line's own DTP*472, or the claim's DTP*434 where that stands in for it."""
    segment = line.date_segment or line.claim.statement_segment or line.anchor
    return segment.at(3, line=line)


def undecided(line: DrugLine) -> str:
    """Why no rule on the line's code can be decided by its date of service; "" where it can."""
    if line.period is None:
        return "the date of service is not known"
    return "the period has days on both sides of a change of the code" if line.boundary_inside else ""
