"""The guide check on mutants of the clean samples: the ordinal, element and code are pyx12's own, or there is a reason."""

import tomllib
from pathlib import Path

import pytest
from lint837.guide.deviation import Deviation

from tests.documents import ROOT
from tests.guide.mutants import Mutant, found_in, mutants
from tests.guide.peer import Answer, answers

SAMPLES = sorted(ROOT.glob("samples/clean/*.837"))
REASONS = tomllib.loads((Path(__file__).parent / "otherwise.toml").read_text(encoding="utf-8"))["otherwise"]
KNOWN = {(one["ours"], one["theirs"]) for one in REASONS}
# Our codes where pyx12 has no other but one of the 4010 standard.
AS_PYX12 = {"2": "1", "7": "1", "I10": "10", "I12": "7", "13": "3"}
EVERY = 53  # of the mutants of each sample; all of them take a minute


def _segments(path: Path) -> list[str]:
    return [text.strip() for text in path.read_text(encoding="ascii").split("~") if text.strip()]


def _is_theirs(one: Deviation, theirs: set[Answer]) -> bool:
    code = one.kind.code if one.kind.of_element and one.kind.code == "7" else AS_PYX12.get(one.kind.code, one.kind.code)
    at = one.expected_at or one.ordinal
    return any((other.ordinal, other.code) == (at, code) and other.element in (0, one.element) for other in theirs)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_mutants(path: Path) -> None:
    guide = "837I" if "837i" in path.name else "837P"
    segments = _segments(path)
    assert found_in("~".join([*segments, ""]).encode()) == []
    unexplained: list[tuple[Mutant, object, object]] = []
    checked = 0
    for mutant in list(mutants(segments))[::EVERY]:
        theirs = answers([s for s in mutant.segments if s[:3] not in ("ISA", "GS*", "GE*", "IEA")], guide)
        if theirs is None:
            continue  # it crashes
        checked += 1
        ours = found_in("~".join([*mutant.segments, ""]).encode())
        codes = {other.code for other in theirs}
        if theirs and not ours and not any(("", code) in KNOWN for code in codes):
            unexplained.append((mutant, ours, theirs))
        for one in ours:
            here = {other.code for other in theirs if other.ordinal == (one.expected_at or one.ordinal)} or {""}
            if not _is_theirs(one, theirs) and not any((one.kind.name, code) in KNOWN for code in here):
                unexplained.append((mutant, one, here))
    assert unexplained == []
    assert checked > 8


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_one_cause_one_finding(path: Path) -> None:
    """A change of one element is one deviation in its segment, wherever it is told by the guide check."""
    for mutant in list(mutants(_segments(path)))[::11]:
        if mutant.what not in ("emptied", "lengthened", "changed"):
            continue
        found = found_in("~".join([*mutant.segments, ""]).encode())
        if mutant.segment.startswith("HL*"):
            continue  # what comes under a damaged level is another matter
        assert len(found) <= 1 + (mutant.segment.startswith("NM1") and mutant.what == "emptied"), (
            mutant.what,
            mutant.segment,
            found,
        )
