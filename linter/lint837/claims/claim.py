"""One claim with its service lines and drug lines, for 837P (SV1) and 837I (SV2) alike.

They are views over bytes: an element is cut out and cleaned on its first use.
"""

import re
from bisect import bisect_left
from copy import copy
from datetime import date
from decimal import Decimal

from lint837.claims.days import CodeLines
from lint837.claims.drug_identification import DrugIdentification, plain_identification
from lint837.claims.header import Header, Headers
from lint837.claims.identify import Identified, by_code, by_ndc, by_text, describes_another, is_other_ndc, mentions_of
from lint837.claims.lazy import lazy
from lint837.claims.plain import PlainBill, PlainBills, plain_bills, plain_lines
from lint837.claims.procedure import NO_PROCEDURE, Procedure, read_procedure
from lint837.claims.segment import (
    BESIDE_SERVICES,
    Period,
    Place,
    Segment,
    period_of,
    period_of_texts,
    plain_decimal,
    segments_of,
)
from lint837.claims.texts import Mention
from lint837.facts.drugs import Drug, DrugCode, Package
from lint837.facts.formulary import Formulary
from lint837.facts.payers import UNKNOWN_PAYER, PayerProfile
from lint837.facts.settings import INPATIENT_TYPES, Setting
from lint837.x12.delimiters import text_of
from lint837.x12.slices import Context, Slice

# CTP05-1 by weight, and how a milligram is written in the measures that a drug's facts may use.
_MILLIGRAMS = {"ME": Decimal(1), "GR": Decimal(1000)}
_PER_MILLIGRAM = {"mcg": Decimal(1000), "mg": Decimal(1), "g": Decimal("0.001")}
# HI01-1 and on: the qualifiers of diagnoses (ICD-10 with A, ICD-9 without).
_DIAGNOSES = frozenset({"ABK", "ABF", "ABJ", "APR", "ABN", "BK", "BF", "BJ", "PR", "BN"})
_SMALL_CHARGE = Decimal("1.01")
_LINE_SEGMENTS = frozenset({b"SV1", b"SV2", b"DTP", b"LIN", b"CTP", b"REF", b"NTE", b"K3"})
_CLAIM_SEGMENTS = frozenset({b"DTP", b"HI", b"REF", b"NTE"})
# The only REF01 that rules may see: a study, a compound. Others number persons, prescriptions and contracts.
_REFERENCES = frozenset({b"P4", b"VY"})
_ORIGINAL = b"F8"  # the payer's number of the claim that this one replaces or voids; only that it is there is kept
_MODIFIER = re.compile("[A-Za-z0-9]{2}|")
_NOTE_CODE = re.compile("[A-Z]{2,3}|")


