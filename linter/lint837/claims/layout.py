"""Which segments of a claim, or of a header above it, are in which loop.

The claims of a batch have the same segments in the same order, so this is found out once for all that look alike. A
layout holds numbers of segments, and nothing that they say but their ids and a few qualifiers.
"""

import re
from collections.abc import Sequence
from sys import intern
from typing import NamedTuple

from lint837.claims.loops import ENTITIES

_REMEMBERED = 1024  # layouts, of a few KiB each
_MOST = 128  # segments in a layout that is remembered
_USUAL_ID = "[A-Z][0-9A-Z]{1,2}"
# The segments whose first element says what they are, and what that usually is.
_USUAL = {"DTP": "[0-9]{3}", "NM1": "|".join(ENTITIES), "REF": "[0-9A-Z]{2}"}
_OF_OTHERS = frozenset({"2320", "2430"})  # loops about other payers
_SERVICES = frozenset({"SV1", "SV2"})
_OTHER_SERVICES = frozenset({"SV3", "SV5"})
# Of the line's own loop, also after others in it.
_OF_LINE = frozenset({"LIN", "CTP", "SBR"}) | _SERVICES | _OTHER_SERVICES
_DATE_OF_SERVICE, _ACCIDENT, _LINE_CONTROL, _ORIGINAL = "472", "439", "6R", "F8"


class Frame:
    """A loop. outer: as in Loop. numbers: of its own segments; firsts: the first one of each id. names: the loops of
    names in it; named: the first one of each code (NM101).
    """

    __slots__ = ("firsts", "named", "names", "numbers", "outer")

    def __init__(self, outer: str) -> None:
        self.outer = outer
        self.numbers: list[int] = []
        self.firsts: dict[str, int] = {}
        self.names: list[Frame] = []
        self.named: dict[str, Frame] = {}

    def add(self, number: int, segment_id: str) -> None:
        """Add a segment of its own."""
        self.numbers.append(number)
        self.firsts.setdefault(segment_id, number)

    def add_name(self, code: str) -> "Frame":
        """Add a loop of a name."""
        name = Frame(self.outer)
        self.names.append(name)
        self.named.setdefault(code, name)
        return name


class LineFrame(Frame):
    """A service line.

    ordinal: its number in the claim, 1-based. service: the number of its SV1 or SV2; institutional: it is an SV2.
    dates: the numbers of its DTP*472. control: that of its REF*6R. adjudications: its loops 2430.
    """

    __slots__ = ("adjudications", "control", "dates", "has_other_service", "institutional", "ordinal", "service")

    def __init__(self, ordinal: int) -> None:
        super().__init__("2400")
        self.ordinal = ordinal
        self.service: int | None = None
        self.institutional = False
        self.has_other_service = False
        self.dates: list[int] = []
        self.control: int | None = None
        self.adjudications: list[Frame] = []


class Service(NamedTuple):
    """The SV1 or SV2 of a line: its number, and the number of the element that is its charge. described: whether the
    line or the claim has an NTE, and the line a LIN.
    """

    number: int
    charge: int
    described: tuple[bool, bool]


