"""The normal form of a claim: all that a rule may read of it, without whose claim it is and when.

Thousands of claims of a batch bill the same in the same way, and differ in person, number, day and charge. Their normal
form is one, so what the rules say of it holds for all of them. It is a claim in X12, so rules read it as any other:

- NM1, N3, N4, DMG and all else that no rule reads is left out; so are CLM01 and the numbers in REF.
- Days keep their order among themselves and with the days on which rules and facts change; all else of them is lost.
- A charge is one of a free drug, or not. Diagnoses are those on a drug's list, and one for all others.
- A service line with neither NDC nor text is left out where its code is not one that the facts or a rule name.
- A text stays, since it may name a drug; the key has a keyed hash in its place.

Only a claim that is written in the usual way has a normal form. Any other is judged as it is.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from lint837.claims.header import Header, keyed_hash
from lint837.claims.segment import UNREAD, day_of
from lint837.facts.formulary import Formulary
from lint837.x12.delimiters import Delimiters
from lint837.x12.slices import Context, Slice

_TEXTS = frozenset({b"NTE", b"K3"})
_KEPT_REFERENCES = frozenset({b"P4", b"VY", b"F8"})
_FREE, _CHARGE = b"0", b"100"
_FREE_UP_TO = 1.01
_OTHER_DIAGNOSIS = b"R69"  # "illness, unspecified"
_STUDY_DIAGNOSIS = b"Z006"
_DIAGNOSES = frozenset({b"ABK", b"ABF", b"ABJ", b"APR", b"ABN", b"BK", b"BF", b"BJ", b"PR", b"BN"})
_CONDITIONS = b"BG"
_UNUSUAL = b"?"  # in place of what an element of HI says
_FIRST_DAY = date(1900, 1, 1)
_REMEMBERED = 4096
_CODE = re.compile("[A-Z][0-9]{4}|[0-9]{4}[0-9A-Z]")
_CODE_AT = slice(3, 8)  # of a composite in the usual form, HC:J9271
_ORDINALS = [b"%d." % n for n in range(64)]  # of the days of a claim; one with more has no normal form
_L = ord("L")
_OUTLINED, _MANY = 8, 64  # lines of a claim; claims


class NormalForm:
    """The normal form of a claim.

    key: two claims with the same key have the same normal form, but for their texts.
    days: its real days in order, as CCYYMMDD.
    """

    def __init__(self, key: tuple[object, ...], parts: "_Parts", days: list[bytes], marks: list[bytes | None]) -> None:
        self.key = key
        self.days = days
        self._parts = parts
        self._marks = marks

    def normal_days(self) -> list[bytes]:
        """What stands for each of the days: those that are marks as they are, and the first ones after the mark before
        them, in their order.
        """
        normal: list[bytes] = []
        last = b""
        for day, mark in zip(self.days, self._marks, strict=True):
            last = day if mark is None else _next_day(max(mark, last))
            normal.append(last)
        return normal

    def data(self) -> bytes:
        """The claim in X12."""
        normal = dict(zip(self.days, self.normal_days(), strict=True))
        parts = self._parts.all.copy()
        for n in self._parts.days:
            parts[n] = normal[parts[n]]
        return b"".join(parts)


class Outline(NamedTuple):
    """What tells the normal form of a claim whose lines are all written as nearly all are: made in one step, and equal
    only where the normal forms are equal.

    key: two claims with the same key have the same normal form. days: as in NormalForm.
    """

    key: tuple[object, ...]
    days: list[bytes]


class _Marks(dict[bytes, bytes | None]):
    """For each day the last mark before it, None for a mark itself. A KeyError for what is no day."""

    def __init__(self, days: Iterable[date]) -> None:
        super().__init__()
        self._marks = sorted({written(day) for day in days})

    def __missing__(self, day: bytes) -> bytes | None:
        if day_of(day.decode()) is None:
            raise KeyError
        if len(self) >= _REMEMBERED:
            self.clear()
        at = bisect_left(self._marks, day)
        is_mark = at < len(self._marks) and self._marks[at] == day
        self[day] = found = None if is_mark else self._marks[at - 1] if at else b""
        return found


class NormalForms:
    """Makes the normal forms of the claims of a run. `days`: on which a rule changes what it finds. `named`: what rules
    look for besides what the facts name; None where a rule may read any line.
    """

    def __init__(self, formulary: Formulary, days: Iterable[date], named: Iterable[str] | None = ()) -> None:
        self._formulary = formulary
        self._named = None if named is None else " ".join(named).upper()
        self._concerned: dict[bytes, bool] = {}
        self._base = frozenset((*days, *formulary.days))
        self._marks = _Marks(self._base)
        # With a store, only the days of the codes and NDCs in a claim are marks: with those of all drugs hardly any
        # key would be found again.
        self._marks_of: dict[frozenset[date], _Marks] = {self._base: self._marks}
        self._marks_by: dict[tuple[bytes, ...], _Marks] = {}  # by what an outline names
        self._days_of: dict[bytes, frozenset[date]] = {}
        self._indications = sorted(
            {code.encode() for drug in formulary.drugs for code in drug.indications}, key=len, reverse=True
        )
        self._shapes: dict[Delimiters, _Shapes] = {}
        self._delimiters: Delimiters | None = None  # those of the last claim
        self._last: _Shapes | None = None
        self._classes: dict[tuple[bytes, bytes], bytes] = {}

    def of(self, piece: Slice, header: Header, profile: str) -> NormalForm | None:
        """The normal form of a claim slice; None where it is not written in the usual way. `profile`: of its payer."""
        shapes = self._shapes_of(piece)
        parts = shapes.read(piece.data or b"") if shapes else None
        if parts is None or piece.context is None:
            return None
        dated = self._dated([parts.all[n] for n in parts.days], header, self._marks_in(parts.named))
        if dated is None:
            return None
        keyed = parts.all.copy()
        for n, ordinal in zip(parts.days, dated.order, strict=False):
            keyed[n] = _ORDINALS[ordinal]
        for n in parts.texts:
            keyed[n] = keyed_hash(keyed[n])
        created = dated.order[len(parts.days) :]
        key = (b"".join(keyed), created, dated.where, *_above(piece.context, header, profile))
        return NormalForm(key, parts, dated.days, dated.marks)

    def outline(self, piece: Slice, header: Header, profile: str) -> Outline | None:
        """The outline of a claim slice; None where it has none. `profile`: of its payer."""
        shapes = self._shapes_of(piece)
        read = shapes.outline(piece.data or b"") if shapes else None
        if shapes is None or read is None or piece.context is None:
            return None
        same, diagnoses, days = read
        marks = self._marks
        if self._formulary.stored:
            known = self._marks_by
            if same not in known:
                if len(known) >= _REMEMBERED:
                    known.clear()
                known[same] = self._marks_in(shapes.named_in(same))
            marks = known[same]
        dated = self._dated(days, header, marks)
        if dated is None:
            return None
        key = (same, diagnoses, dated.order, dated.where, *_above(piece.context, header, profile))
        return Outline(key, dated.days)

    def _shapes_of(self, piece: Slice) -> "_Shapes | None":
        if piece.context is None or piece.data is None:
            return None
        delimiters = piece.context.delimiters
        if delimiters is self._delimiters:
            return self._last
        if delimiters not in self._shapes:
            self._shapes[delimiters] = _Shapes(delimiters, self._diagnoses, self._concerns)
        self._delimiters, self._last = delimiters, self._shapes[delimiters]
        return self._last

    def _concerns(self, code: bytes) -> bool:
        """Whether a rule may have something to say of a line with this code that has neither an NDC nor a text."""
        known = self._concerned
        if code not in known:
            if len(known) >= _REMEMBERED:
                known.clear()
            text, stored = code.decode(), self._formulary.stored
            known[code] = (
                self._named is None
                or text in self._named
                or not _CODE.fullmatch(text)
                or self._formulary.is_code(text)
                or (stored is not None and stored.is_looked_for(text))
            )
        return known[code]

    @staticmethod
    def _dated(written_days: Sequence[bytes], header: Header, marks_here: _Marks) -> "_Dated | None":
        """What the days of a claim are to each other and to the marks; None where one of them is no day, and where they
        are too many.
        """
        created = (written(header.created),) if header.created else ()
        days = sorted({*written_days, *created})
        if len(days) > len(_ORDINALS):
            return None
        try:
            marks = [*map(marks_here.__getitem__, days)]
        except KeyError:
            return None
        order = tuple(map(days.index, (*written_days, *created)))
        # Of a mark it counts which it is; of another day, which mark is before it.
        where: tuple[object, ...] = tuple(marks)
        if None in where:
            where = (tuple([mark or day for day, mark in zip(days, marks, strict=True)]), *where)
        return _Dated(days, marks, order, where)

    def _marks_in(self, named: Iterable[bytes]) -> _Marks:
        """The marks of a claim: those of all, and those of the codes and NDCs of the store that it has."""
        if not self._formulary.stored:
            return self._marks
        known, days = self._days_of, self._base
        for written in named:
            if written not in known:
                if len(known) >= _REMEMBERED:
                    known.clear()
                known[written] = self._formulary.days_of(written.decode())
            days |= known[written]
        if days not in self._marks_of:
            if len(self._marks_of) >= _REMEMBERED:
                self._marks_of.clear()
            self._marks_of[days] = _Marks(days)
        return self._marks_of[days]

    def _diagnoses(self, elements: Sequence[bytes], component: bytes) -> bytes | None:
        """What an HI says of diagnoses and conditions, as one."""
        known, found = self._classes, set()
        for element in elements:
            said = known.get((element, component))
            if said is None:
                if len(known) >= _REMEMBERED:
                    known.clear()
                said = known[element, component] = self._class_of(element, component)
            if said is _UNUSUAL:
                return None
            found.add(said)
        return b"*".join(sorted(filter(None, found)))

    def _class_of(self, element: bytes, component: bytes) -> bytes:
        """What a diagnosis or condition is for the rules; b"" for nothing, _UNUSUAL if it is not written as usual."""
        qualifier, _, rest = element.partition(component)
        code = rest.partition(component)[0]
        if not (qualifier.isalnum() and len(qualifier) <= 3 and (code.replace(b".", b"").isalnum() or not code)):
            return _UNUSUAL
        if qualifier in _DIAGNOSES:
            code = code.upper().replace(b".", b"")
            if code != _STUDY_DIAGNOSIS:
                # The longest beginning of a code that is on a list tells which others are.
                code = next((one for one in self._indications if code.startswith(one)), _OTHER_DIAGNOSIS)
            return b"ABK" + component + code
        return qualifier + component + code if qualifier == _CONDITIONS and code == b"30" else b""


class _Dated(NamedTuple):
    """The days of a claim and the one on which the file was made: the distinct ones in order, the marks before them, of
    each its number in that order, and all that a key says of them besides.
    """

    days: list[bytes]
    marks: list[bytes | None]
    order: tuple[int, ...]
    where: tuple[object, ...]


def _above(context: Context, header: Header, profile: str) -> tuple[object, ...]:
    """What a key says of all that is above the claim."""
    return (
        header.is_encounter,
        header.is_padded,
        header.is_predetermination,
        header.claim_filing_code,
        profile,
        context.guide,
        context.delimiters,
    )


class _Parts:
    """The parts of a normal form as they are read, and which of them are days, and which are texts.

    named: the procedure codes and NDCs.
    after_lx: whether the last segment was an LX.
    """

    __slots__ = ("after_lx", "all", "days", "has_lines", "named", "texts")

    def __init__(self) -> None:
        self.all: list[bytes] = []
        self.days: list[int] = []
        self.texts: list[int] = []
        self.named: list[bytes] = []
        self.has_lines = False
        self.after_lx = False

    def add_day(self, day: bytes) -> None:
        """Add a day."""
        self.days.append(len(self.all))
        self.all.append(day)

    def add_text(self, text: bytes) -> None:
        """Add a text."""
        self.texts.append(len(self.all))
        self.all.append(text)


class _Usual:
    """Claims of so many lines, all in the usual form. match: a whole claim. same: of its groups the kind of bill and
    what the lines bill; days: their days.
    """

    def __init__(self, head: bytes, line: bytes, lines: int) -> None:
        self.match = re.compile(head + line * lines).fullmatch
        firsts = range(2, 2 + 4 * lines, 4)
        self.same: Callable[[Sequence[bytes]], tuple[bytes, ...]] = itemgetter(
            0, *(first + n for first in firsts for n in (0, 1, 3))
        )
        days = [first + 2 for first in firsts]
        self.days: Callable[[Sequence[bytes]], tuple[bytes, ...]] = (
            itemgetter(*days) if lines > 1 else lambda groups: (groups[days[0]],)
        )


class _Shapes:
    """The usual forms of segments with one set of delimiters."""

    def __init__(
        self,
        delimiters: Delimiters,
        diagnoses: Callable[[Sequence[bytes], bytes], bytes | None],
        concerns: Callable[[bytes], bool],
    ) -> None:
        self._delimiters = delimiters
        self._diagnoses = diagnoses
        self._concerns = concerns
        self._lx = b"LX" + delimiters.element
        self._lx1 = b"LX" + delimiters.element + b"1" + delimiters.terminator
        self._clm = b"CLM" + delimiters.element + b"1" + delimiters.element + b"1" + delimiters.element * 3
        self._hi = b"HI" + delimiters.element
        e, c, t = map(re.escape, (delimiters.element, delimiters.component, delimiters.terminator))
        self._after = rb"(?:\r?\n)?" if delimiters.breaks_are_layout else b""
        end = t + self._after
        self._end = re.compile(end)
        # The procedure code without its text; the text; the charge; basis, units and place or rate; what no rule reads
        # where it is in its place, in which no code and no NDC can be.
        plain = rb"HC%s[A-Z0-9]{5}(?:%s[A-Z0-9]{0,2}){0,4}" % (c, c)
        composite = rb"(%s)(%s[^%s%s%s]*)?" % (plain, c, e, c, t)
        money = rb"([0-9]{1,8}(?:\.[0-9]{1,2})?)"
        short = rb"((?:%s[A-Z0-9.]{0,8}){0,3}+)" % e
        more = rb"(?:%s(?:[0-9]{0,8}|[A-Z]{1,2}))*" % e
        pointers = rb"(?:%s%s[0-9]{1,2}(?:%s[0-9]{1,2}){0,3}%s)?" % (e, e, c, more)
        rest = rb"(?(2)%s|%s)" % (more, pointers)
        service = rb"(SV1|(SV2)%s[0-9]{0,4})%s%s%s%s%s%s" % (e, e, composite, e, money, short, rest)
        date_of_service = rb"(DTP%s472%s)(?:(D8%s)([0-9]{8})|(RD8%s)([0-9]{8})-([0-9]{8}))" % (e, e, e, e)
        left_out = rb"REF%s(?!N4|P4|VY|F8)[A-Z0-9]{1,3}+%s[^%s]*+" % (e, e, t)
        lin = rb"LIN%s[0-9]{0,6}%s[A-Z0-9]{0,2}%s[0-9-]{0,13}" % (e, e, e)
        ctp = rb"CTP(?:%s[A-Z0-9.]{0,10}){3}%s[0-9.]{1,10}%s[A-Z0-9]{2}" % (e, e, e)
        # A service line in the usual order, as far as it goes.
        below = rb"%s(?:%s%s)*+((?:%s%s%s%s)?)" % (end, left_out, end, lin, end, ctp, end)
        self._line = re.compile(rb"LX%s[0-9]{1,6}%s%s%s%s%s" % (e, end, service, end, date_of_service, below))
        # One of a day, with a charge of two dollars or more: what it bills, the units, the day, the drug.
        dollars = rb"(?:[2-9]|[1-9][0-9]{1,7})(?:\.[0-9]{1,2})?"
        self._usual_lines = [
            rb"LX%s[0-9]{1,6}%s(%s%s%s)%s%s%s%s%sDTP%s472%sD8%s([0-9]{8})%s"
            % (e, end, begins, e, plain, e, dollars, short, after, end, e, e, e, below)
            for begins, after in ((b"SV1", pointers), (rb"SV2%s[0-9]{0,4}" % e, more))
        ]
        passed = rb"(?:(?:%s)%s[^%s]*+%s|%s%s)*+" % (b"|".join(sorted(UNREAD)), e, t, end, left_out, end)
        # A claim up to its first line in the usual order, as far as it goes.
        self._head_text = rb"CLM(?:%s[^%s%s]*+){4}+%s([A-Z0-9]{0,2}%s[A-Z]?%s[0-9A-Z]?)[^%s]*+%s%sHI%s([^%s]*+)%s%s" % (
            *(e, e, t, e, c, c, t, end, passed, e, t, end, passed),
        )
        self._head = re.compile(self._head_text)
        self._plain = re.compile(rb"(?:%s(?:[A-Z]{0,2}|[0-9.]{0,6}))*" % e)  # what names no drug
        self._usual: dict[tuple[int, bool, bool], _Usual | int] = {}
        self._service = re.compile(service)
        self._date = re.compile(date_of_service.replace(b"472", b"(?:472|434)"))
        self._other_date = re.compile(rb"DTP%s(?!472|434)[0-9]{3}%s" % (e, e))
        self._drug = re.compile(rb"%s|%s" % (lin, ctp))
        self._lx_form = re.compile(rb"LX%s[0-9]{1,6}" % e)
        self._bill = re.compile(rb"[A-Z0-9]{0,2}%s[A-Z]?%s[0-9A-Z]?" % (c, c))
        self._word = re.compile(rb"[A-Z0-9]{1,3}")

    def outline(self, data: bytes) -> tuple[tuple[bytes, ...], bytes, tuple[bytes, ...]] | None:
        """Of a claim with an outline: what its lines bill, its diagnoses as one, and its days. The pattern for claims
        with so many lines is made when there are many of them.
        """
        lines, institutional = data.count(self._lx), b"SV2" in data
        if not 0 < lines <= _OUTLINED:
            return None
        shape = lines, institutional, b"\n" in data
        usual = self._usual.get(shape, 0)
        if isinstance(usual, int):
            if usual < _MANY:
                self._usual[shape] = usual + 1
                return None
            after = b"" if shape[2] else self._after
            head, line = (text.replace(after, b"") for text in (self._head_text, self._usual_lines[institutional]))
            usual = self._usual[shape] = _Usual(head, line, lines)
        found = usual.match(data)
        if found is None:
            return None
        groups = found.groups()
        diagnoses = self._diagnoses(groups[1].split(self._delimiters.element), self._delimiters.component)
        return None if diagnoses is None else (usual.same(groups), diagnoses, usual.days(groups))

    def named_in(self, same: tuple[bytes, ...]) -> Iterator[bytes]:
        """The procedure codes and NDCs of an outline."""
        for service, drug in zip(same[1::3], same[3::3], strict=True):
            yield service.partition(b"HC" + self._delimiters.component)[2][:5]
            if drug:
                yield self._ndc_of(drug)

    def _ndc_of(self, drug: bytes) -> bytes:
        return drug.split(self._delimiters.terminator, 1)[0].split(self._delimiters.element)[3]

    def read(self, data: bytes) -> _Parts | None:
        """The parts of a claim's normal form; None where it has none."""
        parts, terminator = _Parts(), self._delimiters.terminator
        at, size, width, line, layout = (
            0,
            len(data),
            len(terminator),
            self._line.match,
            self._delimiters.breaks_are_layout,
        )
        head = self._head.match(data)
        if head:
            bill, diagnoses = head.groups()
            parts.all += (self._clm, bill, terminator)
            if not self._add_diagnoses(parts, diagnoses):
                return None
            at = head.end()
        while at < size:
            found = line(data, at) if data[at] == _L else None
            if found:
                at = found.end()
                if not self._add_line(parts, found, is_all=at == size or data.startswith(self._lx, at)):
                    return None
                continue
            end = data.find(terminator, at)
            if end < 0 or not self._add(parts, data[at:end]):
                return None
            parts.after_lx = data[at] == _L and data.startswith(b"LX", at)
            at = end + width
            if layout and at < size and data[at] in b"\r\n":
                at += 2 if data[at : at + 2] == b"\r\n" else 1
        return parts

    def _add_line(self, parts: _Parts, found: re.Match[bytes], *, is_all: bool) -> bool:
        """Add a service line, which is whole with `is_all`."""
        e, t, every = self._delimiters.element, self._delimiters.terminator, parts.all
        service, _, composite, text, charge, more, dated, single, day, ranged, first, last, drug = found.groups()
        parts.has_lines = True
        named = text or drug or not is_all or self._concerns(composite[_CODE_AT])
        if not named and self._plain.fullmatch(more):
            return True
        parts.named.append(composite[_CODE_AT])
        if drug:
            parts.named.append(self._ndc_of(drug))
        every += (self._lx1, service, e, composite)
        if text:
            parts.add_text(text)
        every += (e, _class_of(charge), more, t, dated, single or ranged)
        if single:
            parts.days.append(len(every))
            every += (day, t, drug)
            return True
        usual = self._add_range(parts, first, last)
        every += (t, drug)
        return usual

    def _add(self, parts: _Parts, segment: bytes) -> bool:
        """Add a segment; False where it is not written in a usual way."""
        e = self._delimiters.element
        segment_id, _, rest = segment.partition(e)
        add = parts.all.append
        if segment_id in UNREAD:
            return True
        if segment_id == b"REF":
            qualifier, _, number = rest.partition(e)
            if qualifier == b"N4" or not self._word.fullmatch(qualifier):
                return False
            if qualifier not in _KEPT_REFERENCES:
                return True
            add(b"REF" + e + qualifier + e + (b"1" if number.strip() else b""))
        elif segment_id == b"LX":
            if not self._lx_form.fullmatch(segment):
                return False
            parts.has_lines = True
            add(b"LX" + e + b"1")
        elif segment_id in (b"SV1", b"SV2"):
            found = self._service.fullmatch(segment) if parts.after_lx else None
            if found is None:
                return False
            service, _, composite, text, charge, more = found.groups()
            parts.named.append(composite[_CODE_AT])
            add(service + e + composite)
            if text:
                parts.add_text(text)
            add(e + _class_of(charge) + more)
        elif segment_id == b"DTP":
            found = self._date.fullmatch(segment)
            if found is None:
                return bool(self._other_date.match(segment))
            dated, single, day, ranged, first, last = found.groups()
            add(dated + (single or ranged))
            if single:
                parts.add_day(day)
            elif not self._add_range(parts, first, last):
                return False
        elif segment_id in (b"LIN", b"CTP"):
            if not parts.has_lines or not self._drug.fullmatch(segment):
                return False
            if segment_id == b"LIN":
                parts.named.append(rest.split(e)[2])
            add(segment)
        elif segment_id in _TEXTS:
            parts.add_text(segment)
        elif segment_id == b"HI":
            return self._add_diagnoses(parts, rest)
        elif segment_id == b"SBR":
            filing = (rest.split(e) + [b""] * 9)[8]
            if parts.has_lines or len(filing) > 2 or not (filing.isalnum() or not filing):
                return False
            add(b"SBR" + e * 9 + filing)
        elif segment_id == b"CLM":
            bill = (rest.split(e) + [b""] * 5)[4]
            if parts.all or not self._bill.fullmatch(bill):
                return False
            add(self._clm)
            add(bill)
        else:
            return False
        add(self._delimiters.terminator)
        return True

    def _add_diagnoses(self, parts: _Parts, written: bytes) -> bool:
        """Add what an HI says."""
        said = self._diagnoses(written.split(self._delimiters.element), self._delimiters.component)
        if said is not None:
            parts.all += (self._hi, said.replace(b"*", self._delimiters.element), self._delimiters.terminator)
        return said is not None

    @staticmethod
    def _add_range(parts: _Parts, first: bytes, last: bytes) -> bool:
        """Add a range of days; False where it ends before it begins."""
        parts.add_day(first)
        parts.all.append(b"-")
        parts.add_day(last)
        return first <= last


def _class_of(charge: bytes) -> bytes:
    """One of the charges that rules distinguish: that of a free drug, up to 1.01, or more."""
    return _CHARGE if float(charge) > _FREE_UP_TO else _FREE


@lru_cache(_REMEMBERED)
def written(day: date) -> bytes:
    """A day as CCYYMMDD."""
    return b"%04d%02d%02d" % (day.year, day.month, day.day)


@lru_cache(_REMEMBERED)
def _next_day(text: bytes) -> bytes:
    """The day after one; b"" is before any."""
    day = day_of(text.decode())
    return written(day + timedelta(1) if day else _FIRST_DAY)