class ServiceLine:
    """A service line: LX, and the segments of loops 2400 and 2410 in any order. The adjudication of other payers (loop
    2430: SVD, CAS) is ignored.

    claim: the claim that it is in.
    ordinal: its number in the claim, 1-based, whatever LX01 says.
    lx: None where it begins with an SV1 or SV2.
    segments: those that rules may see, without LX.
    is_plain: True if each of its segments is in its place, and each value in the form that the guides ask for, as
    plain_lines() says.
    """

    is_well_coded = is_right = False  # of a line that is no DrugLine
    # Of a plain line: what plain_lines() found, and the ordinal of its LX; and what it bills.
    _found: tuple[re.Match[str], int]
    _bill: PlainBill

    def __init__(self, claim: "Claim", ordinal: int, lx: Segment | None, segments: list[Segment]) -> None:
        self.claim = claim
        self.ordinal = ordinal
        self.lx = lx
        self.segments = segments
        self.has_other_service = False  # an SV3 or SV5
        self.is_plain = False

    @lazy
    def lx(self) -> Segment | None:
        """The LX segment of a plain line."""
        found, number = self._found
        return self._cut(b"LX", found.start(), found.end("number"), number)

    @lazy
    def segments(self) -> list[Segment]:
        """The other segments of a plain line."""
        found, number = self._found
        data, terminator = self.claim.slice.data or b"", self.claim.context.delimiters.terminator
        at, segments = found.end("number"), []
        services = b"SV2" if self._institutional else b"SV1"
        for segment_id, group in ((services, "service"), (b"DTP", "dtp"), (b"LIN", "lin"), (b"CTP", "ctp")):
            begin, end = found.span(group)
            if begin >= 0:
                number += data.count(terminator, at, begin)
                segments.append(self._cut(segment_id, begin, end, number))
                at = end
        return segments

    def _cut(self, segment_id: bytes, begin: int, end: int, number: int) -> Segment:
        piece = self.claim.slice
        raw = (piece.data or b"")[begin:end]
        return Segment(segment_id, raw, piece.start + begin, number, self.claim.context.delimiters)

    @property
    def first_segment(self) -> Segment:
        """Its LX, else the SV1 or SV2 that it begins with."""
        return self.lx or self.segments[0]

    @lazy
    def offset(self) -> int:
        """The offset in the input at which it begins."""
        return self.first_segment.offset

    @property
    def is_unreadable(self) -> bool:
        """True if an LX has no SV1, SV2, SV3 or SV5: its segment is damaged or lost."""
        return not (self.is_plain or self.service or self.has_other_service) and self.lx is not None

    # -- SV1 or SV2

    @lazy
    def service(self) -> Segment | None:
        """The SV1 (837P) or SV2 (837I) segment."""
        return next((segment for segment in self.segments if segment.id in ("SV1", "SV2")), None)

    @lazy
    def _institutional(self) -> bool:
        return self.service is not None and self.service.id == "SV2"

    def _service(self, professional: int, institutional: int) -> str:
        number = institutional if self._institutional else professional
        return self.service.element(number) if self.service else ""

    def _exact(self, professional: int, institutional: int) -> str:
        number = institutional if self._institutional else professional
        written = self.service.exact(number) if self.service else ""
        return written if written.strip() else ""

    @lazy
    def guide(self) -> str:
        """The guide of the line's segment: 837P for SV1, 837I for SV2; else the claim's."""
        if self.service is None:
            return self.claim.guide
        return "837I" if self._institutional else "837P"

    @lazy
    def procedure_components(self) -> tuple[str, ...]:
        """The components of SV101 or SV202, with their blanks. From the seventh on they are free text, which no report
        may show.
        """
        return self.service.components(2 if self._institutional else 1) if self.service else ()

    @lazy
    def procedure(self) -> Procedure:
        """SV101 or SV202 as it was meant: where its code is, in which form, with which modifiers."""
        if self.service is None:
            return NO_PROCEDURE
        separator = text_of(self.service.delimiters.component)
        return read_procedure(self.service.texts, 2 if self._institutional else 1, separator, self.claim.formulary)

    def _at_service(self, professional: int, institutional: int, component: int = 0) -> Place:
        segment = self.service or self.anchor
        return segment.at(institutional if self._institutional else professional, component, line=self.ordinal)

    @lazy
    def anchor(self) -> Segment:
        """The segment where a missing segment of the line is reported."""
        return self.service or self.first_segment

    @lazy
    def number(self) -> str:
        """The line's number, LX01."""
        return self.lx.element(1) if self.lx else ""

    @property
    def qualifier(self) -> str:
        """The procedure code's qualifier, SV101-1 or SV202-1."""
        return self.procedure.qualifier

    @property
    def procedure_code_as_written(self) -> str:
        """What SV101-2 or SV202-2 holds, exactly as written, or what is in its place; "" where that is blank."""
        return self.procedure.written

    @property
    def procedure_code(self) -> str:
        """The procedure code in upper case, without blanks."""
        return self.procedure.code

    @lazy
    def modifiers(self) -> tuple[str, ...]:
        """The modifiers in upper case, without blanks. Empty ones are left out."""
        return tuple(modifier for modifier, _, _ in self.procedure.modifiers)

    @lazy
    def description(self) -> str:
        """The free text of SV101-7 or SV202-7, which no report may show."""
        return self.procedure_components[6].strip() if len(self.procedure_components) > 6 else ""

    @lazy
    def charge_amount(self) -> Decimal | None:
        """The line's charge, SV102 or SV203, where it is a plain decimal number."""
        return plain_decimal(self.charge_as_written)

    @lazy
    def charge_as_written(self) -> str:
        """The text of SV102 or SV203, whatever it is."""
        return self._service(2, 3)

    @lazy
    def unit_basis(self) -> str:
        """The unit or basis for measurement, SV103 or SV204, with its blanks; "" where there is nothing else."""
        return self._exact(3, 4)

    @lazy
    def units_as_written(self) -> str:
        """The text of SV104 or SV205, whatever it is, with its blanks; "" where there is nothing else."""
        return self._exact(4, 5)

    @lazy
    def service_unit_count(self) -> Decimal | None:
        """The billed units, SV104 or SV205, where they are a plain decimal number above 0, without blanks."""
        units = plain_decimal(self.units_as_written)
        return units if units and units > 0 else None

    @lazy
    def place_of_service(self) -> str:
        """The place of service of an 837P line: SV105, else the claim's; "" on an 837I."""
        if self._institutional:
            return ""
        return self._service(5, 0) or self.claim.facility_type

    @lazy
    def setting(self) -> Setting:
        """The setting: the line's guide and place, and the claim's payer. They decide which code bills a drug."""
        place = self.claim.type_of_bill if self._institutional else self.place_of_service
        return Setting(self.guide, place, self.claim.claim_filing_code)

    @lazy
    def revenue_code(self) -> str:
        """The revenue code of an 837I line, SV201, with four digits; "" where missing, and on an 837P."""
        code = self.service.element(1) if self.service and self._institutional else ""
        return code.zfill(4) if code else ""

    @property
    def at_service(self) -> Place:
        """The place of the whole SV1 or SV2, where a missing segment is reported."""
        return self.anchor.at(line=self.ordinal)

    @property
    def at_number(self) -> Place:
        """The place of LX01; of the SV1 or SV2 without an LX."""
        return self.lx.at(1, line=self.ordinal) if self.lx else self.at_service

    @property
    def at_procedure(self) -> Place:
        """The place of the whole composite SV101 or SV202."""
        return self._at_service(1, 2)

    @property
    def at_qualifier(self) -> Place:
        """The place of SV101-1 or SV202-1."""
        return self._at_service(1, 2, 1)

    @property
    def at_procedure_code(self) -> Place:
        """The place of the procedure code: SV101-2 or SV202-2, or where the code is instead."""
        procedure = self.procedure
        if self.service is None or not procedure.element:
            return self._at_service(1, 2, 2)
        return self.service.at(procedure.element, procedure.component, line=self.ordinal)

    @property
    def places_of_modifiers(self) -> list[tuple[str, Place]]:
        """The modifiers as in `modifiers`, each with its place, SV101-3 to -6 or SV202-3 to -6."""
        segment = self.service or self.anchor
        return [
            (modifier, segment.at(element, component, line=self.ordinal))
            for modifier, element, component in self.procedure.modifiers
        ]

    @property
    def at_description(self) -> Place:
        """The place of SV101-7 or SV202-7."""
        return self._at_service(1, 2, 7)

    @property
    def at_charge_amount(self) -> Place:
        """The place of SV102 or SV203."""
        return self._at_service(2, 3)

    @property
    def at_unit_basis(self) -> Place:
        """The place of SV103 or SV204."""
        return self._at_service(3, 4)

    @property
    def at_service_unit_count(self) -> Place:
        """The place of SV104 or SV205."""
        return self._at_service(4, 5)

    @property
    def at_place_of_service(self) -> Place:
        """The place of SV105; of CLM05-1 on a line without one, and on an 837I."""
        own = self.service is not None and not self._institutional and self.service.element(5)
        return self._at_service(5, 0) if own else self.claim.at_facility_type

    @property
    def at_revenue_code(self) -> Place:
        """The place of SV201; of the whole SV1 on an 837P."""
        return self._at_service(0, 1)

    @property
    def at_date(self) -> Place:
        """The place of DTP03 in the line's DTP*472; of the SV1 or SV2 without one."""
        return self.date_segment.at(3, line=self.ordinal) if self.date_segment else self.at_service

    @property
    def at_date_qualifier(self) -> Place:
        """The place of DTP02 in the line's DTP*472; of the SV1 or SV2 without one."""
        return self.date_segment.at(2, line=self.ordinal) if self.date_segment else self.at_service

    @property
    def at_period(self) -> Place:
        """The place of `period`: in the line's DTP*472, or in the claim's DTP*434 where that is used instead."""
        segment = self.date_segment or self.claim.statement_segment or self.anchor
        return segment.at(3, line=self.ordinal)

    def at(self, segment: Segment, element: int = 0, component: int = 0) -> Place:
        """The place of an element or component of another segment of the line, such as an NTE."""
        return segment.at(element, component, line=self.ordinal)

    # -- the date of service

    @lazy
    def date_segments(self) -> list[Segment]:
        """Every DTP*472 of the line, valid or not."""
        return [segment for segment in self.segments if segment.id == "DTP" and segment.element(1) == "472"]

    @property
    def date_segment(self) -> Segment | None:
        """The line's first DTP*472, valid or not."""
        return self.date_segments[0] if self.date_segments else None

    @lazy
    def readable_dates(self) -> dict[Segment, Period]:
        """The DTP*472 of the line that can be read, in order, each with its day or range."""
        return {segment: period for segment in self.date_segments if (period := period_of(segment))}

    @property
    def line_periods(self) -> list[Period]:
        """The day or range of every DTP*472 of the line that can be read."""
        return list(self.readable_dates.values())

    @property
    def has_conflicting_dates(self) -> bool:
        """True if two DTP*472 of the line name different days."""
        return len(set(self.line_periods)) > 1

    @lazy
    def line_period(self) -> Period | None:
        """The date or range of the line's DTP*472; None where it is missing or invalid. Where several name different
        days, from the first of these to the last: what holds for all of it holds for each.
        """
        known = self.line_periods
        if not known or len(known) < len(self.date_segments):
            return None
        if len(known) == 1:
            return known[0]
        return Period(min(period.first for period in known), max(period.last for period in known))

    @lazy
    def period(self) -> Period | None:
        """The date of service: DTP*472, or on an SV2 line without one the statement period. None where it is not known;
        the statement period does not replace an invalid DTP*472.
        """
        if self.date_segments or self.guide != "837I":
            return self.line_period
        return self.claim.statement_period

    @lazy
    def day(self) -> date | None:
        """The single day of DTP*472; None for a range. Only lines with a day are grouped with others."""
        period = self.line_period
        return period.first if period and period.is_day else None

    # -- loop 2410

    @lazy
    def stored_drug(self) -> Drug | None:
        """The drug of the store whose code the line bills; None where a facts file has the code."""
        return self.claim.formulary.stored_drug(self.procedure.code) if self.procedure.is_usual else None

    @lazy
    def drug_identifications(self) -> list[DrugIdentification]:
        """Every LIN of the line, each with the CTP that comes before the next LIN."""
        if self.is_plain:
            return (
                [plain_identification(self, self.ordinal, self._bill, self.claim.formulary)] if self._bill.ndc else []
            )
        found: list[DrugIdentification] = []
        for segment in self.segments:
            if segment.id == "LIN":
                found.append(DrugIdentification(segment, self.ordinal, self.claim.formulary, self.stored_drug))
            elif segment.id == "CTP" and found:
                found[-1].ctps.append(segment)
        return found

    @lazy
    def has_stray_quantity(self) -> bool:
        """True if a CTP comes without a LIN before it."""
        return next((segment.id for segment in self.segments if segment.id in ("LIN", "CTP")), "") == "CTP"

    @lazy
    def is_compound(self) -> bool:
        """True if the line is part of a compound (REF*VY)."""
        return any(segment.id == "REF" and segment.element(1) == "VY" for segment in self.segments)

    @lazy
    def notes(self) -> list[Segment]:
        """The line's NTE segments: free text, which no report may show."""
        return [segment for segment in self.segments if segment.id == "NTE"]

    @lazy
    def texts(self) -> list[str]:
        """The line's free texts, which no report may show: the components of SV101 or SV202 from the third on that are
        no modifiers, joined with a blank; each NTE and K3; and where there are several NTE, these joined without one.
        """
        components = [part.strip() for part in self.procedure_components[2:]]
        spoken = " ".join(part for n, part in enumerate(components) if n > 3 or not _MODIFIER.fullmatch(part))
        notes = [_note(segment) for segment in self.segments if segment.id == "NTE"]
        others = [" ".join(segment.texts[1:]) for segment in self.segments if segment.id == "K3"]
        joined = ["".join(notes)] if len(notes) > 1 else []
        return [text for text in (spoken.strip(), *notes, *joined, *others) if text]

    def describes_another(self, drug: Drug) -> bool:
        """True if one of the line's texts describes something other than a drug."""
        return describes_another(self.texts, drug, self.procedure_code)

    @lazy
    def mentions(self) -> list[Mention]:
        """The drugs that the line's texts name, whatever its code."""
        drugs = self.claim.formulary.drugs
        return mentions_of(drugs, self.texts, self.procedure_code, self.description) if self.texts else []

    # -- context

    @lazy
    def is_discarded(self) -> bool:
        """True if it is a JW line: it has JW, and not JZ."""
        return "JW" in self.modifiers and "JZ" not in self.modifiers

    @lazy
    def is_study_or_free(self) -> bool:
        """True if the drug was given in a study or free of charge; payers then require other codes and units."""
        charge = self.charge_amount
        cheap = charge is not None and charge <= _SMALL_CHARGE
        return cheap or bool({"Q0", "Q1"} & set(self.modifiers)) or self.claim.is_study

    @lazy
    def has_other_ndc(self) -> bool:
        """True if a LIN holds the NDC of a product that is not in the formulary."""
        return any(is_other_ndc(ndc, self.claim.formulary) for ndc in self.written_ndcs)

    @lazy
    def written_ndcs(self) -> list[str]:
        """The NDC of every LIN as written: one of a drug wherever it is in the LIN, else LIN03."""
        return [item.ndc for item in self.drug_identifications]

    @lazy
    def is_inpatient(self) -> bool:
        """True if it is an SV2 line of an inpatient claim, an 837I. Type of bill 12x is outpatient here."""
        return self.guide == "837I" and self.claim.is_inpatient

    @lazy
    def is_outpatient(self) -> bool:
        """True if it is an SV2 line, but not of an inpatient claim."""
        return self.guide == "837I" and not self.claim.is_inpatient


