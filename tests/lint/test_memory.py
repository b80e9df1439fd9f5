"""What is remembered of claims that are alike: it changes no finding, and holds nobody's data."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import Bad, Citation, Claim, DrugLine, Finding, Good, Problem, Rulebook, Severity, rule
from lint837.claims.header import Headers
from lint837.facts.payers import UNKNOWN_PAYER
from lint837.lint.asked import Rules
from lint837.lint.engine import Lint
from lint837.lint.examples import claim_file
from lint837.lint.judgment import judge
from lint837.lint.memory import Memory
from lint837.x12.reader import Reader
from lint837.x12.slices import Slice

from tests import batch
from tests.lint.test_metamorphic import BATCHES, Lines
from tests.lint.test_metamorphic import batch as file_of
from tests.rules.cases import cases_of
from tests.x12.test_fast_scanner import BASES, mutated, mutations


def lint(data: bytes, rulebook: Rulebook, *, remember: bool) -> list[Finding]:
    return list(Lint([data], "x.837", rulebook, remember=remember))


def claims_of(data: bytes) -> list[Slice]:
    return [one for one in Reader([data]) if isinstance(one, Slice) and one.kind == "claim" and one.data]


class Memories:
    """A memory, and what it holds after some claims."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rules = Rules(rulebook.rules_for(UNKNOWN_PAYER))
        self.memory = Memory(rulebook.formulary, self.rules.drugs)
        self.headers = Headers()

    def recall(self, piece: Slice) -> tuple[set[str], bool, int] | None:
        """The rules that are said to have something to say, whether a mention is not judged, and the drug lines."""
        found = self.memory.recall(piece, self.headers.of(piece.context), UNKNOWN_PAYER, self.rules)
        return found and ({one.code for one in found[0].rules.drugs}, found[0].unjudged, found[0].drug_lines)

    @property
    def held(self) -> list[tuple[tuple[object, ...], object]]:
        return [*self.memory._known.items(), *self.memory._outlined.items()]


@pytest.fixture(autouse=True)
def _outlined_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lint837.claims.normal_form._MANY", 0)


# ---------------------------------------------------------------- it changes nothing


@settings(max_examples=40)
@given(BATCHES)
def test_cold_and_warm_give_the_same(rulebook: Rulebook, claims: list[Lines]) -> None:
    data = file_of([*claims, *claims, *reversed(claims)])
    assert lint(data, rulebook, remember=True) == lint(data, rulebook, remember=False)


@settings(max_examples=60)
@given(st.sampled_from(BASES), mutations)
def test_of_a_damaged_file_too(rulebook: Rulebook, base: str, changes: list[tuple[float, int, str]]) -> None:
    data = mutated(base, changes)
    assert lint(data, rulebook, remember=True) == lint(data, rulebook, remember=False)


def test_the_normal_form_says_what_the_claim_says(rulebook: Rulebook) -> None:
    """For every second case of all rules; three quarters of them are written in the usual way."""
    cases, usual = 0, 0
    for one in rulebook.drug_rules:
        for case in cases_of(one)[::2]:
            profile = case.payer or UNKNOWN_PAYER
            rules = Rules(rulebook.rules_for(profile))
            memory = Memory(rulebook.formulary, rules.drugs)
            for piece in claims_of(claim_file(case)):
                cases += 1
                header = Headers().of(piece.context)
                recalled = memory.recall(piece, header, profile, rules)
                if recalled is None:
                    continue
                known = recalled[0]
                usual += 1
                claim = Claim(piece, rulebook.formulary, header, profile)
                judgment = judge(claim, rules)
                found = {said.rule.code for said in (*judgment.found, *(said.found for said in judgment.yielded))}
                said = {said.code for said in known.rules.drugs} | ({"INT002"} if known.unjudged else set())
                assert (said, known.drug_lines) == (found, len(claim.drug_lines)), case
    assert usual > 0.75 * cases > 250


@pytest.mark.parametrize("where", [timedelta(-1), timedelta(0), timedelta(1)])
def test_each_day_on_which_something_changes(rulebook: Rulebook, where: timedelta) -> None:
    """Claims before, on and after it, and one of a range over it."""
    changes = {*rulebook.formulary.days, *(day for one in rulebook.drug_rules for day in one.days or ())}
    assert {date(2023, 7, 1), date(2024, 12, 31), date(2025, 1, 1)} < changes
    days = [f"{day + where:%Y%m%d}" for day in sorted(changes)]
    lines = [batch.line(code, day=day) for day in days for code in ("HC:J9026", "HC:C9170:JZ", "HC:J9999:JZ")]
    ranges = [batch.line(day=day) for day in days]
    for one, first in zip(ranges, days, strict=True):
        last = date.fromisoformat(first) + timedelta(1)
        one[1] = f"DTP*472*RD8*{first}-{last:%Y%m%d}"
    data = file_of([[one] for one in [*lines, *ranges, *lines]])
    assert lint(data, rulebook, remember=True) == lint(data, rulebook, remember=False) != []


