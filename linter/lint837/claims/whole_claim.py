"""A claim with all that is in it and above it, for the rules about every claim: providers, payers, people, diagnoses.

A Claim shows what the rules about drugs may see; a WholeClaim shows every loop. It holds texts only, and places are
made where there is something to say: these rules read each claim of a batch, and most claims are right.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from lint837.claims.header import FileFacts, Header, Headers
from lint837.claims.layout import Frame, Layouts, LineFrame
from lint837.claims.lazy import lazy
from lint837.claims.loops import name_of_loop
from lint837.claims.segment import SHORT, Period, Place, Segment, period_of_texts, plain_decimal, segments_of
from lint837.facts.payers import UNKNOWN_PAYER, PayerProfile
from lint837.facts.settings import INPATIENT_TYPES
from lint837.x12.delimiters import Delimiters, text_of
from lint837.x12.slices import Context, Slice

_REMEMBERED = 4096
_EMPTY = [""]
_POINTABLE = frozenset({"ABK", "ABF", "BK", "BF"})
# A member id tells its person. What rules may read of it: where it has digits, letters of Medicare's numbers, others.
_LETTERS, _OTHERS = "ACDEFGHJKMNPQRTUVWXY", "BILOSZ"
_FORM_OF_NUMBER = str.maketrans(
    {
        **dict.fromkeys("0123456789", "0"),
        **dict.fromkeys(_LETTERS, "A"),
        **dict.fromkeys(_LETTERS.lower(), "a"),
        **dict.fromkeys(_OTHERS, "B"),
        **dict.fromkeys(_OTHERS.lower(), "b"),
    }
)
_TOTAL = "0001"  # the revenue code of the total of a paper form
_PAYERS_ORDER = "PSTABCDEFGH"  # SBR01: the first payer, the second, ...
LAYOUTS = {kind: Layouts(kind) for kind in ("claim", "st", "hl20", "hl22", "hl23")}


class Row:
    """A segment: its elements, the id first.

    texts: all elements. line: the ordinal of the service line that it is in, 0 for none.
    """

    __slots__ = ("_number", "_source", "texts")

    def __init__(self, texts: list[str], number: int, source: "Source") -> None:
        self.texts = texts
        self._number = number
        self._source = source

    @property
    def id(self) -> str:
        """The segment's id."""
        return self.texts[0]

    @property
    def line(self) -> int:
        """The ordinal of the service line that it is in, 0 for none."""
        return self._source.layout.line_of[self._number]

    def element(self, element: int, component: int = 0) -> str:
        """An element (1-based), or one of its components, without blanks around it; "" where missing."""
        texts = self.texts
        if not component:
            return texts[element].strip() if element < len(texts) else ""
        parts = self.components(element)
        return parts[component - 1].strip() if component <= len(parts) else ""

    def components(self, element: int) -> list[str]:
        """The components of an element, with their blanks; none where it is missing."""
        return self.texts[element].split(self._source.component) if element < len(self.texts) else []

    @property
    def separator(self) -> str:
        """The component separator."""
        return self._source.component

    def at(self, element: int = 0, component: int = 0) -> Place:
        """The place of an element or component; by default that of the whole segment."""
        return self._source.segment(self._number).at(element, component, line=self.line)

    @property
    def ordinal(self) -> int:
        """The number of its segment in the transaction set; ST is 1."""
        return self._source.first + self._number

    @property
    def period(self) -> Period | None:
        """The day or range of a DTP (D8, RD8); None where it is no calendar date, or reversed."""
        texts = self.texts
        return period_of_texts(texts[2], texts[3]) if len(texts) > 3 else None


@lru_cache
def _decoded(delimiters: Delimiters, encoding: str) -> tuple[str, str, str]:
    """The terminator of segments, and the separators of elements and of components."""
    return (
        delimiters.terminator.decode(encoding),
        delimiters.element.decode(encoding),
        text_of(delimiters.component) if encoding == "utf-8" else delimiters.component.decode(encoding),
    )