class DrugLine(ServiceLine):
    """A service line for a drug of the formulary.

    drug: its facts.
    how: how the drug was identified: by "code" (one of the drug's own), "ndc", or "text" (under a miscellaneous code).
    weak: True if the text mentions the drug, but may be about something else.
    """

    def __init__(self, line: ServiceLine, identified: Identified) -> None:
        self.__dict__ |= line.__dict__  # with what was computed for the line already
        self.drug: Drug = identified.drug
        self.how = identified.how
        self.weak = identified.weak

    def _alike(self) -> dict[str, object]:
        """Of a plain line: its attributes that every line has that bills the same, whatever its day and claim."""
        names = ("drug", "how", "weak", "code", "is_product_line", "written_ndcs", "_has_own_codes", "_has_right_units")
        return {name: getattr(self, name) for name in names}

    @lazy
    def code(self) -> DrugCode | None:
        """The line's procedure code, if it is one of the drug's."""
        return self.drug.code(self.procedure_code)

    @lazy
    def is_product_line(self) -> bool:
        """True if its procedure code is one of the drug's own."""
        return self.code is not None and self.code.is_product

    @lazy
    def ndcs(self) -> list[DrugIdentification]:
        """The LINs that hold an NDC: LIN02 is N4, or LIN03 is one of the drug's NDCs."""
        return [i for i in self.drug_identifications if i.lin.element(2) == "N4" or self.package_of(i)]

    @lazy
    def is_well_coded(self) -> bool:
        """True if it is plain, and bills the drug, which is of a facts file, with a code of its own that is valid on
        the day, and with no NDC but one of its own.
        """
        code, day = self.code, self.day
        return (
            self.is_plain
            and self._has_own_codes
            and day is not None
            and code is not None
            and code.valid_on(day)
            and day >= self.drug.begins
        )

    @lazy
    def _has_own_codes(self) -> bool:
        """Whether it has a code and NDCs of the drug, which is of a facts file, and no others."""
        code = self.code
        return (
            code is not None
            and code.is_product
            and code.first is not None
            and not self.drug.lacks
            and all(
                (item.known or (None,))[0] is self.drug and item.is_well_written for item in self.drug_identifications
            )
        )

    @lazy
    def is_right(self) -> bool:
        """True if it is well coded, has JZ and not JW, each modifier once, and the NDC of one package, whose whole
        number is as much of the drug as the units, and is a dose of the label.
        """
        return self.is_well_coded and self._has_right_units

    @lazy
    def _has_right_units(self) -> bool:
        """Whether its modifiers, units, NDC and quantity are those of a right line."""
        code, units, items, modifiers = self.code, self.service_unit_count, self.drug_identifications, self.modifiers
        if code is None or units is None or len(items) != 1 or items[0].quantity is None:
            return False
        package, quantity, amount = self.package_of(items[0]), items[0].quantity, units * code.amount
        return (
            "JZ" in modifiers
            and "JW" not in modifiers
            and len(set(modifiers)) == len(modifiers)
            and package is not None
            and items[0].unit == package.counted_in
            and quantity == quantity.to_integral_value()
            and quantity * package.amount == amount
            and (not self.drug.doses or amount in self.drug.doses)
        )

    @lazy
    def boundary_inside(self) -> bool:
        """True if the line's code begins or ends within the period, so that a date of service is not certain."""
        if self.period is None or self.code is None:
            return False
        first, last = self.period
        return any(first < boundary <= last for boundary in self.code.boundaries)

    @lazy
    def same_day(self) -> "list[DrugLine]":
        """The lines with the same claim, code and day, including this one; only this one if its day is not known."""
        return self.claim.lines_by_code[self.procedure_code].on(self.day) if self.day else [self]

    @lazy
    def discarded(self) -> "list[DrugLine] | None":
        """The JW lines with the same claim, code and day, including this one if it is one. None where that is not
        known: a JW line with the same code may belong to this line, but one of them has no known day.
        """
        if not self.claim.has_discarded:
            return []
        lines = self.claim.lines_by_code[self.procedure_code]
        if lines.is_unclear(self):
            return None
        return lines.discarded_on(self.day) if self.day else []

    def by_ndc(self, written: str) -> tuple[Drug, Package] | None:
        """The package with an NDC in any written form, and its drug: the line's own if it is one of that."""
        return self.claim.formulary.by_ndc(written, self.drug)

    def package_of(self, item: DrugIdentification) -> Package | None:
        """The drug's package with the NDC of a LIN, in any written form."""
        return item.known[1] if item.known and item.known[0] is self.drug else None

    def amount_of(self, item: DrugIdentification) -> Decimal | None:
        """The amount of the drug in a LIN with its CTP, in the drug's measure; None where it is not known, also of a
        package of which it is not known what it is counted in.
        """
        package = self.package_of(item)
        if package is None or item.quantity is None or not package.counted_in:
            return None
        unit = item.unit.strip().upper()  # written wrong, it still says what is meant
        if unit == package.counted_in:
            return item.quantity * package.amount
        milligrams, scale = _MILLIGRAMS.get(unit), _PER_MILLIGRAM.get(self.drug.measure)
        return item.quantity * milligrams * scale if milligrams and scale else None

    @lazy
    def ndc_amount(self) -> Decimal | None:
        """The amount of the drug in all LINs of the line; None without a LIN, and where one amount is not known."""
        amounts = [self.amount_of(item) for item in self.drug_identifications]
        known = [amount for amount in amounts if amount is not None]
        return sum(known, Decimal(0)) if known and len(known) == len(amounts) else None


