"""The drug that a service line identifies: a LIN of loop 2410 with its CTP."""

from decimal import Decimal

from lint837.claims.lazy import lazy
from lint837.claims.segment import Place, Segment, plain_decimal


class DrugIdentification:
    """A LIN of loop 2410, and the CTP that follows it, if any. `line`: the ordinal of its service line."""

    def __init__(self, lin: Segment, line: int) -> None:
        self.lin = lin
        self.ctp: Segment | None = None
        self._line = line

    @lazy
    def ndc(self) -> str:
        """LIN03 as written, without blanks around it."""
        return self.lin.element(3)

    @lazy
    def quantity(self) -> Decimal | None:
        """CTP04, if it is a plain decimal number above 0."""
        quantity = plain_decimal(self.ctp.element(4)) if self.ctp else None
        return quantity if quantity and quantity > 0 else None

    @lazy
    def unit(self) -> str:
        """CTP05-1; "" where missing."""
        return self.ctp.element(5, 1) if self.ctp else ""

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
        """The place of LIN03."""
        return self.lin.at(3, line=self._line)

    @property
    def at_quantity(self) -> Place:
        """The place of CTP04; of the LIN without a CTP."""
        return self.ctp.at(4, line=self._line) if self.ctp else self.at_lin

    @property
    def at_unit(self) -> Place:
        """The place of CTP05-1; of the LIN without a CTP."""
        return self.ctp.at(5, 1, line=self._line) if self.ctp else self.at_lin
