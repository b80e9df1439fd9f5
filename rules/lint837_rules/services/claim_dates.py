"""The dates of a claim and its lines, in words."""

# DTP01.
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
