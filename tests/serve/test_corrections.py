"""Corrections of a claim, one over another, and undone again; what is judged at once is what a check of all finds."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lint837 import Rulebook, load_rulebook
from lint837.lint.finding import Finding, Location
from lint837.report.model import about
from lint837.rules.rule import Severity
from lint837.serve.corrections import CorrectedClaim, Edit, NotCorrectedError, applied
from lint837.serve.document import Document
from lint837.serve.listing import Wanted, shown
from lint837.serve.typed import places_of
from lint837.x12.slices import Slice

from tests import batch

RULEBOOK = load_rulebook(isolated=True)
ABOUT = about(RULEBOOK, "1", Severity.ERROR)
FINDING = Finding("HCP001", "x", Severity.ERROR, Location("x"), "", "", {"found": "", "expected": ""})
PLACES = st.lists(st.integers(0, 12), min_size=2, max_size=4, unique=True).map(sorted)


@given(st.lists(st.tuples(PLACES, st.text("xyz", max_size=3)), max_size=6), st.integers(0, 99))
def test_corrections_follow_one_another_and_can_be_undone(steps: list[tuple[list[int], str]], seed: int) -> None:
    """Each is applied to what the claim says then. In whatever order they are undone, the first bytes come back."""
    claim = CorrectedClaim(
        Slice("claim", 100, 112, 1, 0, 1, 1, 1, "", b"abcdefghijkl", damaged=False, context=None), ()
    )
    for number, (places, text) in enumerate(steps):
        size = len(claim.new)
        ends = [min(place, size) for place in places]
        edits = [Edit(start, end, text.encode()) for start, end in zip(ends[::2], ends[1::2], strict=False)]
        expected = applied(claim.new, edits)
        if expected == claim.new:
            with pytest.raises(NotCorrectedError):
                claim.add(number, FINDING, edits, safe=False)
        else:
            claim.add(number, FINDING, edits, safe=False)
        assert claim.new == expected
        assert len(claim.new) == len(claim.old) + claim.moved
    chance = random.Random(seed)  # noqa: S311 - no secret is made of it
    while claim.corrections:
        claim.corrections.remove(chance.choice(claim.corrections))
        claim.new  # noqa: B018 - edits that overlapped could not be applied
    assert claim.new == claim.old


def document(*claims: list[str], rulebook: Rulebook = RULEBOOK, change: tuple[str, str] = ("", "")) -> Document:
    text = batch.interchange(batch.group(batch.transaction_set(batch.subscriber(2, *claims)))).replace(*change)
    one = Document("a.837", text.replace("~", "~\n").encode(), rulebook, ABOUT)
    check(one)
    return one


def check(one: Document) -> bool:
    found = one.check()
    assert found is not None
    return one.take(found)


def said(one: Document) -> list[tuple[int, str, str, str]]:
    return [
        (row.ordinal, entry.rule, entry.location.element, entry.message)
        for row in one.rows.values()
        for entry in row.entries
    ]


EXPIRED = batch.line("HC:C9170:JZ")


def _hyphens(day: str) -> list[str]:
    return [*batch.line(day=day)[:2], "LIN**N4*55513-077-01", "CTP****1*UN"]


def test_a_claim_that_is_judged_at_once_is_judged_as_in_the_file() -> None:
    """Also those that follow it, whose bytes have moved, before and after the whole file is checked again."""
    days = ["20250110", "20250111", "20250112", "20250113"]
    one = document(
        batch.claim("A", _hyphens(days[0])),
        batch.claim("B", batch.line(units="1", day=days[1])),
        batch.claim("C", batch.line("HC:C9170:JZ", day=days[2]), _hyphens(days[3])),
    )
    assert [rule for _, rule, *_ in said(one)] == ["NDC001", "QTY001", "HCP001", "NDC001"]
    for ordinal, recheck in ((1, False), (2, True), (3, False)):
        one.correct(ordinal, 0, {"choice": 0} if ordinal == 2 else {"fix": True})
        assert not one.is_checked
        before = said(one)
        if recheck:
            assert check(one) is False  # no news
        assert said(one) == before
    assert [rule for _, rule, *_ in before] == ["NDC001"]
    one.correct(3, 0, {"fix": True})
    assert said(one) == []
    assert check(one) is False
    lines = [batch.line(day=day) for day in days]
    right = document(batch.claim("A", lines[0]), batch.claim("B", lines[1]), batch.claim("C", *lines[2:]))
    assert one.corrected_file() == right.data
    for claim, correction in one.corrections:
        one.undo(claim.piece.claim, correction.number)
    assert one.bytes_now() == one.data
    check(one)
    assert [rule for _, rule, *_ in said(one)] == ["NDC001", "QTY001", "HCP001", "NDC001"]


def test_what_compares_claims_is_said_until_all_is_checked_again() -> None:
    one = document(batch.claim("A", EXPIRED), batch.claim("B", EXPIRED))
    assert [(ordinal, rule) for ordinal, rule, *_ in said(one)] == [(1, "HCP001"), (2, "CLM005"), (2, "HCP001")]
    number = [entry.rule for entry in one.rows[2].entries].index("HCP001")
    one.correct(2, number, {"fix": True})
    assert [(ordinal, rule) for ordinal, rule, *_ in said(one)] == [(1, "HCP001"), (2, "CLM005")]
    assert check(one) is True
    assert [(ordinal, rule) for ordinal, rule, *_ in said(one)] == [(1, "HCP001")]


@pytest.mark.parametrize(
    ("claim", "way", "why"),
    [
        (batch.claim("A", EXPIRED), {"choice": 0}, "There is nothing that can be written into the claim for this."),
        (batch.claim("A", EXPIRED), {}, "There is nothing that can be written into the claim for this."),
        (
            batch.claim("A", EXPIRED),
            {"segment": 11, "element": "NM103", "value": "X"},
            "This element cannot be changed here.",
        ),
        (
            batch.claim("A", EXPIRED, facility="11:B:8"),
            {"fix": True},
            "A void repeats the claim that it cancels, so it is not corrected.",
        ),
    ],
    ids=["no choice", "nothing", "another segment", "void"],
)
def test_what_cannot_be_corrected_is_refused(claim: list[str], way: dict[str, object], why: str) -> None:
    one = document(claim)
    with pytest.raises(NotCorrectedError, match=why):
        one.correct(1, 0, way)
    assert one.bytes_now() == one.data


def test_a_hard_wrapped_file_is_not_corrected() -> None:
    text = batch.interchange(batch.group(batch.transaction_set(batch.subscriber(2, batch.claim("A", EXPIRED)))))
    one = Document("a.837", "\n".join(text[at : at + 80] for at in range(0, len(text), 80)).encode(), RULEBOOK, ABOUT)
    check(one)
    with pytest.raises(NotCorrectedError, match="hard-wrapped"):
        one.correct(1, 0, {"fix": True})


def test_the_log_names_the_element_that_was_written() -> None:
    one = document(batch.claim("A", EXPIRED))
    segment = one.rows[1].findings[0].location.segment
    one.correct(1, 0, {"segment": segment, "element": "SV104", "value": "9"})
    [change] = list(map(json.loads, one.log().splitlines()))[1:]
    assert [change[key] for key in ("rule", "element", "old", "new", "safe")] == ["HCP001", "SV104", "10", "9", False]


def test_what_is_found_in_a_header_stays_and_is_not_corrected() -> None:
    """It is said with the first claim below it. A claim that is judged at once says nothing of it again."""
    rulebook = RULEBOOK._replace(claims=True).narrowed()
    one = document(
        batch.claim("A", EXPIRED),
        batch.claim("B", _hyphens("20250111")),
        rulebook=rulebook,
        change=("REF*EI*123456789", "REF*EI*74-1852963"),
    )
    before = said(one)
    assert [ordinal for ordinal, rule, *_ in before if rule == "PRV001"] == [1]
    for ordinal, rule in ((2, "NDC001"), (1, "HCP001")):
        number = [entry.rule for entry in one.rows[ordinal].entries].index(rule)
        one.correct(ordinal, number, {"fix": True})
        before = [item for item in before if item[:2] != (ordinal, rule)]
        assert sorted(said(one)) == sorted(before)
    check(one)
    assert sorted(said(one)) == sorted(before)
    number = [entry.rule for entry in one.rows[1].entries].index("PRV001")
    with pytest.raises(NotCorrectedError, match="in a header above the claim"):
        one.correct(1, number, {"fix": True})


def test_a_value_can_be_written_into_another_segment_than_the_findings() -> None:
    one = document(batch.claim("A", EXPIRED))
    day = next(place for place in places_of(one.rows[1].findings[0]) if place[1] == "DTP03")
    one.correct(1, 0, {"segment": day[0], "element": "DTP03", "value": "20241231"})
    assert [rule for _, rule, *_ in said(one)] == ["HCP011"]
    assert "DTP*472*D8*20241231" in shown(one, Wanted())["corrections"]
