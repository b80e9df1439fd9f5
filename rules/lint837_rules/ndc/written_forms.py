"""The forms in which an NDC is written, but not on a claim."""

import re

from lint837 import DrugLine


def right_form(written: str, line: DrugLine) -> tuple[str, bool]:
    """The 11 digits that a text means, "" where they are unknown; and whether it is an NDC in another form, not a
    longer text with one in it.
    """
    bare = written.strip().removeprefix("N4").strip()
    known = line.by_ndc(bare)
    if known or _padded(bare):
        return known[1].digits if known else _padded(bare), True
    known = line.by_ndc(line.claim.formulary.ndc_in(written.upper()))
    return (known[1].digits, False) if known else ("", True)


def _padded(bare: str) -> str:
    """The 11 digits of an NDC with hyphens or spaces between its parts; "" for any other text: without hyphens, the
    place of the missing zero is unknown.
    """
    parts = re.split(r"[- ]", bare)
    if not re.fullmatch(r"[0-9]+", "".join(parts)):
        return ""
    if tuple(map(len, parts)) in ((4, 4, 2), (5, 3, 2), (5, 4, 1), (5, 4, 2)):
        return "".join(part.zfill(width) for part, width in zip(parts, (5, 4, 2), strict=True))
    return bare if len(bare) == 11 and len(parts) == 1 else ""


def what_is_wrong(written: str, right: str, *, only_form: bool) -> str:
    """What is wrong with a text in place of an NDC, as a template over `found`, the text, and `expected`."""
    if not written.strip():
        return "LIN03 has no NDC."
    if not only_form:
        return "LIN03 has more than the NDC {expected}."
    if written.strip() == right:
        return 'The NDC "{found}" has a space before or after it.'
    if written.startswith("N4"):
        return 'The NDC "{found}" begins with N4, which belongs in LIN02.'
    if len(written) == 11 and written.isdecimal():
        return 'The NDC "{found}" has 11 digits, but the added zero is in the wrong place.'
    if len(written) == 10 and written.isdecimal():
        return 'The NDC "{found}" has 10 digits; on a claim it has 11 (5-4-2).'
    return 'The NDC "{found}" is not written as 11 digits (5-4-2).'
