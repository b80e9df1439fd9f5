"""Where a drug is given, and who pays: this decides which of its codes bills it on a day that has several."""

from typing import NamedTuple

OFFICE, SURGERY_CENTER, HOSPITAL, INPATIENT, OTHER = WHERE = (
    "office",
    "surgery center",
    "hospital outpatient",
    "inpatient",
    "other facility",
)
_SURGERY_CENTER = "24"  # place of service
# The types of bill of hospital outpatients (12x, 13x, 14x), hospital surgery centers (83x), critical access hospitals.
_HOSPITAL = frozenset({"12", "13", "14", "83", "85"})
INPATIENT_TYPES = frozenset({"11", "18", "21", "41"})
_CLINICS = frozenset({"71", "77"})  # types of bill of rural health clinics and FQHCs
MEDICARE = frozenset({"MA", "MB"})


class Setting(NamedTuple):
    """The setting of a service line.

    guide: "837P" or "837I", by the line's segment.
    place: the place of service on an 837P, the first two digits of the type of bill on an 837I.
    payer: SBR09.
    """

    guide: str
    place: str
    payer: str = ""

    @property
    def where(self) -> str:
        """One of WHERE. Every place of service but a surgery center counts as an office."""
        if self.guide == "837P":
            return SURGERY_CENTER if self.place == _SURGERY_CENTER else OFFICE
        if self.place in _HOSPITAL:
            return HOSPITAL
        return INPATIENT if self.place in INPATIENT_TYPES else OTHER

    @property
    def is_medicare(self) -> bool:
        """True for Medicare Part A or B."""
        return self.payer in MEDICARE

    @property
    def bills_discarded(self) -> bool:
        """False where a drug is paid with the stay or visit, so that neither JW nor JZ is asked for."""
        return self.guide == "837P" or not (self.where == INPATIENT or self.place in _CLINICS)
