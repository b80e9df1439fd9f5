"""The diagnoses of a claim, by the qualifiers of its HI segments."""

from lint837 import HiCode, WholeClaim

PRINCIPAL = frozenset({"ABK", "BK"})
OWN = frozenset({"ABK", "ABF", "BK", "BF"})  # those to which a line can point
ICD_10 = frozenset({"ABK", "ABF", "ABJ", "APR", "ABN", "BBR", "BBQ"})
ICD_9 = frozenset({"BK", "BF", "BJ", "PR", "BN", "BR", "BQ"})
ICD_10_CM = ICD_10 - {"BBR", "BBQ"}


def normal(code: str) -> str:
    """A code in capitals, without points and blanks."""
    return code.replace(".", "").replace(" ", "").upper()


def own_codes(claim: WholeClaim) -> list[HiCode]:
    """The diagnoses to which a line can point."""
    return [one for one in claim.codes if one.qualifier in OWN and one.code.strip()]
