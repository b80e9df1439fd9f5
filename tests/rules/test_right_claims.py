"""The rules about every claim on right claims, on one fault at a time, and on files that other people wrote."""

import hashlib
import os
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from lint837 import lint_bytes, load_rulebook

from tests.right_claims import FAULTS, Fault, made

RULEBOOK = load_rulebook(isolated=True).narrowed(["claims"])
SEEDS = int(os.environ.get("LINT837_SEEDS", "300"))
CORPUS = os.environ.get("LINT837_CORPUS", "")
KNOWN = Path(__file__).parents[1] / "corpus.toml"


def found(data: bytes) -> list[tuple[str, str]]:
    report = lint_bytes(data, rulebook=RULEBOOK)
    assert report.complete
    return [(finding.rule, finding.location.element) for finding in report.findings]


def test_a_right_claim_has_no_finding() -> None:
    """LINT837_SEEDS=10000 tries more."""
    assert {seed: said for seed in range(SEEDS) if (said := found(made(seed).data))} == {}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.rule}-{fault.guide}-{fault.element}")
def test_a_fault_is_found_alone_at_its_element(fault: Fault) -> None:
    for seed in range(5):
        claim = made(seed, *fault.features, guide=fault.guide)
        assert found(claim.data) == []
        fault.make(claim)
        assert found(claim.data) == [(fault.rule, fault.element)]


def test_there_is_a_fault_for_each_rule() -> None:
    assert {fault.rule for fault in FAULTS} == {rule.code for rule in RULEBOOK.running}


@pytest.mark.skipif(not CORPUS, reason="LINT837_CORPUS names no folder of other people's files")
def test_other_peoples_files_have_what_is_known_and_nothing_else() -> None:
    """tests/corpus.toml has the number of findings of each rule by the hash of a file, and why they are true."""
    known = {one["sha256"]: one["rules"] for one in tomllib.loads(KNOWN.read_text(encoding="utf-8"))["files"]}
    codes = {rule.code for rule in RULEBOOK.running}
    for path in sorted(one for one in Path(CORPUS).rglob("*") if one.is_file()):
        data = path.read_bytes()
        findings = lint_bytes(data, rulebook=RULEBOOK).findings
        said = Counter(finding.rule for finding in findings if finding.rule in codes)
        assert said == known.get(hashlib.sha256(data).hexdigest(), {}), path.name
