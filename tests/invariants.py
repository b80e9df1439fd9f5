"""What holds for every input, whatever its bytes: shared by the tests, the regression files and the fuzzer."""

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import NamedTuple

from lint837 import Report, Rulebook
from lint837.claims.claim import Claim
from lint837.files.archive import BLOCK, GZIP, RATIO, ZIP
from lint837.files.inputs import Blocks, Input, inputs
from lint837.lint.engine import Lint
from lint837.lint.finding import Finding, InputSummary
from lint837.report.redact import Redaction
from lint837.rules.envelope import code_of
from lint837.rules.rule import Severity
from lint837.x12.faults import Fault
from lint837.x12.reader import Reader
from lint837.x12.slices import WHOLE, Counts, Limits, Share, Slice

from tests.reports import in_formats, redacted, whole_of

NEVER = 1 << 40  # no buffer is so large: segment by segment
HALVES = (Share(0, 2), Share(1, 2))
REDACTION = Redaction("always", b"k" * 16)
_SMALL = 1024 * 1024  # bytes that may come out of any archive

Read = tuple[list[Slice], list[Fault], Counts]


class Way(NamedTuple):
    """A way to read an input: in blocks of so many bytes, within limits."""

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
    faults = sorted(
        (event for event in events if isinstance(event, Fault)), key=lambda f: (f.offset, code_of(f), f.element)
    )
    return [event for event in events if isinstance(event, Slice)], faults, reader.counts


def whole_claims(slices: Iterable[Slice]) -> list[Slice]:
    return [piece for piece in slices if piece.kind == "claim" and not piece.damaged]


# ---------------------------------------------------------------- reading


def check_reader(data: bytes, way: Way, rulebook: Rulebook) -> None:
    """The slices are the input; a fast scan, blocks and the prefilter change nothing that is reported."""
    one_by_one = read(Reader([data], way.limits, scan_from=NEVER))
    slices, faults, counts = one_by_one
    _check_tiling(data, slices, faults, counts)
    pieces = blocks(data, way.block)
    for parts, scan_from in ((pieces, NEVER), (pieces, 0), ([data], 0)):
        assert read(Reader(parts, way.limits, scan_from=scan_from)) == one_by_one
    claims = whole_claims(slices)
    # Large blocks are where most is passed over.
    wanted = _check_told(Reader([data], way.limits, rulebook.prefilter, scan_from=0), one_by_one)
    assert [one for one in claims if one in wanted] == wanted
    assert not any(Claim(one, rulebook.formulary).drug_lines for one in claims if one not in wanted)


def _check_told(reader: Reader, whole: Read) -> list[Slice]:
    """A reader that may pass over claims tells the same faults and counts. Returns the claims that it hands out."""
    slices, faults, counts = read(reader)
    assert (faults, counts) == whole[1:]
    return whole_claims(slices)


def _check_tiling(data: bytes, slices: Sequence[Slice], faults: Sequence[Fault], counts: Counts) -> None:
    assert [0, *(piece.end for piece in slices)] == [*(piece.start for piece in slices), len(data)]
    for piece in slices:
        assert piece.data in (None, data[piece.start : piece.end])
        assert (piece.line, piece.start - piece.line_start + 1) == place(data, piece.start)
        assert piece.context is None or piece.kind == "claim"
    for fault in faults:
        assert 0 <= fault.offset <= len(data)
        assert (fault.line, fault.column) == place(data, fault.offset)
    kinds = [piece.kind for piece in slices]
    assert counts.bytes == len(data)
    assert counts.segments == sum(piece.segments for piece in slices)
    assert (counts.claims, counts.interchanges) == (kinds.count("claim"), kinds.count("isa"))
    assert [piece.claim for piece in slices if piece.kind == "claim"] == [*range(1, counts.claims + 1)]
    # What could not be checked is said.
    assert not counts.unchecked or any(fault.incomplete for fault in faults)
    assert all(not piece.damaged for piece in slices) or any(fault.incomplete for fault in faults)


def place(data: bytes, offset: int) -> tuple[int, int]:
    """The physical line and column of an offset, 1-based, in bytes."""
    return data.count(b"\n", 0, offset) + 1, offset - data.rfind(b"\n", 0, offset)


