"""How the rules tell a drug's packages and the units of measure of an NDC quantity."""

from lint837 import Drug

# CTP05-1, in a sentence: "counted in packages (UN)".
UNITS = {"F2": "international units", "GR": "grams", "ME": "milligrams", "ML": "milliliters", "UN": "packages"}
PACKAGES = "UN"
# The units of weight, right for any drug by the guide.
WEIGHTS = ("ME", "GR")


def ndcs_of(drug: Drug) -> str:
    """The NDCs of a drug, as a claim writes them: "55513005901 or 55513007701"."""
    return " or ".join(package.digits for package in drug.packages)
