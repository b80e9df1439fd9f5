"""The lines whose units and NDC quantities are compared together."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from lint837 import Claim, DrugCode, DrugLine

from lint837_rules.jw_groups import by_ndc
from lint837_rules.ndc.other_ndcs import is_other_ndc
from lint837_rules.packages import billed_amount, is_spread


class Amounts(NamedTuple):
    """What the units of a group are, and its NDC quantities: all of them, and the largest, which is that of the package
    where each line reports it.
    """

    billed: Decimal
    total: Decimal
    largest: Decimal


class Group(NamedTuple):
    """Lines whose units and quantities are compared together, the administered ones first: there a mismatch is
    reported.
    """

    code: DrugCode
    lines: list[DrugLine]

    @property
    def amounts(self) -> Amounts | None:
        """What is compared; None where a count cannot be read, or no line has a quantity."""
        with_ndc = [line for line in self.lines if line.drug_identifications]
        billed = _known(billed_amount(line) for line in self.lines)
        quantities = _known(_quantity(line) for line in with_ndc)
        if not billed or not quantities:
            return None
        return Amounts(sum(billed, Decimal(0)), sum(quantities, Decimal(0)), max(quantities))

    @property
    def others(self) -> list[DrugLine]:
        """The other administered lines of their day and code."""
        mine = {line.ordinal for line in self.lines}
        return [line for line in self.lines[0].same_day if not line.is_discarded and line.ordinal not in mine]

    @property
    def is_alone(self) -> bool:
        """Whether it is a discarded part whose administered part is not in the claim."""
        return all(line.is_discarded for line in self.lines) and not self.others


def _known(amounts: Iterable[Decimal | None]) -> list[Decimal]:
    """The amounts; none where one of them is not known."""
    every = list(amounts)
    known = [amount for amount in every if amount is not None]
    return known if len(known) == len(every) else []


def _quantity(line: DrugLine) -> Decimal | None:
    """The amount in all LINs of a line but those of other products; None where one is not known."""
    known = _known(line.amount_of(item) for item in line.drug_identifications if not is_other_ndc(line, item))
    return sum(known, Decimal(0)) if known else None


def groups(claim: Claim) -> Iterator[Group]:
    """The lines of a drug's own codes: one by one; with a JW line, those of one day, code and NDC."""
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
            together = by_ndc(line.same_day)
        for lines in together:
            if not any(other.is_compound or is_spread(other) for other in lines):
                yield Group(line.code, sorted(lines, key=lambda other: other.is_discarded))
