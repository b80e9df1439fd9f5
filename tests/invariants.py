"""What holds for every input, whatever its bytes: shared by the tests, the regression files and the fuzzer."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from lint837 import Rulebook
from lint837.files.archive import BLOCK, GZIP, RATIO, ZIP
from lint837.files.inputs import Blocks, Input, inputs
from lint837.lint.engine import Lint
from lint837.lint.finding import Finding
from lint837.report.formats import FORMATS, render
from lint837.report.model import Results, results
from lint837.report.redact import Redaction, redacted
from lint837.rules.rule import Severity
from lint837.x12.slices import WHOLE, Share

from tests.x12.reading import NEVER, Way, blocks, place

HALVES = (Share(0, 2), Share(1, 2))
REDACTION = Redaction("always", b"k" * 16)
_SMALL = 1024 * 1024  # bytes that may come out of any archive


# ---------------------------------------------------------------- archives


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


def check_lint(
    data: bytes, way: Way, rulebook: Rulebook, names: Sequence[str] = (), numbers: Sequence[str] = ()
) -> None:
    """Prefilter, fast scans, blocks and shares change no finding; no rule fails; places, completeness and exit status
    agree with the bytes. No finding tells one of `names`, and no redacted report one of `names` or `numbers` (patterns).
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
