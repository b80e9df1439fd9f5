"""Real rows of CMS's files, as right lines and as lines with a planted fault (tests/proof.py): every tenth of the 2,000
rows, and all boundary days. `make proof CMS=tests/facts/cms` takes every row.
"""

from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest
from lint837 import Rulebook

from tests.proof import Counts, Proof, Row, prove, rows_of, rulebook_with

CMS = Path(__file__).parent / "cms"
PATHS = sorted([*CMS.glob("*.csv"), *CMS.glob("*.txt")])


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return rows_of(PATHS)


@pytest.fixture(scope="module")
def some(rows: list[Row]) -> list[Row]:
    return rows[::10]


@pytest.fixture(scope="module")
def stored() -> Rulebook:
    return rulebook_with(PATHS)


@pytest.fixture(scope="module")
def proof(some: list[Row], stored: Rulebook) -> Proof:
    return prove(some, stored)


def test_two_hundred_rows(proof: Proof) -> None:
    assert proof.broken == []
    assert {way: (one.lines, one.errors, one.warnings) for way, one in proof.right.items()} == {
        "vial (UN)": (200, 0, 0),
        "mL": (200, 0, 0),
        "carton": (200, 0, 100),
    }
    assert {fault: one.lines for fault, one in proof.faults.items()} == {
        "units tenfold": 200,
        "a vial billed as one unit": 158,
        "another code's NDC": 195,
        "a digit lost in the NDC": 200,
    }
    assert proof.boundaries == {
        "the day before a code begins": [241, 241],
        "the first day of a code": [288, 288],
        "the last day of a code": [122, 122],
        "an ended code": [122, 122],
    }


def test_without_the_prefilter(some: list[Row], stored: Rulebook, proof: Proof) -> None:
    assert list(prove(some, stored, prefilter=False).table()) == list(proof.table())


def test_the_units_of_every_row(rows: list[Row], stored: Rulebook) -> None:
    """What SQL makes of the cells is what the store says of the package, in containers and in milliliters."""
    drugs = stored.formulary.stored
    assert drugs
    for row in rows:
        drug = drugs.drug(row.code)
        assert drug
        package = next(
            one for one in drug.packages_with(row.ndc) if any(q.first <= row.day <= q.last for q in one.quarters)
        )
        assert package.amount_in("UN") == Fraction(row.units)
        in_milliliters = package.amount_in("ML")
        assert in_milliliters is not None
        assert (ceil(in_milliliters * Fraction(row.size)), str(package.containers)) == (row.right, row.containers)


def test_what_is_broken_is_said() -> None:
    wrong = Counts(lines=100, errors=1, warnings=2)
    seldom = Counts(lines=100, errors=90)
    one = Proof(
        {"vial (UN)": wrong, "mL": Counts(), "carton": Counts(lines=1, warnings=1)}, {"x": seldom}, {"y": [3, 2]}
    )
    assert one.broken == [
        "vial (UN): 1 right lines are errors",
        "vial (UN): 2 of 100 right lines are warnings",
        "x: found 90.0%",
        "y: 2 of 3",
    ]
