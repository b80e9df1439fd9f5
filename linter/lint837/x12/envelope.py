"""The grammar of the envelope: ISA, GS, ST, HL, CLM and their trailers -> slices, counts, ENV faults.

The reader hands over one clean segment at a time. Here it is decided which slice it begins, what is due, and
which transaction sets are claims that this program checks.
"""

import re

from lint837.x12 import sayings
from lint837.x12.control_numbers import ControlNumbers
from lint837.x12.delimiters import Delimiters, InterchangeHeader, number, shown, text_of
from lint837.x12.tiling import Context, Tiling

OUTSIDE, INTERCHANGE, GROUP, SET = range(4)
_CONTROL = {"ISA13": 0, "GS06": 1, "ST02": 2}
_NAME = {INTERCHANGE: "interchange", GROUP: "functional group", SET: "transaction set"}
_DUE = {INTERCHANGE: "IEA", GROUP: "GE", SET: "SE"}
# An envelope segment that comes too early leaves every level below its own.
_LEVEL = {b"ST": GROUP, b"GE": GROUP, b"GS": INTERCHANGE, b"IEA": INTERCHANGE, b"ISA": OUTSIDE}

# What may stand between ISA and the first GS.
_SERVICES = (b"TA1", b"TA3", b"ISB", b"ISE")

# The guides whose claims are read, by the first ten characters of ST03 (GS08 where there is no ST03).
_GUIDES = {
    b"005010X222": "837P",
    b"005010X223": "837I",
    b"005010X291": "837P",  # predetermination, professional
    b"005010X292": "837I",  # predetermination, institutional
}
# Dental and post-adjudicated 837s of any version are other transaction sets: counted, not read.
_OTHER_837 = re.compile(rb"\d{6}X(?:097|224|225|293|298|299|300|325)")
_SUBSCRIBER = 22
_LEVEL_SLICE = {b"20": "hl20", b"22": "hl22", b"23": "hl23"}
_SEGMENT_ID = re.compile(rb"[A-Z0-9]{2,3}")
# Segments without which a claim cannot be judged.
_MEANT = frozenset({b"CLM", b"HL", b"LX", b"SV1", b"SV2", b"LIN", b"CTP", b"DTP", b"SBR", b"ST", b"SE"})
_LONGEST_TRAILER = 25  # bytes, with blanks that some programs leave
_LONGEST_HL = 6  # digits of an HL01 that is shown
_USUAL_ST02 = 4  # digits of an ST02 that is shown also where ST03 is missing
_LONGEST_ID = 12  # of what stands in the place of a segment id, so much is looked at
_CHARGE = re.compile(rb"[-+]?[0-9.,]{1,18}")
_VERSION = re.compile(rb"\d{4,6}(?:X\d{3}[A-Z0-9]{0,3})?")