class Claim:
    """A claim (loop 2300) with its service lines, and what its headers say."""

    def __init__(
        self,
        piece: Slice,
        formulary: Formulary,
        header: Header | None = None,
        profile: PayerProfile = UNKNOWN_PAYER,
    ) -> None:
        """`piece`: a claim slice that is not damaged, else ValueError. `header`: where it is known already. `profile`:
        of its payer.
        """
        if piece.context is None or piece.data is None:
            raise ValueError("not a whole claim")
        self.slice = piece
        self.formulary = formulary
        self.payer_profile = profile  # UNKNOWN_PAYER without one
        self.context: Context = piece.context
        self.header = header or Headers().of(piece.context)
        self.ordinal = piece.claim
        self.guide = self.context.guide

    @lazy
    def clm(self) -> Segment:
        """The CLM segment."""
        data, delimiters = self.slice.data or b"", self.context.delimiters
        end = data.find(delimiters.terminator)
        if data.startswith(b"CLM") and data[end - 1 : end].isalnum():  # nothing around it that is layout
            return Segment(b"CLM", data[:end], self.slice.start, self.slice.segment, delimiters)
        segment_id, raw, offset, ordinal = next(segments_of(data, self.slice, delimiters, padded=self.header.is_padded))
        return Segment(segment_id, raw, offset, ordinal, delimiters)

    @lazy
    def _segments(self) -> "_ClaimSegments":
        """All that is read of its segments: only where somebody asks for more than the CLM."""
        return _ClaimSegments(self)

    @lazy
    def segments(self) -> list[Segment]:
        """The segments of loop 2300 that rules may see, CLM first. Of other payers (loop 2320) only SBR is kept."""
        return self._segments.header

    @lazy
    def service_lines(self) -> list[ServiceLine]:
        """The service lines, in order."""
        return self._segments.lines

    @property
    def stray_identifications(self) -> list[DrugIdentification]:
        """The LINs before the first service line."""
        return self._segments.strays

    @property
    def has_original_reference(self) -> bool:
        """True if REF*F8 has a number."""
        return self._segments.has_original_reference

    @property
    def has_others_above(self) -> bool:
        """True if something is above the service lines that bills something besides, or has no known id."""
        return self._segments.has_others_above

    def line_alone(self, ordinal: int) -> ServiceLine:
        """A service line, without reading the others: of a claim in which each begins with an LX, and whose other
        segments hold none.
        """
        data, delimiters = self.slice.data or b"", self.context.delimiters
        lx, begin = b"LX" + delimiters.element, -1
        for _ in range(ordinal):
            begin = data.index(lx, begin + 1)
        end = data.find(lx, begin + 1)
        return _ClaimSegments.line_in(self, ordinal, begin, end if end > 0 else len(data))

    @lazy
    def charge_amount(self) -> Decimal | None:
        """The claim's charge, CLM02, where it is a plain decimal number."""
        return plain_decimal(self.clm.element(2))

    @property
    def at_clm(self) -> Place:
        """The place of the whole CLM."""
        return self.clm.at()

    @property
    def at_charge_amount(self) -> Place:
        """The place of CLM02."""
        return self.clm.at(2)

    @property
    def at_facility_type(self) -> Place:
        """The place of CLM05-1."""
        return self.clm.at(5, 1)

    @property
    def at_frequency(self) -> Place:
        """The place of CLM05-3."""
        return self.clm.at(5, 3)

    @property
    def at_statement_period(self) -> Place:
        """The place of DTP03 in the DTP*434; of the CLM without one."""
        return self.statement_segment.at(3) if self.statement_segment else self.at_clm

    @property
    def at_diagnoses(self) -> Place:
        """The place of the first HI; of the CLM without one."""
        return next((segment for segment in self.segments if segment.id == "HI"), self.clm).at()

    @lazy
    def facility_type(self) -> str:
        """CLM05-1: the place of service on an 837P, the first two digits of the type of bill on an 837I."""
        return self.clm.element(5, 1)

    @property
    def type_of_bill(self) -> str:
        """The first two digits of the type of bill, CLM05-1; "" where CLM05-2 says that it is a place of service."""
        return "" if self.clm.element(5, 2) == "B" else self.facility_type

    @lazy
    def frequency(self) -> str:
        """The claim frequency code, CLM05-3."""
        return self.clm.element(5, 3)

    @lazy
    def is_partial(self) -> bool:
        """True if it bills only a part: late charges and interim bills (frequency 0, 2, 3, 4, 5)."""
        return self.frequency in ("0", "2", "3", "4", "5")

    @lazy
    def is_void(self) -> bool:
        """True if it voids an earlier claim (frequency 8), whose lines it repeats."""
        return self.frequency == "8"

    @lazy
    def is_inpatient(self) -> bool:
        """True if it is an inpatient 837I. Type of bill 12x is outpatient here."""
        return self.guide == "837I" and self.type_of_bill in INPATIENT_TYPES

    @lazy
    def is_outpatient(self) -> bool:
        """True if it is an 837I that is not inpatient."""
        return self.guide == "837I" and not self.is_inpatient

    @property
    def is_encounter(self) -> bool:
        """True if its transaction set reports encounters (BHT06 is RP or 31). A payer's rules may not apply to them."""
        return self.header.is_encounter

    @property
    def is_predetermination(self) -> bool:
        """True if it asks what would be paid for a service that was not yet given (guides X291 and X292)."""
        return self.header.is_predetermination

    @lazy
    def statement_segment(self) -> Segment | None:
        """The claim's first DTP*434."""
        return next((s for s in self.segments if s.id == "DTP" and s.element(1) == "434"), None)

    @lazy
    def statement_period(self) -> Period | None:
        """The statement period of an 837I (DTP*434); None where it is missing or invalid."""
        segment = self.statement_segment
        return period_of(segment) if segment else None

    @property
    def created(self) -> date | None:
        """The day on which the file was made: the latest of ISA09, GS04 and BHT04; None if none of them is a date."""
        return self.header.created

    @lazy
    def diagnosis_codes(self) -> tuple[str, ...]:
        """The diagnosis codes of every HI, in upper case, without points."""
        values = ((s, n) for s in self.segments if s.id == "HI" for n in range(1, len(s) + 1))
        return tuple(s.element(n, 2).upper().replace(".", "") for s, n in values if s.element(n, 1) in _DIAGNOSES)

    @lazy
    def other_filing_codes(self) -> tuple[str, ...]:
        """SBR09 of the claim's other payers (loop 2320), in capital letters."""
        return tuple(segment.element(9).upper() for segment in self._segments.other_payers)

    @lazy
    def is_study(self) -> bool:
        """True if the patient is in a study: diagnosis Z006, condition code 30, or REF*P4."""
        for segment in self.segments:
            if segment.id == "REF" and segment.element(1) == "P4":
                return True
            if segment.id == "HI" and any(
                (segment.element(n, 1), segment.element(n, 2)) == ("BG", "30") for n in range(1, len(segment) + 1)
            ):
                return True
        return "Z006" in self.diagnosis_codes

    @lazy
    def notes(self) -> list[Segment]:
        """The NTE segments of the claim itself: free text, which no report may show."""
        return [segment for segment in self.segments if segment.id == "NTE"]

    @lazy
    def has_unreadable_line(self) -> bool:
        """True if a service line cannot be read (ENV014), or a drug stands before the first line (ENV014): either may
        hold what another line lacks.
        """
        return bool(self.stray_identifications) or any(line.is_unreadable for line in self.service_lines)

    @lazy
    def note_texts(self) -> list[str]:
        """The texts of the claim's own NTE segments, which no report may show."""
        return [text for note in self.notes if (text := _note(note))]

    @lazy
    def mentions(self) -> list[tuple[Segment, Drug]]:
        """The NTE segments of the claim itself that name a drug, each with the drug."""
        return [(note, drug) for note in self.notes for drug in self.formulary.drugs if drug.named.find(_note(note))]

    def position(self, offset: int) -> tuple[int, int]:
        """The physical line and column of an offset in the claim or in a header above it, 1-based, in bytes."""
        if offset < self.slice.start:
            return self._position_above(offset)
        breaks = bisect_left(self._line_breaks, offset)
        line_start = self._line_breaks[breaks - 1] + 1 if breaks else self.slice.line_start
        return self.slice.line + breaks, offset - line_start + 1

    def _position_above(self, offset: int) -> tuple[int, int]:
        context = self.context
        above = (context.hl23, context.hl22, context.hl20, context.st)
        piece = next((one for one in above if one and one.start <= offset < one.end), self.slice)
        before = (piece.data or b"")[: max(0, offset - piece.start)]
        line_start = piece.start + before.rfind(b"\n") + 1 if b"\n" in before else piece.line_start
        return piece.line + before.count(b"\n"), offset - line_start + 1

    @lazy
    def _line_breaks(self) -> list[int]:
        data = self.slice.data or b""
        return [self.slice.start + match.start() for match in re.finditer(b"\n", data)] if b"\n" in data else []

    # -- from its headers

    @property
    def claim_filing_code(self) -> str:
        """SBR09 of the subscriber: MB, MC, CI, ...; "" where missing."""
        return self.header.claim_filing_code

    @property
    def payer_id(self) -> str:
        """NM109 of the payer that the claim is sent to; "" where missing."""
        return self.header.payer_id

    @property
    def billing_npi(self) -> str:
        """NM109 of the billing provider if it is an NPI (XX), else ""."""
        return self.header.billing_npi

    # -- drug lines

    @lazy
    def drug_lines(self) -> list[DrugLine]:
        """The service lines for drugs of the formulary, in order."""
        found = [drug_line for line in self.service_lines if (drug_line := self._drug_line(line))]
        if self.notes:
            found += self._by_note(found)
            found.sort(key=lambda line: line.ordinal)
        return found

    @lazy
    def is_right(self) -> bool:
        """True if it is an original claim without a note, every service line is plain, none is under a miscellaneous
        code, each drug line is right, and no two of one drug have the same day.
        """
        lines = self.drug_lines
        return (
            self.frequency == "1"
            and not (self.notes or self.stray_identifications or self.miscellaneous_lines)
            and all(line.is_plain for line in self.service_lines)
            and all(line.is_right for line in lines)
            and len({(line.drug.name, line.day) for line in lines}) == len(lines)
        )

    def with_only(self, lines: list[DrugLine]) -> "Claim":
        """The same claim with some of its drug lines."""
        other = copy(self)
        for of_all in ("has_discarded", "is_right", "lines_by_code"):
            other.__dict__.pop(of_all, None)
        other.drug_lines = lines
        return other

    def _drug_line(self, line: ServiceLine) -> DrugLine | None:
        if not line.is_plain:
            identified = self._identified(line)
            return DrugLine(line, identified) if identified else None
        of_drug = line._bill.of_drug
        if "drug" not in of_drug:
            identified = self._identified(line)
            of_drug |= DrugLine(line, identified)._alike() if identified else {"drug": None}
        if of_drug["drug"] is None:
            return None
        made = DrugLine.__new__(DrugLine)
        made.__dict__ = line.__dict__ | of_drug
        return made

    def _identified(self, line: ServiceLine) -> Identified | None:
        if not line.is_plain and line.service is None:
            return None
        procedure, formulary = line.procedure, self.formulary
        found = by_code(procedure, formulary) or by_ndc(procedure, line.written_ndcs, formulary)
        if found is None and line.stored_drug:
            return Identified(line.stored_drug, "code")
        return found or by_text(procedure, line.texts, line.description, formulary, has_other_ndc=line.has_other_ndc)

    def line(self, ordinal: int) -> ServiceLine | None:
        """The service line with an ordinal, as a DrugLine if it is one; None for 0."""
        return self._by_ordinal.get(ordinal)

    def line_as_billed(self, ordinal: int) -> ServiceLine | None:
        """The service line with an ordinal, whatever it bills; None for 0."""
        return self.service_lines[ordinal - 1] if 0 < ordinal <= len(self.service_lines) else None

    @lazy
    def _by_ordinal(self) -> dict[int, ServiceLine]:
        lines: dict[int, ServiceLine] = {line.ordinal: line for line in self.service_lines}
        return lines | {line.ordinal: line for line in self.drug_lines}

    @lazy
    def has_discarded(self) -> bool:
        """True if a drug line of it is a JW line."""
        return any(line.is_discarded for line in self.drug_lines)

    @lazy
    def lines_by_code(self) -> dict[str, CodeLines[DrugLine]]:
        """The drug lines by their procedure code."""
        found: dict[str, list[DrugLine]] = {}
        for line in self.drug_lines:
            found.setdefault(line.procedure_code, []).append(line)
        return {code: CodeLines(lines) for code, lines in found.items()}

    @lazy
    def miscellaneous_lines(self) -> list[ServiceLine]:
        """The service lines under a code that is miscellaneous for some drug."""
        return [line for line in self.service_lines if self.formulary.under_miscellaneous(line.procedure_code)]

    def _by_note(self, found: list[DrugLine]) -> list[DrugLine]:
        """The claim's only miscellaneous line, if the claim's NTE mentions the drug, no line has its own code, and the
        line's own text describes nothing else. A line whose own text is unsure becomes sure where the note is.
        """
        lines = self.miscellaneous_lines
        if len(lines) != 1 or any(line.how == "code" for line in found):
            return []
        line = lines[0]
        mine = next((one for one in found if one.ordinal == line.ordinal), None)
        if mine and not mine.weak:
            return []
        texts = [*self.note_texts, *(["".join(self.note_texts)] if len(self.note_texts) > 1 else [])]
        identified = by_text(line.procedure, texts, "", self.formulary, has_other_ndc=line.has_other_ndc)
        if identified is None or line.describes_another(identified.drug):
            return []
        if mine is None:
            return [DrugLine(line, identified)]
        mine.weak = mine.weak and identified.weak
        return []


