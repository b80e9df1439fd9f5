"""Which number a claim must give of its subscriber."""

from datetime import date

from lint837 import WholeClaim

_ONLY_MBI = date(2020, 1, 1)  # the first day of service on which no older Medicare number counts


def asks_for_mbi(claim: WholeClaim) -> bool:
    """Whether the claim goes to Medicare, for services that begin when only the new number counts."""
    return claim.filing_code in ("MA", "MB") and claim.services is not None and claim.services.first >= _ONLY_MBI
