"""The order of findings: input by input, claim by claim, in a claim by offset, rule and element; a finding on the file
after the claim that precedes it. It is the same with several processes, and what is found in a claim does not depend on
where in a batch the claim is.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import Bad, Citation, Claim, Finding, Good, Problem, Rulebook, Severity, lint_bytes, rule
from lint837.files.inputs import Input
from lint837.lint.finding import InputSummary
from lint837.lint.parallel import RunOptions, lint_all
from lint837.report.formats import FORMATS

from tests import batch
from tests.invariants import check_order, is_of_file
from tests.lint.test_metamorphic import CLAIM_LINES, Lines
from tests.processes import lint837
from tests.x12.test_fast_scanner import BASES, mutated, mutations

WRONG = batch.line("HC:C9170", units="1")  # MOD001 at SV1, HCP001 at SV101-2, QTY001 at SV104
RIGHT = batch.line()


def found(data: str, rulebook: Rulebook) -> list[tuple[str, int | None, str]]:
    """The rule, claim and element of each finding."""
    findings = lint_bytes(data.encode(), rulebook=rulebook).findings
    return [(one.rule, one.location.claim_ordinal, one.location.element) for one in findings]


def file(*sets: list[list[str]]) -> str:
    """Transaction sets, each of claims' lines."""
    made = []
    for number, claims in enumerate(sets, 1):
        people = [batch.subscriber(n, batch.claim(f"C{n}", line)) for n, line in enumerate(claims, 2)]
        made.append(batch.transaction_set(*people, control=f"{number:04}"))
    return batch.interchange(batch.group(*made))


def test_claim_by_claim_and_in_a_claim_by_place_then_rule(rulebook: Rulebook) -> None:
    assert found(file([WRONG, RIGHT, WRONG]), rulebook) == [
        ("MOD001", 1, ""),
        ("HCP001", 1, "SV101-2"),
        ("QTY001", 1, "SV104"),
        ("MOD001", 3, ""),
        ("HCP001", 3, "SV101-2"),
        ("QTY001", 3, "SV104"),
    ]


def test_a_finding_on_the_file_comes_after_the_claim_that_precedes_it(rulebook: Rulebook) -> None:
    one, two, three = (batch.line("HC:C9170:JZ", day=day) for day in ("20250110", "20250117", "20250124"))
    data = file([one, one], [two, two], [three])
    first, second, third = data.split("ST*837*")[1:]
    data = data.replace(first, first.replace("SE*", "SE*9"))  # ENV003 between the first set and the second
    data = data.replace(second, second.replace("LX*1~", "LX*1~~", 1))  # ENV007 is known when its set has ended
    data = data.replace(third, third.replace("HL*2*1*22*0~", "HL*2*9*22*0~")) + "junk"
    assert found(data, rulebook) == [
        ("HCP001", 1, "SV101-2"),
        ("HCP001", 2, "SV101-2"),
        ("ENV003", None, "SE01"),
        ("HCP001", 3, "SV101-2"),
        ("HCP001", 4, "SV101-2"),
        ("ENV007", 3, ""),
        ("ENV010", None, "HL02"),
        ("HCP001", 5, "SV101-2"),
        ("ENV008", None, ""),
    ]


def test_so_many_findings_between_two_claims(rulebook: Rulebook) -> None:
    """They are told in parts, and still by offset."""
    empty = [
        batch.interchange(batch.group(control=7), control=number + 2).replace("GE*0*7", "GE*1*8")
        for number in range(900)
    ]
    one = file([WRONG])
    report = lint_bytes((one + "".join(empty) + one.replace("000000001", "000099999")).encode(), rulebook=rulebook)
    of_file = [(finding.location.offset, finding.rule) for finding in report.findings if is_of_file(finding)]
    assert len(of_file) == 1800
    assert of_file == sorted(of_file)
    check_order(report.findings)


@settings(max_examples=80)
@given(st.sampled_from(BASES), mutations)
def test_of_a_damaged_file(rulebook: Rulebook, base: str, changes: list[tuple[float, int, str]]) -> None:
    data = mutated(base.replace("*10***1", "*1***1").replace("J9026", "C9170"), changes)
    check_order(lint_bytes(data, rulebook=rulebook).findings)