def test_what_a_configuration_says_of_a_payer(rulebook: Rulebook) -> None:
    """Claims that are alike but for their payer."""
    profile = UNKNOWN_PAYER._replace(name="X", payer_ids=("00952",), rules={"HCP001": "off", "HCP011": "off"})
    one = rulebook.profiles.__class__([profile])
    data = file_of([[batch.line("HC:C9170:JZ")]]).decode()
    other = file_of([[batch.line("HC:C9170:JZ")]]).decode().replace("00952", "00953").replace("000000001", "000000002")
    found = lint((data + other).encode(), rulebook._replace(profiles=one), remember=True)
    assert [(finding.rule, finding.location.claim_ordinal) for finding in found] == [("HCP001", 2)]


# ---------------------------------------------------------------- who is not remembered


def a_rule(code: str, check: object, severity: Severity = Severity.ERROR) -> object:
    """A rule of a module whose package promises nothing."""
    return rule(
        code,
        severity=severity,
        cites=[Citation("a test", "It says so.")],
        good=[Good("SV1*HC:99213*1*UN*1***1~")],
        bad=[Bad("SV1*HC:J9026*1*UN*1***1~", at="CLM01")],
        prefilter=["J9026"],
    )(check)  # type: ignore[arg-type]


def long_number(claim: Claim) -> Iterator[Problem]:
    """The number of the claim is long.

    More than 20 characters.
    """
    if len(claim.clm.element(1)) > 20:
        yield Problem(
            where=claim.clm.at(1), found="long", expected="short", message="It is long.", correction="shorten it"
        )


def sunday(line: DrugLine) -> Iterator[Problem]:
    """The day of service is a Sunday.

    Nobody is there.
    """
    if line.day and line.day.isoweekday() == 7:
        yield Problem(
            where=line.at_date, found=line.day, expected="a weekday", message="It is a Sunday.", correction="check it"
        )


def test_a_rule_of_others_reads_each_claim(rulebook: Rulebook) -> None:
    extra = (a_rule("ZZZ001", long_number), a_rule("ZZZ002", sunday))
    more = rulebook._replace(rules=(*rulebook.rules, *extra), chosen=rulebook.chosen | {"ZZZ001", "ZZZ002"})  # type: ignore[arg-type]
    days = ["20250110", "20250111", "20250112", "20250113"]
    people = [
        batch.subscriber(n, batch.claim("N" * (19 + n % 4), batch.line(day=day))) for n, day in enumerate(days * 3, 2)
    ]
    data = batch.interchange(batch.group(batch.transaction_set(*people))).encode()
    found = lint(data, more, remember=True)
    assert found == lint(data, more, remember=False)
    numbers = {finding.location.claim_ordinal for finding in found if finding.rule == "ZZZ001"}
    assert numbers == {n - 1 for n in range(2, 14) if 19 + n % 4 > 20}
    assert {finding.location.claim_ordinal for finding in found if finding.rule == "ZZZ002"} == {3, 7, 11}


def test_the_rules_of_this_package_promise_to_read_values_only(rulebook: Rulebook) -> None:
    assert [one.code for one in rulebook.drug_rules if one.days is None] == []


def test_a_rule_that_fails_is_told_of_each_claim(rulebook: Rulebook) -> None:
    def failing(_: DrugLine) -> Iterator[Problem]:
        raise ValueError("DOE")

    broken = tuple(one._replace(check=failing, unless="") if one.code == "QTY001" else one for one in rulebook.rules)
    found = lint(file_of([[batch.line()]] * 3), rulebook._replace(rules=broken), remember=True)
    assert [finding.rule for finding in found if finding.rule != "CLM005"] == ["INT001"] * 3
    assert "DOE" not in repr(found)


# ---------------------------------------------------------------- what is held

CANARY = "CANARY"


