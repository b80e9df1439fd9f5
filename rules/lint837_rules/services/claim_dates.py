"""The dates of a claim and its lines, in words."""

from lint837 import Row, WholeClaim

# DTP01.
NAMES = {
    "472": "date of service",
    "434": "statement period",
    "435": "admission date",
    "096": "discharge hour",
    "439": "accident date",
    "431": "date of onset",
    "454": "date of the first treatment",
    "304": "date of the last visit",
}


def name_of(claim: WholeClaim, row: Row) -> str:
    """The name of a date whose DTP01 is one of NAMES: DTP*096 has no hour on an 837P."""
    return "discharge date" if row.element(1) == "096" and not claim.institutional else NAMES[row.element(1)]
