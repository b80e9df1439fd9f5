"""Under which codes CMS lists an NDC, over the quarters whose crosswalk was imported."""

from typing import NamedTuple

from lint837 import DrugIdentification, DrugLine, Quarter, digits_of

CROSSWALKS = "CMS ASP NDC-HCPCS crosswalks"


class Product(NamedTuple):
    """An NDC by its listings: its name, and the codes that bill it, the newest first."""

    name: str
    codes: tuple[str, ...]


def product_of(line: DrugLine, digits: str) -> Product | None:
    """What CMS lists under an NDC of eleven digits; None for nothing, and for a drug without a code."""
    listed = [one for one in line.claim.formulary.listings(digits) if one.code]
    listed.sort(key=lambda one: one.quarters[-1], reverse=True)
    return Product(listed[0].name, tuple(dict.fromkeys(one.code for one in listed))) if listed else None


def moved_to(line: DrugLine, item: DrugIdentification) -> tuple[Quarter, tuple[str, ...]] | None:
    """The codes to which an NDC was moved from the line's code by the date of service, and the first quarter in which
    it was listed under them and no longer under the line's; None where it was not, or where that is not known.
    """
    stored, period, code = line.claim.formulary.stored, line.period, line.procedure_code
    if stored is None or period is None:
        return None
    listed = line.claim.formulary.listings(digits_of(item.ndc))
    first, last = stored.quarter_of(period.first), stored.quarter_of(period.last)
    if first is None or first != last:
        return None
    under = {quarter: {one.code for one in listed if quarter in one.quarters} for quarter in stored.store.quarters}
    if code in under[first] or not under[first] - {""}:
        return None
    before = [quarter for quarter in stored.store.quarters if quarter < first and code in under[quarter]]
    if not before or any(code in codes for quarter, codes in under.items() if quarter > first):
        return None  # never listed so, or again later
    since = next(quarter for quarter in stored.store.quarters if quarter > before[-1] and under[quarter] - {""})
    return since, tuple(sorted(under[first] - {""}))


def is_single_source(line: DrugLine) -> bool:
    """Whether all packages of the line's code are of one labeler."""
    return len({package.digits[:5] for package in line.drug.packages}) == 1


def is_related(line: DrugLine, codes: tuple[str, ...]) -> bool:
    """Whether one of some codes replaced the line's, or was replaced by it: they bill one drug."""
    stored = line.claim.formulary.stored
    if stored is None:
        return False
    later = {one.code.code for one in line.drug.successors}
    earlier = set(stored.store.predecessors(line.procedure_code))
    return not (later | earlier).isdisjoint(codes)
