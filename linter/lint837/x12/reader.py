"""The reader: blocks of bytes in, slices and faults out. It finds the segments and passes them to the envelope.

    for event in Reader(blocks): ...           # Slice or Fault, in the order of the input
    for event in Reader(blocks).runs(): ...    # also Run: what is passed over is handed out too

It never raises because of what an input holds. It keeps one block and the slice under way, never the whole input, and
what it yields does not depend on where the blocks end.
"""

import os
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple, cast

from lint837.x12.content import BOM, HEAD, PADDING, content_of
from lint837.x12.delimiters import ISA_LOOKAHEAD, ISA_MAYBE, Delimiters, InterchangeHeader, parse_isa
from lint837.x12.envelope import GROUP, INTERCHANGE, OUTSIDE, SET, Envelope, claim_name
from lint837.x12.faults import Cause, Fault, Lead, Scope
from lint837.x12.prefilter import Prefilter
from lint837.x12.slicer import Slicer
from lint837.x12.slices import WHOLE, Counts, Limits, Run, Share, Slice

if TYPE_CHECKING:
    from lint837.x12.fast_scanner import FastScanner, Scan

_PADDING_RUN = re.compile(rb"[ \t\r\n\x00\x1a]*")
# An id and any separator, perhaps with a line break of wrapping inside. Nearly all other text has a blank or a period
# there.
_CLAIMS_IN_JUNK = re.compile(
    rb"(?<![A-Za-z0-9])(?:I\r?\n?S\r?\n?A|G\r?\n?S|S\r?\n?T|C\r?\n?L\r?\n?M)\r?\n?[^A-Za-z0-9 .\r\n-]"
)
_SEGMENT_ID = re.compile(rb"\s*(?:[A-Z][A-Z0-9]{1,2})?")
_LEAD = 64  # bytes of a line before an ISA that are looked at
_JUNK_ID = 10  # the most bytes that an id with its separator takes
_PRINTABLE = bytes([*range(32, 127), *range(128, 256)])
_LOOK = 4096  # bytes searched at a time for control bytes, odd line breaks and embedded envelopes
_SEAM = 1024  # bytes of a block that are read with the rest of the one before
SCAN_FROM = 64 * 1024  # bytes in the buffer from which a fast scan pays: below, segment by segment is as quick
_ADDRESS_SPACE = 512 * 1024 * 1024  # bytes that a process must be allowed for a fast scan
_HL_LOOK = 32  # bytes that hold HL01 of a plain HL
_NEEDLE = 8  # the most bytes by which an embedded envelope is recognized
_BINARY = (b"BIN", b"BDS")  # segments whose data may hold any byte
_EMBEDDABLE = {b"ISA": OUTSIDE, b"GS": INTERCHANGE, b"ST": GROUP}


@cache
def _is_installed() -> bool:
    """Whether there is what a fast scan needs; without it the reader finds the same, segment by segment."""
    from importlib.util import find_spec

    return all(find_spec(name) for name in ("numpy", "ahocorasick_rs"))


