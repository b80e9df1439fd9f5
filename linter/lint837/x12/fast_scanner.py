"""The fast scanner: one vectorized look at a buffer that finds plain slices, in which there is nothing to report.

The reader uses it inside a claim set if the buffer is large. It reads segment by segment whatever the scan does not
call plain. So the scan never reports anything: it only proves that there is nothing to report in a slice.
A plain slice is an hl22, hl23 or claim slice that

- is followed by HL, CLM or SE; holds no empty, malformed, long or misplaced segment, no control byte, no line break
  except after a terminator, and nothing that may be an embedded envelope;
- as an HL is numbered one above the HL before it, and has a parent above zero and below itself;
- as a claim has LX*1 on its first LX only, SV1 or SV2 after each LX, and no LIN or CTP before the first one; as an HL
  has no service line.

The caller knows the guide and the separator: it asks where a service line of the other guide is, and looks at the
composites itself.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from mmap import mmap
from typing import NamedTuple

import numpy as np
from ahocorasick_rs import BytesAhoCorasick, MatchKind
from numpy.typing import NDArray

from lint837.x12.delimiters import ISA_LOOKAHEAD, Delimiters, parse_isa
from lint837.x12.prefilter import CASE, Prefilter, folded
from lint837.x12.slices import SHARED_CLAIMS, Context, Limits, Run, Share

_Bytes = NDArray[np.uint8]
_Indices = NDArray[np.intp]
_Flags = NDArray[np.bool_]
_Numbers = NDArray[np.uint64]
_Spoil = Callable[[_Indices], None]

# Classes of segments, by their id; 0 is not known yet. What is below _HL begins no slice.
_PLAIN, _DRUG, _SV1, _SV2, _LX, _FIRST_LX, _HL, _CLM, _SE, _STOP, _BAD = range(1, 12)
_CLASS_OF = {b"SV1": _SV1, b"SV2": _SV2, b"LX": _LX, b"HL": _HL, b"CLM": _CLM, b"SE": _SE}
_CLASS_OF |= dict.fromkeys((b"LIN", b"CTP"), _DRUG)
_CLASS_OF |= dict.fromkeys((b"ISA", b"IEA", b"GS", b"GE", b"ST"), _STOP)
# The ids of the guides, so that they need not be learned.
_USUAL = frozenset(
    b"AMT BHT CAS CLM CN1 CR1 CR2 CR3 CRC CTP DMG DTP GE GS HCP HI HL IEA ISA K3 LIN LQ LX MEA MIA MOA N3 N4 NM1 NTE "
    b"OI PAT PER PRV PS1 PWK QTY REF SBR SE ST SV1 SV2 SVD TOO".split()
)
_ID_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_IDS = 1 << 24  # what three bytes may be
_SHORTEST = 6  # bytes of a segment on average: shorter ones are not those of claims, and would take much memory
_SOME = 8  # segments that are measured together
_NO_WORD = b"\x01\x01\x01"  # which no plain slice holds
_ALIKE = 7  # buffers that are not searched after one in which the prefilter wants most claims
_FEED, _RETURN, _L = 10, 13, ord("L")
_CLAIM, _OTHER = 0, 255  # in place of a level
_KINDS = {_CLAIM: "claim", 22: "hl22", 23: "hl23"}
_FAR = 1 << 62
_HL_REACH = 24  # bytes from the beginning of an HL that may be looked at, whatever its length
# glibc gives free memory back to the system at once and then faults in each page of the next buffer again, which takes
# as long as the scan. After a block of nearly 32 MiB was freed, it keeps what it has.
bytearray(31 * 1024 * 1024)
_ONES, _SEVENS = np.uint64(0x0101010101010101), np.uint64(0x7F7F7F7F7F7F7F7F)
_LIN_SIZE = 19  # bytes of a LIN with an NDC of eleven digits
_CODE = re.compile(b"[A-Za-z0-9]{5}")
_SLOTS, _SPREAD = 14, np.uint64(0x9E3779B97F4A7C15)  # bits of a slot's number, and what makes it of a word
_COMPOSITES = ((_SV1, len("SV1*")), (_SV2, len("SV2*0636*")))  # where the procedure code's composite begins


@dataclass(frozen=True, slots=True)
class Scan:
    """The slices that a buffer holds from one segment on, by their number.

    text: what was scanned: the buffer, or a part of it without the line breaks of a hard-wrapped file.
    starts: the index in the text at which each slice begins, and at which the last one ends.
    begins: the same as indices of the buffer.
    first: the number in the scan of its first segment.
    claims: how many claims begin before it.
    levels: 22 or 23 for an HL, 0 for a claim, 255 for anything else.
    hl: HL01.
    subscribers, dependents: the slices that are hl22, hl23, in order.
    not_plain: the slices that are not plain, in order.
    wanted: the plain claims that the prefilter wants, in order.
    lines: how many line breaks follow each segment, 0 or 1; None where this differs.
    services: the number in the scan and the class of the segments that are not plain ones.
    wrapping: how the buffer is hard-wrapped, if it is.
    """

    text: bytes
    starts: _Indices
    begins: _Indices
    first: _Indices
    claims: _Indices
    levels: _Bytes
    hl: NDArray[np.int64]
    subscribers: _Indices
    dependents: _Indices
    not_plain: _Indices
    wanted: _Indices
    lines: int | None
    services: tuple[_Indices, _Bytes]
    wrapping: "Wrapping | None" = None
    _with: dict[bytes, _Indices] = field(default_factory=dict)

    def at(self, index: int) -> int:
        """The number of the slice that begins at an index of the buffer, one past the last at its end; -1 for none."""
        number = int(np.searchsorted(self.begins, index))
        return number if number < len(self.begins) and self.begins[number] == index else -1

    def holding(self, index: int) -> int:
        """The number of the slice that holds an index of the text."""
        return int(np.searchsorted(self.starts, index, "right")) - 1

    def run(self, number: int, stop: int, base: int, context: Context) -> Iterator[Run]:
        """The slices from `number` up to `stop` as a run, if there are any. `base`: the offset of the buffer."""
        if number < stop:
            starts, offsets = self.starts[number : stop + 1].tolist(), (self.begins[number : stop + 1] + base).tolist()
            claims = int(self.claims[stop] - self.claims[number])
            levels = self.levels[number:stop].tolist()
            yield Run(offsets[0], offsets[-1], claims, self.text, starts, offsets, levels, context)

    def plain_to(self, number: int, highest_hl: int, other_service: bytes) -> int:
        """The first slice from `number` on that is not plain or has an `other_service`, SV1 or SV2, or the end. The
        highest HL01 before is `highest_hl`: where slices before were not plain, the HL that the scan saw there may be
        one of another transaction set, or one out of order.
        """
        stop = min(_next(self.not_plain, number), len(self.levels))
        if other_service:
            stop = min(stop, _next(self._slices_with(other_service), number))
        level = min(_next(self.subscribers, number), _next(self.dependents, number))
        return level if level < stop and self.hl[level] != highest_hl + 1 else stop

    def _slices_with(self, service: bytes) -> _Indices:
        """The slices that have an SV1 or SV2, in order."""
        found = self._with.get(service)
        if found is None:
            numbers, kinds = self.services
            there = _where(numbers, kinds == _CLASS_OF[service])
            found = np.searchsorted(self.first, there, "right") - 1
            self._with[service] = found
        return found

    def between(self, number: int, stop: int, claim: int, share: Share | None) -> "Passed":
        """The slices from `number` up to `stop`, which are all plain. Of a share only the wanted claims, the levels
        that they come under, and the levels that what follows comes under. `claim`: the ordinal of the first claim.
        """
        if share is None:
            chosen = np.arange(number, stop)
        else:
            begin, end = np.searchsorted(self.wanted, (number, stop))
            below = self.wanted[begin:end]
            if share.parts > 1:
                ordinals = self.claims[below] + (claim - self.claims[number])
                below = below[ordinals // SHARED_CLAIMS % share.parts == share.part]
            below = np.append(below, stop - 1)
            above, dependents = _last(self.subscribers, below), _last(self.dependents, below)
            chosen = _distinct(np.concatenate((below[:-1], above, dependents[dependents > above])))
            chosen = chosen[chosen >= number]
        kinds = [_KINDS[level] for level in self.levels[chosen].tolist()]
        starts, ends = self.begins[chosen].tolist(), self.begins[chosen + 1].tolist()
        first = (self.first[chosen] - self.first[number]).tolist()
        segments = (self.first[chosen + 1] - self.first[chosen]).tolist()
        claims = (self.claims[chosen] - self.claims[number]).tolist()
        subscriber = int(_last(self.subscribers, np.array([stop - 1]))[0])
        return Passed(
            map(Piece, kinds, starts, ends, first, segments, claims),
            int(self.begins[stop]),
            int(self.first[stop] - self.first[number]),
            int(self.claims[stop] - self.claims[number]),
            int(self.begins[subscriber]) if subscriber >= number else -1,
            int(self.hl[number:stop].max()),
        )


class Piece(NamedTuple):
    """A slice among those that are passed over.

    start, end: indices in the buffer.
    segment, segments: how many segments are before it, and in it.
    claim: how many claims are before it.
    """

    kind: str
    start: int
    end: int
    segment: int
    segments: int
    claim: int


class Passed(NamedTuple):
    """Plain slices that are passed over together.

    pieces: the slices to hand out.
    end: the index in the buffer at which they end.
    segments, claims: how many they are.
    subscriber: the index of their last hl22, -1 for none.
    highest_hl: their highest HL01.
    """

    pieces: Iterable[Piece]
    end: int
    segments: int
    claims: int
    subscriber: int
    highest_hl: int


class Wrapping:
    """The part of a buffer that is hard-wrapped at one width, without its line breaks.

    text: that part, from a segment on.
    """

    def __init__(self, text: bytes, begin: int, first: int, width: int, line_break: int) -> None:
        """The part begins at index `begin` of the buffer, `first` bytes into a line of `width` bytes, to which
        `line_break` more are added.
        """
        self.text = text
        self._begin, self._first, self._width, self._line_break = begin, first, width, line_break

    @classmethod
    def of(cls, buffer: bytes, begin: int, column: int, widths: Collection[int]) -> "Wrapping | None":
        """How a buffer is wrapped from `begin` on, which is in a `column` (0-based) of its line. None where its lines,
        whose feeds are to be at one of the `widths`, do not all have the same width.
        """
        feed = buffer.find(b"\n", begin)
        width = feed - begin + column
        if feed < 0 or width not in widths:
            return None
        line_break = 1 + (feed > begin and buffer[feed - 1] == _RETURN)
        step = width + 1
        feeds = np.frombuffer(buffer, np.uint8)[feed::step] == _FEED
        lines = int(len(feeds) if feeds.all() else feeds.argmin())
        last = feed + (lines - 1) * step + 1  # which may be a shorter line
        end = buffer.find(b"\n", last, last + step)
        end = last if end >= 0 else min(len(buffer), last + step - line_break)
        text = buffer[begin:end].replace(b"\r\n" if line_break > 1 else b"\n", b"")
        if len(text) + lines * line_break != end - begin or b"\n" in text:
            return None
        return cls(text, begin, column, step - line_break, line_break)

    def fitting(self, limit: int) -> int:
        """How many bytes of the text are surely at most `limit` bytes of the buffer."""
        return (limit - self._line_break) * self._width // (self._width + self._line_break)

    def line_of(self, index: int) -> tuple[int, int]:
        """The number of the line that holds an index of the buffer, 0 for the first one, and how many bytes of it are
        before the index.
        """
        return divmod(index - self._begin + self._first, self._width + self._line_break)

    def indices(self, places: _Indices) -> _Indices:
        """Indices of the text as indices of the buffer."""
        return self._begin + places + (places + self._first) // self._width * self._line_break


class FastScanner:
    """Scans buffers that are written with one set of delimiters."""

    def __init__(self, delimiters: Delimiters, limits: Limits, prefilter: Prefilter | None) -> None:
        """`prefilter` decides which claims are wanted; without it all are."""
        self._element = delimiters.element[0]
        self._terminator = delimiters.terminator[0]
        self._longest = min(limits.segment, limits.elements)  # bytes of a segment, which has no more elements
        self._largest = limits.slice
        self._prefilter = prefilter
        e = delimiters.element
        self._codes = _Codes(b"HC" + delimiters.component, prefilter) if prefilter else None
        self._lin = np.uint64(int.from_bytes(b"LIN" + e * 2 + b"N4" + e, "little"))
        self._envelopes = [b"ISA", b"GS" + e + b"HC" + e, b"ST" + e + b"837" + e]
        whole, stems = (prefilter.whole_words(), prefilter.stems()) if prefilter else ([], [])
        # Words in capitals and in small letters would be too many for the quickest search, so all are folded.
        words = [*map(folded, self._envelopes), _NO_WORD, *whole, *stems]
        self._search = BytesAhoCorasick(words, matchkind=MatchKind.LeftmostFirst)
        # For only three words the library picks a search that takes a hundred times as long as the one for four.
        self._search_envelopes = BytesAhoCorasick(words[: len(self._envelopes) + 1], matchkind=MatchKind.LeftmostFirst)
        self._unsearched = 0  # how many of the next buffers are taken to be as full of wanted claims as one before
        # For each word: whether it is looked for as a whole, and whether an envelope may begin in it. The search would
        # not find that envelope, since its hits do not overlap.
        self._whole = np.array([word in whole for word in words])
        self._hides = np.array([n >= len(self._envelopes) and self._may_hide(word) for n, word in enumerate(words)])
        # The class of a segment by its first three bytes, learned as they come. Few pages of the table are used, and
        # only these are zeroed.
        self._classes = np.frombuffer(mmap(-1, _IDS), np.uint8)
        for segment_id in _USUAL:
            word = (segment_id + e)[:3]
            self._classes[int.from_bytes(word, "little")] = self._class_of(word)

    @staticmethod
    def can_read(delimiters: Delimiters) -> bool:
        """Whether the terminator and the separators are one printable byte each: with others no scan is made."""
        return all(len(one) == 1 and 32 < one[0] < 127 for one in delimiters if one is not delimiters.repetition)

    def scan(self, buffer: bytes, begin: int, highest_hl: int, wrapping: Wrapping | None = None) -> Scan | None:
        """The slices from the segment at `begin` on; None where there is no whole one. The HL01s before are at most
        `highest_hl`. `wrapping`: how the buffer is hard-wrapped.
        """
        if wrapping is None:
            return self._scan(buffer, begin, highest_hl, self._longest, self._largest)
        longest, largest = wrapping.fitting(self._longest), wrapping.fitting(self._largest)
        scan = self._scan(wrapping.text, 0, highest_hl, longest, largest)
        if scan is None:
            return None
        return replace(scan, begins=wrapping.indices(scan.starts), lines=None, wrapping=wrapping)

    def _scan(self, buffer: bytes, begin: int, highest_hl: int, longest: int, largest: int) -> Scan | None:
        """`longest`, `largest`: the most bytes of a plain segment and slice."""
        data = np.frombuffer(buffer, np.uint8)
        ends = np.flatnonzero(data == self._terminator)
        ends = ends[np.searchsorted(ends, begin) :]
        if not len(ends) or len(ends) * _SHORTEST > len(data) - begin:
            return None
        starts, breaks, lines = _segments(data, ends, begin)
        classes, fourth = self._classify(data, starts)
        notable = np.flatnonzero(classes > _DRUG)
        kinds = classes.take(notable)
        lx = np.flatnonzero(kinds == _LX)
        lx_segments = notable.take(lx)
        self._number_lines(fourth.take(lx_segments), data, starts.take(lx_segments), lx, kinds)
        opens = np.flatnonzero((kinds >= _HL) & (kinds < _BAD))
        first, opening = notable.take(opens), kinds.take(opens)
        slices = len(first) - 1
        if slices < 1:
            return None
        bounds = starts.take(first)
        plain = ((opening[:-1] == _HL) | (opening[:-1] == _CLM)) & (opening[1:] != _STOP)
        plain &= np.diff(bounds) <= largest

        def spoil(segments: _Indices) -> None:
            """Mark the slices that hold these segments, or end where one of them begins, as not plain."""
            if not len(segments):
                return
            for side in ("right", "left"):
                numbers = np.searchsorted(first, segments, side) - 1
                plain[numbers[(numbers >= 0) & (numbers < slices)]] = False

        spoil(_where(notable, kinds == _BAD))
        _check_services(notable, kinds, spoil)
        _check_lines(classes, lx_segments, spoil)
        drugs = np.flatnonzero(classes == _DRUG)
        _check_drugs(drugs, notable, kinds, spoil)
        if max(ends[0] - begin, np.diff(ends[::_SOME], append=ends[-1]).max()) > longest:
            spoil(np.flatnonzero(ends[: len(starts)] - starts > longest))
        _check_bytes(buffer, data, starts, ends, breaks, spoil)
        levels, hl = self._levels(buffer, bounds, opening, highest_hl, plain)
        look = np.searchsorted(first, self._to_look_at(buffer, starts, drugs, notable, kinds), "right") - 1
        wanted = self._wanted(buffer, bounds, levels, plain, look)
        claims = np.zeros(slices + 1, np.intp)
        np.cumsum(opening[:-1] == _CLM, out=claims[1:])
        return Scan(
            text=buffer,
            starts=bounds,
            begins=bounds,
            first=first,
            claims=claims,
            levels=levels,
            hl=hl,
            subscribers=np.flatnonzero(levels == 22),
            dependents=np.flatnonzero(levels == 23),
            not_plain=np.flatnonzero(~plain),
            wanted=wanted,
            lines=lines,
            services=(notable, kinds),
        )

    # -- segments

    def _classify(self, data: _Bytes, starts: _Indices) -> tuple[_Bytes, _Bytes]:
        """The classes of segments, and their fourth bytes."""
        # Byte by byte: words that are not aligned are read at half that speed.
        first, second, third, fourth = (data[n:].take(starts) for n in range(4))
        ids = first | second.astype(np.uint32) << np.uint32(8) | third.astype(np.uint32) << np.uint32(16)
        classes: _Bytes = self._classes.take(ids)
        if not classes.all():
            for word in set(ids[classes == 0].tolist()):
                self._classes[word] = self._class_of(word.to_bytes(3, "little"))
            classes = self._classes.take(ids)
        # After three letters the id must end.
        classes[(fourth != self._element) & (third != self._element)] = _BAD
        return classes, fourth

    def _number_lines(self, fourth: _Bytes, data: _Bytes, begins: _Indices, lx: _Indices, kinds: _Bytes) -> None:
        """Find each LX*1 among the LX, the `kinds[lx]`, whose `fourth` byte comes after the separator. An LX01 that may
        be 1 but is written in another way is for the closer look.
        """
        digit = fourth - np.uint8(0x30)
        kinds[_where(lx, digit - np.uint8(1) > 8)] = _BAD
        ones = np.flatnonzero(digit == 1)
        after = data[4:].take(begins.take(ones))
        more = after - np.uint8(0x30) < 10
        kinds[lx.take(ones)] = np.where(after == self._terminator, _FIRST_LX, np.where(more, _LX, _BAD))

    def _class_of(self, word: bytes) -> int:
        """The class of a segment by its first three bytes: an id, or one of two letters and the separator."""
        segment_id = word.removesuffix(bytes([self._element]))
        return _CLASS_OF.get(segment_id, _PLAIN) if _ID_BYTES.issuperset(segment_id) and len(segment_id) > 1 else _BAD

    # -- levels

    def _levels(
        self, buffer: bytes, bounds: _Indices, opening: _Bytes, highest_hl: int, plain: _Flags
    ) -> tuple[_Bytes, NDArray[np.int64]]:
        """Levels and HL01 of the slices. An HL out of order is marked as not plain."""
        slices = len(plain)
        levels = np.where(opening[:-1] == _CLM, _CLAIM, _OTHER).astype(np.uint8)
        hl = np.zeros(slices, np.int64)
        at = np.flatnonzero(opening[:-1] == _HL)
        outside = bounds[at] + _HL_REACH > len(buffer)
        plain[at[outside]] = False
        at = at[~outside]
        if not len(at):
            return levels, hl
        eights = _eights(buffer)
        begin = bounds[at] + 3
        number, digits = self._number(eights[begin])
        begin += digits + 1
        parent, parent_digits = self._number(eights[begin])
        begin += parent_digits + 1
        word = _fours(buffer)[begin]
        level, after = word & np.uint32(0xFFFF), (word >> np.uint32(16)) & np.uint32(0xFF)
        right = (number > 0) & ((after == self._element) | (after == self._terminator))
        # One above the HL before it, in the same transaction set.
        sets = np.cumsum(opening >= _SE)[at]
        follows = np.zeros(len(at), np.bool_)
        follows[1:] = (number[1:] == number[:-1] + 1) & (number[:-1] > 0) & (sets[1:] == sets[:-1])
        follows[0] = 0 < number[0] <= highest_hl + 1 and sets[0] == 0
        right &= follows & (parent > 0) & (parent < number)
        levels[at[right & (level == 0x3232)]] = 22
        levels[at[right & (level == 0x3332)]] = 23
        hl[at] = number
        plain &= levels != _OTHER
        return levels, hl

    def _number(self, words: _Numbers) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The number that each word of eight bytes begins with, up to an element separator, and its count of digits;
        -1 for what is no number of at most seven digits.
        """
        usual = words[-1]
        others = np.flatnonzero(words != usual)
        if len(others) + 1 < len(words) // 2:  # the parents, where one provider bills
            few, their_digits = self._number(np.append(words[others], usual))
            numbers, lengths = few[-1:].repeat(len(words)), their_digits[-1:].repeat(len(words))
            numbers[others], lengths[others] = few[:-1], their_digits[:-1]
            return numbers, lengths
        # The byte of the separator becomes zero, and only the lowest zero byte is looked for.
        zero = _zeros(words ^ (_ONES * np.uint64(self._element)))
        digits = np.bitwise_count((zero & (~zero + np.uint64(1))) - np.uint64(1)).astype(np.int64) >> 3
        found = (zero != 0) & (digits > 0)
        digits[~found] = 1
        # The digits at the top of the word, filled up with the digit 0 from below.
        shift = (8 * (8 - digits)).astype(np.uint64)
        text = (words << shift) | ((_ONES * np.uint64(0x30)) >> (np.uint64(64) - shift))
        found &= _are_digits(text)
        value = text - _ONES * np.uint64(0x30)
        # Put together by twos, by fours, by eight.
        for ten, bits, mask in ((10, 8, 0x00FF00FF00FF00FF), (100, 16, 0x0000FFFF0000FFFF), (10000, 32, 0xFFFFFFFF)):
            value = (value * np.uint64(ten) + (value >> np.uint64(bits))) & np.uint64(mask)
        return np.where(found, value.astype(np.int64), -1), digits

    # -- wanted claims

    def _to_look_at(
        self, buffer: bytes, starts: _Indices, drugs: _Indices, notable: _Indices, kinds: _Bytes
    ) -> _Indices:
        """The SV1 and SV2 with a code of the prefilter's family, and those in which a code or an NDC may be torn: all
        but LIN with eleven digits after N4, SV1 and SV2 with five letters and digits after HC, and SV2 without a code.
        `drugs`: the LIN and CTP.
        """
        if self._codes is None or self._unsearched > 0:
            return drugs[:0]
        data, eights = np.frombuffer(buffer, np.uint8), _eights(buffer)
        lins = _where(drugs, data.take(starts.take(drugs)) == _L)
        at = starts.take(lins)
        near = int(np.searchsorted(at, len(buffer) - _LIN_SIZE))
        found = [lins[near:]]
        lins, at = lins[:near], at[:near]
        after = data.take(at + _LIN_SIZE)
        usual = (eights[at] == self._lin) & _are_digits(eights[at + 8]) & _are_digits(eights[at + 11])
        found.append(lins[~(usual & ((after == self._terminator) | (after == self._element)))])
        for kind, width in _COMPOSITES:
            services = _where(notable, kinds == kind)
            at = starts.take(services) + width
            near = int(np.searchsorted(at, len(eights)))
            found.append(services[near:])
            services, at = services[:near], at[:near]
            word = eights[at]
            look = self._codes.of(word)
            if kind == _SV2:
                look &= (word & np.uint64(0xFF)) != self._element
                look |= data.take(at - 1) != self._element
            found.append(_where(services, look))
        return np.concatenate(found)

    def _wanted(self, buffer: bytes, bounds: _Indices, levels: _Bytes, plain: _Flags, look: _Indices) -> _Indices:
        """The plain claims that the prefilter wants, or all of them where it wants nearly all. A slice that an embedded
        envelope may cut is marked as not plain. `look`: slices that are looked at whatever is found in them.
        """
        every = self._prefilter is None or self._unsearched > 0
        text = (np.frombuffer(buffer, np.uint8) | np.uint8(CASE)).data
        hits = (self._search_envelopes if every else self._search).find_matches_as_indexes(text)
        words, begins = np.array([hit[0] for hit in hits], np.intp), np.array([hit[1] for hit in hits], np.intp)
        numbers = np.searchsorted(bounds, begins, "right") - 1
        slices = len(plain)
        envelopes = np.flatnonzero(words < len(self._envelopes))
        found = zip(words[envelopes].tolist(), numbers[envelopes].tolist(), begins[envelopes].tolist(), strict=True)
        cut = [
            number
            for word, number, at in found
            if buffer.startswith(self._envelopes[word], at) and (word or _may_be_isa(buffer, at))
        ]
        for number in set(numbers[(numbers >= 0) & self._hides[words]].tolist()):
            end = int(bounds[number + 1]) if number < slices else len(buffer)
            if self._may_hold_envelope(buffer, int(bounds[number]), end):
                cut.append(number)
        for number in cut:
            # One that begins in the segment that ends a slice cuts that slice too.
            plain[max(0, number - 1) : max(0, number + 1)] = False
        claims = plain & (levels == _CLAIM)
        if every or self._prefilter is None:
            self._unsearched = max(0, self._unsearched - 1)
            return np.flatnonzero(claims)
        inside = (numbers >= 0) & (numbers < slices)
        inside[inside] = claims[numbers[inside]]
        surely = set(numbers[inside & self._whole[words]].tolist())
        look = look[(look >= 0) & (look < slices)]
        perhaps = set(numbers[inside].tolist()).union(look[claims[look]].tolist()) - surely
        wanted = surely.union(
            n for n in perhaps if self._prefilter.found_in(buffer, int(bounds[n]), int(bounds[n + 1]))
        )
        if 2 * len(wanted) > np.count_nonzero(claims):
            self._unsearched = _ALIKE
        return np.array(sorted(wanted), np.intp)

    def _may_hide(self, word: bytes) -> bool:
        """Whether an envelope may begin inside a word."""
        ends = [word[at:] for at in range(1, len(word))]
        envelopes = [folded(one) for one in self._envelopes]
        return any(one.startswith(end) or end.startswith(one) for one in envelopes for end in ends)

    def _may_hold_envelope(self, buffer: bytes, start: int, end: int) -> bool:
        isa, gs, st = self._envelopes
        at = buffer.find(isa, start, end)
        while at >= 0:
            if _may_be_isa(buffer, at):
                return True
            at = buffer.find(isa, at + 1, end)
        return buffer.find(gs, start, end) >= 0 or buffer.find(st, start, end) >= 0


