"""Where a biller finds a part of a claim: a box of the CMS-1500 form, or a form locator (FL) of the UB-04."""

from lint837 import Claim, ServiceLine, WholeClaim

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
    "total": ("box 28", "FL 47, line 23"),
    "diagnosis pointer": ("box 24E", "FL 67"),
    "member id": ("box 1a", "FL 60"),
    "birth date": ("box 3", "FL 10"),
    "relationship": ("box 6", "FL 59"),
    "payer order": ("box 11d", "FL 50"),
    "paid by others": ("box 29", "FL 54"),
    "tax id": ("box 25", "FL 5"),
    "billing address": ("box 33", "FL 1"),
    "facility address": ("box 32", "FL 1"),
    "accident": ("box 10", "FL 31 to 34"),
    "onset": ("box 14", "FL 31 to 34"),
    "other date": ("box 15", "FL 31 to 34"),
    "status": ("box 18", "FL 17"),
    "condition": ("box 10d", "FL 18 to 28"),
    "occurrence": ("box 14", "FL 31 to 34"),
    "occurrence span": ("box 18", "FL 35 and 36"),
    "value": ("box 29", "FL 39 to 41"),
    "admission": ("box 18", "FL 12"),
    "discharge hour": ("box 18", "FL 16"),
}
# The box of a provider's NPI, by NM101.
_PROVIDERS = {
    "85": ("box 33a", "FL 56"),
    "87": ("box 33", "FL 2"),
    "82": ("box 24J", "FL 78 and 79"),
    "DN": ("box 17b", "FL 78 and 79"),
    "DK": ("box 17b", "FL 78 and 79"),
    "DQ": ("box 17b", "FL 78 and 79"),
    "77": ("box 32a", "FL 1"),
    "71": ("box 17b", "FL 76"),
    "72": ("box 17b", "FL 77"),
    "ZZ": ("box 17b", "FL 78 and 79"),
}


def box(scope: ServiceLine | Claim | WholeClaim, part: str) -> str:
    """The box of the CMS-1500 (837P), or the form locator of the UB-04 (837I), with a part of a line or claim, such as
    "box 24G" or "FL 46" with its "units".
    """
    professional, institutional = _BOXES[part]
    return institutional if scope.guide == "837I" else professional


def provider_box(claim: WholeClaim, code: str) -> str:
    """The box or form locator of the NPI of a provider, by NM101; loop 2330 or 2420 has none of its own."""
    professional, institutional = _PROVIDERS.get(code, ("box 17b", "FL 78 and 79"))
    return institutional if claim.institutional else professional
