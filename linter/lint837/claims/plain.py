"""Service lines that are written plainly: each segment in its place, each value in the form that the guides ask for.

Most lines are. One match cuts such a line out, and the rules about form have nothing to say of it.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from lint837.claims.procedure import Procedure
from lint837.claims.segment import UNREAD, plain_decimal
from lint837.facts.formulary import Formulary
from lint837.x12.delimiters import Delimiters, text_of

_STORED_CODE = re.compile("[A-Z][0-9]{4}")
_REMEMBERED = 4096  # what lines bill
_NDC = 3  # LIN03
_UNREAD = b"|".join(sorted(UNREAD)).decode()


@lru_cache(16)
def plain_lines(delimiters: Delimiters, guide: str) -> re.Pattern[str]:
    """Finds the service lines of an ASCII claim that are written plainly.

    Such a line is LX with its number, SV1 or SV2 with a HCPCS code, its modifiers without a gap, a charge and whole
    units above 0, the day of service, and at most one NDC of eleven digits with its quantity. What no rule reads may be
    between these segments and after them. It has no text, no line break but after segments, and no number that is long
    enough to hold an NDC by chance.

    The groups: number, LX01; service, the SV1 or SV2, its composite, charge and units; dtp, and its day; lin, and its
    ndc; ctp, its quantity and unit.
    """
    values = (delimiters.element, delimiters.component, delimiters.terminator)
    if any(len(one) != 1 or one.isalnum() or one in b".-" for one in values):
        return re.compile("(?!)")
    e, c, t = (re.escape(one.decode("latin-1")) for one in values)
    layout = delimiters.breaks_are_layout
    end = t + (r"(?:\r?\n)?" if layout else "")
    # What comes before an LX is looked at last: a text is found sooner than a place.
    before = "|".join(f"(?<={t}{line_break}LX{e})" for line_break in (("", r"\n", r"\r\n") if layout else ("",)))
    lx = f"LX{e}(?:{before})"
    composite = rf"(?P<composite>HC{c}[A-Z0-9]{{5}}(?:{c}[A-Z0-9]{{2}}){{0,4}})"
    billed = rf"{composite}{e}(?P<charge>[0-9]{{1,7}}(?:\.[0-9]{{1,2}})?){e}UN{e}(?P<units>[1-9][0-9]{{0,6}})"
    pointers = rf"{e}{e}[0-9]{{1,2}}(?:{c}[0-9]{{1,2}}){{0,3}}(?:{e}[A-Z0-9]{{0,2}})*"
    service = (
        rf"SV2{e}[0-9]{{3,4}}{e}{billed}(?:{e}[0-9.]{{0,8}})*"
        if guide == "837I"
        else rf"SV1{e}{billed}(?:{e}(?:[0-9]{{2}})?(?:{pointers})?)?"
    )
    unread = rf"(?:(?:{_UNREAD}){e}[^{t}]*+{end}|REF{e}(?!N4|P4|VY|F8)[A-Z0-9]{{2,3}}+{e}[^{t}]*+{end})*+"
    dtp = rf"(?P<dtp>DTP{e}472{e}D8{e}(?P<day>[0-9]{{8}}))"
    lin = rf"(?P<lin>LIN{e}{e}N4{e}(?P<ndc>[0-9]{{11}}))"
    ctp = rf"(?P<ctp>CTP{e}{{4}}(?P<quantity>[0-9]{{1,7}}(?:\.[0-9]{{1,3}})?){e}(?P<unit>F2|GR|ME|ML|UN))"
    return re.compile(
        rf"{lx}(?P<number>[0-9]{{1,6}}){end}(?P<service>{service}){end}{unread}{dtp}{end}{unread}"
        rf"(?:{lin}{end}{ctp}{end}{unread})?(?=LX{e}|\Z)"
    )


class PlainBill(NamedTuple):
    """What plain lines bill whose texts are the same, but for number, charge and day: the attributes of such a
    ServiceLine, and of its LIN; and of the DrugLine that it is, none where it is none, once somebody asked.
    """

    ndc: str | None
    of_line: Mapping[str, object]
    of_lin: Mapping[str, object]
    of_drug: dict[str, object]


class PlainBills:
    """What the plain lines of claims bill, read once for all lines with the same texts: the code with its modifiers,
    the units, the NDC, the quantity and its unit. Nothing of a person is among them.
    """

    def __init__(self, formulary: Formulary, component: bytes, guide: str) -> None:
        self._formulary = formulary
        self._component = text_of(component)
        self._guide = "837I" if guide == "837I" else "837P"
        self._known: dict[tuple[str, str, str | None, str | None, str | None], PlainBill | None] = {}

    def of(
        self, composite: str, units: str, ndc: str | None, quantity: str | None, unit: str | None
    ) -> PlainBill | None:
        """What a line bills, by its texts, None for none of a LIN and CTP; None where the quantity is none."""
        texts = composite, units, ndc, quantity, unit
        if texts not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[texts] = self._read(*texts)
        return self._known[texts]

    def _read(
        self, composite: str, units: str, ndc: str | None, quantity: str | None, unit: str | None
    ) -> PlainBill | None:
        formulary, is_institutional = self._formulary, self._guide == "837I"
        amount = plain_decimal(quantity) if quantity else None
        if quantity and not amount:
            return None
        components = tuple(composite.split(self._component))
        procedure = self._procedure(components, 1 + is_institutional)
        stored_drug = formulary.stored_drug(procedure.code) if procedure.is_usual else None
        of_lin: dict[str, object] = {"_drug": stored_drug, "qualifier": "N4", "quantity": amount, "unit": unit}
        known = formulary.by_ndc(ndc, stored_drug) if ndc else None
        if known:
            of_lin |= {"ndc_element": _NDC, "ndc": ndc, "known": known}
        of_line: dict[str, object] = {
            "is_plain": True,
            "has_other_service": False,
            "_institutional": is_institutional,
            "guide": self._guide,
            "procedure_components": components,
            "procedure": procedure,
            "modifiers": components[2:],
            "description": "",
            "unit_basis": "UN",
            "units_as_written": units,
            "service_unit_count": plain_decimal(units),
            "stored_drug": stored_drug,
            "has_stray_quantity": False,
            "is_compound": False,
            "notes": [],
            "texts": [],
            "mentions": [],
        }
        return PlainBill(ndc, of_line, of_lin, {})

    def _procedure(self, components: tuple[str, ...], element: int) -> Procedure:
        """The same as read_procedure() makes of it."""
        code, modifiers = components[1], components[2:]
        numbered = tuple((modifier, element, n) for n, modifier in enumerate(modifiers, 3))
        is_usual = self._formulary.stored is not None and bool(_STORED_CODE.fullmatch(code))
        return Procedure("HC", code, code, numbered, element, 2, "", is_usual=is_usual)


@lru_cache(16)
def plain_bills(formulary: Formulary, component: bytes, guide: str) -> PlainBills:
    """What the plain lines of claims with this formulary, component separator and guide bill."""
    return PlainBills(formulary, component, guide)