class _Codes:
    """Which procedure codes are to be looked at: those of the prefilter's family, and what is no code. A code is found
    with its qualifier as a word of eight bytes, in a table in which each has one slot, or else is learned.
    """

    def __init__(self, qualifier: bytes, prefilter: Prefilter) -> None:
        """`qualifier`: HC and the component separator."""
        self._qualifier = qualifier
        self._is_of_family = prefilter.is_of_family
        self._words = np.zeros(1 << _SLOTS, np.uint64)
        self._looks = np.ones(1 << _SLOTS, np.bool_)

    def of(self, words: _Numbers) -> _Flags:
        """For each word whether it is to be looked at."""
        slots = _slots(words)
        looks = self._looks.take(slots)
        unknown = np.flatnonzero(self._words.take(slots) != words)
        if len(unknown):
            looks[unknown] = self._learn(words.take(unknown), slots.take(unknown))
        return looks

    def _learn(self, words: _Numbers, slots: _Indices) -> _Flags:
        """The same for words that are not in their slots, where those come that have room."""
        known = {word: self._look(word.to_bytes(8, "little")) for word in set(words.tolist())}
        new = np.array([*known], np.uint64)
        places = _slots(new)
        self._words[places], self._looks[places] = new, [*known.values()]
        looks = self._looks.take(slots)
        without = np.flatnonzero(self._words.take(slots) != words)  # another one has their slot
        looks[without] = [known[word] for word in words.take(without).tolist()]
        return looks

    def _look(self, word: bytes) -> bool:
        code = word.removeprefix(self._qualifier)
        return not _CODE.fullmatch(code) or self._is_of_family(code)


