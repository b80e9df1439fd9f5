"""Where a claim names its subscriber, and which number it must give."""

from datetime import date

from lint837 import Row, WholeClaim

_ONLY_MBI = date(2020, 1, 1)  # the first day of service on which no older Medicare number counts


def subscriber_name(claim: WholeClaim) -> Row | None:
    """The NM1*IL of loop 2010BA."""
    loop = claim.subscriber.entity("IL")
    return loop.first if loop else None


def asks_for_mbi(claim: WholeClaim) -> bool:
    """Whether the claim goes to Medicare, for services that begin when only the new number counts."""
    return claim.filing_code in ("MA", "MB") and claim.services is not None and claim.services.first >= _ONLY_MBI
