"""What makes two drug lines the same, on one claim or on two."""

from lint837 import DrugLine

# They say why a line is repeated.
DISTINCT = frozenset({"JW", "KP", "KQ", "59", "76", "77", "XE", "XS", "XP", "XU"})


def billed(line: DrugLine) -> tuple[str, ...] | None:
    """The day, the code and the NDCs of a line, as texts; None for a line without a single day, and for one with a
    modifier that says why it is repeated. A LIN without an NDC does not count.
    """
    if line.day is None or not DISTINCT.isdisjoint(line.modifiers):
        return None
    if line.is_well_coded:
        return (line.day.isoformat(), line.procedure_code, *sorted(set(line.written_ndcs)))
    packages = ((line.package_of(item), item.ndc) for item in line.drug_identifications if item.ndc)
    ndcs = {package.digits if package else written for package, written in packages}
    return (line.day.isoformat(), line.procedure_code, *sorted(ndcs))
