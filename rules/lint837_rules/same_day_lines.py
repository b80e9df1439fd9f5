"""Lines of one claim that bill the same drug once more for the same day."""

from collections.abc import Iterator
from datetime import date

from lint837.claims import Claim, DrugLine

# With one of these the line says itself why it stands beside another one: discarded, a further package, a further
# service.
_EXPLAINED = frozenset({"JW", "KP", "KQ", "59", "76", "77", "XE", "XS", "XP", "XU"})


def repeated_lines(claim: Claim) -> Iterator[DrugLine]:
    """The second and each further line with the same product code and NDC for the same single day, none with a modifier
    that explains it. An NDC is the same however it is written; lines without one are the same to the payer, too.
    """
    seen: set[tuple[str, date, tuple[str, ...]]] = set()
    for line in claim.drug_lines:
        if line.day is None or not line.is_product_line or _EXPLAINED.intersection(line.modifiers):
            continue
        key = (line.procedure_code, line.day, _ndcs(line))
        if key in seen:
            yield line
        seen.add(key)


def _ndcs(line: DrugLine) -> tuple[str, ...]:
    packages = ((line.package_of(item), item.ndc) for item in line.drug_identifications)
    return tuple(sorted(package.digits if package else written for package, written in packages))
