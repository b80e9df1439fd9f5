"""Packages, units and NDC quantities: in words, compared, and the edits that write them."""

from collections.abc import Mapping
from decimal import Decimal

from lint837 import Drug, DrugIdentification, DrugLine, Edit, Package, Segment, counted, show

# CTP05-1 in words, as in "counted in packages (UN)".
UNITS = {"F2": "international units", "GR": "grams", "ME": "milligrams", "ML": "milliliters", "UN": "packages"}
PACKAGES = "UN"
WEIGHTS = ("ME", "GR")  # valid for any drug by the guide


_MOST_NDCS = 4  # that a sentence names


def ndcs_of(drug: Drug) -> str:
    """The NDCs of a drug as a claim writes them, such as "12345067890 or 12345067891"; of a drug with many, or of which
    not all are known, in words.
    """
    ndcs = list(dict.fromkeys(package.digits for package in drug.packages))
    if drug.lacks and len(ndcs) != 1:
        return f"one of {drug.name}"
    return " or ".join(ndcs) if len(ndcs) <= _MOST_NDCS else f"one of {drug.name}"


def counted_packages(quantity: Decimal | int, package: Package, drug: Drug) -> str:
    """Such as "1 package of 10 mg"."""
    return f"{counted(quantity, UNITS[package.counted_in].removesuffix('s'))} of {drug.measured(package.amount)}"


def were(quantity: Decimal | int) -> str:
    """The verb for a number of things that were used."""
    return "was" if quantity == 1 else "were"


def is_spread(line: DrugLine) -> bool:
    """Whether the procedure code takes up several elements, so that each one after it holds something else."""
    return line.procedure.form == "elements"


def billed_amount(line: DrugLine) -> Decimal | None:
    """The amount that the units of a drug's own code are; None for another code, or where they cannot be read."""
    units, code = line.service_unit_count, line.code
    return units * code.amount if units and code and code.is_product and not is_spread(line) else None


def packages_billed(line: DrugLine, item: DrugIdentification) -> Decimal | None:
    """How many packages of a LIN the units of its line are, where that is a whole number. None on a line that shares
    its packages: one of several LINs, or of a day with a JW line.
    """
    package, amount = line.package_of(item), billed_amount(line)
    if package is None or amount is None or not package.counted_in:
        return None
    if len(line.drug_identifications) > 1 or line.discarded != []:
        return None
    number = amount / package.amount
    return number if number == number.to_integral_value() else None


def edits_of(line: DrugLine, segment: Segment, texts: Mapping[int, str]) -> tuple[Edit, ...]:
    """The edits that give elements of a segment these texts. What the segment lacks is added after its last element."""
    last = len(segment)
    edits = [Edit(line.at(segment, number), text) for number, text in texts.items() if number < last]
    missing = [texts.get(number, "") for number in range(last + 1, max(texts, default=0) + 1)]
    if missing or last in texts:
        separator = segment.delimiters.element.decode("latin-1")
        edits.append(Edit(line.at(segment, last), separator.join([texts.get(last, segment.exact(last)), *missing])))
    return tuple(edits)


def quantity_edits(line: DrugLine, item: DrugIdentification, quantity: Decimal, unit: str) -> tuple[Edit, ...]:
    """The edits that make the CTP of a LIN say a quantity; none where it has no CTP."""
    if item.ctp is None:
        return ()
    wrong = {4: show(quantity)} if item.quantity != quantity else {}
    return edits_of(line, item.ctp, wrong | ({5: unit} if item.unit != unit else {}))


def unit_edits(line: DrugLine, units: Decimal) -> tuple[Edit, ...]:
    """The edits that make a line bill a number of units; with their measure, where it has none."""
    number = 5 if line.guide == "837I" else 4
    texts = {number: show(units)} if line.unit_basis else {number - 1: "UN", number: show(units)}
    return edits_of(line, line.service, texts) if line.service else ()
