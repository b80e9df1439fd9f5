"""An NDC that is not the drug's: whether it is one, and which of the drug's packages it may be meant for."""

import re

from lint837 import DrugIdentification, DrugLine

from lint837_rules.packages import PACKAGES, billed_amount


def is_other_ndc(line: DrugLine, item: DrugIdentification) -> bool:
    """Whether LIN03 is a well-formed NDC that is not one of the drug's."""
    if line.package_of(item) and not item.is_misplaced:
        return False
    if item.qualifier != "N4" or not re.fullmatch(r"[0-9]{11}", item.lin.exact(3)):
        return False
    known = line.by_ndc(item.lin.element(3))
    return known is None or known[0] is not line.drug


def packages_meant(line: DrugLine, item: DrugIdentification) -> list[str]:
    """The NDCs of the drug that may be meant: those one slip away, and those with which the units of the line agree; of
    these, what is both.
    """
    packages = line.drug.packages
    near = [package.digits for package in packages if slip(item.lin.element(3), package.digits)]
    near = list(dict.fromkeys(near))
    billed, quantity = billed_amount(line), item.quantity
    if line.drug.lacks:  # its list of packages is known to be incomplete
        return near if len(near) == 1 else []
    if billed is None or quantity is None or item.unit != PACKAGES:
        return near
    agreeing = [package.digits for package in packages if quantity * package.amount == billed]
    both = [ndc for ndc in near if ndc in agreeing]
    return both or [*near, *agreeing] or [package.digits for package in packages]


def slip(written: str, right: str) -> str:
    """How an NDC differs from the right one by a typing error: one wrong digit, or two neighbors swapped; else ""."""
    wrong = [n for n in range(len(right)) if written[n] != right[n]]
    if len(wrong) == 1:
        return "in one digit"
    first = wrong[0]
    swapped = written[:first] + written[first : first + 2][::-1] + written[first + 2 :]
    return "by two swapped digits" if swapped == right else ""
