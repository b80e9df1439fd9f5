"""Findings that are carried over to claims that are alike: they are what the rules say of each claim."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from lint837 import DrugLine, Problem, Rulebook
from lint837.claims.segment import day_of
from lint837.lint import judgment
from lint837.lint.engine import Lint, Runnings
from lint837.lint.examples import claim_file

from tests import batch
from tests.lint.test_memory import CANARY, a_rule, dense
from tests.lint.test_metamorphic import batch as batch_of
from tests.rules.cases import cases_of

SEEDS = int(os.environ.get("LINT837_SEEDS", "1"))


@pytest.fixture(autouse=True)
def _outlined_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lint837.claims.normal_form._MANY", 0)
    monkeypatch.setattr("lint837.lint.memory._AFTER", 1)


def alike(data: bytes, rng: Random, marks: list[date]) -> bytes:
    """A file whose claims mostly have the normal forms of those in another, and differ in all that is not in these."""
    segments = data.decode("latin-1").split("~")
    days = sorted({day for one in segments if (day := _day(one))})
    other = dict(zip(days, _other_days(days, rng, marks), strict=True))
    made: list[str] = []
    for segment in segments:
        elements = segment.split("*")
        if elements[0] == "CLM":
            elements[1:3] = [f"C{rng.randrange(10**6)}", f"{rng.randrange(10**5)}.{rng.randrange(100):02}"]
        elif elements[0] == "LX":
            if rng.random() < 0.3:
                made += [
                    f"LX*{rng.randrange(100)}",
                    "SV1*HC:99213*90*UN*1***1",
                    f"DTP*472*D8*2025010{rng.randrange(1, 9)}",
                ]
            elements[1] = str(rng.randrange(1000))
        elif elements[0] in ("SV1", "SV2"):
            at = 2 if elements[0] == "SV1" else 3
            if elements[at].isdecimal() and int(elements[at]) > 1:
                elements[at] = f"{rng.randrange(2, 10**5)}.{rng.randrange(100):02}"
        elif day := _day(segment):
            elements[3] = f"{other[day]:%Y%m%d}"
        elif elements[0] == "HI" and rng.random() < 0.5:
            elements.append(f"ABF:Z{rng.randrange(7000, 9999)}")
            made += [f"NM1*82*1*DOE*{rng.random()}****XX*1234567893"] * rng.randrange(3)
        made.append("*".join(elements))
        if elements[0] == "DTP":
            made += [f"REF*6R*{rng.randrange(10**9)}"] * rng.randrange(2)
    return "~".join(made).encode("latin-1")


def _day(segment: str) -> date | None:
    """The day of a DTP that has one."""
    elements = segment.split("*")
    return day_of(elements[3]) if elements[0] == "DTP" and elements[2:3] == ["D8"] and len(segment) == 19 else None


def _other_days(days: list[date], rng: Random, marks: list[date]) -> list[date]:
    """Other days in the same order, each between the same marks; a mark stays."""
    edges = [date.min, *marks, date(2027, 1, 1), date.max]
    moved: list[date] = []
    for day in days:
        low = max(mark for mark in edges if mark <= day)
        if low == day:
            moved.append(day)
            continue
        last = min(mark for mark in edges if mark > day)
        low = max(low, *moved, low) if moved else low
        later = sum(low < one < last and one > day for one in days)
        room = (last - low).days - 1 - later
        moved.append(low + timedelta(1 + rng.randrange(max(1, min(room, 20)))))
    return moved


def test_every_case_of_every_rule(rulebook: Rulebook) -> None:
    """Also where each number, charge, diagnosis and day that is not in the normal form is another."""
    rng = Random(837)  # noqa: S311 - no secret is made of it
    marks = sorted({*rulebook.formulary.days, *(day for one in rulebook.drug_rules for day in one.days or ())})
    warm, cold = Runnings(rulebook), Runnings(rulebook, remember=False)
    for one in rulebook.drug_rules:
        for case in cases_of(one):
            own = claim_file(case)
            others = [alike(own, rng, marks) for _ in range(SEEDS)]
            for data in (own, *others, batch.wrapped(others[0], rng.randrange(70, 120))):
                found, judged = ([*Lint([data], "x.837", rulebook, runnings=running)] for running in (warm, cold))
                assert found == judged, data.decode("latin-1")
    memory = warm.on("x.837").memory
    known = [one for one in memory._known.values() if one] if memory else []
    carried = [one.findings for one in known if one.findings]
    assert len({finding.sample.rule for findings in carried for finding in findings}) > 30
    assert len(carried) > 0.7 * sum(bool(one.rules.drugs) for one in known)


@pytest.mark.parametrize("wrong", [("*UN*10*", "*UN*100*"), ("J9026:JZ", "C9170:JZ"), ("55513007701", "55513-077-01")])
def test_nothing_of_a_person_is_held(rulebook: Rulebook, wrong: tuple[str, str]) -> None:
    data = dense(claims=40).decode().replace(*wrong).encode()
    runnings = Runnings(rulebook)
    found = list(Lint([data], "x.837", rulebook, runnings=runnings))
    assert found == list(Lint([data], "x.837", rulebook, remember=False)) != []
    memory = runnings.on("x.837").memory
    held = repr((memory._known, memory._outlined)) if memory else ""
    assert "findings=[Carried(" in held
    assert CANARY not in held


# What a rule may show of a claim, though it is not in the normal form.
SHOWN: dict[str, Callable[[DrugLine], object]] = {
    "number of the line": lambda line: line.number,
    "place of the line": lambda line: line.ordinal,
    "charge of the line": lambda line: line.charge_amount,
    "charge of the claim": lambda line: line.claim.charge_amount,
    "number of the claim": lambda line: line.claim.clm.element(1),
    "place of the claim": lambda line: line.claim.ordinal,
    "place of the segment": lambda line: line.at_service.segment.ordinal,
    "place in the file": lambda line: line.claim.position(line.at_service.start),
    "day": lambda line: line.day,
    "day as text": lambda line: f"{line.day}",
    "month": lambda line: line.day and f"{line.day:%B}",
    "day of the week": lambda line: line.day and line.day.isoweekday(),
    "days since the line before": lambda line: [
        (line.day - one.day).days for one in line.claim.drug_lines if one.day and line.day and one.day < line.day
    ],
    "the day after": lambda line: line.day and line.day + timedelta(1),
    "days until the file was made": lambda line: (
        line.day and line.claim.created and (line.claim.created - line.day).days
    ),
    "payer": lambda line: line.claim.payer_id,
    "provider": lambda line: line.claim.billing_npi,
    "diagnoses": lambda line: line.claim.diagnosis_codes,
    "number of diagnoses": lambda line: len(line.claim.diagnosis_codes),
    "number of lines": lambda line: len(line.claim.service_lines),
}


@pytest.mark.parametrize("what", SHOWN)
def test_what_a_rule_shows_of_a_claim_is_that_of_the_claim(rulebook: Rulebook, what: str) -> None:
    def shows(line: DrugLine) -> Iterator[Problem]:
        """It shows something of the claim.

        Whatever it bills.
        """
        value = SHOWN[what](line)
        shown = value if isinstance(value, date | Decimal | int | str) else str(value)
        yield Problem(where=line.at_number, found=shown, expected="nothing", message="It is {found}.")

    own = a_rule("ZZZ001", shows)._replace(days=())  # type: ignore[attr-defined]
    more = rulebook._replace(rules=(*rulebook.rules, own), chosen=frozenset({"ZZZ001"}))
    rng, services = Random(837), [f"SV1*HC:99213*{n}*UN*1***1~DTP*472*D8*202501{n}".split("~") for n in range(10, 30)]  # noqa: S311 - no secret is made of it
    days = [sorted(f"2025{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}" for _ in range(3)) for _ in range(40)]
    lines = [[*services[: rng.randrange(4)], *(batch.line(day=day) for day in three)] for three in days]
    text = batch_of(lines).decode()
    text = re.sub(r"16000", lambda _: str(rng.randrange(2, 10**5)), text)
    text = re.sub(r"(?<=~LX\*)[0-9]+", lambda _: str(rng.randrange(10**5)), text)
    text = re.sub(r"ABK:C3490", lambda _: f"ABK:C34{rng.randrange(10)}0" + rng.randrange(3) * "*ABF:Z9221", text)
    data = re.sub(r"PI\*00952", lambda _: f"PI*{rng.randrange(10**5)}", text).encode()
    found = list(Lint([data], "x.837", more))
    assert found == list(Lint([data], "x.837", more, remember=False))
    assert len(found) == 120
    assert len({one.found for one in found}) > 1 or what == "provider"


def test_claims_are_carried_over_once_there_are_some(rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch in which no two claims are alike is not judged more often than before."""
    monkeypatch.setattr("lint837.lint.memory._AFTER", 4)
    judged = []
    whole = judgment.judge

    def judge(*args: object, **more: object) -> object:
        judged.append("normal form" if not more else "claim")
        return whole(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("lint837.lint.memory.judge", judge)
    monkeypatch.setattr("lint837.lint.engine.judge", judge)
    data = batch_of([[batch.line(units="100", day=f"202501{n:02}")] for n in range(10, 22)])
    assert [one.rule for one in Lint([data], "x.837", rulebook)] == ["QTY001"] * 12
    assert judged == ["normal form", "claim", "claim", "claim", "normal form", "normal form"]
