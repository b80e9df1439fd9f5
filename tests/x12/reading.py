"""What holds for the reader whatever an input's bytes are: shared by the tests, the regression files and the fuzzer."""

import zlib
from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

from lint837.claims.claim import Claim
from lint837.facts.formulary import Formulary
from lint837.x12.faults import Fault
from lint837.x12.prefilter import Prefilter
from lint837.x12.reader import Reader
from lint837.x12.slices import Counts, Limits, Slice

IN_CONTEXT = {"st", "hl20", "hl22", "hl23", "claim"}
NEVER = 1 << 40  # bytes from which a fast scan is made: no buffer is so large
SEAM = 1500  # bytes from which the rest of a block is read with a part of the next one, which is then scanned alone

Read = tuple[list[Slice], list[Fault], Counts]


class Way(NamedTuple):
    """A way to read an input: the bytes of a block, and the limits."""

    block: int
    limits: Limits


WAYS = [
    Way(block, limits)
    for limits, block in product(
        (Limits(), Limits(), Limits(), Limits(segment=80), Limits(elements=20), Limits(slice=300)),
        (7, 64, 107, 333, 1000, 3000, 1 << 20),
    )
]


def way_of(data: bytes) -> Way:
    """The way in which an input is read where one way must do: always the same one for the same bytes."""
    return WAYS[zlib.crc32(data) % len(WAYS)]


def blocks(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)]


def read(reader: Reader) -> Read:
    """The slices, the faults by place, and the counts."""
    events = list(reader)
    faults = (event for event in events if isinstance(event, Fault))
    return (
        [event for event in events if isinstance(event, Slice)],
        sorted(faults, key=lambda fault: (fault.offset, fault.cause.value, fault.element)),
        reader.counts,
    )


def whole_claims(slices: Iterable[Slice]) -> list[Slice]:
    return [piece for piece in slices if piece.kind == "claim" and not piece.damaged]


def place(data: bytes, offset: int) -> tuple[int, int]:
    """The physical line and column of an offset, 1-based, in bytes."""
    return data.count(b"\n", 0, offset) + 1, offset - data.rfind(b"\n", 0, offset)


def check_reader(data: bytes, way: Way, formulary: Formulary, prefilter: Prefilter | None) -> None:
    """The slices are the input. Fast scans, blocks and the prefilter change no fault and no count, and no claim that is
    passed over has a drug line.
    """
    one_by_one = read(Reader([data], way.limits, scan_from=NEVER))
    slices, faults, counts = one_by_one
    _check_slices(data, slices, faults, counts)
    pieces = blocks(data, way.block)
    for parts, scan_from in ((pieces, NEVER), (pieces, 0), (pieces, SEAM), ([data], 0)):
        assert read(Reader(parts, way.limits, scan_from=scan_from)) == one_by_one
    claims = whole_claims(slices)
    _check_runs(data, pieces, way, prefilter, one_by_one)
    # Most is passed over in large blocks.
    some, *rest = read(Reader([data], way.limits, prefilter, scan_from=0))
    wanted = whole_claims(some)
    assert rest == [faults, counts]
    assert [one for one in claims if one in wanted] == wanted
    assert not any(Claim(one, formulary).drug_lines for one in claims if one not in wanted)


def _check_slices(data: bytes, slices: Sequence[Slice], faults: Sequence[Fault], counts: Counts) -> None:
    assert [0, *(piece.end for piece in slices)] == [*(piece.start for piece in slices), len(data)]
    for piece in slices:
        assert piece.data in (None, data[piece.start : piece.end])
        assert (piece.line, piece.start - piece.line_start + 1) == place(data, piece.start)
        assert (piece.context is not None) == (piece.kind in IN_CONTEXT)
    for fault in faults:
        assert 0 <= fault.offset <= len(data)
        assert (fault.line, fault.column) == place(data, fault.offset)
    kinds = [piece.kind for piece in slices]
    assert counts.bytes == len(data)
    assert counts.segments == sum(piece.segments for piece in slices)
    assert (counts.claims, counts.interchanges) == (kinds.count("claim"), kinds.count("isa"))
    assert [piece.claim for piece in slices if piece.kind == "claim"] == [*range(1, counts.claims + 1)]
    # What could not be checked is reported.
    assert not counts.unchecked or any(fault.incomplete for fault in faults)
    assert all(not piece.damaged for piece in slices) or any(fault.incomplete for fault in faults)


def _check_runs(data: bytes, pieces: Sequence[bytes], way: Way, prefilter: Prefilter | None, right: Read) -> None:
    """Slices and runs are the input, and what is in the runs is what the slices are."""
    reader = Reader(pieces, way.limits, prefilter, scan_from=0)
    events = [event for event in reader.runs() if not isinstance(event, Fault)]
    assert reader.counts == right[2]
    by_start = {piece.start: piece for piece in right[0]}
    at = claims = 0
    for event in events:
        assert event.start == at
        at = event.end
        if isinstance(event, Slice):
            assert event == by_start[event.start]
            claims += event.kind == "claim"
            continue
        levels = [by_start[offset] for offset in event.offsets[:-1]]
        assert [piece.kind for piece in levels] == [{0: "claim"}.get(one, f"hl{one}") for one in event.levels]
        assert list(event.offsets[1:]) == [piece.end for piece in levels]
        whole = data[event.start : event.end]
        text = event.text[event.starts[0] : event.starts[-1]]
        assert text == (whole if text in whole else whole.replace(b"\r\n", b"").replace(b"\n", b""))
        first = next((piece for piece in levels if piece.kind == "claim"), None)
        assert event.claims == sum(piece.kind == "claim" for piece in levels)
        claims += event.claims
        if first and first is levels[0]:
            assert first.context == event.context
    assert at == len(data)
    assert claims == right[2].claims