class _ClaimSegments:
    """What is read of the segments of a claim.

    header: those of loop 2300 that rules may see. lines: the service lines. other_payers: the SBR of loop 2320.
    strays: the LINs before the first service line. has_original_reference: REF*F8 has a number. has_others_above:
    above the lines something else is that bills something, or has no known id.
    """

    def __init__(self, claim: Claim, *, read: bool = True) -> None:
        """Without `read` none of them."""
        self._claim = claim
        self.header: list[Segment] = []
        self.lines: list[ServiceLine] = []
        self.other_payers: list[Segment] = []
        self.strays: list[DrugIdentification] = []
        self.has_original_reference = self.has_others_above = False
        if read:
            self._read(claim)

    def _read(self, claim: Claim) -> None:
        data, delimiters, lines = claim.slice.data or b"", claim.context.delimiters, self.lines
        at, ordinal = 0, claim.slice.segment - 1
        if data.isascii():
            terminator, bills = delimiters.terminator, _bills(claim)
            for found in plain_lines(delimiters, claim.guide or "").finditer(data.decode()):
                begin, end = found.span()
                if begin > at:
                    ordinal = self._add(data[at:begin], at, ordinal)
                line = _plain_line(claim, len(lines) + 1, found, ordinal + 1, bills)
                if line:
                    lines.append(line)
                    ordinal += data.count(terminator, begin, end)
                else:
                    ordinal = self._add(data[begin:end], begin, ordinal)
                at = end
        if at < len(data):
            self._add(data[at:], at, ordinal)

    @classmethod
    def line_in(cls, claim: Claim, number: int, begin: int, end: int) -> ServiceLine:
        """The service line with an ordinal that is all of a claim's data from `begin`, its LX, to `end`."""
        data, delimiters = claim.slice.data or b"", claim.context.delimiters
        ordinal, text = claim.slice.segment - 1 + data.count(delimiters.terminator, 0, begin), data[:end]
        found = plain_lines(delimiters, claim.guide or "").match(text.decode(), begin) if text.isascii() else None
        line = _plain_line(claim, number, found, ordinal + 1, _bills(claim)) if found else None
        if line is None:
            alone = cls(claim, read=False)
            alone._add(data[begin:end], begin, ordinal)
            [line] = alone.lines
            line.ordinal = number
        return line

    def _add(self, data: bytes, at: int, ordinal: int) -> int:
        """Add the segments of a part of the claim that begins at an offset in it, after so many segments of the
        transaction set; give the ordinal of its last one. A part after a line begins with an LX.
        """
        claim, header, lines = self._claim, self.header, self.lines
        current = header
        wanted = _CLAIM_SEGMENTS
        delimiters, piece = claim.context.delimiters, claim.slice
        part = piece._replace(start=piece.start + at, segment=ordinal + 1) if at else piece
        for segment_id, raw, offset, number in segments_of(data, part, delimiters, padded=claim.header.is_padded):
            ordinal = number
            if segment_id == b"LX" or (segment_id in (b"SV1", b"SV2") and _begins_line(current, lines)):
                segment = Segment(segment_id, raw, offset, ordinal, delimiters)
                current, wanted = ([] if segment_id == b"LX" else [segment]), _LINE_SEGMENTS
                lx = segment if segment_id == b"LX" else None
                lines.append(ServiceLine(claim, len(lines) + 1, lx, current))
            elif segment_id == b"REF" and segment_id in wanted:
                _, qualifier, reference = delimiters.elements(delimiters.unwrapped(raw), 2)
                if qualifier in _REFERENCES:
                    current.append(Segment(segment_id, raw, offset, ordinal, delimiters))
                elif qualifier == _ORIGINAL and current is header:
                    self.has_original_reference |= bool(reference)
            elif segment_id == b"CLM":
                current.append(claim.clm)
            elif segment_id in wanted:
                current.append(Segment(segment_id, raw, offset, ordinal, delimiters))
            elif segment_id in (b"SV3", b"SV5") and lines:
                lines[-1].has_other_service = True
            elif segment_id == b"LIN" and current is header:
                lin = Segment(segment_id, raw, offset, ordinal, delimiters)
                self.strays.append(DrugIdentification(lin, 0, claim.formulary))
            elif segment_id == b"SBR" and current is header:
                wanted = frozenset()
                self.other_payers.append(Segment(segment_id, raw, offset, ordinal, delimiters))
            if current is header:
                self.has_others_above |= segment_id not in BESIDE_SERVICES
        return ordinal


