"""The prefilter changes no finding, and every rule says what it needs of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import FACTS, Good, Rule, Rulebook, load_rulebook
from lint837.lint.engine import Lint
from lint837.lint.examples import claim_file
from lint837.lint.finding import Finding, InputSummary
from lint837.x12.reader import Reader
from lint837.x12.slices import Slice

from tests import batch
from tests.rules.cases import cases_of, in_one_file
from tests.x12.reading import NEVER, blocks, whole_claims
from tests.x12.test_fast_scanner import BASES, mutated, mutations


def lint(data: bytes, rulebook: Rulebook, *, prefilter: bool) -> tuple[list[Finding], InputSummary]:
    """The findings as they come, and the summary: with the prefilter and fast scans, or without both."""
    one = Lint(blocks(data, 5000), "x.837", rulebook, prefilter=prefilter, scan_from=0 if prefilter else NEVER)
    return list(one), one.summary


@settings(max_examples=80)
@given(st.sampled_from(BASES), mutations)
def test_the_prefilter_changes_no_finding(rulebook: Rulebook, base: str, changes: list[tuple[float, int, str]]) -> None:
    data = mutated(base, changes)
    assert lint(data, rulebook, prefilter=True) == lint(data, rulebook, prefilter=False)


@pytest.mark.parametrize("rule", load_rulebook(isolated=True).drug_rules, ids=lambda rule: rule.code)
def test_every_case_is_found_with_the_prefilter(rulebook: Rulebook, rule: Rule) -> None:
    data = in_one_file(cases_of(rule))
    assert lint(data, rulebook, prefilter=True) == lint(data, rulebook, prefilter=False)


# What is read over in an NDC and in a code: blanks and dashes of any kind, also several, and a separator where one is torn.
BETWEEN = st.text(" -\u2010\u2013\u2014\u2212*:", max_size=2)
PLACES = (
    "SV1*HC:96413*410*UN*1***1~DTP*472*D8*20250110~LIN**N4*{}~CTP****1*UN~",
    "SV1*HC:96413*410*UN*1***1~DTP*472*D8*20250110~LIN*{}~",
    "SV1*{}*16000*UN*10***1~DTP*472*D8*20250110~",
    "SV1*HC:{}*16000*UN*10***1~DTP*472*D8*20250110~",
    "SV1*N4:{}*16000*UN*10***1~DTP*472*D8*20250110~",
    "SV2*0636*HC:{}*16000*UN*10~DTP*472*D8*20250110~",
    "SV2*636*{}*16000*UN*10~DTP*472*D8*20250110~",
    "SV1*HC:J3490*16000*UN*6SV1*HC:{}*16000*UN*10***1~DTP*472*D8*20250110~",
    "SV1*HC:96413*410*UN*1***1~DTP*472*D8*20250110*{}~",
    "SV1*HC:96413*410*UN*1***1~DTP*472*D8*20250110~LIN**N4*00002143380~CTP****1{}*UN~",
)


@settings(max_examples=100)
@given(
    st.sampled_from(PLACES),
    st.sampled_from(["55513007701", "5551300590", "J9026", "c9170"]),
    # Blanks alone are what tears a code that stands where no line bills.
    st.lists(st.tuples(st.integers(1, 10), BETWEEN), min_size=1, max_size=2),
)
def test_an_ndc_or_a_code_with_anything_between_its_characters(
    rulebook: Rulebook, place: str, written: str, gaps: list[tuple[int, str]]
) -> None:
    for at, gap in sorted(gaps, reverse=True):
        written = written[:at] + gap + written[at:]
    case = Good(place.format("HERE"), guide="837I" if "SV2" in place else "837P", statement="20250110-20250110")
    file = claim_file(case).replace(b"HERE", written.encode())
    assert lint(file, rulebook, prefilter=True) == lint(file, rulebook, prefilter=False)


@pytest.mark.parametrize("texts", [None, FACTS, ("99213",)])
def test_the_prefilter_of_a_rule(rulebook: Rulebook, texts: tuple[str, ...] | None) -> None:
    """A rule without a prefilter makes every claim be read, one with texts those claims that hold one of them."""
    rule = next(rule for rule in rulebook.rules if rule.code == "CLM003")
    narrowed = Rulebook((rule._replace(prefilter=texts),), rulebook.formulary, frozenset({"CLM003"}))
    text = batch.batch().replace("SV1*HC:J9026:JZ", "SV1*HC:99213").replace("SV2*0636*HC:J9026:JZ", "SV2*0636*HC:99214")
    text = text.replace("*55513007701", "*00002143380")
    reader = Reader([text.encode()], None, narrowed.prefilter, scan_from=0)
    claims = {None: 5, FACTS: 0, ("99213",): 4}
    assert len(whole_claims(one for one in reader if isinstance(one, Slice))) == claims[texts]
