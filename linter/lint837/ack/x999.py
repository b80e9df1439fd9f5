"""The 999 (005010X231A1): which transaction sets of a file have the structure of their guide, for the sender's system.

It says where and what, and copies no value of a claim unless it is asked to. It is written only to a file that the user
names.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import IO, BinaryIO, NamedTuple

from lint837.ack.segments import IN_MEMORY, TIME, Segments, swapped_isa
from lint837.claims.segment import day_of
from lint837.files.inputs import Input
from lint837.files.outputs import Staging
from lint837.files.rereadable import RefusedError, Source, again
from lint837.guide.check import CHECKED, deviations
from lint837.guide.deviation import Deviation, Kind
from lint837.guide.levels import Levels
from lint837.x12.delimiters import Delimiters, parse_isa
from lint837.x12.faults import Cause, Fault
from lint837.x12.reader import Reader
from lint837.x12.slices import Slice

_GUIDE = b"005010X231A1"
_MOST = 50  # deviations of a claim or header that are told
_LONGEST_LOOP = 4  # IK303 and CTX04
_HEAD = 512  # bytes in which a transaction set that is not checked names itself
_GROUPS = frozenset({b"BE", b"HB", b"HC", b"HI", b"HN", b"HP", b"HR", b"HS", b"RA"})  # AK101
_SETS = frozenset({b"270", b"271", b"276", b"277", b"278", b"820", b"834", b"835", b"837"})  # AK201
_ACKNOWLEDGEMENTS = frozenset({b"FA"})  # which nobody acknowledges
# IK502 of a transaction set, AK905 of a group, TA105 of an interchange, by the element of the fault.
_OF_SET = {"ST02": b"3", "SE02": b"3", "SE01": b"4"}
_OF_GROUP = {"GS06": b"4", "GE02": b"4", "GE01": b"5"}
_OF_INTERCHANGE = {"ISA13": b"001", "IEA02": b"001", "IEA01": b"021"}
_AGAIN = {"ST02": b"23", "GS06": b"19", "ISA13": b"025"}
_CUT_OFF = {"SE": b"2", "GE": b"3", "IEA": b"023"}
_SEGMENTS_IN_ERROR, _NOT_SUPPORTED, _OTHER_GUIDE, _BAD_SET, _BAD_NUMBER = b"5", b"1", b"I6", b"6", b"7"
_GROUP_NOT_SUPPORTED, _BAD_GROUP_NUMBER = b"1", b"6"
_REJECTING = frozenset({b"023", b"025"})  # of an interchange; with the others it is accepted with errors


class Options999(NamedTuple):
    """How a 999 is made.

    made: its date and time; None for those of the first functional group that it answers (GS04, GS05).
    values: copy what is wrong (IK404), and the claim's number (CTX).
    by_claim: claims are accepted or rejected one by one, so that a set with errors is accepted with them, not rejected.
    """

    made: datetime | None
    values: bool
    by_claim: bool = False


def write_999(items: Iterable[Input], place: str, options: Options999) -> tuple[bool, list[tuple[str, str]]]:
    """Write the 999 of several files, which are open, to `place`, one after the other. Returns True if it was written,
    which it is not where there is nothing to answer, and the files that were refused, each with the reason. Raises
    OSError where `place` cannot be written.
    """
    refused = []
    with Staging() as staging:
        out = staging.open(place)
        for item in items:
            begin = out.tell()
            try:
                with again(item) as source, tempfile.SpooledTemporaryFile(IN_MEMORY) as body:
                    answer_999(source, out, body, options)
            except RefusedError as error:
                out.seek(begin)
                out.truncate()
                refused.append((item.path, str(error)))
        written = out.tell() > 0
        if written:
            staging.publish()
    return written, refused


def answer_999(source: Source, out: BinaryIO, body: IO[bytes], options: Options999) -> None:
    """Write the 999 of a file into `out`; `body` is empty, and is used for what waits. Raises RefusedError where no
    date is known.
    """
    answer = _Answer(source, out, body, options)
    faults: list[Fault] = []  # that come before their slice
    for event in Reader(source.blocks()):
        if isinstance(event, Fault):
            faults.append(event)
            continue
        # What is wrong in a header is of what it opens; what is cut off by it, of what was open.
        opens = event.kind in ("isa", "gs", "st", "other")
        before = event.start if opens else event.end
        answer.note(one for one in faults if _is_before(one, before))
        faults = [one for one in faults if not _is_before(one, before)]
        answer.take(event)
        answer.note(one for one in faults if one.offset < event.end)
        faults = [one for one in faults if one.offset >= event.end]
    answer.note(faults)
    answer.end_interchange()


class _Answer:
    def __init__(self, source: Source, out: BinaryIO, body: IO[bytes], options: Options999) -> None:
        self._source = source
        self._options = options
        self._out, self._body = Segments(out), Segments(body)
        self._isa: tuple[bytes, ...] = ()
        self._delimiters: Delimiters | None = None
        self._notes: dict[bytes, None] = {}  # TA105
        self._gs: list[bytes] = []
        self._parties: tuple[bytes, ...] = ()  # GS02 to GS05 of the answer
        self._in_group = self._in_set = self._has_noted = False
        self._is_acknowledgement = False
        self._group_codes: dict[bytes, None] = {}
        self._set_codes: dict[bytes, None] = {}
        self._sent = b""  # GE01
        self._received = self._accepted = self._groups = 0
        self._levels = Levels()

    # -- what comes

    def note(self, faults: Iterable[Fault]) -> None:
        """Take faults of the interchange, the group or the transaction set that is open."""
        for fault in faults:
            self._note(fault)

    def _note(self, fault: Fault) -> None:
        cause, element = fault.cause, fault.element
        code: bytes | None
        if cause is Cause.CUT_OFF:
            code = _CUT_OFF[fault.text("due")]
            codes = {"SE": self._set_codes, "GE": self._group_codes}.get(fault.text("due"), self._notes)
        elif cause in (Cause.COUNT_DIFFERS, Cause.CONTROL_NUMBER_DIFFERS):
            code = _OF_SET.get(element) or _OF_GROUP.get(element) or _OF_INTERCHANGE.get(element)
            codes = self._level(element)
        elif cause is Cause.CONTROL_NUMBER_AGAIN:
            code, codes = _AGAIN.get(element), self._level(element)
        elif cause is Cause.ISA_WIDTHS:
            code, codes = b"022", self._notes
        elif cause is Cause.DATA_OUTSIDE:
            code, codes = b"024", self._notes
        elif cause in (Cause.UNSUPPORTED_VERSION, Cause.HIDDEN_CLAIMS):
            code, codes = _OTHER_GUIDE, self._set_codes
        else:
            code, codes = (_SEGMENTS_IN_ERROR if fault.incomplete and self._in_set else None), self._set_codes
        if code:
            codes[code] = None

    def _level(self, element: str) -> dict[bytes, None]:
        if element.startswith(("ST", "SE")):
            return self._set_codes
        return self._group_codes if element.startswith("G") else self._notes

    def take(self, piece: Slice) -> None:
        """Take the next slice."""
        shown = self._levels.follow(piece)
        if shown and shown.piece is not piece and self._in_set:
            self._tell([shown.deviation], shown.piece)
        if piece.kind == "isa" and piece.data:
            self.end_interchange()
            self._begin_interchange(piece.data)
        elif piece.kind == "gs" and piece.data and self._delimiters:
            self._end_group()
            self._begin_group(piece.data)
        elif piece.kind in ("st", "other"):
            self._take_header(piece)
        elif piece.kind == "ge":
            self._sent = self._elements(self._source.read(piece.start, piece.end))[1]
            self._end_group()
        elif piece.kind == "iea":
            self.end_interchange(cut_off=False)
        elif piece.kind in CHECKED and self._in_set:
            self._check(piece, [shown.deviation] if shown and shown.piece is piece else [])

    def _take_header(self, piece: Slice) -> None:
        data = piece.data or self._source.read(piece.start, min(piece.end, piece.start + _HEAD))
        elements = self._elements(data)
        if elements[0] != b"ST" or not self._in_group:
            return
        self._end_set()
        self._begin_set(elements)
        if piece.kind == "st":
            self._check(piece)
        else:
            self._set_codes[_NOT_SUPPORTED] = None

    # -- the interchange

    def _begin_interchange(self, data: bytes) -> None:
        header = parse_isa(data)
        if header is None:
            return
        self._isa, self._delimiters = header.elements, header.delimiters
        line_end = None
        if header.delimiters.terminator != b"\n":
            line_end = re.match(rb"\r?\n", data[header.length :])
        for segments in (self._out, self._body):
            segments.delimiters = header.delimiters
            segments.line_end = line_end[0] if line_end else b""

    def end_interchange(self, *, cut_off: bool = True) -> None:
        """Write the answer to the interchange that is open: ISA, TA1, GS to GE, IEA."""
        self._end_group()
        if not self._isa:
            return
        if cut_off:
            self._notes[_CUT_OFF["IEA"]] = None
        isa, self._isa = self._isa, ()
        asked = isa[13].strip() == b"1"
        if asked or self._notes or self._groups:
            self._out.write(*swapped_isa(isa, self._options.made, self._out.delimiters))
            if asked or self._notes:
                self._write_ta1(isa)
            if self._groups:
                control = str(int(isa[12]) if isa[12].strip().isdigit() else 1).encode()
                self._out.write(b"GS", b"FA", *self._parties, control, b"X", _GUIDE)
                self._out.move(self._body)
                self._out.write(b"GE", b"%d" % self._groups, control)
            self._out.write(b"IEA", b"%d" % bool(self._groups), isa[12].strip())
        self._body.clear()
        self._notes, self._groups = {}, 0

    def _write_ta1(self, isa: tuple[bytes, ...]) -> None:
        code = next(iter(self._notes), b"000")
        verdict = b"A" if code == b"000" else b"R" if code in _REJECTING else b"E"
        self._out.write(b"TA1", isa[12].strip(), isa[8].strip(), _time(isa[9].strip()), verdict, code)

    # -- a group: a 999

    def _begin_group(self, data: bytes) -> None:
        self._gs = self._elements(data)
        self._in_group = True
        self._sent = b""
        self._received = self._accepted = 0
        self._has_noted = False  # a set that is accepted with errors
        self._is_acknowledgement = self._gs[1] in _ACKNOWLEDGEMENTS
        if self._is_acknowledgement:
            return
        if not self._groups:
            self._parties = (self._party(3, 7), self._party(2, 5), *self._date())
        self._groups += 1
        self._body.count = 0
        number = b"%04d" % self._groups
        self._body.write(b"ST", b"999", number, _GUIDE)
        kind = self._gs[1] if self._gs[1] in _GROUPS else b"HC"
        if kind != self._gs[1]:
            self._group_codes[_GROUP_NOT_SUPPORTED] = None
        control = self._gs[6]
        if not re.fullmatch(rb"[0-9]{1,9}", control):
            control = b"0"
            self._group_codes[_BAD_GROUP_NUMBER] = None
        version = self._gs[8] if re.fullmatch(rb"[0-9A-Za-z]{1,12}", self._gs[8]) else b"005010"
        self._body.write(b"AK1", kind, control, version)

    def _party(self, element: int, of_isa: int) -> bytes:
        """GS02 or GS03; the party of the ISA where that is too short or too long."""
        code, other = self._copy(self._gs[element]), self._copy(self._isa[of_isa])
        whole = [one for one in (code, other) if 2 <= len(one) <= 15]
        return whole[0] if whole and (code == self._gs[element] or whole[0] is other) else other[:15].ljust(2, b"0")

    def _date(self) -> tuple[bytes, bytes]:
        made = self._options.made
        if made:
            return made.strftime("%Y%m%d").encode(), made.strftime("%H%M").encode()
        for text in (self._gs[4], self._isa[8].strip()):
            day = day_of(text.decode("ascii", "replace"))
            if day:
                return day.strftime("%Y%m%d").encode(), _time(self._gs[5][:4])
        raise RefusedError("neither GS04 nor ISA09 is a date; set the date of the 999 with --ack-date")

    def _end_group(self) -> None:
        self._end_set()
        if not self._in_group:
            return
        self._in_group = False
        codes, self._group_codes = list(self._group_codes), {}
        if self._is_acknowledgement:
            return
        sent = self._sent if re.fullmatch(rb"[0-9]{1,6}", self._sent) else b"%d" % self._received
        verdict = b"P" if self._accepted != self._received else b"E" if self._has_noted else b"A"
        if codes or not self._accepted:
            verdict = b"R"
        accepted = 0 if verdict == b"R" else self._accepted
        counts = (b"%d" % int(sent), b"%d" % self._received, b"%d" % accepted)
        self._body.write(b"AK9", verdict, *counts, *codes[:5])
        self._body.write(b"SE", b"%d" % (self._body.count + 1), b"%04d" % self._groups)

    # -- a transaction set

    def _begin_set(self, elements: list[bytes]) -> None:
        self._in_set = True
        self._received += 1
        if self._is_acknowledgement:
            return
        kind, control, guide = elements[1:4]
        if kind not in _SETS:
            kind = b"837"
            self._set_codes[_BAD_SET] = None
        if not re.fullmatch(rb"[0-9A-Za-z]{4,9}", control):
            control = control.zfill(4) if control.isdigit() and len(control) < 4 else b"0000"
            self._set_codes[_BAD_NUMBER] = None
        guide = guide if re.fullmatch(rb"[0-9A-Za-z]{1,35}", guide) else b""
        self._body.write(b"AK2", kind, control, guide)

    def _end_set(self) -> None:
        codes, self._set_codes = list(self._set_codes), {}
        if not self._in_set:
            return
        self._in_set = False
        if self._is_acknowledgement:
            return
        verdict = b"R" if codes else b"A"
        if self._options.by_claim and codes == [_SEGMENTS_IN_ERROR]:
            verdict, self._has_noted = b"E", True
        self._body.write(b"IK5", verdict, *codes[:5])
        self._accepted += verdict != b"R"

    def _check(self, piece: Slice, more: Sequence[Deviation] = ()) -> None:
        """Write what deviates in a slice. `more`: what the slices before it show."""
        if piece.context is None or self._is_acknowledgement:
            return
        found = [*more, *deviations(piece, piece.context)][:_MOST]
        if piece.data is None:
            found = [Deviation(Kind.NOT_CHECKED, b"", piece.start, piece.segment, _OPENERS[piece.kind], "", "")]
        self._tell(found, piece)

    def _tell(self, found: list[Deviation], piece: Slice) -> None:
        if found and not self._is_acknowledgement:
            self._set_codes[_SEGMENTS_IN_ERROR] = None
        for (_, of_element), some in groupby(found, lambda one: (_position(one), one.kind.of_element)):
            several = list(some)
            for segment in self._segment_notes(several, piece, several[:1] if of_element else several):
                self._body.write(*segment)
            if of_element:
                for one in several:
                    self._body.write(*self._element_note(one, piece))

    def _segment_notes(self, found: list[Deviation], piece: Slice, heads: list[Deviation]) -> Iterator[list[bytes]]:
        """IK3, and the claim's number after it where values may be copied."""
        for one in heads:
            code = b"8" if one.kind.of_element else one.kind.code.encode() or b"8"
            loop = one.loop.encode() if len(one.loop) <= _LONGEST_LOOP else b""
            name = one.segment_id.partition("*")[0].encode() or self._segment_id(one)
            yield [b"IK3", name, b"%d" % min(_position(one), 999_999), loop, code]
            if self._options.values and piece.kind == "claim" and piece.data and found:
                clm = self._elements(piece.data.partition(self._out.delimiters.terminator)[0])
                number = self._copy(clm[1])[:35]
                if number:
                    yield [b"CTX", self._out.delimiters.component.join((b"CLM01", number))]

    def _segment_id(self, one: Deviation) -> bytes:
        """The id of a segment that the guide does not have, where it looks like one."""
        found = re.match(rb"[A-Z][A-Z0-9]{1,2}(?![A-Z0-9])", one.raw)
        return found[0] if found else b"ZZZ"

    def _element_note(self, one: Deviation, piece: Slice) -> list[bytes]:
        component = self._out.delimiters.component
        place = b"%d" % min(one.element, 99)
        if one.component:
            place += component + b"%d" % min(one.component, 99)
        data_element = one.data_element.encode() if re.fullmatch("[0-9]{1,4}", one.data_element) else b""
        value = b""
        if self._options.values and piece.context:
            value = self._value(one, piece.context.delimiters)
        return [b"IK4", place, data_element, one.kind.code.encode(), value]

    def _value(self, one: Deviation, delimiters: Delimiters) -> bytes:
        elements = delimiters.unwrapped(one.raw).split(delimiters.element)
        value = elements[one.element] if one.element < len(elements) else b""
        if one.component:
            parts = value.split(delimiters.component)
            value = parts[one.component - 1] if one.component <= len(parts) else b""
        return self._copy(value)

    def _copy(self, value: bytes) -> bytes:
        """A value that is copied: without delimiters, control bytes and blanks around it, and not too long."""
        unwanted = b"".join(self._out.delimiters)
        kept = bytes(byte for byte in value if 0x20 <= byte < 0x7F and byte not in unwanted and byte != 0x60)
        return kept[:99].strip()

    def _elements(self, data: bytes) -> list[bytes]:
        """Elements 0 to 8 of the first segment."""
        delimiters = self._out.delimiters
        return delimiters.elements(delimiters.clean(data.lstrip(b"\r\n").partition(delimiters.terminator)[0]), 8)


_OPENERS = {"st": "ST", "hl20": "HL", "hl22": "HL", "hl23": "HL", "claim": "CLM"}


def _is_before(fault: Fault, offset: int) -> bool:
    return fault.offset < offset or (fault.cause is Cause.CUT_OFF and fault.offset == offset)


def _time(text: bytes) -> bytes:
    return text if re.fullmatch(TIME, text) else b"0000"


def _position(one: Deviation) -> int:
    return one.expected_at or one.ordinal