class TestSeveralProcesses:
    @pytest.fixture
    def files(self, tmp_path: Path) -> list[str]:
        """Three inputs, the second much the longest, with findings on claims and on files."""
        damaged = file([WRONG, RIGHT, WRONG] * 30, [WRONG]).replace("LX*1~", "LX*1~~", 3).replace("SE*", "SE*9")
        texts = {"b.837": file([WRONG]), "a.837": damaged, "c.837": file([RIGHT, WRONG])[:-30]}
        for name, text in texts.items():
            (tmp_path / name).write_text(text)
        return [str(tmp_path / name) for name in texts]

    @pytest.mark.parametrize("jobs", [1, 2, 3])
    @pytest.mark.parametrize("shared_from", [1, 1 << 30])
    def test_input_by_input(self, rulebook: Rulebook, files: list[str], jobs: int, shared_from: int) -> None:
        options = RunOptions(rulebook, jobs=jobs, shared_from=shared_from)
        inputs: list[str] = []
        under_way: list[Finding] = []
        for event in lint_all([Input(path) for path in files], options):
            if isinstance(event, InputSummary):
                assert {one.location.path for one in under_way} == {event.path}
                assert (
                    tuple(under_way)
                    == lint_bytes(Path(event.path).read_bytes(), event.path, rulebook=rulebook).findings
                )
                check_order(under_way)
                inputs.append(event.path)
                under_way = []
            else:
                under_way.append(event)
        assert inputs == files

    def test_every_report_is_the_same(self, files: list[str], tmp_path: Path) -> None:
        for jobs in ("1", "2"):
            reports = [f"--report={name}={tmp_path}/{jobs}.{name}" for name in FORMATS]
            done = lint837("check", "--isolated", "--jobs", jobs, *files, *reports, cwd=tmp_path)
            assert (done.returncode, done.stderr) == (3, "")
        for name in FORMATS:
            assert (tmp_path / f"1.{name}").read_bytes() == (tmp_path / f"2.{name}").read_bytes()


# ---------------------------------------------------------------- the claims of a batch in another order

LONGEST = 20  # characters of CLM01 by the guides


@rule(
    "LEN001",
    severity=Severity.WARNING,
    cites=[Citation("X12 005010X222A1, CLM01", "Not more than 20 characters are returned.")],
    good=[Good("SV1*HC:99213*1*UN*1***1~")],
    bad=[Bad("SV1*HC:99213*1*UN*1***1~", at="CLM01")],
)
def long_claim_number(claim: Claim) -> Iterator[Problem]:
    """A claim number is longer than a payer returns.

    A rule of a third party: nothing but CLM01 decides what it finds.
    """
    length = len(claim.clm.element(1))
    if length > LONGEST:
        yield Problem(
            where=claim.clm.at(1),
            found=length,
            expected=LONGEST,
            message="The claim number has {found} characters.",
            correction="shorten it to {expected}",
        )


NUMBERS = st.text("ABC0123", min_size=1, max_size=30)
NUMBERED = st.lists(st.tuples(NUMBERS, CLAIM_LINES), min_size=2, max_size=6, unique_by=lambda one: one[0])
Numbered = list[tuple[str, Lines]]


def batch_of(claims: Numbered) -> bytes:
    people = [batch.subscriber(n, batch.claim(name, *lines)) for n, (name, lines) in enumerate(claims, 2)]
    return batch.interchange(batch.group(batch.transaction_set(*people))).encode()


def by_claim(claims: Numbered, rulebook: Rulebook) -> dict[str | None, list[tuple[object, ...]]]:
    """What is found in each claim, whatever its place in the file."""
    findings: dict[str | None, list[tuple[object, ...]]] = {}
    for one in lint_bytes(batch_of(claims), rulebook=rulebook).findings:
        at = one.location
        findings.setdefault(at.claim, []).append(
            (
                one.rule,
                one.severity,
                one.message,
                one.correction,
                one.sources,
                at.service_line,
                at.element,
                at.loop,
                one.raw and one.raw.period,
            )
        )
    return findings


@settings(max_examples=40)
@given(NUMBERED, st.randoms(use_true_random=False))
def test_no_order_of_claims_changes_what_is_found(rulebook: Rulebook, claims: Numbered, chance: random.Random) -> None:
    """Also of a third party's rule, whose findings depend on CLM01 alone."""
    with_one_more = Rulebook(
        (*rulebook.rules, long_claim_number), rulebook.formulary, rulebook.chosen | {long_claim_number.code}
    )
    expected = by_claim(claims, with_one_more)
    shuffled = claims[:]
    chance.shuffle(shuffled)
    assert by_claim(shuffled, with_one_more) == expected
    alone = {name: said for one in claims for name, said in by_claim([one], with_one_more).items()}
    assert alone == expected
    long = {name for name, _ in claims if len(name) > LONGEST}
    assert {name for name, said in expected.items() if any(one[0] == "LEN001" for one in said)} == long


@pytest.mark.parametrize("quiet", [1, 2, 5000])
def test_a_long_number_after_quiet_claims_with_short_ones(rulebook: Rulebook, quiet: int) -> None:
    """Claims that are alike but for CLM01, as those of one day in an infusion center."""
    only = Rulebook((long_claim_number,), rulebook.formulary, frozenset({long_claim_number.code}))
    claims: Numbered = [(f"C{n}", [RIGHT]) for n in range(quiet)]
    claims += [("9" * 21, [RIGHT]), ("SHORT", [RIGHT]), ("8" * 25, [RIGHT])]
    report = lint_bytes(batch_of(claims), rulebook=only)
    assert [(one.rule, one.location.claim_ordinal) for one in report.findings] == [
        ("LEN001", quiet + 1),
        ("LEN001", quiet + 3),
    ]
