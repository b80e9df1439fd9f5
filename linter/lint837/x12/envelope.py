"""The grammar of the envelope: ISA, GS, ST, HL, CLM and their trailers to slices, counts and faults.

The reader passes one clean segment at a time. The envelope decides which slice it begins, which trailer is expected,
and which transaction sets are claims that this program reads.
"""

import re
from typing import NamedTuple

from lint837.x12.control_numbers import ControlNumbers
from lint837.x12.delimiters import ELLIPSIS, Delimiters, InterchangeHeader, number, safe_control_number, text_of
from lint837.x12.faults import Cause, Content, Fault, FaultValue, Lead, Scope
from lint837.x12.separators import SeparatorCheck
from lint837.x12.slicer import Slicer
from lint837.x12.slices import OTHER_KIND, Context

OUTSIDE, INTERCHANGE, GROUP, SET = range(4)
_CONTROL = {"ISA13": 0, "GS06": 1, "ST02": 2}
_DUE = {INTERCHANGE: "IEA", GROUP: "GE", SET: "SE"}
# An envelope segment that comes too early leaves every level below its own.
_LEVEL = {b"ST": GROUP, b"GE": GROUP, b"GS": INTERCHANGE, b"IEA": INTERCHANGE, b"ISA": OUTSIDE}

# What may come between ISA and the first GS.
_SERVICES = (b"TA1", b"TA3", b"ISB", b"ISE")

# The guides whose claims are read, by the first ten characters of ST03 (GS08 where there is no ST03).
_GUIDES = {
    b"005010X222": "837P",
    b"005010X223": "837I",
    b"005010X291": "837P",  # predetermination, professional
    b"005010X292": "837I",  # predetermination, institutional
}
# Dental and post-adjudicated 837s of any version are other transaction sets: counted, not read.
_OTHER_837 = rb"\d{6}X(?:097|224|225|293|298|299|300|325)"
_SUBSCRIBER = 22
_LEVEL_SLICE = {b"20": "hl20", b"22": "hl22", b"23": "hl23"}
_SEGMENT_ID = re.compile(rb"[A-Z0-9]{2,3}")
_SERVICES_OF_LINES = frozenset({b"SV1", b"SV2", b"SV3", b"SV5"})
_IN_LINES = frozenset({b"LX", b"LIN", b"CTP", *_SERVICES_OF_LINES})
_OTHER_GUIDES = {"837P": b"SV2", "837I": b"SV1"}
# Segments without which a claim cannot be judged, and those that say which claims there are.
_BOUNDS = frozenset({b"CLM", b"HL", b"ST", b"SE"})
_MEANT = frozenset({b"DTP", b"SBR"}) | _IN_LINES | _BOUNDS
# Faults of a claim that say nothing where its separator is another one.
_BY_SEPARATOR = frozenset({Cause.LINE_WITHOUT_SERVICE, Cause.DRUG_BEFORE_LINES, Cause.OTHER_GUIDES_LINE})
_LONGEST_TRAILER = 25  # bytes, with the blanks that some programs leave
_LONGEST_HL = 6  # digits of an HL01 that may be shown
_LONGEST_LX = 6  # digits of an LX01 that may be shown
_USUAL_ST02 = 4  # digits of an ST02 that may be shown even where ST03 is missing
_LONGEST_ID = 12  # bytes in the place of a segment id that are looked at
_CHARGE = re.compile(rb"[-+]?[0-9.,]{1,18}")
_VERSION = re.compile(rb"\d{4,6}(?:X\d{3}[A-Z0-9]{0,3})?")
_SET_KIND = re.compile(rb"\d{3}")


class _Line(NamedTuple):
    """An LX whose SV1 or SV2 has not come: its offset, physical line and column, ordinal from ST, and text."""

    offset: int
    position: tuple[int, int]
    segment: int
    body: bytes


