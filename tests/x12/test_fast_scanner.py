"""A survey changes nothing but the time: the same slices, faults, counts and findings, whatever the file, the blocks and
the delimiters. Nor do the prefilter and what is remembered of claims without findings.
"""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import Rulebook
from lint837.lint.examples import claim_file
from lint837.rules.rule import FACTS, Bad, Good
from lint837.x12.reader import Reader
from lint837.x12.slices import Slice

from tests import batch
from tests.invariants import WAYS, Way, check_reader, lint, whole_claims

BASES = [
    batch.batch(),
    batch.batch().replace("~", "~\n"),
    batch.batch().replace("~", "~\r\n"),
    batch.batch().replace("~", "~\r\n", 40),
    batch.interchange(
        batch.group(
            batch.transaction_set(
                *(
                    batch.subscriber(n, batch.claim(f"C{n}", batch.line("HC:99213"), batch.line()))
                    for n in range(2, 14)
                ),
            )
        ),
        delimiters=batch.Delimiters("|", ">", "^", "'"),
    ),
]
# What a mutation puts into a file: delimiters, segments in a wrong place, literals, and what hides or breaks one.
TOKENS = [
    *("~", "*", ":", "~~", " ", "\n", "\r\n", "\t", "\x00", "\x7f", "\xe9", "A", "1", "0", "22", "23", "20", "*1*22*"),
    *("HL*", "HL*9*1*22*0~", "HL*3*2*23*0~", "CLM*", "CLM~", "LX*1~", "LX*2~", "LX*01~", "LX~", "SV1*HC:J9026*1*UN*1~"),
    *("ISA", "ISA*", "GS*HC*", "ST*837*0001*005010X222A1~", "SE*1*1~", "GE*1*1~", "IEA*1*1~", "XISAX", "TARISA*"),
    *("J9026", ":J 9026", ": j90 26", "imdelltra", "TAR", "55513077701", "55513 077 01", "NTE*ADD*Tarlatamab~"),
    "A" * 120,
    "*" * 30,
]
mutations = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 8), st.sampled_from(TOKENS)), max_size=4)


def mutated(text: str, changes: Sequence[tuple[float, int, str]]) -> bytes:
    """`text` with each change made: so many characters at a place (a share of the length) give way to a token; 7 and 8
    move what stands there to the end of the change before it, or cut the text off.
    """
    for place, width, token in changes:
        at = int(place * len(text))
        if width == 8:
            text = text[:at]
        elif width == 7:
            parts = text.split("~")
            parts.insert(len(parts) // 2, parts.pop(int(place * (len(parts) - 1))))
            text = "~".join(parts)
        else:
            text = text[:at] + token + text[at + width :]
    return text.encode("latin-1")


@settings(max_examples=400)
@given(st.sampled_from(BASES), mutations, st.sampled_from(WAYS))
def test_a_survey_changes_no_event(
    rulebook: Rulebook, base: str, changes: list[tuple[float, int, str]], way: Way
) -> None:
    check_reader(mutated(base, changes), way, rulebook)


def test_a_survey_passes_over_what_is_plain(rulebook: Rulebook) -> None:
    text = batch.interchange(
        batch.group(
            batch.transaction_set(
                *(batch.subscriber(n, batch.claim(f"C{n}", batch.line("HC:99213")[:2])) for n in range(2, 40)),
                batch.subscriber(40, batch.claim("LAST", batch.line())),
            )
        )
    )
    reader = Reader([text.encode()], None, rulebook.literals, survey_from=0)
    claims = whole_claims(one for one in reader if isinstance(one, Slice))
    assert [(one.claim, one.claim_name) for one in claims] == [(39, "LAST")]
    assert reader.counts.claims == 39


@settings(max_examples=150)
@given(st.sampled_from(BASES), mutations)
def test_the_prefilter_changes_no_finding(rulebook: Rulebook, base: str, changes: list[tuple[float, int, str]]) -> None:
    data = mutated(base, changes)
    assert lint(data, rulebook, prefilter=True) == lint(data, rulebook, prefilter=False)


def test_every_example_is_found_with_the_prefilter(rulebook: Rulebook) -> None:
    for rule in rulebook.rules:
        examples: list[Good | Bad] = [*rule.good, *rule.bad]
        for example in examples:
            data = claim_file(example)
            assert lint(data, rulebook, prefilter=True) == lint(data, rulebook, prefilter=False)


@pytest.mark.parametrize("literals", [None, FACTS, ("99213",)])
def test_the_literals_of_a_rule(rulebook: Rulebook, literals: tuple[str, ...] | None) -> None:
    """A rule without literals makes every claim be read, one with literals those that hold one."""
    rule = next(rule for rule in rulebook.rules if rule.code == "CLM003")
    narrowed = Rulebook((replace(rule, literals=literals),), rulebook.formulary, frozenset({"CLM003"}))
    text = batch.batch().replace("SV1*HC:J9026:JZ", "SV1*HC:99213").replace("SV2*0636*HC:J9026:JZ", "SV2*0636*HC:99214")
    text = text.replace("*55513007701", "*00002143380")
    reader = Reader([text.encode()], None, narrowed.literals, survey_from=0)
    claims = {None: 5, FACTS: 0, ("99213",): 4}
    assert len(whole_claims(one for one in reader if isinstance(one, Slice))) == claims[literals]