def _has_room() -> bool:
    """Whether there is address space for numpy, whose linear algebra ends the process where it finds none."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # it is not used, and takes memory for each thread
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return True
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return limit == resource.RLIM_INFINITY or limit >= _ADDRESS_SPACE


class _Signs(NamedTuple):
    """What the reader looks for in an interchange.

    blanks: the bytes that are layout around a segment. blank_run: any number of them.
    plain: the bytes that a segment may hold.
    openings: with which levels and claims begin. needles: with which an envelope may begin inside a segment.
    header_in_segment: a GS or ST there.
    """

    blanks: bytes
    blank_run: re.Pattern[bytes]
    plain: bytes
    openings: tuple[bytes, ...]
    needles: tuple[bytes, ...]
    header_in_segment: re.Pattern[bytes]


@lru_cache(16)
def _signs_of(delimiters: Delimiters) -> _Signs:
    element, blanks = delimiters.element, delimiters.blanks
    e, t = re.escape(element), re.escape(delimiters.terminator)
    any_element = b"[^" + e + t + b"]*"
    breaks = b"\r\n" if delimiters.breaks_are_layout else b""
    return _Signs(
        blanks,
        re.compile(b"[" + re.escape(blanks) + b"]*"),
        _PRINTABLE + breaks + b"".join(delimiters),
        (b"HL" + element, b"CLM" + element),
        (b"ISA", b"GS" + element + b"HC" + element, b"ST" + element + b"837" + element),
        re.compile(
            b"GS" + e + b"HC" + (e + any_element) * 2 + e + rb"\d{6,8}" + (e + any_element) * 3 + e + rb"\d{6}"
            b"|ST" + e + b"837" + e + rb"\w{1,9}(?:" + e + rb"\d{6}X\d{3}\w{0,3})?\s*" + t
        ),
    )


def _finds(buffer: bytes, needle: bytes, begin: int, end: int) -> Iterator[int]:
    """Where a needle begins in `buffer[begin:end]`; it may end after that."""
    at = buffer.find(needle, begin, end + len(needle) - 1)
    while at >= 0:
        yield at
        at = buffer.find(needle, at + 1, end + len(needle) - 1)


class Reader:
    """Iterate over it once. `counts` is right when the iteration has ended."""

    def __init__(
        self,
        blocks: Iterable[bytes],
        limits: Limits | None = None,
        prefilter: Prefilter | None = None,
        *,
        share: Share = WHOLE,
        scan_from: int = SCAN_FROM,
    ) -> None:
        """With a `prefilter` or a `share`, slices outside of them may be passed over. Otherwise every slice is handed
        out, so that joined they are the input. `scan_from`: how many bytes are worth a fast scan.
        """
        self._blocks = blocks
        self._prefilter = prefilter
        self._share = share
        self._runs = self._sparse_runs = False
        self._scan_from = scan_from
        self._scanners: dict[Delimiters, FastScanner] = {}
        self._scan: Scan | None = None
        self._scanned = False  # the buffer
        self._slicer = Slicer(limits or Limits())
        self._envelope = Envelope(self._slicer)
        self._position = 0  # the index in the buffer of the next byte to read
        self._final = False  # there are no more blocks
        self._skip_to = 0  # the offset up to which bytes are passed over unread (BIN, BDS)
        self._in_skipped = False  # inside a segment whose rest is passed over, up to its terminator
        self._bom = False
        self._head = b""  # the first bytes of the input
        self._wrap_widths: set[int] = set()  # at which the interchange is hard-wrapped, if it is
        self._isa_line = 0
        self._looked_to = 0  # the offset up to which the bytes have been looked over
        self._odd = False  # whether there may be control bytes, or line breaks inside segments, up to there
        self._alarm = 0  # the offset, up to there, at which an envelope may begin next
        self._after_letter = False  # whether the junk passed over ends in a letter or digit
        self._lead = b""  # the last bytes that were passed over outside an interchange, of one line
        self._before_isa: bytes | None = None  # what came before the first ISA on its line, where none is its segment
        self._use(self._slicer.context.delimiters)

    @property
    def counts(self) -> Counts:
        """What has been counted so far."""
        return self._slicer.counts

    def __iter__(self) -> Iterator[Slice | Fault]:
        return cast("Iterator[Slice | Fault]", self._events())

    def runs(self, *, sparse: bool = False) -> Iterator[Slice | Fault | Run]:
        """The slices, and the faults; slices that are passed over come as runs, so that joined all are the input. With
        `sparse` they do only where most claims are passed over and each byte of a run is at its offset, not in a
        hard-wrapped buffer.
        """
        self._runs, self._sparse_runs = True, sparse
        return self._events()

    def _events(self) -> Iterator[Slice | Fault | Run]:
        for block in self._blocks:
            if len(self._head) < HEAD:
                self._head = (self._head + block[:HEAD])[:HEAD]
            self._take(block)
            self._read()
            yield from self._slicer.due(self._position)
        self._final = True
        self._read()
        self._finish()
        yield from self._slicer.due(self._position)

    def _take(self, block: bytes) -> None:
        """Go on to a block. Copying a large block after the rest of the one before would take a tenth of the time.
        Instead the rest is read with the first bytes of the block and, if a slice ends in these, the block from there.
        """
        slicer = self._slicer
        if len(block) >= self._scan_from > _SEAM and slicer.buffer:
            begin = slicer.counts.bytes
            self._position = slicer.take(block[:_SEAM], self._position)
            self._scan = None
            self._read()
            self._position = slicer.take_over(block, begin, self._position)
        else:
            self._position = slicer.take(block, self._position)
        self._scan, self._scanned = None, False

    def _read(self) -> None:
        """Read all whole segments of the buffer."""
        more = True
        while more:
            if self._skip_to > self._slicer.base + self._position:
                self._position = min(self._skip_to - self._slicer.base, len(self._slicer.buffer))
                if self._skip_to > self._slicer.base + self._position:
                    return
            if self._envelope.level == OUTSIDE:
                more = self._seek_interchange()
            elif self._in_skipped:
                more = self._pass_over()
            else:
                more = self._read_segments()

    # -- outside an interchange

    def _seek_interchange(self) -> bool:
        """Pass over padding and junk up to the next ISA; False where more bytes are needed."""
        buffer, begin = self._slicer.buffer, self._position
        if self._slicer.base + begin == 0 and len(buffer) < ISA_LOOKAHEAD and not self._final:
            return False
        for match in ISA_MAYBE.finditer(buffer, begin):
            at = match.start()
            if not self._final and len(buffer) - at < ISA_LOOKAHEAD:
                self._pass_junk(at)
                return False
            header = parse_isa(buffer, at)
            if header and self._is_segment(at, header):
                self._pass_junk(at)
                lead = None
                if self.counts.interchanges == 0 and not self._envelope.in_strays and self._slicer.base + at:
                    lead = Lead.BYTE_ORDER_MARK if self._bom else Lead.WHITE_SPACE
                self._envelope.begin_interchange(header, self._slicer.base + at, lead=lead)
                self._use(header.delimiters)
                self._note_wrap_width(at)
                self._position = at + header.length
                return True
        # In the last bytes an ISA may begin, or a segment id.
        self._pass_junk(len(buffer) if self._final else max(begin, len(buffer) - _JUNK_ID))
        return False

    def _is_segment(self, at: int, header: InterchangeHeader) -> bool:
        """Whether an ISA is a segment, and not a part of a line of JSON, of a quoted or of a numbered one: no segment
        follows those. Only the first ISA of a file is looked at so.
        """
        if self.counts.interchanges:
            return True
        after = self._slicer.buffer[at + header.length : at + ISA_LOOKAHEAD]
        rest = _SEGMENT_ID.sub(b"", after, count=1)
        if not rest or (rest.startswith(header.delimiters.element) and len(rest) < len(after)):
            return True
        before = (self._lead + self._slicer.buffer[self._position : at]).rpartition(b"\n")[2][-_LEAD:]
        if not before.removeprefix(BOM).strip(PADDING):
            return True
        self._before_isa = before if self._before_isa is None else self._before_isa
        return False

    def _note_wrap_width(self, isa: int) -> None:
        """A hard-wrapped file breaks every line at the width of its ISA's line. That line is counted from its beginning
        or, where files were joined, from the ISA.
        """
        line_break = self._slicer.buffer.find(b"\n", isa, isa + ISA_LOOKAHEAD)
        if line_break >= 0:
            width = self._slicer.position(self._slicer.base + line_break)[1] - 1
            self._wrap_widths = {width, line_break - isa}
        else:
            self._wrap_widths = set()
        self._isa_line = self._slicer.position(self._slicer.base + isa)[0]

    def _pass_junk(self, end: int) -> None:
        buffer, begin = self._slicer.buffer, self._position
        self._position = end
        self._lead = (self._lead + buffer[begin:end]).rpartition(b"\n")[2][-_LEAD:]
        if not self._envelope.in_strays:
            if self._slicer.base + begin == 0 and buffer.startswith(BOM):
                self._bom = True
                begin += len(BOM)
            padding = _PADDING_RUN.match(buffer, begin, end)
            begin = padding.end() if padding else begin
            if begin >= end:
                return
            self._after_letter = False
        # An id may end after the junk that is passed over now, but not begin there.
        found = _CLAIMS_IN_JUNK.search(buffer, begin, end + _JUNK_ID)
        if found and found.start() == begin and self._after_letter:
            found = _CLAIMS_IN_JUNK.search(buffer, begin + 1, end + _JUNK_ID)
        self._after_letter = buffer[end - 1 : end].isalnum() if end > begin else self._after_letter
        holds_claims = found is not None and found.start() < end
        self._envelope.stray(self._slicer.base + begin, holds_claims=holds_claims)

    # -- inside an interchange

    def _use(self, delimiters: Delimiters) -> None:
        """Read on with these delimiters."""
        self._delimiters, self._signs = delimiters, _signs_of(delimiters)
        if delimiters not in self._scanners:
            self._scan = None  # a buffer is scanned once, so that the time stays linear
        self._looked_to = 0

    def _read_segments(self) -> bool:
        """Read segments; False where the buffer holds no further whole one."""
        slicer, envelope = self._slicer, self._envelope
        buffer, base, size = slicer.buffer, slicer.base, len(slicer.buffer)
        terminator, separator = self._delimiters.terminator, self._delimiters.element
        blanks, blank_run, _, openings, *_ = self._signs
        take_segment, limits, width = envelope.segment, slicer.limits, len(terminator)
        while True:
            begin = self._position
            if begin < size and buffer[begin] in blanks:
                run = blank_run.match(buffer, begin)
                begin = self._position = run.end() if run else begin
            if begin == size:
                return False
            if buffer.startswith(openings, begin) and envelope.in_claims:
                self._pass_plain(begin)
                if self._position != begin:
                    continue
                if self._awaits_more(begin):
                    return False
            end = buffer.find(terminator, begin)
            oversize = (end if end >= 0 else size - width + 1) - begin > limits.segment
            if oversize:
                end = begin + limits.segment  # enough to identify the segment; the rest is passed over
            stop = end if end >= 0 else size
            if base + stop > self._looked_to:
                self._look(begin, stop)
            if base + stop > self._alarm:
                found = None if self._is_binary(begin) else self._embedded(begin, stop)
                if found:
                    at, sure = found
                    if sure:
                        self._cut(begin, at)
                    return sure
                if end >= 0:  # else the segment is looked at again when more of it is there
                    self._alarm = self._next_needle(stop)
            if end < 0:
                return False
            body = buffer[begin:end]
            if body and body[-1] in blanks:
                body = body.rstrip(blanks)
            if self._odd and body:
                body = self._inspect(begin, body)
            self._position = end if oversize else end + width
            if not body:
                self._report_empty(base + begin)
                continue
            at = body.find(separator, 0, 4)
            segment_id = body[:at] if at >= 0 else body[:4]
            if segment_id == b"ISA":  # one that is wrapped inside its first letters, or that cannot be read
                self._position = begin
                envelope.leave(base + begin, OUTSIDE, "ISA")
                return True
            take_segment(segment_id, base + begin, body)
            if oversize or (end - begin > limits.elements and body.count(separator) > limits.elements):
                self._report_limit(base + begin, oversize=oversize)
            self._in_skipped = oversize
            if segment_id.startswith(_BINARY) and self._is_binary(begin):
                self._skip_binary(segment_id, begin, end)
            if self._in_skipped or envelope.level == OUTSIDE:
                return True

    # -- plain slices, which the fast scanner found

    def _pass_plain(self, begin: int) -> None:
        """Pass over the plain slices that begin at `begin`; hand out those that are wanted."""
        slicer, envelope, buffer = self._slicer, self._envelope, self._slicer.buffer
        if not self._scanned and len(buffer) - begin >= self._scan_from:
            self._scan_buffer(begin)
        scan = self._scan
        number = scan.at(begin) if scan else -1
        if scan is None or not 0 <= number < len(scan.levels):
            return
        stop = scan.plain_to(number, envelope.highest_hl, envelope.other_guides_line)
        if stop == number or not envelope.may_pass(int(scan.levels[number])):
            return
        stop = self._pass_separators(scan, number, stop)
        if stop == number:
            return
        every = self._prefilter is None and self._share.parts == 1
        every |= self._sparse_runs and (scan.text is not buffer or 2 * len(scan.wanted) > scan.claims[-1])
        base, terminator = slicer.base, self._delimiters.terminator
        segment, claim = slicer.segment + 1, self.counts.claims + 1
        passed = scan.between(number, stop, claim, None if every else self._share)
        here = slicer.begin_pass(base + begin)

        def line_at(index: int, segments: int) -> tuple[int, int] | None:
            if scan.wrapping:
                line, column = scan.wrapping.line_of(index)
                return here[0] + line - scan.wrapping.line_of(begin)[0], base + index - column
            if not scan.lines or not segments:
                return here if scan.lines == 0 or not segments else None
            return here[0] + segments, base + index

        rest, context = number, slicer.context  # of the run that comes next
        for piece in passed.pieces:
            start, name = piece.start, ""
            if piece.kind == "claim":
                clm = buffer[start : buffer.find(terminator, start)]
                name = claim_name(self._delimiters.unwrapped(clm), self._delimiters)
            one = slicer.pass_slice(
                piece.kind,
                base + start,
                base + piece.end,
                line_at(start, piece.segment),
                segment=segment + piece.segment,
                segments=piece.segments,
                claim=claim + piece.claim if piece.kind == "claim" else 0,
                name=name,
            )
            if every:
                slicer.hand_out((one,))
            elif piece.kind == "claim":
                if self._runs:
                    slicer.hand_out(scan.run(rest, scan.at(start), base, context))
                    rest, context = scan.at(piece.end), slicer.context
                slicer.hand_out((one,))
        if self._runs and not every:
            slicer.hand_out(scan.run(rest, stop, base, context))
        slicer.end_pass(
            base + passed.end, line_at(passed.end, passed.segments), segments=passed.segments, claims=passed.claims
        )
        subscriber = None
        if passed.subscriber >= 0:
            head = self._delimiters.unwrapped(buffer[passed.subscriber : passed.subscriber + _HL_LOOK])
            subscriber = self._delimiters.elements(head, 1)[1]
        envelope.pass_levels(subscriber, passed.highest_hl)
        self._position = passed.end

    def _pass_separators(self, scan: "Scan", number: int, stop: int) -> int:
        """The slice up to which plain slices may be passed, as for the separator of their composites."""
        slicer, separators = self._slicer, self._envelope.separators
        text, end = scan.text, int(scan.starts[stop])
        begin = int(scan.starts[number])
        self._envelope.end_slice(slicer.base + int(scan.begins[number]))
        if separators.differs:
            return number
        at = begin
        while separators.undecided and at < end:
            at = separators.next_in(text, at, end)
            if at < 0:
                break
            number = scan.holding(at)
            start, at = int(scan.starts[number]), int(scan.starts[number + 1])
            if scan.levels[number] == 0 and not separators.passes(text[start:at]):
                return number
        if not separators.undecided:
            slicer.release()
        return stop

    def _scan_buffer(self, begin: int) -> None:
        if not (_is_installed() and _has_room()):
            return
        self._scanned = True
        # Only large inputs are worth the time that numpy takes to load.
        from lint837.x12.fast_scanner import FastScanner, Wrapping

        if not FastScanner.can_read(self._delimiters):
            return
        scanner = self._scanners.get(self._delimiters)
        if scanner is None:
            scanner = FastScanner(self._delimiters, self._slicer.limits, self._prefilter)
            self._scanners[self._delimiters] = scanner
        buffer, wrapping = self._slicer.buffer, None
        if self._wrap_widths and self._delimiters.breaks_are_layout:
            column = self._slicer.position(self._slicer.base + begin)[1] - 1
            wrapping = Wrapping.of(buffer, begin, column, self._wrap_widths)
        self._scan = scanner.scan(buffer, begin, self._envelope.highest_hl, wrapping)

    def _awaits_more(self, begin: int) -> bool:
        """Whether the slice at `begin` can be scanned as soon as its end is there."""
        scan = self._scan
        if scan is None or self._final or len(self._slicer.buffer) - begin > SCAN_FROM:
            return False
        return scan.at(begin) == len(scan.levels)

    def _pass_over(self) -> bool:
        """Pass over the rest of a segment up to its terminator; False where more bytes are needed."""
        buffer, begin = self._slicer.buffer, self._position
        if self._skip_to and not self._ends_binary(begin):
            return False
        end = buffer.find(self._delimiters.terminator, begin)
        found = self._embedded(begin, end if end >= 0 else len(buffer), begun=True)
        if found:
            at, sure = found
            self._position = at
            if sure:
                self._in_skipped = False
                self._leave_inside(at)
            return sure
        if end < 0:
            # In the last bytes another envelope may begin, or a terminator of several bytes.
            self._position = len(buffer) if self._final else max(begin, len(buffer) - _NEEDLE)
            return False
        self._in_skipped = False
        self._position = end + len(self._delimiters.terminator)
        return True

    def _is_binary(self, begin: int) -> bool:
        """Whether a BIN or BDS begins here, whose data may hold any byte. Claims have none."""
        e = self._delimiters.element
        return self._envelope.foreign and self._slicer.buffer.startswith(tuple(name + e for name in _BINARY), begin)

    def _skip_binary(self, segment_id: bytes, begin: int, end: int) -> None:
        """Pass over the data of BIN (BIN01 bytes) or BDS (BDS02 bytes)."""
        place = 1 if segment_id == b"BIN" else 2
        parts = self._slicer.buffer[begin:end].split(self._delimiters.element, place + 1)
        length = self._delimiters.clean(parts[place]) if len(parts) == place + 2 else b""
        if length.isdigit() and len(length) <= 15:
            self._position = end - len(parts[-1])
            self._skip_to = self._slicer.base + self._position + int(length)
            self._in_skipped = True

    def _ends_binary(self, begin: int) -> bool:
        """Report binary data that is not followed by the terminator; False where more bytes are needed to decide."""
        buffer, terminator = self._slicer.buffer, self._delimiters.terminator
        if len(buffer) - begin < len(terminator) and not self._final:
            return False
        self._skip_to = 0
        if not buffer.startswith(terminator, begin) and begin < len(buffer):
            self._slicer.malformed(Cause.BINARY_LENGTH, self._slicer.base + begin, scope=Scope.FILE)
        return True

    # -- an envelope that begins inside a segment: the file before it was cut

    def _embedded(self, begin: int, end: int, *, begun: bool = False) -> tuple[int, bool] | None:
        """Where an envelope begins in `buffer[begin:end]`, a segment or the rest of one that has `begun`: an ISA
        anywhere, a GS or ST inside the segment. False with it: more bytes are needed to decide. None: nowhere.
        """
        buffer = self._slicer.buffer
        isa, gs, st = self._signs.needles
        inside = begin + (not begun)  # the segment itself may begin with ST
        if (
            buffer.find(isa, begin, end + 2) < 0 > buffer.find(gs, begin, end + 5)
            and buffer.find(st, inside, end + 6) < 0
        ):
            return None
        for at in sorted(at for needle in self._signs.needles for at in _finds(buffer, needle, begin, end)):
            is_isa = buffer.startswith(b"ISA", at)
            if at == begin and not is_isa and not begun:
                continue
            if not self._final and len(buffer) - at < ISA_LOOKAHEAD:
                return at, False
            if parse_isa(buffer, at) if is_isa else self._signs.header_in_segment.match(buffer, at):
                return at, True
        return None

    def _cut(self, begin: int, at: int) -> None:
        """The segment at `begin` ends at `at`, where another envelope begins."""
        self._position = at
        if at > begin:
            self._take_fragment()
            self._leave_inside(at)
        else:
            self._envelope.leave(self._slicer.base + at, OUTSIDE, "ISA")

    def _leave_inside(self, at: int) -> None:
        name = next(name for name in _EMBEDDABLE if self._slicer.buffer.startswith(name, at))
        self._envelope.leave(self._slicer.base + at, _EMBEDDABLE[name], name.decode(), inside_segment=True)

    def _take_fragment(self) -> None:
        """Count a segment that has only its beginning."""
        if self._envelope.level == SET:
            self._slicer.next_segment()
        self._slicer.add_segment()

    # -- malformed segments

    def _look(self, begin: int, end: int) -> None:
        """Find out whether the bytes from `begin` to `end`, and some after them, need a closer look."""
        buffer, terminator = self._slicer.buffer, self._delimiters.terminator
        end = min(max(end, begin + _LOOK), len(buffer))
        self._looked_to = self._slicer.base + end
        self._alarm = self._next_needle(begin)
        window = buffer[begin:end]
        self._odd = bool(window.translate(None, self._signs.plain))
        if not self._odd and (b"\n" in window or b"\r" in window) and self._delimiters.breaks_are_layout:
            crlf = window.count(terminator + b"\r\n")
            # Unequal too where the window begins or ends inside a line end: a few segments are inspected for nothing.
            self._odd = window.count(b"\r") != crlf or window.count(b"\n") != crlf + window.count(terminator + b"\n")

    def _next_needle(self, begin: int) -> int:
        """The offset from which on an envelope may begin, in what was looked over; the end of that where none may."""
        buffer, base, end = self._slicer.buffer, self._slicer.base, self._looked_to
        found = [buffer.find(needle, begin, end - base + _NEEDLE) for needle in self._signs.needles]
        return min((base + at for at in found if at >= 0), default=end)

    def _inspect(self, begin: int, body: bytes) -> bytes:
        """Report control bytes in a segment, and return it without the line breaks of wrapping."""
        offset = self._slicer.base + begin
        control = body.translate(None, self._signs.plain)
        if control and not self._envelope.foreign:
            self._slicer.malformed(Cause.CONTROL_BYTE, offset + body.find(control[:1]), {"byte": control[0]})
        if not self._delimiters.breaks_are_layout or (b"\n" not in body and b"\r" not in body):
            return body
        broken_at = -1 if self._envelope.foreign else self._break_in_data(begin, body)
        if broken_at >= 0:
            self._slicer.malformed(Cause.LINE_BREAK, offset + broken_at)
        return self._delimiters.clean(body)

    def _break_in_data(self, begin: int, body: bytes) -> int:
        """Where a segment has a line break that is not wrapping (at none of the wrap widths); -1 for nowhere."""
        for match in re.finditer(rb"\r?\n|\r", body):
            if body[match.end() - 1] != 0x0A or not self._is_wrapping(begin + match.end() - 1):
                return match.start()
        return -1

    def _is_wrapping(self, line_break: int) -> bool:
        """Whether the line that ends at this index of the buffer has the width of wrapping."""
        buffer, widths = self._slicer.buffer, self._wrap_widths
        if not widths:
            line, column = self._slicer.position(self._slicer.base + line_break)
            if line != self._isa_line:
                return False
            widths.add(column - 1)  # the ISA's line is longer than the lookahead
            return True
        line_start = buffer.rfind(b"\n", max(0, line_break - max(widths) - 1), line_break) + 1
        if line_start:
            return line_break - line_start in widths
        # The line begins before the buffer, with it, or too far away.
        return line_break <= max(widths) and self._slicer.position(self._slicer.base + line_break)[1] - 1 in widths

    def _report_empty(self, offset: int) -> None:
        if not self._envelope.foreign:
            self._slicer.malformed(Cause.EMPTY_SEGMENT, offset)

    def _report_limit(self, offset: int, *, oversize: bool) -> None:
        if self._envelope.foreign:
            return
        limits = self._slicer.limits
        unit, limit = ("byte", limits.segment) if oversize else ("element", limits.elements)
        self._slicer.damage()
        scope = self._slicer.scope
        self._slicer.malformed(Cause.PAST_SEGMENT_LIMIT, offset, {"limit": limit, "unit": unit}, scope=scope)

    # -- the end

    def _finish(self) -> None:
        buffer, end = self._slicer.buffer, self._slicer.base + len(self._slicer.buffer)
        rest = buffer[self._position :].strip(PADDING) if self._envelope.level != OUTSIDE else b""
        inside = bool(rest) or self._in_skipped or self._skip_to > end
        if rest and not self._in_skipped:
            body = self._delimiters.clean(rest)
            if self._envelope.is_whole_trailer(body):
                self._envelope.segment(b"IEA", self._slicer.base + buffer.index(rest, self._position), body)
            else:
                self._take_fragment()
        content = None if self.counts.interchanges else content_of(self._head, self._before_isa)
        self._envelope.end_of_input(end, inside_segment=inside, content=content)