class Envelope:
    """Where in the envelope the reader is, and what was counted there."""

    def __init__(self, slicer: Slicer) -> None:
        self._slicer = slicer
        self.level = OUTSIDE
        self._isa: tuple[bytes, ...] = ()
        self._gs: list[bytes] = []
        self._st: list[bytes] = []
        self._groups = 0
        self._sets = 0
        self._acknowledged = False  # a TA1 was seen in this interchange
        self._unsupported = False  # the open transaction set is an 837 of a version that is not read
        # The stray data under way: offset, line, column; whether it holds an ISA, GS, ST or CLM; its segments.
        self._strays: tuple[int, int, int] | None = None
        self._strays_hold_claims = False
        self._stray_segments = 0
        self._missing_header = ""  # without which the strays are outside
        self._isa_numbers, self._gs_numbers, self._st_numbers = ControlNumbers(), ControlNumbers(), ControlNumbers()
        self._numbers_are_many = False  # it was reported that not all control numbers are remembered
        self._known_ids: set[bytes] = set()
        # The HL01s of the current billing provider and subscriber, and the highest HL01 so far.
        self._hl20: bytes | None = None
        self._hl22: bytes | None = None
        self._highest_hl = 0
        self._gapless = True  # every number up to the highest HL01 was used
        self._lost_parent: tuple[bytes, bytes] | None = None  # the level and HL02 that were reported last
        self._repeated = Scope.NONE, False  # what the repeated HL01s that were reported concern, and whether any was
        self._orphan: tuple[str, int] | None = None  # the slice whose orphan lines were reported
        self._lines_of = -1  # the offset of the claim that has an LX
        self._restarted = -1  # the offset of the claim whose second first line was reported
        # The claim under way.
        self._before_lines = False  # it has no line yet
        self._line: _Line | None = None
        # The transaction set under way.
        self._separators = SeparatorCheck()
        self._other_separator: Fault | None = None  # what says so, if the claim under way ends as it began
        self._separator_reported = False  # in this interchange
        self._guide_reported = False  # a service line of the other guide
        self._unchecked_before = 0  # segments

    @property
    def foreign(self) -> bool:
        """Whether only the end of the open transaction set is looked for."""
        return self.level == SET and not self._slicer.context.guide

    def segment(self, segment_id: bytes, offset: int, body: bytes) -> None:
        """Take one segment: its id, its offset in the input, its clean text."""
        slicer = self._slicer
        if self.level == SET and segment_id not in _LEVEL:
            slicer.next_segment()
            if segment_id == b"SE":
                self._end_set(offset, body)
            elif slicer.context.guide:
                self._in_claims(segment_id, offset, body)
            else:
                slicer.add_segment()
            return
        if segment_id in _LEVEL and self.level > _LEVEL[segment_id]:
            self.leave(offset, _LEVEL[segment_id], segment_id.decode())
        if self.level == GROUP and segment_id == b"ST":
            self._begin_set(offset, body)
        elif self.level == GROUP and segment_id == b"GE":
            self._end_group(offset, body)
        elif self.level == INTERCHANGE and segment_id == b"GS":
            self._begin_group(offset, body)
        elif self.level == INTERCHANGE and segment_id == b"IEA":
            self._end_interchange(offset, body)
        elif self.level == INTERCHANGE and segment_id in _SERVICES and self._strays is None:
            slicer.open("other", offset)
            slicer.add_segment()
            self._acknowledged |= segment_id == b"TA1"
        else:
            self.stray(offset, holds_claims=segment_id in (b"GS", b"ST", b"CLM"))
            self._missing_header = self._missing_header or self._header_before(segment_id)
            self._stray_segments += 1
            slicer.add_segment()

    # -- what is outside, cut or missing

    def _header_before(self, segment_id: bytes) -> str:
        """The header that is missing before a stray segment, as far as the segment shows it."""
        if self.level == GROUP:
            return "ST" if segment_id in (b"BHT", b"HL", b"CLM") else ""
        return {b"ST": "GS", b"GS": "ISA"}.get(segment_id, "") if self.level == INTERCHANGE else ""

    def stray(self, offset: int, *, holds_claims: bool) -> None:
        """Note something at `offset` that belongs to no transaction set. A run of such data is one fault."""
        if self._strays is None:
            self._slicer.open("other", offset)
            self._strays = (offset, *self._slicer.position(offset))
            self._strays_hold_claims = False
            self._stray_segments = 0
            self._missing_header = ""
        self._strays_hold_claims |= holds_claims

    @property
    def in_strays(self) -> bool:
        """Whether a run of stray data is under way."""
        return self._strays is not None

    def _end_strays(self) -> None:
        if self._strays is None:
            return
        offset, line, column = self._strays
        self._strays = None
        if self._strays_hold_claims:
            self._slicer.leave_unchecked(self._stray_segments)
        self._slicer.report(
            Cause.DATA_OUTSIDE,
            offset,
            {"in_interchange": self.level != OUTSIDE, "missing": self._missing_header},
            scope=Scope.FILE if self._strays_hold_claims else Scope.NONE,
            position=(line, column),
            segment=0,
        )

    def leave(self, offset: int, level: int, came: str, *, inside_segment: bool = False) -> None:
        """Leave every level below `level`: the segment `came` began at `offset` before the expected trailer, perhaps
        inside another segment. "" is the end of the input.
        """
        slicer = self._slicer
        self._end_strays()
        values: dict[str, FaultValue] = {
            "due": _DUE[self.level],
            "came": came,
            "inside_segment": inside_segment,
            "cut_claim": self.level == SET and slicer.kind == "claim",
        }
        slicer.report(Cause.CUT_OFF, offset, values, scope=slicer.scope if self.level == SET else Scope.FILE)
        if self.level == SET:
            slicer.damage()
            self._line = self._other_separator = None
            self._count_unchecked()
        slicer.flush_malformed()
        self.level = min(self.level, level)
        slicer.end_set()
        if level == OUTSIDE:
            slicer.open("other", offset)

    def end_of_input(self, end: int, *, inside_segment: bool, content: Content | None) -> None:
        """The input ends at `end`. `content` is what it looks like, None for an input that holds an interchange."""
        if self.level != OUTSIDE:
            self.leave(end, OUTSIDE, "", inside_segment=inside_segment)
        elif content is None:
            self._end_strays()
        else:
            values: dict[str, FaultValue] = {"content": content, "size": self._slicer.counts.bytes}
            self._slicer.report(Cause.NO_INTERCHANGE, 0, values, scope=Scope.FILE, position=(1, 1), segment=0)
        self._slicer.flush_malformed()
        self._slicer.close(end)

    # -- interchange

    def begin_interchange(self, header: InterchangeHeader, offset: int, *, lead: Lead | None) -> None:
        """Open the interchange of an ISA at `offset`. `lead` is what comes before the first ISA of the file."""
        slicer = self._slicer
        self._end_strays()
        slicer.begin_interchange(offset)
        self.level = INTERCHANGE
        self._isa = header.elements
        self._groups = 0
        self._acknowledged = False
        self._gs_numbers.clear()
        self._separator_reported = False
        control = safe_control_number(header.elements[12])
        slicer.enter(
            Context(
                header.delimiters,
                ordinals=(slicer.counts.interchanges, 0, 0),
                control_numbers=(control, "", ""),
            )
        )
        if header.misfits:
            component = header.delimiters.component
            entity = text_of(component) if len(component) > 1 else ""
            slicer.report(Cause.ISA_WIDTHS, offset, {"elements": header.misfits, "entity": entity})
        if lead:
            slicer.report(Cause.BEFORE_FIRST_ISA, offset, {"lead": lead})
        sender, receiver, number = (header.elements[n].strip() for n in (5, 7, 12))
        used = self._isa_numbers.add(number, sender, receiver)
        self._note_number("ISA13", control, offset, self._isa_numbers, used=used)

    def _end_interchange(self, offset: int, body: bytes) -> None:
        slicer = self._slicer
        self._end_strays()
        slicer.flush_malformed()
        slicer.open("iea", offset)
        slicer.add_segment()
        self._enter(1)
        count, control = slicer.context.delimiters.elements(body, 2)[1:]
        if not (self._acknowledged and self._groups == 0 and number(count) in (0, 1)):
            self._compare_count("IEA01", count, self._groups, offset)
        self._compare_control("IEA02", control, "ISA13", self._isa[12].strip(), offset, whole=_is_trailer(count, body))
        self.level = OUTSIDE

    def is_whole_trailer(self, body: bytes) -> bool:
        """Whether `body`, which lacks its terminator, is the whole of the expected IEA."""
        elements = self._slicer.context.delimiters.elements(body, 2)
        due = self.level == INTERCHANGE and elements[0] == b"IEA"
        isa13 = self._isa[12].strip()
        return due and (len(elements[2]) >= len(isa13) or number(elements[2]) == number(isa13) is not None)

    # -- functional group

    def _begin_group(self, offset: int, body: bytes) -> None:
        slicer = self._slicer
        self._end_strays()
        slicer.open("gs", offset)
        slicer.add_segment()
        self._gs = slicer.context.delimiters.elements(body, 8)
        self._groups += 1
        self._sets = 0
        self._st_numbers.clear()
        self.level = GROUP
        control = self._gs[6]
        whole = self._gs[7] in (b"X", b"T") and re.fullmatch(rb"[0-9]{6,8}", self._gs[4])
        name = safe_control_number(control) if whole else ELLIPSIS
        self._enter(1, self._groups, name)
        used = self._gs_numbers.add(control)
        self._note_number("GS06", name, offset, self._gs_numbers, used=used)

    def _end_group(self, offset: int, body: bytes) -> None:
        slicer = self._slicer
        self._end_strays()
        slicer.open("ge", offset)
        slicer.add_segment()
        self._enter(2)
        count, control = slicer.context.delimiters.elements(body, 2)[1:]
        self._compare_count("GE01", count, self._sets, offset)
        self._compare_control("GE02", control, "GS06", self._gs[6], offset, whole=_is_trailer(count, body))
        self.level = INTERCHANGE

    def _enter(self, level: int, ordinal: int = 0, control: str = "") -> None:
        """Set the context to a group (level 1) or transaction set (level 2), by its ordinal and control number, or to
        none of that level where they are left out. Deeper levels are forgotten.
        """
        context = self._slicer.context
        ordinals, controls = [*context.ordinals], [*context.control_numbers]
        ordinals[level:] = [ordinal, 0][: 3 - level]
        controls[level:] = [control, ""][: 3 - level]
        self._slicer.enter(
            Context(
                context.delimiters,
                ordinals=(ordinals[0], ordinals[1], ordinals[2]),
                control_numbers=(controls[0], controls[1], controls[2]),
                isa=context.isa,
                gs=context.gs if level == 2 else None,
            )
        )

    # -- transaction set

    def _begin_set(self, offset: int, body: bytes) -> None:
        slicer = self._slicer
        self._end_strays()
        slicer.flush_malformed()
        self._st = slicer.context.delimiters.elements(body, 3)
        transaction, control, st03 = self._st[1:]
        gs08 = self._gs[8].upper()
        st03 = st03.upper()
        version = st03 or gs08
        claims = transaction == b"837"
        guide = _GUIDES.get(version[:10], "") if claims else ""
        slicer.begin_set("st" if guide else "other", offset)
        self._sets += 1
        self.level = SET
        whole = len(control) == _USUAL_ST02 or _VERSION.fullmatch(st03)
        name = safe_control_number(control) if whole else ELLIPSIS
        self._enter(2, self._sets, name)
        slicer.enter(slicer.context._replace(guide=guide))
        self._hl20 = self._hl22 = self._lost_parent = None
        self._highest_hl = 0
        self._gapless = True
        self._repeated = Scope.NONE, False
        self._guide_reported = False
        self._unchecked_before = slicer.counts.unchecked
        if guide:
            self._separators.begin(slicer.context.delimiters)
            slicer.hold()
        else:
            slicer.counts.add_not_read(_kind_of(transaction, version))
        # It names a guide of claims, but ST01 and ST03 do not make it a claim set: one of them may be damaged.
        unknown = self._gs[1] == b"HC" and not claims and not _VERSION.fullmatch(version)
        hidden = not guide and (unknown or gs08[:10] in _GUIDES or st03[:10] in _GUIDES)
        self._unsupported = hidden or (claims and not guide and not re.match(_OTHER_837, version))
        if self._unsupported:
            cause = Cause.HIDDEN_CLAIMS if hidden else Cause.UNSUPPORTED_VERSION
            element = "ST03" if st03 and not hidden else ""
            slicer.report(cause, offset, {"version": _safe_version(version)}, element, scope=Scope.FILE)
        elif claims and st03 and gs08 and st03 != gs08:
            values = {"st03": _safe_version(st03), "gs08": _safe_version(gs08)}
            slicer.report(Cause.GUIDES_DIFFER, offset, values, "ST03")
        used = self._st_numbers.add(control)
        self._note_number("ST02", name, offset, self._st_numbers, used=used)

    def _end_set(self, offset: int, body: bytes) -> None:
        slicer = self._slicer
        self.end_slice(offset)
        if slicer.context.guide:
            slicer.open("se", offset)
        slicer.add_segment()
        self._count_unchecked()
        count, control = slicer.context.delimiters.elements(body, 2)[1:]
        self._compare_count("SE01", count, slicer.segment, offset)
        self._compare_control("SE02", control, "ST02", self._st[2], offset, whole=_is_trailer(count, body))
        slicer.flush_malformed()
        self.level = GROUP
        slicer.end_set()

    def _count_unchecked(self) -> None:
        """The transaction set ends. If none of its claims could be judged, none of its segments was checked."""
        slicer = self._slicer
        if self._unsupported or self._separators.differs:
            slicer.leave_unchecked(self._unchecked_before + slicer.segment - slicer.counts.unchecked)
        self._separators.end()
        slicer.release()

    def _in_claims(self, segment_id: bytes, offset: int, body: bytes) -> None:
        slicer = self._slicer
        if segment_id == b"CLM":
            self._begin_claim(offset, body)
        elif segment_id == b"HL":
            self._begin_level(offset, body)
        elif segment_id not in self._known_ids and not self._know(segment_id):
            self._malformed_id(body.partition(slicer.context.delimiters.element)[0][:_LONGEST_ID], offset)
        elif segment_id in _IN_LINES:
            self._in_line(segment_id, offset, body)
        slicer.add_segment()
        if self._orphan and self._orphan == (slicer.kind, slicer.start):
            slicer.leave_unchecked(1)

    def _malformed_id(self, segment_id: bytes, offset: int) -> None:
        # Something like sv1 or "CLM " would be read if it were written well: what holds it cannot be judged.
        letters = re.sub(rb"[^A-Z0-9]", b"", segment_id.upper())
        meant = {known for known in _MEANT if letters == known or (len(known) == 3 and known in letters)}
        scope = Scope.NONE
        if meant or self._line:  # in the place of SV1 or SV2 it may be anything
            self._slicer.damage()
            scope = Scope.FILE if meant & _BOUNDS else self._slicer.scope
        self._line = None
        self._slicer.malformed(Cause.MALFORMED_ID, offset, scope=scope)

    def _in_line(self, segment_id: bytes, offset: int, body: bytes) -> None:
        """Take a segment of a service line: LX, the service, or the drug."""
        slicer = self._slicer
        if slicer.kind != "claim":
            if segment_id in (b"LX", b"SV1", b"SV2", b"LIN", b"CTP"):
                self._orphan_line(segment_id, offset)
        elif segment_id == b"LX":
            self._end_line()
            self._begin_line(offset, body)
        elif segment_id in _SERVICES_OF_LINES:
            self._line = None
            self._before_lines = False
            if self._separators.undecided and segment_id in (b"SV1", b"SV2"):
                self._take_separator(segment_id, offset, body)
        elif self._before_lines:
            self._before_lines = False  # once a claim
            if not self._separators.differs:
                values = {"segment_id": segment_id.decode()}
                slicer.report(Cause.DRUG_BEFORE_LINES, offset, values, scope=Scope.CLAIM)
        if segment_id == self.other_guides_line:
            self._guide_reported = True
            values = {"segment_id": segment_id.decode(), "guide": slicer.context.guide}
            slicer.report(Cause.OTHER_GUIDES_LINE, offset, values)

    def _begin_line(self, offset: int, body: bytes) -> None:
        """LX01 is 1 on the first line of a claim only: where it starts again, a CLM was lost between the two."""
        claim = self._slicer.start
        first = number(self._slicer.context.delimiters.elements(body, 1)[1]) == 1
        if first and self._lines_of == claim and self._restarted != claim:
            self._restarted = claim
            self._slicer.damage()
            self._slicer.report(Cause.LINES_START_AGAIN, offset, element="LX01", scope=Scope.FILE)
        self._lines_of = claim
        self._before_lines = False
        self._line = _Line(offset, self._slicer.position(offset), self._slicer.segment, body)

    def _end_line(self) -> None:
        """Report the line under way, unless its service came."""
        line, self._line = self._line, None
        if line is None or self._separators.differs:
            return
        elements = self._slicer.context.delimiters.elements(line.body, 2)
        numbered = elements[1].isdigit() and len(elements[1]) <= _LONGEST_LX
        values: dict[str, FaultValue] = {"number": elements[1].decode() if numbered else "", "glued": bool(elements[2])}
        self._slicer.report(
            Cause.LINE_WITHOUT_SERVICE,
            line.offset,
            values,
            scope=Scope.CLAIM,
            position=line.position,
            segment=line.segment,
        )

    def _know(self, segment_id: bytes) -> bool:
        if _SEGMENT_ID.fullmatch(segment_id):
            self._known_ids.add(segment_id)
            return True
        return False

    def end_slice(self, offset: int) -> None:
        """The slice under way ends at `offset`, where another claim, a level or SE begins."""
        slicer = self._slicer
        if slicer.kind != "claim":
            return
        self._end_line()
        if self._separators.end_claim():
            slicer.spoil(offset, _BY_SEPARATOR)
            self._guide_reported = True
            if self._other_separator and not self._separator_reported:
                self._separator_reported = True
                slicer.events.append(self._other_separator)
        elif not self._separators.undecided:
            slicer.release()
        self._other_separator = None

    def _take_separator(self, segment_id: bytes, offset: int, body: bytes) -> None:
        """Note whether a service line uses the component separator that ISA16 declares."""
        slicer = self._slicer
        if self._separators.take(segment_id, body, slicer.context.delimiters):
            self._other_separator = slicer.fault(
                Cause.SEPARATOR_DIFFERS,
                offset,
                {"declared": text_of(slicer.context.delimiters.component), "used": self._separators.used},
                "SV101" if segment_id == b"SV1" else "SV202",
                scope=Scope.FILE,
            )

    def _begin_claim(self, offset: int, body: bytes) -> None:
        self.end_slice(offset)
        self._before_lines = True
        self._slicer.begin_claim(offset, claim_name(body, self._slicer.context.delimiters))
        if self._hl22 is None:
            self._slicer.report(Cause.CLAIM_WITHOUT_SUBSCRIBER, offset)

    def _orphan_line(self, segment_id: bytes, offset: int) -> None:
        place = (self._slicer.kind, self._slicer.start)
        if self._orphan == place:
            return
        self._orphan = place
        self._slicer.report(Cause.LINE_WITHOUT_CLAIM, offset, {"segment_id": segment_id.decode()}, scope=Scope.FILE)

    def _begin_level(self, offset: int, body: bytes) -> None:
        _, identifier, parent, level, children = self._slicer.context.delimiters.elements(body, 4)
        self.end_slice(offset)
        self._slicer.open(_LEVEL_SLICE.get(level, "other"), offset)
        known = 0 < (number(parent) or 0) <= self._highest_hl
        if level in (b"22", b"23"):
            above = self._hl20 if level == b"22" else self._hl22
            missing = above is None or (parent != above and not known)
        else:
            missing = bool(parent) and not known
        if missing and self._lost_parent != (level, parent):  # one for all that are below a level that was lost
            self._lost_parent = (level, parent)
            self._slicer.report(Cause.MISSING_PARENT, offset, {"parent": _safe_hl(parent)}, "HL02")
        self._check_number(identifier, level, offset, has_children=children == b"1")
        if level == b"20":
            self._hl20, self._hl22 = identifier, None
        elif level == b"22":
            self._hl22 = identifier
        elif level != b"23":
            self._hl22 = None
        self._highest_hl = max(self._highest_hl, number(identifier) or 0)

    def _check_number(self, identifier: bytes, level: bytes, offset: int, *, has_children: bool) -> None:
        """Report an HL01 that was used before in the transaction set. Levels can no longer be told apart where one may
        stand above others, or below one of its own number.
        """
        value = number(identifier) or 0
        self._gapless &= 0 < value <= self._highest_hl + 1
        certain = self._gapless and value <= self._highest_hl
        if not certain and (not identifier or identifier not in (self._hl20, self._hl22)):
            return
        above = {b"22": (self._hl20,), b"23": (self._hl20, self._hl22)}.get(level, ())
        scope = Scope.FILE if has_children or identifier in above else Scope.NONE
        reported, any_reported = self._repeated
        if not any_reported or (scope and not reported):
            self._repeated = scope, True
            self._slicer.report(Cause.LEVEL_AGAIN, offset, {"number": _safe_hl(identifier)}, "HL01", scope=scope)

    # -- plain slices, which the fast scanner found

    @property
    def in_claims(self) -> bool:
        """Whether a billing provider's claims are being read."""
        return self._hl20 is not None and self.level == SET and bool(self._slicer.context.guide)

    def may_pass(self, level: int) -> bool:
        """Whether an hl22 or hl23 (`level` 22, 23) or a claim (0), with what follows it, may be passed over here."""
        return level == _SUBSCRIBER or self._hl22 is not None

    @property
    def highest_hl(self) -> int:
        """The highest HL01 of the transaction set so far."""
        return self._highest_hl

    def pass_levels(self, subscriber: bytes | None, highest_hl: int) -> None:
        """Note that levels were passed over: the HL01 of the last hl22 among them, if any, and the highest HL01."""
        if subscriber is not None:
            self._hl22 = subscriber
        self._highest_hl = max(self._highest_hl, highest_hl)

    @property
    def other_guides_line(self) -> bytes:
        """The id of a service segment that is still to be reported, since it is the other guide's; b"" for none."""
        return b"" if self._guide_reported else _OTHER_GUIDES.get(self._slicer.context.guide, b"")

    @property
    def separators(self) -> SeparatorCheck:
        """What is known of the component separator of the transaction set."""
        return self._separators

    # -- comparisons

    def _compare_count(self, element: str, stated: bytes, counted: int, offset: int) -> None:
        if number(stated) == counted:
            return
        # A longer number is no count, and in a damaged file may be anybody's.
        said = str(number(stated)) if stated.isdigit() and len(stated) <= 7 else ""
        self._slicer.report(Cause.COUNT_DIFFERS, offset, {"stated": said, "counted": counted}, element)

    def _compare_control(
        self, element: str, value: bytes, header: str, expected: bytes, offset: int, *, whole: bool
    ) -> None:
        same_number = element != "SE02" and number(value) == number(expected) is not None
        if value == expected or same_number:
            return
        # In a file that lost some bytes a number may be anybody's: it is shown only where the trailer is whole.
        may_be_shown = whole and len(value) <= max(_USUAL_ST02, len(expected))
        values = {
            "header": header,
            "found": safe_control_number(value) if may_be_shown or not value else ELLIPSIS,
            "expected": self._slicer.context.control_numbers[_CONTROL[header]],
        }
        self._slicer.report(Cause.CONTROL_NUMBER_DIFFERS, offset, values, element)

    def _note_number(self, element: str, value: str, offset: int, numbers: ControlNumbers, *, used: bool) -> None:
        if used:
            self._slicer.report(Cause.CONTROL_NUMBER_AGAIN, offset, {"control_number": value}, element)
        elif numbers.is_full and not self._numbers_are_many:
            self._numbers_are_many = True
            self._slicer.report(Cause.MANY_CONTROL_NUMBERS, offset, element=element, scope=Scope.FILE)


