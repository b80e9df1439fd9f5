"""Findings that are carried over to claims that are alike: they are what the rules say of each claim."""

import os
from datetime import date, timedelta
from random import Random

import pytest
from lint837 import Rulebook
from lint837.claims.segment import day_of
from lint837.lint.engine import Lint, Runnings
from lint837.lint.examples import claim_file

from tests.rules.cases import cases_of

SEEDS = int(os.environ.get("LINT837_SEEDS", "1"))


@pytest.fixture(autouse=True)
def _outlined_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lint837.claims.normal_form._MANY", 0)


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
            for data in (own, *(alike(own, rng, marks) for _ in range(SEEDS))):
                found, judged = ([*Lint([data], "x.837", rulebook, runnings=running)] for running in (warm, cold))
                assert found == judged, data.decode("latin-1")
    memory = warm.on("x.837").memory
    known = [one for one in memory._known.values() if one] if memory else []
    carried = [one.findings for one in known if one.findings]
    assert len({finding.sample.rule for findings in carried for finding in findings}) > 30
    assert len(carried) > 0.7 * sum(bool(one.rules.drugs) for one in known)