def _slots(words: _Numbers) -> _Indices:
    """The numbers of the slots in which words are looked for."""
    return ((words * _SPREAD) >> np.uint64(64 - _SLOTS)).astype(np.intp)


def _may_be_isa(buffer: bytes, at: int) -> bool:
    """Whether an ISA may begin there. The end of a name such as LISA is rejected, but not at the end of a buffer."""
    unsure = at + ISA_LOOKAHEAD > len(buffer)
    return not buffer[at + 3 : at + 4].isalnum() and (unsure or parse_isa(buffer, at) is not None)


def _zeros(words: _Numbers) -> _Numbers:
    """The highest bit of each byte that is zero."""
    return ~(((words & _SEVENS) + _SEVENS) | words | _SEVENS)


def _are_digits(words: _Numbers) -> _Flags:
    """Whether each word of eight bytes is eight digits."""
    value = words - _ONES * np.uint64(0x30)
    found: _Flags = ((value | (value + _ONES * np.uint64(0x76))) & ~_SEVENS) == 0
    return found


def _where(numbers: _Indices, flags: _Flags) -> _Indices:
    """The numbers that are flagged. Where hardly any is, this is quicker than to index by the flags."""
    return numbers.take(np.flatnonzero(flags))


def _next(numbers: _Indices, number: int) -> int:
    """The first of the `numbers` that is not below a number; a large number for none."""
    at = int(np.searchsorted(numbers, number))
    return int(numbers[at]) if at < len(numbers) else _FAR


