"""Several processes find what one does, in the same order; a process that dies is told, and leaves nothing waiting."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lint837 import Rulebook
from lint837.claims.claim import DrugLine
from lint837.files.inputs import Input
from lint837.lint.finding import InputSummary
from lint837.lint.parallel import RunOptions, lint_all
from lint837.rules.rule import Problem, Rule
from lint837.x12.slices import SHARED_CLAIMS, Limits, Share

from tests import batch

# Every third claim bills one unit for ten milligrams; control bytes stand in some, and a trailer is wrong.
CLAIMS = 5 * SHARED_CLAIMS + 7


@pytest.fixture
def files(tmp_path: Path) -> list[Input]:
    claims = (
        batch.subscriber(
            n, batch.claim(f"C{n}\x01" if n % 50 == 0 else f"C{n}", batch.line(units="1" if n % 3 else "10"))
        )
        for n in range(2, CLAIMS)
    )
    large = batch.interchange(batch.group(batch.transaction_set(*claims)))
    small = batch.batch().replace("*10***1", "*1***1")
    texts = {
        "1.837": small,
        "2.837": large.replace("GE*1*1", "GE*2*1"),
        "3.837": "",
        "4.837": small[:-40],
        "5.837": large,
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return [Input(str(tmp_path / name)) for name in (*texts, "missing.837")]


@pytest.mark.parametrize("jobs", [2, 3, 5])
@pytest.mark.parametrize("prefilter", ["with", "without"])
def test_several_processes_find_what_one_does(
    rulebook: Rulebook, files: list[Input], jobs: int, prefilter: str
) -> None:
    one = RunOptions(rulebook, Limits(), prefilter=prefilter == "with")
    alone = list(lint_all(files, one))
    assert list(lint_all(files, replace(one, jobs=jobs, shared_from=10_000))) == alone
    assert sum(isinstance(event, InputSummary) for event in alone) == len(files)
    assert len(alone) > CLAIMS / 2


def test_the_order_of_the_report_is_that_of_one_process(rulebook: Rulebook, files: list[Input]) -> None:
    alone, shared = (list(lint_all(files[1:2], RunOptions(rulebook, jobs=jobs, shared_from=1))) for jobs in (1, 2))
    assert shared == alone


def test_every_claim_is_in_one_share() -> None:
    for parts in (1, 2, 3, 7):
        shares = [Share(part, parts) for part in range(parts)]
        assert all(sum(share.has(claim) for share in shares) == 1 for claim in range(1000))


def test_a_process_that_dies_is_told(rulebook: Rulebook, files: list[Input]) -> None:
    def check(_: DrugLine) -> Iterator[Problem]:
        os._exit(1)

    rules: list[Rule] = [replace(rulebook.rules[0], check=check, scope=DrugLine)]
    deadly = Rulebook(tuple(rules), rulebook.formulary, frozenset({rules[0].code}))
    with pytest.raises(RuntimeError, match="a process ended before its work was done"):
        list(lint_all(files, RunOptions(deadly, jobs=2, shared_from=1)))


def test_progress_is_told(rulebook: Rulebook, files: list[Input]) -> None:
    told: list[int] = []
    list(lint_all(files[:2], RunOptions(rulebook, jobs=2, shared_from=1), told.append))
    assert told == [Path(item.path).stat().st_size for item in files[:2]]
