"""The prefilter changes no finding, and every rule says what it needs of it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import FACTS, Rulebook
from lint837.lint.engine import Lint
from lint837.lint.examples import claim_file
from lint837.lint.finding import Finding, InputSummary
from lint837.x12.reader import Reader
from lint837.x12.slices import Slice

from tests import batch
from tests.rules.cases import cases_of
from tests.x12.reading import NEVER, blocks, whole_claims
from tests.x12.test_fast_scanner import BASES, mutated, mutations


def lint(data: bytes, rulebook: Rulebook, *, prefilter: bool) -> tuple[list[Finding], InputSummary]:
    """The findings as they come, and the summary: with the prefilter and fast scans, or without both."""
    one = Lint(blocks(data, 5000), "x.837", rulebook, prefilter=prefilter, scan_from=0 if prefilter else NEVER)
    return list(one), one.summary


@settings(max_examples=150)
@given(st.sampled_from(BASES), mutations)
def test_the_prefilter_changes_no_finding(rulebook: Rulebook, base: str, changes: list[tuple[float, int, str]]) -> None:
    data = mutated(base, changes)
    assert lint(data, rulebook, prefilter=True) == lint(data, rulebook, prefilter=False)


def test_every_case_is_found_with_the_prefilter(rulebook: Rulebook) -> None:
    for rule in rulebook.drug_rules:
        for case in cases_of(rule):
            data = claim_file(case)
            assert lint(data, rulebook, prefilter=True) == lint(data, rulebook, prefilter=False)


@pytest.mark.parametrize("texts", [None, FACTS, ("99213",)])
def test_the_prefilter_of_a_rule(rulebook: Rulebook, texts: tuple[str, ...] | None) -> None:
    """A rule without a prefilter makes every claim be read, one with texts those claims that hold one of them."""
    rule = next(rule for rule in rulebook.rules if rule.code == "CLM003")
    narrowed = Rulebook((replace(rule, prefilter=texts),), rulebook.formulary, frozenset({"CLM003"}))
    text = batch.batch().replace("SV1*HC:J9026:JZ", "SV1*HC:99213").replace("SV2*0636*HC:J9026:JZ", "SV2*0636*HC:99214")
    text = text.replace("*55513007701", "*00002143380")
    reader = Reader([text.encode()], None, narrowed.prefilter, scan_from=0)
    claims = {None: 5, FACTS: 0, ("99213",): 4}
    assert len(whole_claims(one for one in reader if isinstance(one, Slice))) == claims[texts]
