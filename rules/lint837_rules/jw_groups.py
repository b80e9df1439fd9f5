"""JW lines with the lines whose packages they share: the groups whose units and quantities belong together."""

from collections.abc import Iterator, Sequence

from lint837 import Claim, DrugLine, Package

from lint837_rules.ndc.other_ndcs import is_other_ndc


def jw_groups(claim: Claim) -> Iterator[list[DrugLine]]:
    """The groups of lines of one day, one of the drug's codes and one NDC that have a JW line."""
    if not claim.has_discarded:
        return
    seen: set[int] = set()
    for line in claim.drug_lines:
        if line.code and line.discarded and line.ordinal not in seen:
            seen.update(other.ordinal for other in line.same_day)
            yield from (group for group in by_ndc(line.same_day) if any(other.is_discarded for other in group))


def by_ndc(lines: Sequence[DrugLine]) -> list[list[DrugLine]]:
    """The lines of a day with a JW line, by their NDC; lines without LIN go with the only NDC of the day. Nothing where
    the NDC of a line is unknown, or where a JW line of an unknown date may belong to it.
    """
    packages = {line.ordinal: _package(line) for line in lines if line.drug_identifications}
    ndcs = {package.digits for package in packages.values() if package}
    if None in packages.values() or any(line.discarded is None for line in lines):
        return []
    if len(ndcs) <= 1:
        return [list(lines)]
    if len(packages) < len(lines):
        return []
    found: dict[Package | None, list[DrugLine]] = {}
    for line in lines:
        found.setdefault(packages[line.ordinal], []).append(line)
    return list(found.values())


def _package(line: DrugLine) -> Package | None:
    """The package that all LINs of a line name, but for those of other products."""
    packages = {line.package_of(item) for item in line.drug_identifications if not is_other_ndc(line, item)}
    return packages.pop() if len(packages) == 1 else None