def _bills(claim: Claim) -> PlainBills:
    return plain_bills(claim.formulary, claim.context.delimiters.component, claim.guide or "")


def _plain_line(claim: Claim, ordinal: int, found: re.Match[str], number: int, bills: PlainBills) -> ServiceLine | None:
    """The line that plain_lines() found in a claim; None where its day or its quantity is none. `number`: the
    ordinal of its LX. What the match says is not cut out again.
    """
    written_number, _, composite, charge, units, _, day, _, ndc, _, quantity, unit = found.groups()
    period, bill = period_of_texts("D8", day), bills.of(composite, units, ndc, quantity, unit)
    if period is None or bill is None:
        return None
    line = ServiceLine.__new__(ServiceLine)
    line.__dict__ = {
        **bill.of_line,
        "claim": claim,
        "ordinal": ordinal,
        "offset": claim.slice.start + found.start(),
        "_found": (found, number),
        "_bill": bill,
        "charge_as_written": charge,
        "number": written_number,
        "line_period": period,
        "period": period,
        "day": period.first,
    }
    return line


def _note(nte: Segment) -> str:
    """The text of an NTE: NTE02, what asterisks cut off it, and NTE01 where that is no code."""
    first = nte.element(1)
    return " ".join([*([] if _NOTE_CODE.fullmatch(first) else [first]), *nte.texts[2:]]).strip()


def _begins_line(current: list[Segment], lines: list[ServiceLine]) -> bool:
    """True if an SV1 or SV2 begins a new line: there was no LX, or the line already has one."""
    return not lines or any(segment.id in ("SV1", "SV2") for segment in current)
