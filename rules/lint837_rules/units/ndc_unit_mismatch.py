"""QTY001: billed units that disagree with the NDC quantity."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from lint837 import (
    FACTS,
    Bad,
    Citation,
    Claim,
    DrugCode,
    DrugLine,
    Good,
    NotChecked,
    Package,
    Problem,
    Related,
    Severity,
    counted,
    rule,
)

from lint837_rules.sources import AMGEN_FLYER, ASP_CROSSWALK
from lint837_rules.units.unit_slips import Slips, slips_of

_ON = "DTP*472*D8*20250110~"
_ONE = "LIN**N4*55513005901~"  # the package of 1 mg
_TEN = "LIN**N4*55513007701~"  # the package of 10 mg


def _line(units: str, lin: str, quantity: str, unit: str = "UN", modifier: str = "JZ", on: str = _ON) -> str:
    code = f"J9026:{modifier}".rstrip(":")
    return f"SV1*HC:{code}*16000*UN*{units}***1~{on}{lin}" + (f"CTP****{quantity}*{unit}~" if lin else "")


@rule(
    "QTY001",
    severity=Severity.ERROR,
    cites=[
        AMGEN_FLYER,
        ASP_CROSSWALK,
        Citation(
            "CMS, JW and JZ modifier policy; LifeWise, billing for wasted and administered drugs",
            "The discarded amount is billed on a line of its own with JW; payers want the NDC quantity either divided "
            "over the two lines or, with the whole package, on both.",
        ),
    ],
    good=[
        Good(_line("10", _TEN, "1")),
        Good(_line("1", _ONE, "1")),
        Good(_line("10.0", _TEN, "1.00"), note="the same numbers, written otherwise"),
        Good(_line("10", _TEN, "10", "ME"), note="milligrams", also=("NDC006",)),
        Good(_line("10", _TEN, ".01", "GR"), note="grams", also=("NDC006",)),
        Good(_line("10", _ONE, "10"), note="ten packages of 1 mg"),
        Good(_line("7", _TEN, ".7", modifier="") + _line("3", _TEN, ".3", modifier="JW"), note="divided"),
        Good(
            _line("7", _TEN, "1", modifier="") + _line("3", _TEN, "1", modifier="JW"),
            note="the package on both",
        ),
        Good(
            _line("7", _TEN, "1", modifier="") + _line("3", "", "", modifier="JW"),
            note="the package on the first",
        ),
        Good(
            _line("7", _TEN, "1", modifier="") + _line("3", _TEN, "1", modifier="JW", on=""),
            note="a JW line whose day is not known may belong to it",
            also=("DOS001",),
        ),
        Good(
            _line("7", _TEN, "1", modifier="", on="DTP*472*RD8*20250110-20250117~")
            + _line("3", _TEN, "1", modifier="JW"),
            note="a range of days may hold the day of the JW line",
        ),
        Good(_line("10", _TEN, "1") + "REF*VY*123456~", note="part of a compound"),
        Good(_line("10", "LIN**N4*50242013601~", "3"), note="the NDC of another product", also=("NDC002",)),
        Good(_line("10", _TEN, "5", "ML"), note="a unit from which no milligrams follow", also=("NDC005",)),
        Good(_line("10", _TEN, "0"), note="no quantity to compare with", also=("NDC004",)),
        Good(_line("1,0", _TEN, "1"), note="no unit count to compare with", also=("QTY003",)),
        Good(_line("9.5", _TEN, "1"), note="units that are not whole cannot be compared", also=("QTY003",)),
        Good(
            _line("8", _TEN, "1", modifier="", on="") + _line("10", _TEN, "1") + _line("2", _TEN, "1", modifier="JW"),
            note="the JW line may belong to the line whose day is not known",
            also=("DOS001",),
        ),
        Good(
            _line("7", _TEN, "1", modifier="") + _line("2", "", "", modifier="JW") + "CTP****1*UN~",
            note="a quantity without its NDC",
            also=("NDC004", "QTY005"),
        ),
        Good(
            _line("7", _TEN, "1", modifier="") + _line("2", "", "", modifier="JW") + _line("1", _ONE, "1"),
            note="of which of two packages the JW line is, is not known",
        ),
        Good(
            _line("8", _TEN, ".7", modifier="")
            + "LIN**N4*55513005901~CTP****1*UN~"
            + _line("3", _TEN, ".2", modifier="JW"),
            note="nor where one line has both",
            also=("NDC008", "QTY005"),
        ),
        Good(
            _line("3", _TEN, "1", modifier="JW"),
            note="a JW line whose administered part is on another claim",
            also=("MOD003",),
        ),
        Good(
            f"SV1*HC:J9999:::::TARLATAMAB*16000*UN*1***1~DTP*472*D8*20241110~{_TEN}CTP****1*UN~",
            note="no product code",
        ),
    ],
    bad=[
        Bad(
            _line("1", _TEN, "1"),
            at="SV104",
            note="the package billed as one unit, or the other package's NDC",
        ),
        Bad(_line("10", _TEN, "10"), at="SV104", note="the milligrams written as packages"),
        Bad(_line("10", _TEN, "20"), at="SV104", note="neither packages nor milligrams"),
        Bad(_line("10", _TEN, ".1"), at="SV104", note="a part of a package"),
        Bad(_line("10", _ONE, "1"), at="SV104", note="the NDC of the other package"),
        Bad(_line("100", _TEN, "1"), at="SV104", note="tenfold"),
        Bad(_line("9", _TEN, "10", "ME"), at="SV104", note="one milligram less"),
        Bad(_line("9", _ONE, "10"), at="SV104", note="one unit less than packages of 1 mg"),
        Bad(_line("10", _TEN, "9", "ME"), at="SV104", note="one milligram more"),
        Bad(_line("10", _TEN, "20", "ME"), at="SV104", note="half of it billed"),
        Bad(_line("7", _TEN, ".75", modifier=""), at="SV104", note="units are whole, an NDC quantity need not be"),
        Bad(_line("1", _TEN, "10", "ME"), at="SV104", note="a digit too few"),
        Bad(_line("100", _TEN, "10", "ME"), at="SV104", note="a digit too many"),
        Bad(_line("10", _TEN, "1", "ME"), at="SV104", note="packages counted under ME"),
        Bad(_line("10", _TEN, "10", "GR"), at="SV104", note="milligrams under GR"),
        Bad(_line("1", _TEN, "10"), at="SV104", note="nothing that explains it"),
        Bad(_line("12", _TEN, "1", modifier="JW"), at="SV104", note="more discarded than the package holds"),
        Bad(_line("10", _TEN, "1") + f"{_TEN}CTP****1*UN~", at="SV104", note="one package reported twice"),
        Bad(_line("10", _TEN, ".1", "GR"), at="SV104"),
        Bad(_line("10", "LIN**N4*55513-077-01~", "2"), at="SV104", note="however the NDC is written"),
        Bad(_line("7", _TEN, "1", modifier=""), at="SV104", note="the discarded part is not billed"),
        Bad(
            _line("7", _TEN, "1", modifier="") + _line("2", _TEN, "1", modifier="JW"),
            at="SV104",
            note="7 + 2",
        ),
        Bad(
            _line("7", _TEN, "1", modifier="") + _line("2", "", "", modifier="JW"),
            at="SV104",
            note="7 + 2, the package on the first line",
        ),
        Bad(
            _line("7", _TEN, ".75", modifier="") + _line("2", _TEN, ".25", modifier="JW"),
            at="SV104",
            note="7 + 2, divided otherwise",
        ),
        Bad(
            _line("7", _TEN, "1", modifier="") + _line("3", _TEN, "1", modifier="JW", on="DTP*472*D8*20250117~"),
            at="SV104",
            note="the JW line is of another day",
        ),
        Bad(
            _line("7", _TEN, "1", modifier="") + _line("2", _TEN, "1", modifier="JW") + _line("1", _ONE, "1"),
            at="SV104",
            note="the lines of each package by themselves: 7 + 2",
        ),
        Bad(
            _line("7", _TEN, "1", modifier="") + _line("3", _TEN, "1", modifier="JW") + _line("10", _ONE, "1"),
            at="SV104",
            line="3",
            note="and the line of the other package",
        ),
        Bad(
            _line("20", _TEN, "1") + "LIN**N4*55513005901~CTP****1*UN~",
            at="SV104",
            note="two NDCs on one line count together",
        ),
        Bad(f"SV1*HC:C9170:JZ*16000*UN*1***1~DTP*472*D8*20241110~{_TEN}CTP****1*UN~", at="SV104"),
        Bad(
            f"SV2*0636*HC:J9026:JZ*16000*UN*1~{_ON}{_TEN}CTP****1*UN~",
            at="SV205",
            guide="837I",
            statement="20250110-20250110",
        ),
        Bad(_line("1", _TEN, "1"), at="SV104", dependent=True, filing_code=""),
        Bad(_line("1", _TEN, "1"), at="SV104", frequency="8", severity=Severity.INFO),
        Bad(
            f"SV2*0636*HC:J9026*16000*UN*1~{_ON}{_TEN}CTP****1*UN~",
            at="SV205",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
    prefilter=FACTS,
)
def ndc_unit_mismatch(claim: Claim) -> Iterator[Problem | NotChecked]:
    """The billed units disagree with the NDC quantity.

    One unit of a drug's own code is a fixed amount (1 mg of tarlatamab), and so is one package of its NDC (1 mg or
    10 mg); the two quantities of a line must come to the same. The payer compares them and rejects or underpays the
    line. Lines are compared one by one. Where there is a JW line, the lines of its day, code and NDC go together: their
    units must come to the sum of their NDC quantities, or to the largest of them, since payers differ in that. Where
    a JW line's day is not known, or a quantity cannot be read, nothing is compared.
    """
    compared: set[int] = set()
    for group in _groups(claim):
        amounts = [line.ndc_amount for line in group.lines if line.drug_identifications]
        units = [line.service_unit_count for line in group.lines]
        known_amounts = [amount for amount in amounts if amount is not None]
        whole_units = [count for count in units if count is not None and count == int(count)]
        if not amounts or len(known_amounts) < len(amounts) or len(whole_units) < len(units):
            continue
        compared |= {line.ordinal for line in group.lines}
        billed = sum(whole_units, Decimal(0)) * group.code.amount
        total, largest = sum(known_amounts, Decimal(0)), max(known_amounts)
        if billed in (total, largest):
            continue
        if all(line.is_discarded for line in group.lines) and billed < total:
            continue  # the administered part, with the same package, may be on another claim
        yield _mismatch(group, billed, total, largest)
    for line in claim.drug_lines:
        if line.is_product_line and line.ordinal not in compared:
            yield NotChecked(line, _why_not(line))


def _why_not(line: DrugLine) -> str:
    """Why a line was not compared."""
    if line.discarded is None:
        return "a JW line may go with it, but a day is not known"
    if line.is_compound:
        return "it is part of a compound"
    if line.service_unit_count is None or line.service_unit_count != int(line.service_unit_count):
        return "the units are not a whole number"
    if not line.drug_identifications:
        return "there is no NDC quantity to compare with"
    return "the NDC quantities of the line, or of those that go with it, do not say how much was used"


class _Group(NamedTuple):
    """Lines whose units and quantities are compared together; the first is where a mismatch is reported."""

    code: DrugCode
    lines: list[DrugLine]


def _groups(claim: Claim) -> Iterator[_Group]:
    days: set[tuple[str, date | None]] = set()
    for line in claim.drug_lines:
        if line.code is None or not line.code.is_product or line.discarded is None:
            continue
        if not line.discarded:
            together = [[line]]
        elif (line.code.code, line.day) in days:
            continue
        else:
            days.add((line.code.code, line.day))
            together = _by_ndc(line.same_day)
        for lines in together:
            if not any(other.is_compound or other.has_stray_quantity for other in lines):
                # An administered line first: there a mismatch is reported.
                yield _Group(line.code, sorted(lines, key=lambda other: other.is_discarded))


def _by_ndc(lines: list[DrugLine]) -> list[list[DrugLine]]:
    """The lines of a day with a JW line, by their NDC; those without LIN go with the only NDC that there is. Nothing
    where a line cannot be put to an NDC, or may have a JW line of its own on an unknown day.
    """
    packages = {line.ordinal: _package(line) for line in lines if line.drug_identifications}
    ndcs = {package.digits for package in packages.values() if package}
    if None in packages.values() or any(line.discarded is None for line in lines):
        return []
    if len(ndcs) <= 1:
        return [lines]
    if len(packages) < len(lines):
        return []
    by_ndc: dict[Package | None, list[DrugLine]] = {}
    for line in lines:
        by_ndc.setdefault(packages[line.ordinal], []).append(line)
    return list(by_ndc.values())


def _package(line: DrugLine) -> Package | None:
    """The package that all LINs of a line name."""
    packages = {line.package_of(item) for item in line.drug_identifications}
    return packages.pop() if len(packages) == 1 else None


def _mismatch(group: _Group, billed: Decimal, total: Decimal, largest: Decimal) -> Problem:
    line, code = group.lines[0], group.code
    drug = line.drug
    items = [(other, item) for other in group.lines for item in other.drug_identifications]
    slips = Slips()
    if len(group.lines) == 1:
        message = "The line bills {units}, but its NDC quantity is {amount}, which is {right_units}."
        slips = slips_of(line, billed, total)
    elif total == largest:
        message = "The {count} lines bill {units}, but their NDC quantity is {amount}, which is {right_units}."
        slips.correct("administered and discarded units together must be {right_units}")
    else:
        message = (
            "The {count} lines bill {units}; their NDC quantities are {package_units} if they report the same package, "
            "{right_units} if each reports its own."
        )
        slips.correct("administered and discarded units together must be those of the packages that were opened")
    related = [Related(other.at_service_unit_count, "units") for other in group.lines[1:]]
    related += [Related(item.at_ndc, "NDC") for other, item in items]
    related += [Related(item.at_quantity, "NDC quantity") for other, item in items if item.ctp]
    return Problem(
        where=line.at_service_unit_count,
        found=billed / code.amount,
        expected=largest / code.amount,
        message=message + (f" Perhaps {' or '.join(slips.causes)}." if slips.causes else ""),
        correction="; ".join(slips.corrections) + " (1 unit = {unit_amount})",
        values={
            "units": counted(billed / code.amount, "unit"),
            "count": len(group.lines),
            "amount": drug.measured(total),
            "unit_amount": drug.measured(code.amount),
            "right_units": counted(total / code.amount, "unit"),
            "package_units": counted(largest / code.amount, "unit"),
            **slips.values,
        },
        related=related,
    )
