"""Where a claim names its subscriber."""

from lint837 import Row, WholeClaim


def subscriber_name(claim: WholeClaim) -> Row | None:
    """The NM1*IL of loop 2010BA."""
    loop = claim.subscriber.entity("IL")
    return loop.first if loop else None
