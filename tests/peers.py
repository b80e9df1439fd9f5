"""A file as two readers see it, lint837 and pyx12, in the same plain values.

pyx12 stops without a word at an empty segment and at one above 16 KB, and cannot read a byte order mark or Latin-1:
what it does not read to the end says nothing.
"""

import io
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from lint837 import Rulebook
from lint837.claims.claim import Claim, ServiceLine
from lint837.claims.segment import Segment, segments_of
from lint837.rules.envelope import code_of
from lint837.x12.delimiters import Delimiters, parse_isa
from lint837.x12.faults import Fault
from lint837.x12.reader import Reader
from lint837.x12.slices import Slice
from pyx12.error_handler import errh_list
from pyx12.params import params
from pyx12.segment import Segment as TheirSegment
from pyx12.x12context import X12ContextReader
from pyx12.x12file import X12Reader

from tests.oracle import maps_read_once

Elements = tuple[tuple[str, ...], ...]
_GUIDES = ("005010X222", "005010X223", "005010X291", "005010X292")
_LEVELS = {"20": "2000A", "22": "2000B", "23": "2000C"}


class SeenLine(NamedTuple):
    """A service line: LX01, the id of SV1 or SV2, its code, the line's dates, NDCs and NDC quantities."""

    number: str
    service: str
    code: str
    dates: tuple[str, ...] = ()
    ndcs: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()


class SeenClaim(NamedTuple):
    """A claim: CLM01, the HL01s that it stands under from the billing provider down, its lines."""

    name: str
    levels: tuple[str, ...]
    lines: tuple[SeenLine, ...]

    @property
    def bare(self) -> tuple[str, list[tuple[str, str, str]]]:
        """Its name, and of its lines only number, id and code."""
        return self.name, [line[:3] for line in self.lines]


class Seen(NamedTuple):
    """What a reader sees: segments, each its id and its elements' components; HLs, each its loop, HL01 and HL02; how
    many segments each transaction set has, sets each group, groups each interchange; the claims; what is wrong.
    """

    segments: list[tuple[str, Elements]]
    levels: list[tuple[str, str, str]]
    counts: list[tuple[str, int]]
    claims: list[SeenClaim]
    wrong: list[str]


# ---------------------------------------------------------------- by lint837


def seen_by_lint837(data: bytes, rulebook: Rulebook) -> Seen:
    """What this project's reader and its model of a claim see."""
    seen = Seen([], [], [], [], [])
    delimiters = Delimiters(b"*", b":", b"^", b"~")
    within = {"st": 0, "gs": 0, "isa": 0}
    for piece in Reader([data]):
        if isinstance(piece, Fault):
            seen.wrong.append(code_of(piece))
            continue
        raw = data[piece.start : piece.end]
        if piece.kind == "isa" and (header := parse_isa(raw)):
            delimiters = header.delimiters
            within["isa"] = 0
        segments = list(_segments(raw, piece, delimiters))
        seen.segments.extend((one.id, _elements(one)) for one in segments)
        within["isa"] += piece.kind == "gs"
        within["gs"] = within["gs"] + (segments[0].id == "ST") if piece.kind != "gs" else 0
        within["st"] = piece.segments + (within["st"] if segments[0].id != "ST" else 0)
        ends = {"SE": "st", "GE": "gs", "IEA": "isa"}.get(segments[-1].id)
        if ends:
            seen.counts.append((segments[-1].id, within[ends]))
        if piece.kind.startswith("hl"):
            head = segments[0]
            seen.levels.append((_LEVELS[piece.kind[2:]], head.element(1), head.element(2)))
        if piece.kind == "claim" and not piece.damaged:
            seen.claims.append(_claim(piece, rulebook))
    return seen


def _segments(raw: bytes, piece: Slice, delimiters: Delimiters) -> Iterator[Segment]:
    for segment_id, text, offset, ordinal in segments_of(raw, piece, delimiters):
        yield Segment(segment_id, text, offset, ordinal, delimiters)


def _elements(segment: Segment) -> Elements:
    whole = segment.id == "ISA"  # in which the component separator is an element
    numbers = range(1, len(segment) + 1)
    if whole:
        return tuple((segment.exact(number),) for number in numbers)
    return tuple(segment.components(number) for number in numbers)


def _claim(piece: Slice, rulebook: Rulebook) -> SeenClaim:
    claim, context = Claim(piece, rulebook.formulary), piece.context
    assert context is not None
    above = [one for one in (context.hl20, context.hl22, context.hl23) if one]
    levels = tuple(context.delimiters.elements(one.data or b"", 1)[1].decode() for one in above)
    return SeenClaim(claim.clm.element(1), levels, tuple(map(_line, claim.service_lines)))


def _line(line: ServiceLine) -> SeenLine:
    return SeenLine(
        line.number,
        line.service.id if line.service else "",
        line.procedure_code,
        tuple(one.element(3) for one in line.segments if one.id == "DTP" and one.element(1) == "472"),
        tuple(item.ndc for item in line.drug_identifications),
        tuple(item.ctp.element(4) for item in line.drug_identifications if item.ctp),
    )


