"""The normal form of a claim: all that a rule may read of it, without whose claim it is and when.

Thousands of claims of a batch bill the same in the same way, and differ in person, number, day and charge. Their normal
form is one, so what the rules say of it holds for all of them. It is a claim in X12, so rules read it as any other:

- NM1, N3, N4, DMG and all else that no rule reads is left out; so are CLM01 and the numbers in REF.
- Days keep their order among themselves and with the days on which rules and facts change; all else of them is lost.
- A charge is one of a free drug, or not. Diagnoses are those on a drug's list, and one for all others.
- A service line with neither NDC nor text is left out where its code is not one that the facts or a rule name.
- A text stays, since it may name a drug; the key has a keyed hash in its place.

What is left out can stand in two ways: a second instance differs from the first in each number, charge, diagnosis and
day. What rules say of both alike, they say of every claim with this normal form.

Only a claim that is written in the usual way has a normal form. Any other is judged as it is.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache, partial
from itertools import combinations
from operator import itemgetter
from typing import NamedTuple

from lint837.claims.header import Header, keyed_hash
from lint837.claims.segment import UNREAD, day_of
from lint837.facts.formulary import Formulary
from lint837.x12.delimiters import Delimiters
from lint837.x12.slices import Context, Slice

_TEXTS = frozenset({b"NTE", b"K3"})
_KEPT_REFERENCES = frozenset({b"P4", b"VY", b"F8"})
_FREE_UP_TO = 1.01
_OTHER_DIAGNOSIS = b"R69"  # "illness, unspecified"
_STUDY_DIAGNOSIS = b"Z006"
_DIAGNOSES = frozenset({b"ABK", b"ABF", b"ABJ", b"APR", b"ABN", b"BK", b"BF", b"BJ", b"PR", b"BN"})
_CONDITIONS = b"BG"
_UNUSUAL = b"?"  # in place of what an element of HI says
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
_REMEMBERED = 4096
_CODE = re.compile("[A-Z][0-9]{4}|[0-9]{4}[0-9A-Z]")
_CODE_AT = slice(3, 8)  # of a composite in the usual form, HC:J9271
_ORDINALS = [b"%d." % n for n in range(64)]  # of the days of a claim; one with more has no normal form
_L = ord("L")
_VISIT = b"99213"  # a code that no rule is about
_OUTLINED, _MANY = 8, 64  # lines of a claim; claims


class Instance(NamedTuple):
    """A claim in X12 with some normal form; what stands in it for each day of the claim that the form was made of; and
    how many service lines it has before those of the form.
    """

    data: bytes
    days: list[bytes]
    lines_before: int = 0


class NormalForm:
    """The normal form of a claim.

    key: two claims with the same key have the same normal form, but for their texts.
    days: its real days in order, as CCYYMMDD.
    lines: the ordinals of the claim's service lines that are in it.
    has_texts: whether there is a text in it.
    """

    def __init__(
        self,
        key: tuple[object, ...],
        parts: "_Parts",
        dated: "_Dated",
        marks: "_Marks",
        other: Callable[[], "_Parts | None"],
    ) -> None:
        """`marks`: those of its days. `other`: reads the parts of a second instance."""
        self.key = key
        self.days = dated.days
        self.lines = parts.lines
        self.has_texts = bool(parts.texts)
        self._parts = parts
        self._dated = dated
        self._marks = marks
        self._other = other

    def instance(self) -> Instance:
        """The claim. Days that are marks are as they are, others the first ones after the mark before them, in their
        order.
        """
        normal: list[bytes] = []
        last = b""
        for day, mark in zip(self.days, self._dated.marks, strict=True):
            last = day if mark is None else _next_day(max(mark, last))
            normal.append(last)
        return self._parts.instance(self.days, normal)

    def other_instance(self) -> Instance | None:
        """A second claim with this normal form, in which all that is left out is another: also each day that is no
        mark, which is near the next mark, and how far it is from any other day. None where there is no room for that.
        """
        parts, first = self._other(), [*map(date_of, self.instance().days)]
        other: list[date] = []
        following, step = _LAST_DAY, 1
        for day, mark in zip(reversed(first), reversed(self._dated.marks), strict=True):
            if mark is not None:
                step += 1
                following = min(self._marks.after(mark), following) - timedelta(step)
                if following <= day:
                    return None
            else:
                following = day
            other.insert(0, following)
        pairs = combinations(zip(first, other, self._dated.marks, strict=True), 2)
        if parts is None or any(
            two[0] - one[0] == two[1] - one[1] and (one[2], two[2]) != (None, None) for one, two in pairs
        ):
            return None
        return parts.instance(self.days, [*map(written, other)])


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

    def after(self, mark: bytes) -> date:
        """The next mark after one."""
        at = bisect_right(self._marks, mark)
        return date_of(self._marks[at]) if at < len(self._marks) else _LAST_DAY

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
        self._marks_by: dict[bytes, _Marks] = {}  # by what an outline names
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
        if shapes is None or piece.context is None or piece.data is None:
            return None
        parts = shapes.read(piece.data)
        if parts is None:
            return None
        marks = self._marks_in(parts.named)
        dated = self._dated([parts.all[n] for n in parts.days], header, marks)
        if dated is None:
            return None
        keyed = parts.all.copy()
        for n, ordinal in zip(parts.days, dated.order, strict=False):
            keyed[n] = _ORDINALS[ordinal]
        for n in parts.texts:
            keyed[n] = keyed_hash(keyed[n])
        created = dated.order[len(parts.days) :]
        key = (b"".join(keyed), created, dated.where, *_above(piece.context, header, profile))
        return NormalForm(key, parts, dated, marks, partial(shapes.read, piece.data, other=True))

    def outline(self, piece: Slice, header: Header, profile: str) -> Outline | None:
        """The outline of a claim slice; None where it has none. `profile`: of its payer."""
        shapes = self._shapes_of(piece)
        read = shapes.outline(piece.data or b"") if shapes else None
        if shapes is None or read is None or piece.context is None:
            return None
        same, diagnoses, days = read
        said = shapes.joint.join(same)  # one text takes a third of the room of its parts
        marks = self._marks
        if self._formulary.stored:
            known = self._marks_by
            if said not in known:
                if len(known) >= _REMEMBERED:
                    known.clear()
                known[said] = self._marks_in(shapes.named_in(same))
            marks = known[said]
        dated = self._dated(days, header, marks)
        if dated is None:
            return None
        key = (said, diagnoses, dated.order, dated.where, *_above(piece.context, header, profile))
        return Outline(key, dated.days)

    def _shapes_of(self, piece: Slice) -> "_Shapes | None":
        if piece.context is None or piece.data is None:
            return None
        delimiters = piece.context.delimiters
        if delimiters is self._delimiters:
            return self._last
        if delimiters not in self._shapes:
            self._shapes[delimiters] = _Shapes(delimiters, self._diagnoses, self._other_diagnoses, self._concerns)
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

    def _other_diagnoses(self, said: bytes, component: bytes) -> bytes | None:
        """Other diagnoses and conditions of which an HI says the same; None where there are none."""
        others: list[bytes] = []
        for one in said.split(b"*"):
            if not one or one.endswith(_STUDY_DIAGNOSIS) or not one.startswith(b"ABK"):
                others.append(one)
                continue
            longer = [one + b"%d" % digit for digit in range(10)]
            alike = [another for another in longer if self._class_of(another, component) == one]
            if len(alike) < 2:
                return None
            others += alike[:2]
        return b"*".join(others)

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
    lines: the ordinals of the service lines that are among them, of so many (`seen`).
    other: whether what is left out stands as in the second instance.
    after_lx: whether the last segment was an LX.
    """

    __slots__ = ("after_lx", "all", "days", "has_lines", "lines", "lines_before", "named", "other", "seen", "texts")

    def __init__(self, *, other: bool) -> None:
        self.other = other
        self.lines: list[int] = []
        self.seen = self.lines_before = 0
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

    def charge(self, charge: bytes) -> bytes:
        """One of the charges that rules distinguish: that of a free drug, up to 1.01, or more."""
        is_free = float(charge) <= _FREE_UP_TO
        if self.other:
            return b"1" if is_free else b"%d.05" % (271 + len(self.all))  # each is another
        return b"0" if is_free else b"100"

    def instance(self, days: Iterable[bytes], normal: list[bytes]) -> Instance:
        """A claim of these parts, with other days."""
        stands, parts = dict(zip(days, normal, strict=True)), self.all.copy()
        for n in self.days:
            parts[n] = stands[parts[n]]
        return Instance(b"".join(parts), normal, self.lines_before)


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
        other_diagnoses: Callable[[bytes, bytes], bytes | None],
        concerns: Callable[[bytes], bool],
    ) -> None:
        self._delimiters = delimiters
        # Between texts in which there are no small letters, unless one is a delimiter.
        self.joint = next(one for one in (b"a", b"b", b"c", b"d", b"e") if one not in delimiters)
        self._diagnoses = diagnoses
        self._other_diagnoses = other_diagnoses
        self._concerns = concerns
        self._lx = b"LX" + delimiters.element
        # By whether it is for the second instance.
        self._numbered = self._lx + b"1", self._lx + b"47"
        self._lx_begins = tuple(lx + delimiters.terminator for lx in self._numbered)
        self._clm = tuple(delimiters.element.join((b"CLM", n, n, b"", b"", b"")) for n in (b"1", b"47"))
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

    def read(self, data: bytes, *, other: bool = False) -> _Parts | None:
        """The parts of a claim's normal form, or those of its second instance; None where it has none."""
        parts, terminator = _Parts(other=other), self._delimiters.terminator
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
            parts.all += (self._clm[other], bill, terminator)
            if not self._add_diagnoses(parts, diagnoses):
                return None
            at = head.end()
        while at < size:
            if other and not parts.has_lines and data.startswith(self._lx, at) and not self._add_visit(parts, data):
                return None
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
        parts.seen += 1
        named = text or drug or not is_all or self._concerns(composite[_CODE_AT])
        if not named and self._plain.fullmatch(more):
            return True
        parts.lines.append(parts.seen)
        parts.named.append(composite[_CODE_AT])
        if drug:
            parts.named.append(self._ndc_of(drug))
        every += (self._lx_begins[parts.other], service, e, composite)
        if text:
            parts.add_text(text)
        every += (e, parts.charge(charge), more, t, dated, single or ranged)
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
            add(b"REF" + e + qualifier + e + ((b"47" if parts.other else b"1") if number.strip() else b""))
        elif segment_id == b"LX":
            if not self._lx_form.fullmatch(segment):
                return False
            parts.has_lines = True
            parts.seen += 1
            parts.lines.append(parts.seen)
            add(self._numbered[parts.other])
        elif segment_id in (b"SV1", b"SV2"):
            found = self._service.fullmatch(segment) if parts.after_lx else None
            if found is None:
                return False
            service, _, composite, text, charge, more = found.groups()
            parts.named.append(composite[_CODE_AT])
            add(service + e + composite)
            if text:
                parts.add_text(text)
            add(e + parts.charge(charge) + more)
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
            add(self._clm[parts.other])
            add(bill)
        else:
            return False
        add(self._delimiters.terminator)
        return True

    def _add_diagnoses(self, parts: _Parts, written: bytes) -> bool:
        """Add what an HI says."""
        said = self._diagnoses(written.split(self._delimiters.element), self._delimiters.component)
        if said is not None and parts.other:
            said = self._other_diagnoses(said, self._delimiters.component)
        if said is not None:
            parts.all += (self._hi, said.replace(b"*", self._delimiters.element), self._delimiters.terminator)
        return said is not None

    def _add_visit(self, parts: _Parts, data: bytes) -> bool:
        """Add a service line that is left out of normal forms; False where a rule may read it."""
        e, t = self._delimiters.element, self._delimiters.terminator
        service = b"SV2" + e + b"0510" if b"SV2" in data else b"SV1"
        code = b"HC" + self._delimiters.component + _VISIT
        parts.all.append(self._lx + b"46" + t + e.join((service, code, b"85", b"UN", b"1")) + t)
        parts.all.append(e.join((b"DTP", b"472", b"D8", written(_LAST_DAY))) + t)
        parts.lines_before = 1
        return not self._concerns(_VISIT)

    @staticmethod
    def _add_range(parts: _Parts, first: bytes, last: bytes) -> bool:
        """Add a range of days; False where it ends before it begins."""
        parts.add_day(first)
        parts.all.append(b"-")
        parts.add_day(last)
        return first <= last


@lru_cache(_REMEMBERED)
def written(day: date) -> bytes:
    """A day as CCYYMMDD."""
    return b"%04d%02d%02d" % (day.year, day.month, day.day)


@lru_cache(_REMEMBERED)
def date_of(day: bytes) -> date:
    """The day that `written` wrote."""
    return date(int(day[:4]), int(day[4:6]), int(day[6:]))


@lru_cache(_REMEMBERED)
def _next_day(text: bytes) -> bytes:
    """The day after one; b"" is before any."""
    day = day_of(text.decode())
    return written(day + timedelta(1) if day else _FIRST_DAY)