class Envelope:
    """Where in the envelope the reader is, and what has been counted there."""

    def __init__(self, tiling: Tiling) -> None:
        self._tiling = tiling
        self.level = OUTSIDE
        self._isa: tuple[bytes, ...] = ()
        self._gs: list[bytes] = []
        self._st: list[bytes] = []
        self._groups = 0
        self._sets = 0
        self._acknowledged = False  # a TA1 was seen in this interchange
        self._unsupported = False  # the open transaction set is an 837 of a version that is not read
        # The run of strays under way: offset, line, column; whether it holds an ISA, GS, ST or CLM; its segments.
        self._strays: tuple[int, int, int] | None = None
        self._strays_hold_claims = False
        self._stray_segments = 0
        self._isa_numbers, self._gs_numbers, self._st_numbers = ControlNumbers(), ControlNumbers(), ControlNumbers()
        self._numbers_are_many = False  # it was said that not all control numbers are remembered
        self._known_ids: set[bytes] = set()
        # The HL01s of the current billing provider and subscriber, and the highest HL01 so far.
        self._hl20: bytes | None = None
        self._hl22: bytes | None = None
        self._highest_hl = 0
        self._orphan: tuple[str, int] | None = None  # the slice whose orphan lines were reported
        self._lines_of = -1  # the offset of the claim that has an LX
        self._restarted = -1  # the offset of the claim whose second first line was reported

    @property
    def foreign(self) -> bool:
        """Whether the open transaction set is one of which only the end is sought."""
        return self.level == SET and not self._tiling.context.guide

    def segment(self, segment_id: bytes, offset: int, body: bytes) -> None:
        """Take one segment: its id, its offset in the input, its clean text."""
        tiling = self._tiling
        tiling.counts.segments += 1
        if self.level == SET and segment_id not in _LEVEL:
            tiling.segment += 1
            if segment_id == b"SE":
                self._end_set(offset, body)
            elif tiling.context.guide:
                self._in_claims(segment_id, offset, body)
            else:
                tiling.segments += 1
            return
        if segment_id in _LEVEL and self.level > _LEVEL[segment_id]:
            self.leave(offset, _LEVEL[segment_id], f"{segment_id.decode()} comes")
        if self.level == GROUP and segment_id == b"ST":
            self._begin_set(offset, body)
        elif self.level == GROUP and segment_id == b"GE":
            self._end_group(offset, body)
        elif self.level == INTERCHANGE and segment_id == b"GS":
            self._begin_group(offset, body)
        elif self.level == INTERCHANGE and segment_id == b"IEA":
            self._end_interchange(offset, body)
        elif self.level == INTERCHANGE and segment_id in _SERVICES and self._strays is None:
            tiling.open("other", offset)
            tiling.segments = 1
            self._acknowledged |= segment_id == b"TA1"
        else:
            self.stray(offset, holds_claims=segment_id in (b"GS", b"ST", b"CLM"))
            self._stray_segments += 1
            tiling.segments += 1

    # -- what is outside, cut or missing

    def stray(self, offset: int, *, holds_claims: bool) -> None:
        """Something stands at `offset` that belongs to no transaction set; a run of it is one ENV008."""
        if self._strays is None:
            self._tiling.open("other", offset)
            self._strays = (offset, *self._tiling.position(offset))
            self._strays_hold_claims = False
            self._stray_segments = 0
        self._strays_hold_claims |= holds_claims

    @property
    def in_strays(self) -> bool:
        """Whether a run of strays is under way."""
        return self._strays is not None

    def _end_strays(self) -> None:
        if self._strays is None:
            return
        offset, line, column = self._strays
        self._strays = None
        where = "outside every interchange" if self.level == OUTSIDE else "in no transaction set"
        if self._strays_hold_claims:
            self._tiling.counts.unchecked += self._stray_segments
        saying = sayings.data_outside(where, holds_claims=self._strays_hold_claims)
        self._tiling.report(
            "ENV008",
            offset,
            saying,
            incomplete=self._strays_hold_claims,
            position=(line, column),
            segment=0,
        )

    def leave(self, offset: int, level: int, event: str) -> None:
        """Leave every level below `level`: `event` came at `offset` before the trailer that was due."""
        tiling = self._tiling
        self._end_strays()
        cut_claim = self.level == SET and tiling.kind == "claim"
        due = _DUE[self.level]
        saying = sayings.cut_off(_NAME[self.level], event, due, claim=cut_claim)
        tiling.report("ENV002", offset, saying, incomplete=True)
        if self.level == SET:
            tiling.damaged = True
            if self._unsupported:
                tiling.counts.unchecked += tiling.segment
        tiling.flush_malformed()
        self.level = min(self.level, level)
        tiling.segment = 0
        if level == OUTSIDE:
            tiling.open("other", offset)

    def end_of_input(self, end: int, *, inside_segment: bool, sort: str) -> None:
        """The input ends at `end`; `sort` says what it looks like, should it hold no interchange."""
        if self.level != OUTSIDE:
            event = "the file ends inside a segment," if inside_segment else "the file ends"
            self.leave(end, OUTSIDE, event)
        elif self._tiling.counts.interchanges:
            self._end_strays()
        else:
            saying = sayings.no_interchange(sort, self._tiling.counts.bytes)
            self._tiling.report("ENV001", 0, saying, incomplete=True, position=(1, 1), segment=0)
        self._tiling.flush_malformed()
        self._tiling.close(end)

    # -- interchange

    def begin_interchange(self, header: InterchangeHeader, offset: int, *, lead: str) -> None:
        """Open the interchange of an ISA at `offset`; `lead` names what stands before the file's first."""
        tiling = self._tiling
        self._end_strays()
        tiling.open("isa", offset)
        tiling.segments = 1
        tiling.segment = 0
        tiling.counts.interchanges += 1
        tiling.counts.segments += 1
        self.level = INTERCHANGE
        self._isa = header.elements
        self._groups = 0
        self._acknowledged = False
        self._gs_numbers.clear()
        control = shown(header.elements[12])
        tiling.context = Context(
            header.delimiters,
            ordinals=(tiling.counts.interchanges, 0, 0),
            control_numbers=(control, "", ""),
        )
        if header.misfits:
            saying = sayings.isa_widths(header.misfits)
            tiling.report("ENV006", offset, saying)
        if lead:
            saying = sayings.before_the_first_isa(lead)
            tiling.report("ENV006", offset, saying)
        sender, receiver, number = (header.elements[n].strip() for n in (5, 7, 12))
        used = self._isa_numbers.add(number, sender, receiver)
        self._note_number("ISA13", control, "the same sender and receiver", offset, self._isa_numbers, used=used)

    def _end_interchange(self, offset: int, body: bytes) -> None:
        tiling = self._tiling
        self._end_strays()
        tiling.flush_malformed()
        tiling.open("iea", offset)
        tiling.segments = 1
        self._enter(1)
        count, control = tiling.context.delimiters.elements(body, 2)[1:]
        if not (self._acknowledged and self._groups == 0 and number(count) in (0, 1)):
            self._compare_count("IEA01", count, self._groups, "functional group", offset)
        self._compare_control("IEA02", control, "ISA13", self._isa[12].strip(), offset, whole=_is_trailer(count, body))
        self.level = OUTSIDE

    def is_whole_trailer(self, body: bytes) -> bool:
        """Whether `body`, which lacks its terminator, is all of the IEA that is due."""
        elements = self._tiling.context.delimiters.elements(body, 2)
        due = self.level == INTERCHANGE and elements[0] == b"IEA"
        isa13 = self._isa[12].strip()
        return due and (len(elements[2]) >= len(isa13) or number(elements[2]) == number(isa13) is not None)

    # -- functional group

    def _begin_group(self, offset: int, body: bytes) -> None:
        tiling = self._tiling
        self._end_strays()
        tiling.open("gs", offset)
        tiling.segments = 1
        self._gs = tiling.context.delimiters.elements(body, 8)
        self._groups += 1
        self._sets = 0
        self._st_numbers.clear()
        self.level = GROUP
        control = self._gs[6]
        whole = self._gs[7] in (b"X", b"T") and re.fullmatch(rb"[0-9]{6,8}", self._gs[4])
        name = shown(control) if whole else "…"
        self._enter(1, self._groups, name)
        used = self._gs_numbers.add(control)
        self._note_number("GS06", name, "this interchange", offset, self._gs_numbers, used=used)

    def _end_group(self, offset: int, body: bytes) -> None:
        tiling = self._tiling
        self._end_strays()
        tiling.open("ge", offset)
        tiling.segments = 1
        self._enter(2)
        count, control = tiling.context.delimiters.elements(body, 2)[1:]
        self._compare_count("GE01", count, self._sets, "transaction set", offset)
        self._compare_control("GE02", control, "GS06", self._gs[6], offset, whole=_is_trailer(count, body))
        self.level = INTERCHANGE

    def _enter(self, level: int, ordinal: int = 0, control: str = "") -> None:
        """Put the context at the `ordinal`th group (level 1) or transaction set (level 2), with its control number; at
        none of that level where it is left out. What stands deeper is forgotten.
        """
        context = self._tiling.context
        ordinals, controls = [*context.ordinals], [*context.control_numbers]
        ordinals[level:] = [ordinal, 0][: 3 - level]
        controls[level:] = [control, ""][: 3 - level]
        self._tiling.context = Context(
            context.delimiters,
            ordinals=(ordinals[0], ordinals[1], ordinals[2]),
            control_numbers=(controls[0], controls[1], controls[2]),
            isa=context.isa,
            gs=context.gs if level == 2 else None,
        )

    # -- transaction set

    def _begin_set(self, offset: int, body: bytes) -> None:
        tiling = self._tiling
        self._end_strays()
        tiling.flush_malformed()
        self._st = tiling.context.delimiters.elements(body, 3)
        transaction, control, st03 = self._st[1:]
        gs08 = self._gs[8].upper()
        st03 = st03.upper()
        version = st03 or gs08
        claims = transaction == b"837"
        guide = _GUIDES.get(version[:10], "") if claims else ""
        tiling.segment = 1
        tiling.open("st" if guide else "other", offset)
        tiling.segments = 1
        tiling.counts.transaction_sets += 1
        self._sets += 1
        self.level = SET
        whole = len(control) == _USUAL_ST02 or _VERSION.fullmatch(st03)
        name = shown(control) if whole else "…"
        self._enter(2, self._sets, name)
        tiling.context = tiling.context._replace(guide=guide)
        self._hl20 = self._hl22 = None
        self._highest_hl = 0
        # Named a guide of claims, yet not a claim set by ST01 and ST03: one of them may be damaged.
        unknown = self._gs[1] == b"HC" and not claims and not _VERSION.fullmatch(version)
        hidden = not guide and (unknown or gs08[:10] in _GUIDES or st03[:10] in _GUIDES)
        self._unsupported = hidden or (claims and not guide and not _OTHER_837.match(version))
        if self._unsupported:
            if hidden:
                saying = sayings.hidden_claims(_version(version))
            else:
                saying = sayings.unsupported_version(_version(version), "ST03" if st03 else "GS08")
            tiling.report("ENV005", offset, saying, "ST03" if st03 and not hidden else "", incomplete=True)
        elif claims and st03 and gs08 and st03 != gs08:
            saying = sayings.guides_differ(_version(st03), _version(gs08))
            tiling.report("ENV012", offset, saying, "ST03")
        used = self._st_numbers.add(control)
        self._note_number("ST02", name, "this functional group", offset, self._st_numbers, used=used)

    def _end_set(self, offset: int, body: bytes) -> None:
        tiling = self._tiling
        if self._unsupported:
            tiling.counts.unchecked += tiling.segment
        if tiling.context.guide:
            tiling.open("se", offset)
        tiling.segments += 1
        count, control = tiling.context.delimiters.elements(body, 2)[1:]
        self._compare_count("SE01", count, tiling.segment, "segment", offset)
        self._compare_control("SE02", control, "ST02", self._st[2], offset, whole=_is_trailer(count, body))
        tiling.flush_malformed()
        self.level = GROUP
        tiling.segment = 0

    def _in_claims(self, segment_id: bytes, offset: int, body: bytes) -> None:
        tiling = self._tiling
        if segment_id == b"CLM":
            self._begin_claim(offset, body)
        elif segment_id == b"HL":
            self._begin_level(offset, body)
        elif segment_id not in self._known_ids and not self._know(segment_id):
            self._malformed_id(body.partition(tiling.context.delimiters.element)[0][:_LONGEST_ID], offset)
        elif segment_id in (b"LX", b"SV1", b"SV2"):
            if tiling.kind != "claim":
                self._orphan_line(segment_id, offset)
            elif segment_id == b"LX":
                self._begin_line(offset, body)
        tiling.segments += 1
        if self._orphan == (tiling.kind, tiling.start):
            tiling.counts.unchecked += 1

    def _malformed_id(self, segment_id: bytes, offset: int) -> None:
        # Something like sv1 or "CLM " would be read if it were written well: then what it stands in is not judged.
        letters = re.sub(rb"[^A-Z0-9]", b"", segment_id.upper())
        meant = letters in _MEANT or any(len(known) == 3 and known in letters for known in _MEANT)
        saying = sayings.malformed_id(meant=meant)
        self._tiling.damaged |= meant
        self._tiling.malformed(offset, saying, incomplete=meant)

    def _begin_line(self, offset: int, body: bytes) -> None:
        """LX01 is 1 on a claim's first line only: where it starts again, a CLM is lost between the two."""
        claim = self._tiling.start
        first = number(self._tiling.context.delimiters.elements(body, 1)[1]) == 1
        if first and self._lines_of == claim and self._restarted != claim:
            self._restarted = claim
            saying = sayings.lines_start_again()
            self._tiling.damaged = True
            self._tiling.report("ENV010", offset, saying, "LX01", incomplete=True)
        self._lines_of = claim

    def _know(self, segment_id: bytes) -> bool:
        if _SEGMENT_ID.fullmatch(segment_id):
            self._known_ids.add(segment_id)
            return True
        return False

    def _begin_claim(self, offset: int, body: bytes) -> None:
        self._tiling.open("claim", offset)
        self._tiling.counts.claims += 1
        self._tiling.claim_name = claim_name(body, self._tiling.context.delimiters)
        if self._hl22 is None:
            saying = sayings.claim_without_subscriber()
            self._tiling.report("ENV010", offset, saying)

    def _orphan_line(self, segment_id: bytes, offset: int) -> None:
        place = (self._tiling.kind, self._tiling.start)
        if self._orphan == place:
            return
        self._orphan = place
        saying = sayings.line_without_claim(segment_id.decode())
        self._tiling.report("ENV010", offset, saying, incomplete=True)

    def _begin_level(self, offset: int, body: bytes) -> None:
        _, identifier, parent, level = self._tiling.context.delimiters.elements(body, 3)
        self._tiling.open(_LEVEL_SLICE.get(level, "other"), offset)
        known = 0 < (number(parent) or 0) <= self._highest_hl
        if level in (b"22", b"23"):
            above = self._hl20 if level == b"22" else self._hl22
            missing = above is None or (parent != above and not known)
        else:
            missing = bool(parent) and not known
        if missing:
            name = shown(parent) if len(parent) <= _LONGEST_HL else "…"
            saying = sayings.missing_parent(name)
            self._tiling.report("ENV010", offset, saying, "HL02")
        if level == b"20":
            self._hl20, self._hl22 = identifier, None
        elif level == b"22":
            self._hl22 = identifier
        elif level != b"23":
            self._hl22 = None
        self._highest_hl = max(self._highest_hl, number(identifier) or 0)

    # -- what a survey has found plain

    @property
    def in_claims(self) -> bool:
        """Whether a billing provider's claims are being read."""
        return self._hl20 is not None and self.level == SET and bool(self._tiling.context.guide)

    def may_pass(self, level: int) -> bool:
        """Whether an hl22 or hl23 (`level` 22, 23) or a claim (0), and what follows it, may be passed over here."""
        return level == _SUBSCRIBER or self._hl22 is not None

    @property
    def highest_hl(self) -> int:
        """The highest HL01 of the transaction set so far."""
        return self._highest_hl

    def pass_levels(self, subscriber: bytes | None, highest_hl: int) -> None:
        """Levels were passed over: the HL01 of the last hl22 among them, if there is one, and the highest HL01."""
        if subscriber is not None:
            self._hl22 = subscriber
        self._highest_hl = max(self._highest_hl, highest_hl)

    # -- comparisons

    def _compare_count(self, element: str, stated: bytes, counted: int, what: str, offset: int) -> None:
        if number(stated) == counted:
            return
        # A longer number is no count, and in a damaged file may be anybody's.
        said = str(number(stated)) if stated.isdigit() and len(stated) <= 7 else "not a count"
        saying = sayings.count_differs(element, said, counted, what)
        self._tiling.report("ENV003", offset, saying, element)

    def _compare_control(
        self, element: str, value: bytes, header: str, expected: bytes, offset: int, *, whole: bool
    ) -> None:
        same_number = element != "SE02" and number(value) == number(expected) is not None
        if value == expected or same_number:
            return
        # In a file that lost some bytes a number may be anybody's: it is shown where the trailer is whole.
        found = (
            shown(value) if whole and len(value) <= max(_USUAL_ST02, len(expected)) else "…" if value else ""
        ) or "empty"
        wanted = self._tiling.context.control_numbers[_CONTROL[header]] or "empty"
        saying = sayings.control_number_differs(element, found, header, wanted)
        self._tiling.report("ENV004", offset, saying, element)

    def _note_number(
        self, element: str, value: str, scope: str, offset: int, numbers: ControlNumbers, *, used: bool
    ) -> None:
        if used:
            self._tiling.report("ENV009", offset, sayings.control_number_again(element, value, scope), element)
        elif numbers.is_full and not self._numbers_are_many:
            self._numbers_are_many = True
            self._tiling.report("ENV007", offset, sayings.many_control_numbers(element), element, incomplete=True)


def claim_name(clm: bytes, delimiters: Delimiters) -> str:
    """CLM01 of a CLM segment, as it may be shown."""
    _, name, charge = delimiters.elements(clm, 2)
    # Without a charge behind it, or in several components, the segment is damaged, and anything can stand in CLM01.
    return text_of(name) if _CHARGE.fullmatch(charge) and delimiters.component not in name else "…"


def _is_trailer(count: bytes, body: bytes) -> bool:
    """Whether a segment has the shape of a trailer: short, and a count in it."""
    return number(count) is not None and len(body) <= _LONGEST_TRAILER


def _version(value: bytes) -> str:
    """A guide version that may be shown; in a damaged file anything can stand there."""
    if not value:
        return "not stated"
    return value.decode() if _VERSION.fullmatch(value) else "…"