# ---------------------------------------------------------------- by pyx12


@contextmanager
def quiet() -> Iterator[None]:
    """pyx12 would log what members' segments hold."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def seen_by_pyx12(text: str) -> Seen:
    """What pyx12 sees when it walks along the guide's map."""
    seen, wrong = Seen([], [], [], [], []), errh_list()
    above: list[str] = []
    with quiet(), maps_read_once(), X12ContextReader(params(), wrong, io.StringIO(text)) as reader:
        for node in reader.iter_segments():
            segment, loops = node.seg_data, node.cur_path.split("/")[:-1]
            name = segment.get_seg_id()
            seen.segments.append((name, _their_elements(segment)))
            if node.err_ct:
                seen.wrong.append(f"{node.cur_path}: {node.errors}")
            counted = {
                "SE": reader.src.get_seg_count() + 1,
                "GE": reader.src.st_count,
                "IEA": reader.src.gs_count,
            }
            if name in counted:
                seen.counts.append((name, counted[name]))
            if name == "HL" and loops[-1] in _LEVELS.values():
                depth = [*_LEVELS.values()].index(loops[-1])
                above[depth:] = [segment.get_value("HL01")]
                seen.levels.append((loops[-1], segment.get_value("HL01"), segment.get_value("HL02")))
            if loops[-1] in ("2300", "2400", "2410"):
                _take(seen.claims, segment, loops, tuple(above))
    seen.wrong.extend(
        str(one) for one in (*wrong.err_isa, *wrong.err_gs, *wrong.err_st, *wrong.err_seg, *wrong.err_ele)
    )
    return seen


def _their_elements(segment: TheirSegment) -> Elements:
    return tuple(tuple(part.get_value() for part in element.elements) for element in segment.elements)


def _take(claims: list[SeenClaim], segment: TheirSegment, loops: list[str], above: tuple[str, ...]) -> None:
    """A segment of a claim, or of a line of it."""
    name = segment.get_seg_id()
    if name == "CLM":
        claims.append(SeenClaim(segment.get_value("CLM01"), above, ()))
        return
    claim, line = claims[-1], claims[-1].lines[-1] if claims[-1].lines else SeenLine("", "", "")
    if name == "LX":
        claims[-1] = claim._replace(lines=(*claim.lines, SeenLine(segment.get_value("LX01"), "", "")))
        return
    if name in ("SV1", "SV2") and not line.service:
        code = segment.get_value("SV101-2" if name == "SV1" else "SV202-2")
        line = line._replace(service=name, code=code or "")
    elif name == "DTP" and loops[-1] == "2400" and segment.get_value("DTP01") == "472":
        line = line._replace(dates=(*line.dates, segment.get_value("DTP03")))
    elif name == "LIN":
        line = line._replace(ndcs=(*line.ndcs, segment.get_value("LIN03")))
    elif name == "CTP":
        line = line._replace(quantities=(*line.quantities, segment.get_value("CTP04")))
    if claim.lines:
        claims[-1] = claim._replace(lines=(*claim.lines[:-1], line))


def read_by_pyx12(text: str) -> tuple[list[tuple[str, Elements]], list[str]]:
    """The segments that pyx12's reader sees, without any map, and what it finds wrong: with the envelope what begins with
    "isa", "gs" or "st", with a segment what begins with "seg".
    """
    segments, wrong = [], []
    with quiet(), X12Reader(io.StringIO(text)) as reader:
        for segment in reader:
            segments.append((segment.get_seg_id(), _their_elements(segment)))
            wrong += [f"{kind} {code}: {text}" for kind, code, text, *_ in reader.pop_errors()]
        reader.cleanup()
        wrong += [f"{kind} {code}: {text}" for kind, code, text, *_ in reader.pop_errors()]
    return segments, wrong


def claims_in(segments: Iterable[tuple[str, Elements]]) -> list[SeenClaim]:
    """The claims and lines that stand in pyx12's segments, in transaction sets of the guides that are checked."""
    claims: list[SeenClaim] = []
    guide, checked = "", False
    for name, elements in segments:
        values = [":".join(element).strip() for element in elements]
        if name == "GS":
            guide = values[7] if len(values) > 7 else ""
        elif name in ("ST", "SE"):
            version = (values[2] if len(values) > 2 else "") or guide
            checked = name == "ST" and values[0] == "837" and version.startswith(_GUIDES)
        elif checked and name == "CLM":
            claims.append(SeenClaim(values[0], (), ()))
        elif checked and claims and name == "LX":
            claims[-1] = claims[-1]._replace(lines=(*claims[-1].lines, SeenLine(values[0] if values else "", "", "")))
        elif checked and claims and claims[-1].lines and name in ("SV1", "SV2"):
            *before, last = claims[-1].lines
            code = elements[name == "SV2"][1:2] if len(elements) > 1 else ()
            if not last.service:
                last = last._replace(service=name, code="".join(code).strip())
            claims[-1] = claims[-1]._replace(lines=(*before, last))
    return claims