def whole_claim(rng: Random, number: int, *, text: str = "") -> list[str]:
    """A claim with four right drug lines: person, numbers, charges and days differ in each."""
    day = date(2025, 1, 6) + timedelta(rng.randrange(200))
    segments = [
        f"CLM*{CANARY}{number}*{rng.randrange(10**6)}.{rng.randrange(100):02}***11:B:1*Y*A*Y*Y",
        f"REF*D9*{CANARY}{rng.random()}",
        f"HI*ABK:C34{rng.randrange(10)}0*ABF:Z{rng.randrange(7000, 9999)}*ABF:I{rng.randrange(10, 99)}",
        f"NM1*82*1*{CANARY}*{rng.random()}****XX*1234567893",
        f"N3*{CANARY} {rng.randrange(999)} ROAD",
        f"N4*{CANARY}*IL*62701",
        f"DMG*D8*{CANARY}",
    ]
    for n in range(1, 5):
        day += timedelta(rng.randrange(1, 30))
        segments += [
            f"LX*{n}",
            f"SV1*HC:J9026:JZ{text and f':::{text}'}*{rng.randrange(9000, 20000)}*UN*10***1",
            f"DTP*472*D8*{day:%Y%m%d}",
            f"REF*6R*{CANARY}{rng.random()}",
            "LIN**N4*55513007701",
            "CTP****1*UN",
        ]
        if text:
            segments.append(f"NTE*ADD*{text}")
    return segments


def dense(*, claims: int, text: str = "") -> bytes:
    rng = Random(837)  # noqa: S311 - no secret is made of it
    people = [
        [part.replace("DOE", CANARY) for part in batch.subscriber(n, whole_claim(rng, n, text=text and f"{text} {n}"))]
        for n in range(2, claims + 2)
    ]
    return batch.interchange(batch.group(batch.transaction_set(*people))).encode()


@pytest.mark.parametrize("made", [bytes, batch.wrapped], ids=["one line", "wrapped"])
def test_nearly_all_are_found_again(rulebook: Rulebook, made: Callable[[bytes], bytes]) -> None:
    """Where person, numbers, days, charges and further diagnoses differ in every claim."""
    memories = Memories(rulebook)
    recalled = [memories.recall(piece) for piece in claims_of(made(dense(claims=400)))]
    assert recalled == [(set(), False, 4)] * 400
    assert len(memories.held) <= 8


@pytest.mark.parametrize("below", ["LIN**N4*55513007701~", "NTE*ADD*TARLATAMAB 10 MG~", "K3*TARLATAMAB~", ""])
def test_a_line_of_another_code_counts_with_what_is_below_it(rulebook: Rulebook, below: str) -> None:
    for code in ("J9271", "99213", "J3490"):
        line = [f"SV1*HC:{code}*16000*UN*1***1", "DTP*472*D8*20250515", *below.split("~")[:-1]]
        data = file_of([[batch.line(), line], [line, batch.line()], [line]])
        assert lint(data, rulebook, remember=True) == lint(data, rulebook, remember=False)


def test_services_beside_a_drug_are_not_in_the_normal_form(rulebook: Rulebook) -> None:
    memories = Memories(rulebook)
    services = [
        [[f"SV1*HC:{code}*90*UN*1***1", "DTP*472*D8*20250515"]] for code in ("99213", "96413", "J1100", "85025")
    ]
    for beside in services:
        assert all(memories.recall(piece) for piece in claims_of(file_of([[batch.line(), *beside]])))
    assert len(memories.memory._known) == 1


def test_a_service_on_another_day_does_not_hide_that_claims_bill_the_same(rulebook: Rulebook) -> None:
    """Whether the service is before the drug or after it."""
    for visit in ("20250108", "20250119"):
        beside = ["SV1*HC:99213*90*UN*1***1", f"DTP*472*D8*{visit}"]
        days = ["20250110", "20250112", "20250117", "20250110", "20250113", "20250117"]
        claims = [batch.claim(f"N{n}", batch.line(day=day), beside) for n, day in enumerate(days)]
        data = batch.interchange(batch.group(batch.transaction_set(batch.subscriber(2, *claims)))).encode()
        found = [(one.rule, one.location.claim_ordinal) for one in lint(data, rulebook, remember=True)]
        assert found == [("CLM005", 4), ("CLM005", 6)]


def test_nothing_of_a_person_is_held(rulebook: Rulebook) -> None:
    for text in ("", f"{CANARY} TEXT"):
        memories = Memories(rulebook)
        assert all(memories.recall(piece) for piece in claims_of(dense(claims=20, text=text)))
        assert memories.held
        assert CANARY not in repr(memories.held)
        assert CANARY.encode() not in repr(memories.held).encode()


def test_what_is_held_has_a_bound(rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lint837.lint.memory._REMEMBERED", 3)
    memories = Memories(rulebook)
    data = file_of([[batch.line(units=str(n))] for n in range(1, 30)])
    for piece in claims_of(data):
        memories.recall(piece)
        assert len(memories.held) <= 6
    assert lint(data, rulebook, remember=True) == lint(data, rulebook, remember=False)