class Source:
    """A slice, cut into the texts of its segments.

    cut: those of each segment. layout: which segments are in which loop. first: the ordinal of the first one.
    delimiters: those of its interchange. component: the component separator as a text.
    """

    def __init__(self, piece: Slice, delimiters: Delimiters, *, padded: bool) -> None:
        self._piece = piece
        self.delimiters = delimiters
        self._padded = padded
        self.first = piece.segment
        data = delimiters.unwrapped(piece.data or b"")
        try:
            text, (terminator, separator, self.component) = data.decode(), _decoded(delimiters, "utf-8")
        except UnicodeDecodeError:
            text, (terminator, separator, self.component) = data.decode("latin-1"), _decoded(delimiters, "latin-1")
        layouts = LAYOUTS[piece.kind]
        cut = [part.split(separator) for part in text.split(terminator)]
        layout = layouts.known(cut) if cut.pop() == _EMPTY else None
        if layout is None:
            if _EMPTY in cut or not "".join([texts[0] for texts in cut]).isalnum() or not text.endswith(terminator):
                parts = [part.strip(" \t\r\n") for part in text.split(terminator)]
                cut = [part.split(separator) for part in parts if part]
            layout = layouts.of(cut)
        self.cut = cut
        self.layout = layout

    def row(self, number: int) -> Row:
        """One of its segments, as texts."""
        return Row(self.cut[number], number, self)

    def segment(self, number: int) -> Segment:
        """One of its segments, with its place in the file."""
        raw = self._raw
        while len(raw) <= number:
            raw.append(next(self._rest))
        return Segment(*raw[number], self.delimiters)

    @lazy
    def _raw(self) -> list[tuple[bytes, bytes, int, int]]:
        return []

    @lazy
    def _rest(self) -> Iterator[tuple[bytes, bytes, int, int]]:
        """Those after the ones whose place is known; each is found once."""
        return segments_of(self._piece.data or b"", self._piece, self.delimiters, padded=self._padded)


_NOTHING = Slice("st", 0, 0, 1, 0, 0, 0, 0, "", b"", damaged=False, context=None)
_NO_SOURCE = Source(_NOTHING, Delimiters(b"*", b":", b"^", b"~"), padded=False)


class Loop:
    """A loop of the guide: its own segments, and the loops of names (NM1) in it. Its rows are made when they are asked
    for.

    outer: the loop of the guide that it is in, or its own: a header slice such as "hl20", or "2300".
    """

    def __init__(self, frame: Frame | None = None, source: Source | None = None, guide: str = "837P") -> None:
        self._frame = frame or Frame("")
        self._source = source or _NO_SOURCE
        self.guide = guide

    @property
    def outer(self) -> str:
        """The loop of the guide that it is in, or its own: a header slice such as "hl20", or "2300"."""
        return self._frame.outer

    @property
    def name(self) -> str:
        """That of the guide, such as "2010AA"."""
        first = self.rows[0] if self.rows else None
        return name_of_loop(self.outer, first.element(1) if first and first.id == "NM1" else "", self.guide)

    @lazy
    def rows(self) -> list[Row]:
        """Its own segments."""
        return [*map(self._source.row, self._frame.numbers)]

    @lazy
    def entities(self) -> "list[Loop]":
        """The loops of names in it."""
        return [Loop(frame, self._source, self.guide) for frame in self._frame.names]

    @property
    def first(self) -> Row:
        """Its first segment."""
        return self._source.row(self._frame.numbers[0])

    def all(self, segment_id: str, qualifier: str = "") -> list[Row]:
        """Its own segments with an id, and with a qualifier (element 1) where one is given."""
        found = [row for row in self.rows if row.texts[0] == segment_id]
        return [row for row in found if row.element(1) == qualifier] if qualifier and found else found

    def one(self, segment_id: str, qualifier: str = "") -> Row | None:
        """The first of them."""
        first = self._frame.firsts.get(segment_id)
        if first is None:
            return None
        return next(iter(self.all(segment_id, qualifier)), None) if qualifier else self._source.row(first)

    def entity(self, *codes: str) -> "Loop | None":
        """The first loop of a name with one of these codes (NM101)."""
        named = self._frame.named
        frames = [named[code] for code in codes if code in named]
        if not frames:
            return None
        first = frames[0] if len(frames) == 1 else min(frames, key=_begin)
        return Loop(first, self._source, self.guide)


