"""What to bill for an amount of a drug, on a day, in a setting: the service lines in which no rule finds an error."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from math import ceil

from lint837.facts.drugs import Drug, DrugCode, Package, plain
from lint837.facts.settings import INPATIENT, Setting

_THOUSANDTH = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Line:
    """A service line. `code` is "" where the line has only its revenue code; `ndc` has eleven digits; `units` and
    `quantity` are plain decimal numbers.
    """

    code: str
    units: str
    ndc: str
    quantity: str
    unit: str
    modifiers: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """The lines to bill: one, or two where a part of a package was discarded. code: None where none is needed.
    others: the codes that some payers take in its place. is_whole: whole packages were used, so that JZ is right only
    if nothing was discarded.
    """

    code: DrugCode | None
    others: tuple[DrugCode, ...]
    lines: tuple[Line, ...]
    is_whole: bool


def advise(drug: Drug, package: Package, day: date, setting: Setting, amount: Decimal) -> Advice | None:
    """What bills an amount of a drug, in its measure. None where no code is known for the day."""
    codes = drug.codes_for(day, setting)
    if setting.where == INPATIENT:
        codes = tuple(code for code in codes if code.kind == "permanent")
    elif not codes:
        return None
    # Of the miscellaneous codes only the best one is right: the others are for other kinds of drugs.
    best = next((code for code in codes if not code.is_product), None)
    codes = tuple(code for code in codes if code.is_product or code is best)
    code, others = (codes[0], () if setting.is_medicare else codes[1:]) if codes else (None, ())
    packages = amount / package.amount
    whole = package.counted_in != "UN" or packages == packages.to_integral_value()
    if code and code.is_product:
        lines = _by_amount(package, code, setting, amount)
    else:
        lines = (_by_name(drug, package, code, setting, amount, whole=whole),)
    return Advice(code, others, lines, whole)


def advise_listed(drug: Drug, package: Package, quantity: Decimal, unit: str) -> Advice:
    """What bills an NDC quantity of a drug that only CMS lists: its code, in whole units. Whether the container is for
    one dose is not known, and so no modifier.
    """
    units = ceil(Fraction(quantity) * (package.amount_in(unit) or 0))
    [code] = drug.codes
    return Advice(code, (), (Line(code.code, str(units), package.digits, plain(quantity), unit),), is_whole=False)


def _by_amount(package: Package, code: DrugCode, setting: Setting, amount: Decimal) -> tuple[Line, ...]:
    """The lines of a code with an amount: what was given in whole units, and what is left of the package."""
    units = _ceiling(amount / code.amount)
    opened = units * code.amount / package.amount
    if package.counted_in == "UN":
        opened = _ceiling(amount / package.amount)
    left = _ceiling(opened * package.amount / code.amount) - units
    given = Line(code.code, plain(units), package.digits, plain(opened), package.counted_in)
    if left <= 0:
        return (replace(given, modifiers=("JZ",) if setting.bills_discarded else ()),)
    shares = [number * code.amount / package.amount for number in (units, left)]
    if any(share != share.quantize(_THOUSANDTH) for share in shares):
        shares = [opened, opened]  # the whole package on both lines
    given = replace(given, quantity=plain(shares[0]))
    if not setting.bills_discarded:
        return (given,)
    return (given, replace(given, units=plain(left), quantity=plain(shares[1]), modifiers=("JW",)))


def _by_name(
    drug: Drug, package: Package, code: DrugCode | None, setting: Setting, amount: Decimal, *, whole: bool
) -> Line:
    """The line of a miscellaneous code, or of none: one unit, and the drug in words. It has no JW line of its own."""
    opened = _ceiling(amount / package.amount)
    line = Line(code.code if code else "", "1", package.digits, plain(opened), package.counted_in)
    if package.counted_in != "UN":
        line = replace(line, quantity=plain((amount / package.amount).quantize(_THOUSANDTH, ROUND_CEILING)))
    if code is None:
        return line
    description = f"{drug.name} {drug.measured(amount.quantize(_THOUSANDTH, ROUND_CEILING))}"
    if not whole:
        description += f", waste {drug.measured(opened * package.amount - amount.quantize(_THOUSANDTH, ROUND_CEILING))}"
    return replace(
        line, description=description.upper(), modifiers=("JZ",) if whole and setting.bills_discarded else ()
    )


def _ceiling(number: Decimal) -> Decimal:
    return number.to_integral_value(ROUND_CEILING)
