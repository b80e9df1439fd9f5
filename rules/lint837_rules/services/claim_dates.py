"""The dates of a claim and its lines that these rules read."""

from collections.abc import Iterator

from lint837 import LineLoop, Row, WholeClaim

# DTP01, in words.
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


def dates(claim: WholeClaim) -> Iterator[tuple[Row, LineLoop | None]]:
    """The DTP segments of these dates, each with its line."""
    for row in claim.loop.rows:
        if row.id == "DTP" and row.element(1) in NAMES:
            yield row, None
    for line in claim.lines:
        for row in line.rows:
            if row.id == "DTP" and row.element(1) in NAMES:
                yield row, line