def _begin(frame: Frame) -> int:
    return frame.numbers[0]


class OtherPayer(Loop):
    """Another payer of the claim (loop 2320), with its names (2330)."""

    @property
    def responsibility(self) -> str:
        """SBR01: P, S, T, ..."""
        return self.rows[0].element(1)

    @lazy
    def paid(self) -> Row | None:
        """What it paid, AMT*D."""
        return self.one("AMT", "D")

    @lazy
    def payer_id(self) -> str:
        """NM109 of its name (2330B)."""
        payer = self.entity("PR")
        return payer.rows[0].element(9) if payer else ""

    @lazy
    def adjudicated(self) -> Row | None:
        """Its DTP*573 (2330B)."""
        payer = self.entity("PR")
        return payer.one("DTP", "573") if payer else None


class LineLoop(Loop):
    """A service line (loops 2400 to 2440).

    ordinal: its number in the claim, 1-based. institutional: the line has an SV2. has_other_service: it has an SV3 or
    SV5.
    """

    def __init__(self, frame: LineFrame, source: Source, guide: str) -> None:
        super().__init__(frame, source, guide)
        self._line = frame
        self.ordinal = frame.ordinal
        self.institutional = frame.institutional
        self.has_other_service = frame.has_other_service

    @lazy
    def service(self) -> Row | None:
        """Its SV1 or SV2."""
        return self._row(self._line.service)

    @lazy
    def date_row(self) -> Row | None:
        """Its first DTP*472."""
        return self._row(self._line.dates[0] if self._line.dates else None)

    @lazy
    def control(self) -> Row | None:
        """Its control number in the billing system, REF*6R."""
        return self._row(self._line.control)

    def _row(self, number: int | None) -> Row | None:
        return None if number is None else self._source.row(number)

    @lazy
    def adjudications(self) -> list[Loop]:
        """Its loops 2430, each from its SVD."""
        return [Loop(frame, self._source, self.guide) for frame in self._line.adjudications]

    @property
    def shift(self) -> int:
        """By how much the elements of its SV2 come after those of an SV1."""
        return 1 if self.institutional else 0

    @lazy
    def procedure(self) -> Sequence[str]:
        """The components of SV101 or SV202 without blanks around them; those after the sixth are free text."""
        service = self.service
        element = 1 + self.shift
        if service is None or element >= len(service.texts):
            return ()
        return _components(service.texts[element], service.separator)

    @property
    def code(self) -> str:
        """The procedure code as written, SV101-2 or SV202-2."""
        return self.procedure[1] if len(self.procedure) > 1 else ""

    @property
    def modifiers(self) -> Sequence[str]:
        """SV101-3 to -6 or SV202-3 to -6 as written; "" where one is left out."""
        return self.procedure[2:6]

    @lazy
    def charge(self) -> Decimal | None:
        """SV102 or SV203, also below 0; None where it is no number."""
        return amount_of(self.service.element(2 + self.shift)) if self.service else None

    @lazy
    def period(self) -> Period | None:
        """The date of service of its DTP*472; None where there is none, or it cannot be read."""
        return self.date_row.period if self.date_row else None

    def at_service(self, professional: int, component: int = 0) -> Place:
        """The place of an element of the SV1, and of the same one of the SV2, which comes one later."""
        row = self.service or self.rows[0]
        return row.at(professional + self.shift if self.service else 0, component)


class HiCode(NamedTuple):
    """A code of an HI: its qualifier, the code, and its place: the segment, and the number of the element."""

    qualifier: str
    code: str
    row: Row
    number: int

    @property
    def at(self) -> Place:
        """The place of the code."""
        return self.row.at(self.number, 2)