def _last(numbers: _Indices, slices: _Indices) -> _Indices:
    """The last of the `numbers` up to each slice, -1 for none."""
    return np.append(-1, numbers).take(np.searchsorted(numbers, slices, "right"))


def _distinct(numbers: _Indices) -> _Indices:
    """The different numbers, in order. For a few numbers this does without np.unique, which takes a while to load."""
    return np.array(sorted(set(numbers.tolist())), np.intp)


def _fours(buffer: bytes) -> NDArray[np.uint32]:
    """The little-endian words of four bytes that begin at each byte."""
    return np.ndarray((len(buffer) - 3,), np.dtype("<u4"), buffer, strides=(1,))


def _eights(buffer: bytes) -> _Numbers:
    """The little-endian words of eight bytes that begin at each byte."""
    return np.ndarray((len(buffer) - 7,), np.dtype("<u8"), buffer, strides=(1,))


def _segments(data: _Bytes, ends: _Indices, begin: int) -> tuple[_Indices, int, int | None]:
    """Where the segments begin that end at `ends`; how many bytes of line breaks are between them, -1 where no byte is
    below a blank; how many lines end after each: 0, 1, or None where this differs. A segment in the last bytes, of
    which no whole word can be read, is left out.
    """
    starts = np.empty(len(ends), np.intp)
    starts[0] = begin
    after = np.add(ends[:-1], 1, out=starts[1:])
    broken = len(after) > 0 and data[after[0]] < 32
    if not broken and data[begin : ends[-1]].min(initial=32) >= 32:
        return _readable(starts, len(data)), -1, 0
    following = data.take(after)
    feed = following == 10
    if feed.all():
        after += 1
        return _readable(starts, len(data)), len(feed), 1
    both = following == 13
    both[both] = data[after[both] + 1] == 10
    width = feed + 2 * both.astype(np.intp)
    after += width
    breaks = int(width.sum())
    return _readable(starts, len(data)), breaks, 0 if not breaks else 1 if (feed | both).all() else None


