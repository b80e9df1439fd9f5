"""What one billed unit of a code is, as CMS writes it: "10 MG", "UP TO 1 MG", "per 5 mg"."""

import re
from fractions import Fraction
from functools import cache

# What one billed unit is, in a description: "per 5 mg", "10 mg", "per i.u.".
_MEASURES = (
    r"mcg|micrograms?|ug|mg|milligrams?|gm|grams?|g|units?|i\.?u\.?|international units?|ml|cc|meq|millicuries?|mci|"
    r"microcuries?|sq(?:uare)? ?cm|square centimeters?"
)
_SAME = {
    "microgram": "mcg",
    "ug": "mcg",
    "milligram": "mg",
    "gm": "g",
    "gram": "g",
    "iu": "unit",
    "i.u.": "unit",
    "i.u": "unit",
    "international unit": "unit",
    "cc": "ml",
    "mci": "millicurie",
}


@cache
def _dosage() -> re.Pattern[str]:
    return re.compile(
        r"(?:(?P<upto>up to|less than or equal to|greater than) |per |each )?"
        r"(?P<number>[0-9][0-9,]*(?:\.[0-9]+)?|(?<=per )|\.[0-9]+) ?"
        rf"(?P<measure>{_MEASURES})(?![a-z])",
        re.IGNORECASE,
    )


def is_plain_dosage(dosage: str) -> bool:
    """Whether a dosage is a plain amount, "10 MG", so that units follow from an amount; not "UP TO 10 MG"."""
    found = _dosage().fullmatch(dosage.strip())
    return found is not None and not found["upto"]


def unit_in(text: str) -> tuple[Fraction, str] | None:
    """The amount and the measure of one billed unit in a description, where it names one amount only."""
    found = list(_dosage().finditer(text))
    if len(found) != 1 or found[0]["upto"]:
        return None
    measure = found[0]["measure"].lower()
    measure = measure if measure in _SAME else measure.removesuffix("s")
    number = found[0]["number"].replace(",", "")
    return Fraction(number or "1"), _SAME.get(measure, measure)


def dosage_in(text: str) -> str:
    """One billed unit in a description, as it writes it; "" where it names none, or several amounts."""
    found = list(_dosage().finditer(text))
    return found[0][0] if len(found) == 1 else ""
