"""Where a biller finds a part of a claim: a box of the CMS-1500 form, or a form locator (FL) of the UB-04."""

from lint837 import Claim, ServiceLine

# NUCC 1500 claim form manual, and NUBC UB-04 manual as CMS repeats them (Claims Processing Manual, chapters 25 and 26).
_BOXES = {
    "date": ("box 24A", "FL 45"),
    "place of service": ("box 24B", "FL 4"),
    "code": ("box 24D", "FL 44"),
    "modifiers": ("box 24D", "FL 44"),
    "charge": ("box 24F", "FL 47"),
    "units": ("box 24G", "FL 46"),
    "NDC": ("shaded line of box 24", "FL 43"),
    "description": ("box 19", "FL 80"),
    "note": ("box 19", "FL 80"),
    "revenue code": ("box 24", "FL 42"),
    "diagnoses": ("box 21", "FL 67"),
    "statement period": ("box 24A", "FL 6"),
    "original reference": ("box 22", "FL 64"),
    "frequency": ("box 22", "FL 4"),
}


def box(scope: ServiceLine | Claim, part: str) -> str:
    """The box of the CMS-1500 (837P), or the form locator of the UB-04 (837I), with a part of a line or claim, such as
    "box 24G" or "FL 46" with its "units".
    """
    professional, institutional = _BOXES[part]
    return institutional if scope.guide == "837I" else professional
