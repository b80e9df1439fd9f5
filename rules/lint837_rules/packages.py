"""What the rules on packages and NDC quantities share."""

from lint837 import Drug

# CTP05-1 in words, as in "counted in packages (UN)".
UNITS = {"F2": "international units", "GR": "grams", "ME": "milligrams", "ML": "milliliters", "UN": "packages"}
PACKAGES = "UN"
WEIGHTS = ("ME", "GR")  # valid for any drug by the guide


def ndcs_of(drug: Drug) -> str:
    """The NDCs of a drug as a claim writes them, such as "12345067890 or 12345067891"."""
    return " or ".join(package.digits for package in drug.packages)