class Level(Loop):
    """A header slice above claims (st, hl20, hl22, hl23): its own segments, and its names."""

    def __init__(self, piece: Slice | None, delimiters: Delimiters, *, padded: bool) -> None:
        source = Source(piece, delimiters, padded=padded) if piece and piece.data is not None else None
        super().__init__(source.layout.loop if source else Frame(piece.kind if piece else ""), source)
        self.piece = piece
        self.key = piece.data if piece else b""

    @lazy
    def providers(self) -> list[Loop]:
        """The loops of names whose NM108 is XX."""
        return [loop for loop in self.entities if loop.rows[0].element(8) == "XX"]

    @lazy
    def provider_texts(self) -> list[list[str]]:
        """Their NM1."""
        return [loop.first.texts for loop in self.providers]


class Levels:
    """Reads the headers of one claim after another, and remembers those of the last one."""

    def __init__(self) -> None:
        self._known: dict[str, Level] = {}

    def of(self, kind: str, piece: Slice | None, context: Context, *, padded: bool) -> Level:
        """The level of a header slice; an empty one for None."""
        known = self._known.get(kind)
        if known is None or known.piece is not piece:
            known = self._known[kind] = Level(piece, context.delimiters, padded=padded)
        return known


class WholeClaim:
    """A claim (loop 2300) with every loop in it and above it.

    guide: "837P" or "837I".

    billing: loop 2000A with its names (2010AA, 2010AB). subscriber: loop 2000B with its names
    (2010BA, 2010BB). dependent: loop 2000C, None where the subscriber is the patient. payer_profile: what is known of
    the payer.
    """

    def __init__(
        self,
        piece: Slice,
        file: FileFacts | Header | None = None,
        profile: PayerProfile = UNKNOWN_PAYER,
        levels: Levels | None = None,
    ) -> None:
        """`piece`: a claim slice that is not damaged, else ValueError. `file`: what the headers of its file say, where
        that is known. `levels`: the reader of the headers above, which claims share.
        """
        context = piece.context
        if context is None or piece.data is None:
            raise ValueError("not a whole claim")
        self.slice = piece
        self._context = context
        self.guide = context.guide
        self.file = file = file or Headers().file_of(context)
        self.payer_profile = profile
        levels, padded = levels or Levels(), file.is_padded
        self.billing = levels.of("hl20", context.hl20, context, padded=padded)
        self.subscriber = levels.of("hl22", context.hl22, context, padded=padded)
        self.dependent = levels.of("hl23", context.hl23, context, padded=padded) if context.hl23 else None
        self._source = Source(piece, context.delimiters, padded=padded)
        self._layout = self._source.layout

    @lazy
    def begin(self) -> Level:
        """The segments before the first HL."""
        context = self._context
        return Level(context.st, context.delimiters, padded=self.file.is_padded)

    @lazy
    def loop(self) -> Loop:
        """Loop 2300 itself, with its providers (2310)."""
        return Loop(self._layout.loop, self._source, self.guide)

    @lazy
    def others(self) -> list[OtherPayer]:
        """The other payers (2320)."""
        return [OtherPayer(frame, self._source, self.guide) for frame in self._layout.others]

    @lazy
    def lines(self) -> list[LineLoop]:
        """The service lines."""
        return [LineLoop(frame, self._source, self.guide) for frame in self._layout.lines]

    @lazy
    def dates(self) -> list[Row]:
        """The DTP segments of loops 2300 and 2400 to 2420."""
        return [self._source.row(number) for number in self._layout.dates]

    # -- CLM

    @property
    def clm(self) -> Row:
        """The CLM segment."""
        return self._source.row(0)

    @lazy
    def charge(self) -> Decimal | None:
        """The claim's charge, CLM02, also below 0; None where it is no number."""
        return amount_of(self.clm.element(2))

    @lazy
    def _bill(self) -> Sequence[str]:
        parts = [part.strip() for part in self.clm.components(5)]
        return [*parts, "", "", ""]

    @property
    def facility(self) -> str:
        """CLM05-1: the place of service, or the first two digits of the type of bill."""
        return self._bill[0]

    @property
    def frequency(self) -> str:
        """CLM05-3."""
        return self._bill[2]

    @property
    def institutional(self) -> bool:
        """True for an 837I."""
        return self.guide == "837I"

    @property
    def has_others(self) -> bool:
        """Whether it has other payers."""
        return bool(self._layout.others)

    @property
    def has_drugs(self) -> bool:
        """Whether a line has a LIN or a CTP."""
        return self._layout.has_drugs

    @property
    def has_adjudications(self) -> bool:
        """Whether a line has an SVD."""
        return self._layout.has_adjudications

    @property
    def delimiters(self) -> Delimiters:
        """Those of its interchange."""
        return self._source.delimiters

    @property
    def segment_ids(self) -> frozenset[str]:
        """The ids of its segments, from CLM on."""
        return self._layout.ids

    @lazy
    def is_void(self) -> bool:
        """True if it voids an earlier claim (frequency 8)."""
        return self.frequency == "8"

    @lazy
    def is_inpatient(self) -> bool:
        """True if it is an inpatient 837I. Type of bill 12x is outpatient here."""
        return self.guide == "837I" and self.facility in INPATIENT_TYPES and self._bill[1] != "B"

    # -- headers

    @property
    def is_test(self) -> bool:
        """True if the interchange says that it is a test (ISA15 is T)."""
        return self.file.is_test

    @property
    def is_encounter(self) -> bool:
        """True if BHT06 is RP or 31."""
        return self.file.is_encounter

    @property
    def is_predetermination(self) -> bool:
        """True for the guides X291 and X292."""
        return self.file.is_predetermination

    @property
    def created(self) -> date | None:
        """The day on which the file was made: the latest of ISA09, GS04 and BHT04."""
        return self.file.created

    @lazy
    def filing_code(self) -> str:
        """SBR09 of loop 2000B, in capital letters."""
        return self.sbr.element(9).upper() if self.sbr else ""

    @lazy
    def sbr(self) -> Row | None:
        """The SBR of loop 2000B."""
        return self.subscriber.one("SBR")

    @lazy
    def member(self) -> Row | None:
        """The NM1*IL of loop 2010BA."""
        level = self.subscriber
        name = level._frame.named.get("IL")
        return level._source.row(name.numbers[0]) if name else None

    @lazy
    def earlier_payers(self) -> list[OtherPayer]:
        """The other payers that come before the one that the claim is sent to, by SBR01."""
        own = _PAYERS_ORDER.find(self.sbr.element(1) or " ") if self.sbr and self.others else -1
        return [one for one in self.others if 0 <= _PAYERS_ORDER.find(one.responsibility or " ") < own]

    # -- what several rules read

    @lazy
    def codes(self) -> list[HiCode]:
        """Every code of every HI, as it is written."""
        rows = map(self._source.row, self._layout.codes)
        places = [(row, number) for row in rows for number in range(1, len(row.texts))]
        return [HiCode(*said[:2], *place) for said, place in zip(self._coded, places, strict=True)]

    @lazy
    def _coded(self) -> list[tuple[str, str, str]]:
        source = self._source
        return [_hi(text, source.component) for number in self._layout.codes for text in source.cut[number][1:]]

    @lazy
    def statement(self) -> Row | None:
        """The claim's DTP*434."""
        return self.loop.one("DTP", "434")

    @lazy
    def statement_period(self) -> Period | None:
        """The days of the DTP*434; None where it is missing or cannot be read."""
        return self.statement.period if self.statement else None

    @lazy
    def services(self) -> Period | None:
        """From the first day of service to the last: of the lines, and on an 837I of the statement; None where no date
        can be read.
        """
        cut, numbers = self._source.cut, self._layout.dates_of_service
        dates = [cut[numbers[0]]] if numbers else []
        dates += [texts for number in numbers if (texts := cut[number]) != dates[0]]  # mostly none
        periods = [period for texts in dates if len(texts) > 3 and (period := period_of_texts(texts[2], texts[3]))]
        if self.guide == "837I" and self.statement_period:
            periods.append(self.statement_period)
        if len(periods) < 2:
            return periods[0] if periods else None
        return Period(min(one.first for one in periods), max(one.last for one in periods))

    @property
    def loops(self) -> Iterator[Loop]:
        """Every loop of the claim and above it, the names in them included, in the order of the file."""
        above = [level for level in (self.billing, self.subscriber, self.dependent) if level]
        for loop in (*above, self.loop, *self.others, *self.lines):
            yield loop
            yield from loop.entities
            if isinstance(loop, LineLoop):
                yield from loop.adjudications

    @lazy
    def providers(self) -> list[Loop]:
        """The loops of names whose NM108 is XX."""
        own = [Loop(frame, self._source, self.guide) for frame in self._layout.names]
        return self.billing.providers + [loop for loop in own if loop.first.element(8) == "XX"]

    # -- by what claims are alike

    def keys(self, part: str) -> Sequence[object] | None:
        """What a part of the claim is for the rules that read nothing but it, one of PARTS. Equal keys of claims of one
        guide, with the same delimiters, are alike for these rules; None is like nothing.
        """
        try:
            return PARTS[part](self)
        except IndexError:  # a segment has fewer elements than most
            return None

    def _billing_keys(self) -> Sequence[object]:
        """Loop 2000A, and whether the file is a test or a predetermination."""
        return ((self.billing.key, self.is_test, self.is_predetermination),)

    def _bill_keys(self) -> Sequence[object] | None:
        """The claim as a whole, by classes, where its charges add up, its lines count from 1, and no diagnosis and no
        REF*6R of a line is there twice.

        CLM05 and CLM11; the first date of an accident, with the days of service; whether a REF*F8 of the claim has a
        number; SBR01, SBR02 and SBR09 of loop 2000B, whether a dependent follows, SBR01 of each other payer; NM102 and
        the form of NM109 of the subscriber; the months of the first and the last service, and how many days it ends
        after the day of the file; the qualifiers in HI; the length of the longest REF*6R; what the headers of the file
        say.
        """
        cut, layout, sbr, member, services = self._source.cut, self._layout, self.sbr, self.member, self.services
        clm, own, controls = cut[0], self._own_codes, [cut[number][2].strip() for number in layout.controls]
        if (
            layout.lx is None
            or [cut[number][1] for number in layout.lx] != layout.ordinals
            or len({*controls}) < len(controls)
            or len({*own}) < len(own)
            or not self._adds_up()
        ):
            return None
        number = member.texts[9].strip() if member else ""
        first, last = services or (None, None)
        created = self.file.created
        months = first and last and (first.year, first.month, last.year, last.month)
        return (
            (
                clm[5],
                clm[11] if len(clm) > 11 else "",
                None if layout.accident is None else (tuple(cut[layout.accident]), services),
                any(cut[number][2].strip() for number in layout.originals) if layout.originals else False,
                sbr and (sbr.texts[1], sbr.texts[2]),
                self.filing_code,
                self.dependent is None,
                tuple([cut[frame.numbers[0]][1] for frame in layout.others]) if layout.others else (),
                member and (member.texts[2], number[:1] == "0", number.translate(_FORM_OF_NUMBER)),
                months,
                last > created and (last - created).days if last and created else None,
                self.file,
                frozenset([qualifier for qualifier, code, _ in self._coded if code.strip()]),
                max(map(len, controls), default=0),
            ),
        )

    def _adds_up(self) -> bool:
        """Whether the claim's charge is above 0 and the sum of its lines, of which none is below 0 and none the total
        of a paper form.
        """
        cut, layout = self._source.cut, self._layout
        charges = [cut[number][charge] for number, charge, _ in layout.services]
        if not layout.has_all_services or (
            layout.is_institutional and any(cut[one.number][1].strip() == _TOTAL for one in layout.services)
        ):
            return False
        total = cut[0][2]
        written = "".join((total, *charges))
        if written.isdigit() and written.isascii() and len(written) <= SHORT and total and all(charges):
            return 0 < int(total) == sum(map(int, charges))  # as most are
        amounts = [amount for text in charges if (amount := amount_of(text.strip())) is not None and amount >= 0]
        return len(amounts) == len(charges) and 0 < (self.charge or 0) == sum(amounts)

    def _service_keys(self) -> Sequence[object]:
        """Each SV1 and SV2 without its charge, how many diagnoses there are, SBR09 of loop 2000B, whether the line or
        the claim has an NTE, and the line a LIN.
        """
        cut, pointable, filing_code = self._source.cut, self.pointable, self.filing_code
        found = []
        for number, charge, described in self._layout.services:
            texts: list[object] = [*cut[number]]
            texts[charge] = pointable, filing_code, described
            found.append(tuple(texts))
        return found

    def _code_keys(self) -> Sequence[object]:
        """Each code of an HI by itself, with all that its element says."""
        cut = self._source.cut
        return [text for number in self._layout.codes for text in cut[number][1:]]

    def _date_keys(self) -> Sequence[object] | None:
        """Each of `dates` by itself, where every line has a DTP*472."""
        cut = self._source.cut
        return [tuple(cut[number]) for number in self._layout.dates] if self._layout.is_dated else None

    def _provider_keys(self) -> Sequence[object]:
        """NM101 and NM109 of each of `providers` by itself, and whether the file is a test."""
        cut, is_test = self._source.cut, self.is_test
        found = [*self.billing.provider_texts, *[cut[frame.numbers[0]] for frame in self._layout.names]]
        return [(texts[1], texts[9], is_test) for texts in found if len(texts) > 8 and texts[8].strip() == "XX"]

    @property
    def pointable(self) -> int:
        """How many diagnoses a line can point to: those of ABK, ABF, BK and BF."""
        return len(self._own_codes)

    @lazy
    def _own_codes(self) -> list[str]:
        """Those, in capitals, without points and blanks."""
        return [normal for qualifier, code, normal in self._coded if qualifier in _POINTABLE and code.strip()]

    def loop_at(self, place: Place) -> str:
        """The name of the loop that a place is in."""
        return self._names.get(place.segment.ordinal, "")

    @lazy
    def _names(self) -> dict[int, str]:
        """The name of the loop of each segment."""
        return {row.ordinal: loop.name for loop in self.loops for row in loop.rows}

    @lazy
    def adjudications(self) -> dict[str, list[Loop]]:
        """The loops 2430 of all lines by their payer, SVD01."""
        found: dict[str, list[Loop]] = {}
        for line in self.lines if self.has_adjudications else ():
            for loop in line.adjudications:
                found.setdefault(loop.first.element(1), []).append(loop)
        return found


PARTS = {
    "billing": WholeClaim._billing_keys,
    "bill": WholeClaim._bill_keys,
    "services": WholeClaim._service_keys,
    "codes": WholeClaim._code_keys,
    "dates": WholeClaim._date_keys,
    "providers": WholeClaim._provider_keys,
}


@lru_cache(_REMEMBERED)
def _hi(text: str, separator: str) -> tuple[str, str, str]:
    """The qualifier and the code of an element of HI, and the code in capitals, without points and blanks."""
    parts = text.split(separator, 2)
    code = parts[1] if len(parts) > 1 else ""
    return parts[0].strip(), code, code.replace(".", "").replace(" ", "").upper()


@lru_cache(_REMEMBERED)
def _components(composite: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in composite.split(separator))


@lru_cache(_REMEMBERED)
def amount_of(text: str) -> Decimal | None:
    """A plain decimal number, which may be below 0; None for any other text."""
    if text[:1] == "-":
        number = plain_decimal(text[1:])
        return -number if number is not None else None
    return plain_decimal(text)