class Layout:
    """Where the loops of a slice are.

    loop: loop 2300, or that of a header. others: loops 2320. lines: loops 2400; ordinals: their numbers in the claim.
    names: each loop of a name. line_of: the ordinal of the line that each segment is in, 0 for none. ids: of its
    segments. services: as in Service; has_all_services: each line has one.

    The numbers of segments: dates, the DTP of loops 2300 and 2400 to 2420; dates_of_service, the first DTP*472 of each
    line; is_dated: each line has one. codes, the HI; originals, the REF*F8 of the claim; accident, the first DTP*439;
    controls, the REF*6R of the lines; lx, the LX of the lines, None where a line begins without one.
    """

    def __init__(self, cut: Sequence[Sequence[str]], kind: str) -> None:
        self.others: list[Frame] = []
        self.lines: list[LineFrame] = []
        self.line_of: list[int] = []
        self.dates: list[int] = []
        self.names: list[Frame] = []
        self.accident: int | None = None
        self.has_drugs = False
        self.has_adjudications = False
        self.ids = frozenset([texts[0] for texts in cut])
        self.loop = Frame("2300" if kind == "claim" else kind)
        self._build(cut, is_claim=kind == "claim")
        own = self.loop.numbers
        self.codes = [n for n in own if cut[n][0] == "HI"]
        self.originals = [n for n in own if cut[n][0] == "REF" and qualifier_of(cut[n]) == _ORIGINAL]
        self.controls = [line.control for line in self.lines if line.control is not None]
        self.services = self._services()
        firsts = [line.numbers[0] for line in self.lines]
        self.lx = firsts if all(cut[n][0] == "LX" for n in firsts) else None
        self.ordinals = [str(line.ordinal) for line in self.lines]
        self.dates_of_service = [line.dates[0] for line in self.lines if line.dates]
        self.is_dated = len(self.dates_of_service) == len(self.lines)
        self.has_all_services = len(self.services) == len(self.lines)
        self.is_institutional = any(line.institutional for line in self.lines)

    def _build(self, cut: Sequence[Sequence[str]], *, is_claim: bool) -> None:
        """Each segment into its loop, in one pass."""
        outer: Frame = self.loop  # of which names are part
        current: Frame = outer
        line: LineFrame | None = None
        for number, texts in enumerate(cut):
            segment_id = texts[0]
            if segment_id == "NM1":
                current = outer.add_name(qualifier_of(texts))
                self.names.append(current)
            elif not is_claim:
                pass
            elif segment_id == "DTP":
                if current.outer not in _OF_OTHERS:
                    self._add_date(number, qualifier_of(texts), line)
            elif segment_id == "LX" or (segment_id in _SERVICES and (line is None or line.service is not None)):
                outer = current = line = LineFrame(len(self.lines) + 1)
                self.lines.append(line)
            elif line is None:
                if segment_id == "SBR":
                    outer = current = Frame("2320")
                    self.others.append(outer)
            elif segment_id == "SVD":
                current = Frame("2430")
                line.adjudications.append(current)
                self.has_adjudications = True
            elif segment_id in _OF_LINE:
                current = line
                self.has_drugs |= segment_id in ("LIN", "CTP")
                line.has_other_service |= segment_id in _OTHER_SERVICES
            elif segment_id == "REF" and current is line and qualifier_of(texts) == _LINE_CONTROL:
                line.control = number if line.control is None else line.control
            if line and segment_id in _SERVICES:
                line.service, line.institutional = number, segment_id == "SV2"
            current.add(number, segment_id)
            self.line_of.append(line.ordinal if line else 0)

    def _add_date(self, number: int, qualifier: str, line: LineFrame | None) -> None:
        self.dates.append(number)
        if line and qualifier == _DATE_OF_SERVICE:
            line.dates.append(number)
        if qualifier == _ACCIDENT and self.accident is None:
            self.accident = number

    def _services(self) -> list[Service]:
        """Those of all lines that have one."""
        noted = "NTE" in self.loop.firsts
        return [
            Service(line.service, 3 if line.institutional else 2, (noted or "NTE" in line.firsts, "LIN" in line.firsts))
            for line in self.lines
            if line.service is not None
        ]


class _Shape(NamedTuple):
    """Segments with the same ids: which of them have a qualifier, and their layouts by what these are."""

    qualified: list[int]
    layouts: dict[tuple[str, ...], Layout]


class Layouts:
    """The layouts of one kind of slice, "claim" or that of a header."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._shapes: dict[tuple[str, ...], _Shape] = {}
        self._number = 0

    def known(self, cut: Sequence[Sequence[str]]) -> Layout | None:
        """The layout of segments, if it is known: then they are written as usual."""
        shape = self._shapes.get(tuple([texts[0] for texts in cut]))
        try:
            return shape and shape.layouts.get(tuple([cut[number][1] for number in shape.qualified]))
        except IndexError:  # a segment without elements
            return None

    def of(self, cut: Sequence[Sequence[str]]) -> Layout:
        """The layout of segments, which is remembered if they are the usual ones."""
        layout = Layout(cut, self._kind)
        if len(cut) <= _MOST and all(map(_is_usual, cut)):
            if self._number >= _REMEMBERED:
                self._shapes.clear()
                self._number = 0
            self._number += 1
            qualified = [number for number, texts in enumerate(cut) if texts[0] in _USUAL]
            shape = self._shapes.setdefault(tuple([intern(texts[0]) for texts in cut]), _Shape(qualified, {}))
            shape.layouts[tuple([intern(cut[number][1]) for number in qualified])] = layout
        return layout


def _is_usual(texts: Sequence[str]) -> bool:
    """Whether what is remembered of a segment is what all claims have: in a damaged one a name may be in its place."""
    usual = _USUAL.get(texts[0])
    is_usual = bool(re.fullmatch(_USUAL_ID, texts[0]))
    return is_usual and (not usual or (len(texts) > 1 and bool(re.fullmatch(usual, texts[1]))))


def qualifier_of(texts: Sequence[str]) -> str:
    """The first element of a segment, without blanks around it."""
    return texts[1].strip() if len(texts) > 1 else ""