def claim_name(clm: bytes, delimiters: Delimiters) -> str:
    """CLM01 of a CLM segment, as it may be shown."""
    _, name, charge, *_ = [*clm.split(delimiters.element, 3), b"", b""]
    name, charge = name.strip(), charge.strip()
    # Without a charge after it, or in several components, the segment is damaged, and CLM01 may hold anything.
    return text_of(name) if _CHARGE.fullmatch(charge) and delimiters.component not in name else ELLIPSIS


def _kind_of(transaction: bytes, version: bytes) -> str:
    """What a transaction set is that is not read, for Counts.not_read: ST01 and the guide's number."""
    if not _SET_KIND.fullmatch(transaction):
        return OTHER_KIND
    guide = version[:10] if _VERSION.fullmatch(version) else b""
    return b" ".join(filter(None, (transaction, guide))).decode()


def _safe_hl(value: bytes) -> str:
    """An HL01 or HL02 that may be shown, or an ellipsis."""
    return safe_control_number(value) if len(value) <= _LONGEST_HL else ELLIPSIS


def _is_trailer(count: bytes, body: bytes) -> bool:
    """Whether a segment has the shape of a trailer: it is short and holds a count."""
    return number(count) is not None and len(body) <= _LONGEST_TRAILER


def _safe_version(value: bytes) -> str:
    """A guide version that may be shown, or an ellipsis: a damaged file can hold anything in its place."""
    if not value:
        return ""
    return value.decode() if _VERSION.fullmatch(value) else ELLIPSIS
