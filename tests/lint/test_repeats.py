"""Claims that bill what an earlier claim of the file bills: whose they are, in which envelopes, in how many processes."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import Rulebook, lint_bytes
from lint837.files.inputs import Input
from lint837.lint import repeats
from lint837.lint.engine import Lint
from lint837.lint.finding import Finding, InputSummary
from lint837.lint.parallel import RunOptions, lint_all
from lint837.lint.repeats import Billed, Comparison, Repeat
from lint837.x12.slices import Share

from tests.batch import claim, group, interchange, line, subscriber, transaction_set
from tests.lint.test_suppress import configure

MEMBER = "NM1*IL*1*DOE*JANE****MI*MEMBER"
ONE, TWO = claim("A", line()), claim("B", line())


def file(*levels: list[str], **changes: str) -> str:
    text = interchange(group(transaction_set(*levels)))
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def repeated(text: str, rulebook: Rulebook) -> list[str | None]:
    """The claims on which CLM005 is found."""
    found = lint_bytes(text.encode(), rulebook=rulebook).findings
    return [finding.location.claim for finding in found if finding.rule == "CLM005"]


class TestWhose:
    """Each pair of claims, and whether the second repeats the first."""

    def test_one_subscriber_in_two_levels(self, rulebook: Rulebook) -> None:
        text = file(subscriber(2, ONE), subscriber(3, TWO))
        assert repeated(text, rulebook) == []
        assert repeated(text.replace("MEMBER2", "MEMBER1"), rulebook) == ["B"]
        assert repeated(text.replace("MEMBER2", " member1 "), rulebook) == ["B"]

    def test_another_name_of_the_same_member_is_no_other_person(self, rulebook: Rulebook) -> None:
        text = file(subscriber(2, ONE), subscriber(3, TWO)).replace("MEMBER2", "MEMBER1")
        at = text.rindex("DOE*JANE")
        assert repeated(text[:at] + "DOE*JANET" + text[at + 8 :], rulebook) == ["B"]

    @pytest.mark.parametrize("without", ["****MI*MEMBER1", "****MI", "****MI* "])
    def test_without_a_member_id(self, rulebook: Rulebook, without: str) -> None:
        text = file(subscriber(2, ONE, TWO)).replace("****MI*MEMBER1", without)
        assert repeated(text, rulebook) == (["B"] if "MEMBER1" in without else [])

    @pytest.mark.parametrize(
        ("old", "new"), [("PI*00952", "PI*00953"), ("SBR*P", "SBR*S")], ids=["another payer", "secondary"]
    )
    def test_another_payer_or_order(self, rulebook: Rulebook, old: str, new: str) -> None:
        text = file(subscriber(2, ONE), subscriber(3, TWO)).replace("MEMBER2", "MEMBER1")
        at = text.rindex(old)
        assert repeated(text[:at] + new + text[at + len(old) :], rulebook) == []

    def test_a_dependent(self, rulebook: Rulebook) -> None:
        text = file(subscriber(2, dependents=[ONE, TWO]))
        assert repeated(text, rulebook) == ["B"]
        at = text.rindex("DOE*JOHN")
        assert repeated(text[:at] + "DOE*JIM" + text[at + 8 :], rulebook) == []
        assert repeated(text.replace("DOE*JOHN", "*"), rulebook) == []
        assert repeated(file(subscriber(2, ONE, dependents=[TWO])), rulebook) == []

    def test_twins_have_one_birth_date_and_two_names_and_others_two_dates(self, rulebook: Rulebook) -> None:
        text = file(subscriber(2, dependents=[ONE, TWO], whole=True))
        assert repeated(text, rulebook) == ["B"]
        at = text.rindex("20010322")
        assert repeated(text[:at] + "20010323" + text[at + 8 :], rulebook) == []

    def test_kinds_of_claims(self, rulebook: Rulebook) -> None:
        """A claim, an encounter and a predetermination of one service."""
        sets = [transaction_set(subscriber(2, claim(name, line())), control=name) for name in ("0001", "0002")]
        text = interchange(group(*sets))
        assert repeated(text, rulebook) == ["0002"]
        at = text.rindex("1200*CH")
        assert repeated(text[:at] + "1200*RP" + text[at + 7 :], rulebook) == []
        assert repeated(text.replace("1200*CH", "1200*RP"), rulebook) == ["0002"]
        at = text.rindex("*005010X222A1")
        predetermination = text[:at] + "*005010X291" + text[at + 13 :]
        assert repeated(predetermination, rulebook) == []


class TestEnvelopesThatAreSentTwice:
    """ENV009 explains it, for the claims of what is repeated and no others."""

    def test_an_interchange(self, rulebook: Rulebook) -> None:
        text = file(subscriber(2, ONE))
        other = text.replace("000000001", "000000002")
        assert repeated(text + text, rulebook) == []
        assert repeated(text + other, rulebook) == ["A"]
        assert repeated(text + text + other, rulebook) == ["A"]
        assert repeated(text + text, rulebook.narrowed([], ["ENV009"])) == ["A"]

    def test_a_group(self, rulebook: Rulebook) -> None:
        one = transaction_set(subscriber(2, ONE))
        assert repeated(interchange(group(one), group(one)), rulebook) == []
        assert repeated(interchange(group(one), group(one, control=2)), rulebook) == ["A"]
        assert repeated(interchange(group(one), group(one), group(one, control=2)), rulebook) == ["A"]

    def test_a_transaction_set(self, rulebook: Rulebook) -> None:
        one, other = (transaction_set(subscriber(2, ONE), control=control) for control in ("0001", "0002"))
        assert repeated(interchange(group(one, one)), rulebook) == []
        assert repeated(interchange(group(one, one, other)), rulebook) == ["A"]


def test_each_later_claim_once(rulebook: Rulebook) -> None:
    """At the first line that repeats one; the first claim says nothing."""
    days = ("20250110", "20250117")
    two = [line(day=day) for day in days]
    text = file(subscriber(2, claim("A", *two), claim("B", *reversed(two)), claim("C", line(day="20250124"), *two)))
    found = [one for one in lint_bytes(text.encode(), rulebook=rulebook).findings if one.rule == "CLM005"]
    assert [(one.location.claim, one.location.service_line_ordinal) for one in found] == [("B", 1), ("C", 2)]


# ---------------------------------------------------------------- several processes

DAYS = ["20250110", "20250117", "20250124", "20250301"]


def a_batch(claims: list[tuple[int, str, str]]) -> str:
    levels = [
        subscriber(n, claim(f"C{n}", line(code, day=day)), claim(f"D{n}", line(day=day))[: 2 * (n % 3 == 0) or None])
        for n, (_, day, code) in enumerate(claims, 2)
    ]
    for level, (member, _, _) in zip(levels, claims, strict=True):
        level[2] = f"{MEMBER}{member}"
    return file(*levels)


def run(items: list[Input], options: RunOptions) -> list[Finding | InputSummary]:
    return list(lint_all(items, options))


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.sampled_from(DAYS), st.sampled_from(["HC:J9026:JZ", "HC:C9170:JZ"])),
        min_size=1,
        max_size=150,
    )
)
def test_several_processes_find_what_one_does(
    rulebook: Rulebook, tmp_path_factory: pytest.TempPathFactory, claims: list[tuple[int, str, str]]
) -> None:
    path = tmp_path_factory.mktemp("repeats") / "a.837"
    path.write_text(a_batch(claims))
    items = [Input(str(path))]
    alone = run(items, RunOptions(rulebook))
    for jobs in (2, 3):
        assert run(items, RunOptions(rulebook, jobs=jobs, shared_from=1)) == alone


@pytest.fixture
def large(tmp_path: Path) -> Input:
    """Every member twice, far apart, so that most pairs are in two shares; one file twice."""
    levels = [
        subscriber(n, claim(f"C{n}", line("HC:C9170:JZ" if n % 5 == 0 else "HC:J9026:JZ"))) for n in range(2, 502)
    ]
    for n, level in enumerate(levels):
        level[2] = f"{MEMBER}{n % 250}"
    path = tmp_path / "large.837"
    text = file(*levels)
    path.write_text(text + text)
    return Input(str(path))


def test_far_apart(rulebook: Rulebook, large: Input) -> None:
    alone = run([large], RunOptions(rulebook))
    assert sum(isinstance(one, Finding) and one.rule == "CLM005" for one in alone) == 250
    for jobs, prefilter in ((2, True), (3, False), (5, True)):
        assert run([large], RunOptions(rulebook, jobs=jobs, shared_from=1, prefilter=prefilter)) == alone


def test_suppressed_by_several_processes(rulebook: Rulebook, large: Input) -> None:
    quiet = configure(rulebook, 'filing-code = ["MB"]', rule="CLM005")
    alone = run([large], RunOptions(quiet))
    assert not any(isinstance(one, Finding) and one.rule == "CLM005" for one in alone)
    assert isinstance(alone[-1], InputSummary)
    assert alone[-1].suppressions[0].hidden == 250
    assert run([large], RunOptions(quiet, jobs=3, shared_from=1)) == alone


def test_past_the_limit(rulebook: Rulebook, large: Input, monkeypatch: pytest.MonkeyPatch) -> None:
    """One info says where the comparison ends; each line before it is compared."""
    monkeypatch.setattr(repeats, "COMPARED", 300)
    alone = run([large], RunOptions(rulebook))
    found = [one for one in alone if isinstance(one, Finding) and one.rule == "CLM005"]
    assert [str(one.severity) for one in found] == ["warning"] * 50 + ["info"]
    assert found[-1].location.claim_ordinal == 301
    assert found[-1].message == (
        "The file has more than 300 drug lines: from this line on, no claim is compared with those before it."
    )
    assert run([large], RunOptions(rulebook, jobs=3, shared_from=1)) == alone


def test_a_file_that_changed_while_it_was_read(
    rulebook: Rulebook, large: Input, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lint837.lint.parallel._claims", lambda _: iter(()))
    with pytest.raises(RuntimeError, match="an input changed while it was read"):
        run([large], RunOptions(rulebook, jobs=2, shared_from=1))


# ---------------------------------------------------------------- what is kept


def test_nothing_readable_is_handed_over(rulebook: Rulebook) -> None:
    text = file(subscriber(2, ONE, TWO))
    lint = Lint([text.encode()], "x", rulebook, share=Share(0, 2))
    handed = [one for one in lint.events() if isinstance(one, Billed)]
    assert [(one.claim, one.lines, len(one.hashes)) for one in handed] == [(1, 1, 1), (2, 1, 1)]
    assert handed[0].hashes[0][2] == handed[1].hashes[0][2]
    for private in ("MEMBER1", "DOE", "JANE", "J9026", "20250110", "2025-01-10"):
        assert private not in repr(handed)


def test_a_key_of_the_run_decides_the_hash_and_nothing_else(
    rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = file(subscriber(2, ONE, TWO)).encode()
    first = lint_bytes(text, rulebook=rulebook).findings
    handed = [one for one in Lint([text], "x", rulebook, share=Share(0, 2)).events() if isinstance(one, Billed)]
    monkeypatch.setattr("lint837.claims.header._KEY", os.urandom(32))
    assert lint_bytes(text, rulebook=rulebook).findings == first
    again = [one for one in Lint([text], "x", rulebook, share=Share(0, 2)).events() if isinstance(one, Billed)]
    assert again[0].hashes[0][2] != handed[0].hashes[0][2]


def test_a_patient_is_read_once(rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []

    def once(*whose: object) -> bytes:
        read.append(whose)
        return b"hash"

    monkeypatch.setattr("lint837.claims.header._patient", once)
    lint_bytes(file(subscriber(2, *(claim(f"C{n}", line()) for n in range(9)))).encode(), rulebook=rulebook)
    assert len(read) == 1


@given(st.lists(st.tuples(st.integers(1, 9).map(lambda one: one << 60 | 1), st.integers(1, 3))))
def test_the_table_is_a_set(claims: list[tuple[int, int]]) -> None:
    """These hashes all want the same place of the same table."""
    known: set[int] = set()
    comparison = Comparison()
    for ordinal, (digest, lines) in enumerate(claims, 1):
        expected = [Repeat("X", 0)] if digest in known else []
        assert comparison.repeats(Billed(ordinal, lines, (("X", 0, digest),))) == expected
        known.add(digest)


def test_a_claim_does_not_repeat_itself() -> None:
    """Two lines of it may bill the same: rules that read one claim say that."""
    comparison = Comparison()
    hashes = (("X", 0, 7), ("X", 1, 7))
    assert comparison.repeats(Billed(1, 2, hashes)) == []
    assert comparison.repeats(Billed(2, 2, hashes)) == [Repeat("X", 0)]


def test_the_table_grows() -> None:
    """Each of 16 from 256 places, of which three quarters may be taken; here one from there to 4,374."""
    comparison = Comparison()
    digests = [n << 48 | 16 * (n % 7) + 1 for n in range(1, 2501)]
    for ordinal, digest in enumerate(digests, 1):
        assert comparison.repeats(Billed(ordinal, 1, (("X", 0, digest),))) == []
    for ordinal, digest in enumerate(digests, 2501):
        assert comparison.repeats(Billed(ordinal, 1, (("X", 0, digest),))) == [Repeat("X", 0)]


def test_rules_with_repeats_that_raise(rulebook: Rulebook) -> None:
    """INT001, wherever it is; and the other rules go on."""
    text = file(subscriber(2, claim("A", line("HC:C9170:JZ")), claim("B", line("HC:C9170:JZ")))).encode()

    def failing(_: object) -> Any:  # noqa: ANN401 - it never returns
        raise ValueError("secret")

    broken = [
        [one._replace(repeats=failing) if one.repeats else one for one in rulebook.rules],
        [one._replace(check=failing) if one.repeats else one for one in rulebook.rules],
    ]
    for rules in map(tuple, broken):
        report = lint_bytes(text, rulebook=rulebook._replace(rules=rules))
        assert {"INT001", "HCP001"} <= {one.rule for one in report.findings}
        assert "secret" not in repr(report.findings)
