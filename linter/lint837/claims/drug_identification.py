"""The drug that a service line identifies: a LIN of loop 2410 with its CTP."""

from decimal import Decimal
from typing import Protocol

from lint837.claims.lazy import lazy
from lint837.claims.plain import PlainBill
from lint837.claims.segment import Place, Segment, plain_decimal
from lint837.facts.drugs import Drug, Package
from lint837.facts.formulary import Formulary

_NDC = 3  # LIN03


class Line(Protocol):
    """What a LIN needs of a plain line."""

    ordinal: int

    @property
    def segments(self) -> list[Segment]:
        """SV1 or SV2, DTP, LIN, CTP."""


class DrugIdentification:
    """A LIN of loop 2410, and every CTP that follows it. `line`: the ordinal of its service line, 0 for none."""

    _of: Line  # of a plain line: that line

    def __init__(self, lin: Segment, line: int, formulary: Formulary, drug: Drug | None = None) -> None:
        """`drug`: of the store, whose code the line bills."""
        self.lin = lin
        self._drug = drug
        self.ctps: list[Segment] = []
        self._line = line
        self._formulary = formulary

    @lazy
    def lin(self) -> Segment:
        """The LIN of a plain line."""
        return self._of.segments[2]

    @lazy
    def ctps(self) -> list[Segment]:
        """The CTP of a plain line."""
        return self._of.segments[3:]

    @property
    def ctp(self) -> Segment | None:
        """The first CTP that follows it."""
        return self.ctps[0] if self.ctps else None

    @lazy
    def ndc_element(self) -> int:
        """The number of the element with the NDC of a drug: 3, or another where LIN03 holds none and another does."""
        if self._known(_NDC):
            return _NDC
        others = (n for n in range(1, len(self.lin) + 1) if n != _NDC and self._known(n))
        return next(others, _NDC)

    def _known(self, element: int) -> tuple[Drug, Package] | None:
        return self._formulary.by_ndc(self.lin.element(element), self._drug)

    @lazy
    def ndc(self) -> str:
        """The NDC as written, without blanks around it: LIN03, or another element that holds a drug's."""
        return self.lin.element(self.ndc_element)

    @lazy
    def known(self) -> tuple[Drug, Package] | None:
        """The drug and package of its NDC, in any written form; None for another product's NDC, and for none."""
        return self._known(self.ndc_element)

    @property
    def is_misplaced(self) -> bool:
        """True if the NDC of a drug is in another element than LIN03."""
        return self.ndc_element != _NDC

    @property
    def is_well_written(self) -> bool:
        """True if the NDC of a drug is written in its eleven digits."""
        return self.known is not None and self.ndc == self.known[1].digits

    @lazy
    def quantity(self) -> Decimal | None:
        """CTP04, if it is a plain decimal number above 0, without blanks."""
        quantity = plain_decimal(self.ctp.exact(4)) if self.ctp else None
        return quantity if quantity and quantity > 0 else None

    @lazy
    def unit(self) -> str:
        """CTP05-1, with its blanks; "" where missing."""
        written = self.ctp.exact(5, 1) if self.ctp else ""
        return written if written.strip() else ""

    @lazy
    def qualifier(self) -> str:
        """LIN02: N4 for an NDC."""
        return self.lin.element(2)

    @property
    def at_lin(self) -> Place:
        """The place of the whole LIN, where a missing CTP is reported."""
        return self.lin.at(line=self._line)

    @property
    def at_qualifier(self) -> Place:
        """The place of LIN02."""
        return self.lin.at(2, line=self._line)

    @property
    def at_ndc(self) -> Place:
        """The place of the NDC: LIN03, or another element that holds a drug's."""
        return self.lin.at(self.ndc_element, line=self._line)

    @property
    def at_quantity(self) -> Place:
        """The place of CTP04; of the LIN without a CTP."""
        return self.ctp.at(4, line=self._line) if self.ctp else self.at_lin

    @property
    def at_unit(self) -> Place:
        """The place of CTP05-1; of the LIN without a CTP."""
        return self.ctp.at(5, 1, line=self._line) if self.ctp else self.at_lin


def plain_identification(line: Line, ordinal: int, bill: PlainBill, formulary: Formulary) -> DrugIdentification:
    """The LIN of a plain line with what it says. It and its CTP are cut out where they are asked for."""
    made = DrugIdentification.__new__(DrugIdentification)
    made.__dict__ = {**bill.of_lin, "_formulary": formulary, "_line": ordinal, "_of": line}
    return made