def check_packed(data: bytes, path: Path, ratio: int = RATIO) -> None:
    """Any bytes can be read as a file, and no more comes out of them than may. `path` is where they are written."""
    path.write_bytes(data)
    found = [item for item in inputs([str(path)]) if isinstance(item, Input)]
    for item in found:
        size = 0
        unpacked = Blocks(item, ratio=ratio)
        for block in unpacked:
            size += len(block)
            assert size <= max(_SMALL, ratio * len(data)) + BLOCK
        assert size or unpacked.error or not data or data.startswith((GZIP, ZIP))
    if not data.startswith((GZIP, ZIP)):
        whole = Blocks(Input(str(path)))
        assert (b"".join(whole), whole.error) == (data, None)


# ---------------------------------------------------------------- the whole lint


def lint(data: bytes, rulebook: Rulebook, *, prefilter: bool) -> tuple[list[Finding], InputSummary]:
    """The findings as they come, and the summary: with prefilter and fast scan, or without both."""
    one = Lint(blocks(data, 5000), "x.837", rulebook, prefilter=prefilter, scan_from=0 if prefilter else NEVER)
    return list(one), one.summary


def check_lint(
    data: bytes, way: Way, rulebook: Rulebook, names: Sequence[str] = (), numbers: Sequence[str] = ()
) -> None:
    """Prefilter, fast scan, blocks and shares change no finding; no rule fails; places, completeness and exit status agree
    with the bytes. No finding tells one of `names`, and no redacted report one of `names` or `numbers` (patterns).
    """
    one = Lint([data], "x.837", rulebook, way.limits, prefilter=False, scan_from=NEVER)
    report = _report(one)
    lines = 0
    pieces = blocks(data, way.block)
    for share, parts in ((WHOLE, [data]), *((half, pieces) for half in HALVES)):
        quick = Lint(parts, "x.837", rulebook, way.limits, share=share, scan_from=0)
        assert in_order(quick) == tuple(_of_share(report.findings, share))
        lines += quick.summary.drug_lines
        assert replace(quick.summary, drug_lines=0) == replace(one.summary, drug_lines=0)
    assert lines == 2 * one.summary.drug_lines  # once in all, once in the halves
    for finding in report.findings:
        assert finding.rule != "INT001", finding.message
        assert (finding.line, finding.column) == place(data, finding.offset)
        assert all(edit.start <= edit.end <= len(data) for edit in finding.edits)
    _check_status(report)
    # CLM01 is shown, whatever stands there.
    assert _told(names, repr([replace(finding, claim=None) for finding in report.findings])) == []
    said = in_every_format(redacted(results(report, "0", None, 0), REDACTION))
    assert _told([*names, *numbers], said) == []


def _told(patterns: Sequence[str], text: str) -> list[str]:
    return [pattern for pattern in patterns if re.search(pattern, text)]


def _report(one: Lint) -> Report:
    findings = in_order(one)
    return Report(findings, (one.summary,), (), one.rulebook)


def _of_share(findings: Sequence[Finding], share: Share) -> Iterator[Finding]:
    """The findings that a share tells: those of its claims, and the first one those of the envelope."""
    for finding in findings:
        if finding.rule.startswith("ENV"):
            if share.part == 0:
                yield finding
        elif finding.claim_ordinal is None or share.has(finding.claim_ordinal):
            yield finding


def _check_status(report: Report) -> None:
    [held] = report.inputs
    complete = not any(finding.incomplete for finding in report.findings)
    worst = max((finding.severity for finding in report.findings), default=Severity.INFO)
    assert held.complete == complete
    assert held.unchecked == 0 or not complete
    expected = 3 if not complete or not held.claims else int(worst == Severity.ERROR)
    assert report.exit_status() == expected
    assert not report.findings or report.exit_status(Severity.INFO) in (1, 3)


def in_every_format(whole: Results) -> str:
    documents = [render(name, whole) for name in FORMATS]
    return "\n".join(one.decode() if isinstance(one, bytes) else one for one in documents)
