"""What holds for every input, whatever its bytes: shared by the tests, the regression files and the fuzzer."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lint837 import Report, Rulebook
from lint837.files.archive import BLOCK, GZIP, RATIO
from lint837.files.inputs import Blocks, Input, inputs
from lint837.files.zip_archive import SIGNATURES
from lint837.lint.engine import Lint
from lint837.lint.finding import Finding
from lint837.report.entry import Entry, entry_of
from lint837.report.redact import Redaction
from lint837.rules.rule import Severity
from lint837.rules.rulebook import ALL, DRUG_CLAIMS
from lint837.x12.slices import WHOLE, Share

from tests.reports import in_formats, redacted, whole_of
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
        assert size or unpacked.error or not data or data.startswith((GZIP, *SIGNATURES))
    if not data.startswith((GZIP, *SIGNATURES)):
        whole = Blocks(Input(str(path)))
        assert (b"".join(whole), whole.error) == (data, None)


def check_archive(data: bytes, path: Path, held: Mapping[bytes, Sequence[bytes]]) -> None:
    """Every byte of a changed archive is accounted for: each of the files that it `held` is read, as often as one of its
    forms (as it is, and packed) is in the archive, and at least once; or an error says that something is not read.
    """
    path.write_bytes(data)
    read = []
    for item in inputs([str(path)]):
        if isinstance(item, Input):
            unpacked = Blocks(item)
            read.append(b"".join(unpacked))
            if unpacked.error:
                return
    for text, forms in held.items():
        assert read.count(text) >= max(1, sum(map(data.count, forms)))


# ---------------------------------------------------------------- the whole lint


def check_lint(
    data: bytes, way: Way, rulebook: Rulebook, names: Sequence[str] = (), numbers: Sequence[str] = ()
) -> None:
    """Prefilter, fast scans, blocks and shares change no finding and no order; no rule fails; places, completeness and
    exit status agree with the bytes. Nothing that is printed or reported of a finding holds one of `names`, and no
    redacted report one of `names` or `numbers` (patterns).
    """
    one = Lint([data], "x.837", rulebook, way.limits, prefilter=False, scan_from=NEVER)
    findings, order = [], []
    for finding in one:
        findings.append(finding)
        order.append(one.order)
    assert order == sorted(order)
    check_order(findings)
    report = Report(tuple(findings), (one.summary,), (), rulebook)
    lines = 0
    pieces = blocks(data, way.block)
    for share, parts in ((WHOLE, [data]), *((half, pieces) for half in HALVES)):
        quick = Lint(parts, "x.837", rulebook, way.limits, share=share, scan_from=0)
        assert list(quick) == list(_of_share(findings, share, rulebook))
        lines += quick.summary.drug_lines
        assert quick.summary._replace(drug_lines=0) == one.summary._replace(drug_lines=0)
    assert lines == 2 * one.summary.drug_lines  # once in all, once in the halves
    for finding in findings:
        at = finding.location
        assert finding.rule != "INT001", finding.message
        assert (at.line, at.column) == place(data, at.offset)
        assert all(edit.start <= edit.end <= len(data) for fix in finding.fixes for edit in fix.edits)
    _check_status(report)
    # CLM01 is shown, whatever it holds.
    entries = [_without_claim(entry_of(finding)) for finding in findings]
    assert _matched(names, repr([report, *findings, *entries])) == []
    assert _matched([*names, *numbers], in_formats(redacted(whole_of(report), REDACTION))) == []


def check_guide(data: bytes, way: Way, rulebook: Rulebook, names: Sequence[str] = ()) -> None:
    """The guide check fails on no input, finds the same in any blocks, changes nothing else that is found, and has no
    value in its sentences; of drug claims it finds no more than of all.
    """
    others = [*Lint([data], "x.837", rulebook, way.limits)]
    told: dict[str, list[Finding]] = {}
    for asked in (ALL, DRUG_CLAIMS):
        chosen = rulebook._replace(guide=asked).narrowed()
        told[asked] = [*Lint([data], "x.837", chosen, way.limits)]
        for parts, scan_from in ((blocks(data, way.block), NEVER), ([data], 0)):
            assert [*Lint(parts, "x.837", chosen, way.limits, scan_from=scan_from)] == told[asked]
        # Faults that are held back until their transaction set ends may come after other ones.
        rest = [one for one in told[asked] if not one.rule.startswith("GDE")]
        assert sorted(rest, key=_place) == sorted(others, key=_place)
    every = [(one.rule, one.location, one.values) for one in told[ALL]]
    for finding in told[ALL]:
        at = finding.location
        assert finding.rule != "GDE099", finding.message
        assert (at.line, at.column) == place(data, at.offset)
        if finding.rule.startswith("GDE"):
            shown = f"{finding.message} {finding.correction} {finding.found} {finding.expected}"
            assert _matched(names, shown) == []
    assert all((one.rule, one.location, one.values) in every for one in told[DRUG_CLAIMS])


def _place(finding: Finding) -> tuple[int, str, str, str]:
    return finding.location.offset, finding.rule, finding.location.element, finding.message


def check_order(findings: Sequence[Finding]) -> None:
    """The findings of an input come claim by claim, those of a claim by offset, rule and element. A finding on the file
    comes after the claims that precede its place, and before those of the next transaction set.
    """
    of_claims = [finding for finding in findings if not is_of_file(finding)]
    assert of_claims == sorted(of_claims, key=_in_order)
    for number, one in enumerate(findings):
        if is_of_file(one):
            at = one.location
            for later in of_claims[sum(not is_of_file(other) for other in findings[:number]) :]:
                assert later.location.offset >= at.offset or later.location.claim_ordinal == at.claim_ordinal
            for other in findings[:number]:
                assert is_of_file(other) or other.location.ordinals <= at.ordinals or at.ordinals[2] == 0


def is_of_file(finding: Finding) -> bool:
    """Whether a finding is on the file and not on a claim."""
    return finding.rule.startswith("ENV")


def _in_order(finding: Finding) -> tuple[int, int, str, str]:
    at = finding.location
    return at.claim_ordinal or 0, at.offset, finding.rule, at.element


def _without_claim(entry: Entry) -> Entry:
    return entry._replace(location=entry.location._replace(claim=None))


def _matched(patterns: Sequence[str], text: str) -> list[str]:
    return [pattern for pattern in patterns if re.search(pattern, text)]


def _of_share(findings: Sequence[Finding], share: Share, rulebook: Rulebook) -> Iterator[Finding]:
    """The findings that a share tells: those of its claims, and the first one those of the envelope. Rules that compare
    claims run where all shares meet.
    """
    comparing = {rule.code for rule in rulebook.rules if rule.repeats and share.parts > 1}
    for finding in findings:
        claim = finding.location.claim_ordinal
        if finding.rule in comparing:
            continue
        if share.part == 0 if is_of_file(finding) else claim is None or share.has(claim):
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