def _readable(starts: _Indices, size: int) -> _Indices:
    """Those with eight bytes after their beginning."""
    return starts[: int(np.searchsorted(starts, size - 7))]


def _check_bytes(buffer: bytes, data: _Bytes, starts: _Indices, ends: _Indices, breaks: int, spoil: _Spoil) -> None:
    """Spoil the segments that hold a control byte. `breaks`: bytes of line breaks between them, -1 where no byte is
    below a blank.
    """
    begin, end = int(starts[0]), int(ends[-1])
    window = data[begin:end]
    if breaks >= 0 and np.count_nonzero(window < 32) != breaks:
        control = np.flatnonzero(window < 32) + begin
        numbers = np.searchsorted(starts, control, "right") - 1
        spoil(numbers[control < ends[numbers]])
    if buffer.find(b"\x7f", begin, end) >= 0:
        spoil(np.searchsorted(starts, np.flatnonzero(window == 0x7F) + begin, "right") - 1)


def _check_services(notable: _Indices, kinds: _Bytes, spoil: _Spoil) -> None:
    """Spoil the service segments outside claims, and an LX*1 that is not the first LX of its claim."""
    before = np.append(np.uint8(_STOP), kinds[:-1])
    service = (kinds >= _SV1) & (kinds <= _FIRST_LX)
    spoil(_where(notable, service & ((before == _HL) | (before >= _SE))))
    late = (kinds == _FIRST_LX) & (before != _CLM)
    if late.any():  # unless only an SV1 or SV2 comes before it
        others = np.flatnonzero(kinds > _SV2)
        notable, kinds = notable[others], kinds[others]
        before = np.append(np.uint8(_CLM), kinds[:-1])
        spoil(notable[(kinds == _FIRST_LX) & (before != _CLM)])


def _check_lines(classes: _Bytes, lines: _Indices, spoil: _Spoil) -> None:
    """Spoil each LX that is not followed by SV1 or SV2. One that ends the buffer is in no whole slice."""
    following = classes[1:].take(lines, mode="clip") - np.uint8(_SV1)
    if following.max(initial=0) > _SV2 - _SV1:
        spoil(_where(lines, following > _SV2 - _SV1))


def _check_drugs(drugs: _Indices, notable: _Indices, kinds: _Bytes, spoil: _Spoil) -> None:
    """Spoil each LIN and CTP that is not behind a line of a claim."""
    before = np.searchsorted(notable, drugs) - 1
    spoil(drugs[(before >= 0) & (kinds.take(before) >= _HL)])
