"""Several processes find what one does, in the same order; a process that dies is told, and leaves nothing waiting."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lint837 import Finding, Rulebook
from lint837.claims.claim import DrugLine
from lint837.files.inputs import Input
from lint837.files.rereadable import opened
from lint837.lint.finding import InputSummary
from lint837.lint.parallel import RunOptions, lint_all
from lint837.lint.verdicts import judged
from lint837.rules.rule import Problem, Rule, Severity
from lint837.x12.slices import SHARED_CLAIMS, Limits, Share

from tests import batch

# Every third claim bills one unit for ten milligrams; control bytes stand in some, and a trailer is wrong.
CLAIMS = 5 * SHARED_CLAIMS + 7


@cache
def made() -> dict[str, str]:
    """The text of each file by its name."""
    claims = (
        batch.subscriber(
            n, batch.claim(f"C{n}\x01" if n % 50 == 0 else f"C{n}", batch.line(units="1" if n % 3 else "10"))
        )
        for n in range(2, CLAIMS)
    )
    large = batch.interchange(batch.group(batch.transaction_set(*claims)))
    small = batch.batch().replace("*10***1", "*1***1")
    return {
        "1.837": small,
        "2.837": large.replace("GE*1*1", "GE*2*1"),
        "3.837": "",
        "4.837": small[:-40],
        "5.837": large,
    }


@pytest.fixture
def files(tmp_path: Path) -> list[Input]:
    texts = made()
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return [Input(str(tmp_path / name)) for name in (*texts, "missing.837")]


@pytest.mark.parametrize(("jobs", "prefilter"), [(2, "with"), (5, "with"), (3, "without")])
def test_several_processes_find_what_one_does(
    rulebook: Rulebook, files: list[Input], jobs: int, prefilter: str
) -> None:
    one = RunOptions(rulebook, Limits(), prefilter=prefilter == "with")
    alone = list(lint_all(files, one))
    assert list(lint_all(files, one._replace(jobs=jobs, shared_from=10_000))) == alone
    assert sum(isinstance(event, InputSummary) for event in alone) == len(files)
    assert len(alone) > CLAIMS / 2


def verdicts(path: str, rulebook: Rulebook, jobs: int) -> list[tuple[Any, ...]]:
    """All that a split knows of a file: its slices and runs, the findings of each claim, and whether it is rejected."""
    with opened(path) as source:
        events = list(judged(source, path, rulebook, Severity.ERROR, jobs=jobs, shared_from=0, scan_from=0))
    return [
        (piece[:2], verdict and (verdict.findings, verdict.rejected, verdict.unread, verdict.data))
        for piece, verdict in events
    ]


@pytest.mark.parametrize("jobs", [2, 5])
def test_verdicts_of_several_processes_are_those_of_one(rulebook: Rulebook, files: list[Input], jobs: int) -> None:
    path = files[4].path
    text = Path(path).read_text()
    # The last claims bill again what the first ones do, and one is past a limit, so that it is not read.
    lines = re.findall(r"HL\*[^~]*~SBR.*?(?=HL\*|SE\*)", text)
    again = "".join(re.sub(r"^HL\*\d+", f"HL*{CLAIMS + n}", one) for n, one in enumerate(lines[:9]))
    whole = text.replace("SE*", again + "SE*").replace("CLM*C40*", f"CLM*C40{'X' * 70_000}*")
    count = whole.partition("ST*")[2].partition("SE*")[0].count("~") + 1
    Path(path).write_text(re.sub(r"SE\*\d+", f"SE*{count}", whole))
    alone = verdicts(path, rulebook, 1)
    assert verdicts(path, rulebook, jobs) == alone
    rejected = [verdict for _, verdict in alone if verdict and verdict[1]]
    assert {finding.rule for found, *_ in rejected for finding in found} >= {"QTY001", "CLM005"}
    assert any(unread for *_, unread, _ in rejected)


def test_a_split_says_that_a_process_was_killed(rulebook: Rulebook, files: list[Input]) -> None:
    rules = deadly(rulebook, lambda: os.kill(os.getpid(), signal.SIGKILL), 40)
    with pytest.raises(RuntimeError, match="a process ended before its work was done"):
        verdicts(files[4].path, rules, 2)
    assert children(os.getpid()) == []


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

    rules: list[Rule] = [rulebook.rules[0]._replace(check=check, scope=DrugLine)]
    deadly = Rulebook(tuple(rules), rulebook.formulary, frozenset({rules[0].code}))
    with pytest.raises(RuntimeError, match="a process ended before its work was done"):
        list(lint_all(files, RunOptions(deadly, jobs=2, shared_from=1)))


def findings(rulebook: Rulebook, paths: list[Path], change: Callable[[], object], jobs: int = 2) -> list[object]:
    """What is found in files, of which one changes when the first finding of the first is there."""
    events = lint_all([Input(str(path)) for path in paths], RunOptions(rulebook, jobs=jobs, shared_from=1000))
    first = next(events)
    change()
    return [first, *events]


@pytest.fixture
def pair(files: list[Input], tmp_path: Path) -> list[Path]:
    """Two large files, of which the second is found wrong in each claim."""
    second = tmp_path / "second.837"
    second.write_bytes(Path(files[4].path).read_bytes())
    return [Path(files[4].path), second]


@pytest.mark.parametrize(
    ("jobs", "change"),
    [
        (2, "moved"),
        (2, "replaced"),
        (2, "removed"),
        (2, "grown"),
        (2, "cut"),
        (2, "touched"),
        (5, "removed"),
        (5, "cut"),
    ],
)
def test_a_file_that_changes_while_another_is_read(
    rulebook: Rulebook, pair: list[Path], jobs: int, change: str
) -> None:
    """It is judged as it was when it was opened, or as it is then, or it is said that it was not judged: never by half."""
    other = pair[1].with_name("other.837")
    other.write_text(batch.batch())

    def do() -> None:
        if change == "moved":
            pair[1].rename(pair[1].with_name("rotated.837"))
        elif change == "replaced":
            other.rename(pair[1])
        elif change == "removed":
            pair[1].unlink()
        elif change == "touched":
            os.utime(pair[1], ns=(1, 1))
        else:
            data = pair[1].read_bytes()
            pair[1].write_bytes(data * 2 if change == "grown" else data[: len(data) // 2])

    whole = list(lint_all([Input(str(pair[1]))], RunOptions(rulebook)))
    anew = list(lint_all([Input(str(other))], RunOptions(rulebook)))
    said = findings(rulebook, pair, do, jobs)
    at = next(number for number, event in enumerate(said) if isinstance(event, InputSummary))
    second, summary = said[at + 1 :], said[-1]
    assert isinstance(summary, InputSummary)
    if summary.complete:
        expected = anew if change == "replaced" and second != whole else whole
        assert [repr(one).replace("other.837", "second.837") for one in expected] == [repr(one) for one in second]
    else:
        assert [one.rule for one in second if isinstance(one, Finding)].count("ENV011") == 1
    first = [event for event in said[: at + 1] if isinstance(event, Finding)]
    assert len(first) == sum(isinstance(event, Finding) for event in whole)


def deadly(rulebook: Rulebook, die: Callable[[], object], after: int) -> Rulebook:
    """A rulebook with a rule that finds something on each line, and ends its process after some."""
    seen: list[DrugLine] = []

    def check(line: DrugLine) -> Iterator[Problem]:
        seen.append(line)
        if len(seen) > after:
            die()
        yield Problem(where=line.at_procedure_code, found="a", expected="b", message="A sentence.", correction="do it")

    rules: list[Rule] = [rulebook.rules[0]._replace(check=check, scope=DrugLine, days=None)]
    return Rulebook(tuple(rules), rulebook.formulary, frozenset({rules[0].code}))


@pytest.mark.parametrize("after", [0, 1, 40, 70])
@pytest.mark.parametrize("share", ["shared", "batch"])
def test_a_process_that_is_killed_is_told(rulebook: Rulebook, files: list[Input], after: int, share: str) -> None:
    """At its first claim, later, and when its pipe is full of what nobody has asked for yet."""
    rules = deadly(rulebook, lambda: os.kill(os.getpid(), signal.SIGKILL), after)
    items = [files[4]] if share == "shared" else [files[0], files[4], files[1]]
    options = RunOptions(
        rules, jobs=2, shared_from=1000 if share == "shared" else Path(files[4].path).stat().st_size + 1
    )

    def read() -> None:
        for number, _ in enumerate(lint_all(items, options)):
            if not number:
                time.sleep(0.05)  # the others go on meanwhile

    with pytest.raises(RuntimeError, match="a process ended before its work was done"):
        read()
    assert children(os.getpid()) == []


def test_none_is_left_where_the_reader_stops(rulebook: Rulebook, files: list[Input]) -> None:
    events = lint_all([files[4]], RunOptions(rulebook, jobs=3, shared_from=1000))
    next(events)
    assert children(os.getpid())
    events.close()  # type: ignore[attr-defined]  # it is a generator
    assert children(os.getpid()) == []


def children(process: int) -> list[int]:
    """The processes that a process has made and that have not ended, or that it has not asked how they ended."""
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


SLOW = """
import sys, time
from lint837 import load_rulebook, Rulebook
from lint837.claims.claim import DrugLine
from lint837.commands import main
from lint837.files.inputs import Input
from lint837.files.rereadable import opened
from lint837.lint import parallel

R = load_rulebook(isolated=True)
def check(line: DrugLine):
    time.sleep(float(sys.argv[2]))
    yield from ()
rule = R.rules[0]._replace(check=check, scope=DrugLine, days=None)
slow = Rulebook((rule,), R.formulary, frozenset({rule.code}))
def run(*_, **__):
    print("begun", flush=True)
    list(parallel.lint_all([Input(sys.argv[1])], parallel.RunOptions(slow, jobs=3, shared_from=1000)))
    print("done", flush=True)
main.cli.main = run
main.main()
"""


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGHUP", "SIGINT"])
def test_no_worker_outlives_the_first_process(files: list[Input], name: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, files[4].path, "0.2"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        workers = until(lambda: (found := children(process.pid)) and len(found) == 3 and found)
        process.send_signal(getattr(signal, name))
        status = process.wait(timeout=30)
        until(lambda: not any(is_running(worker) for worker in workers))
        assert status == (-9 if name == "SIGKILL" else 4)
        assert process.stderr is not None
        said = process.stderr.read()
    assert said == (b"" if name == "SIGKILL" else b"lint837: interrupted; what was not complete by then was removed\n")


def test_workers_ignore_what_the_first_process_ignores(files: list[Input]) -> None:
    """Under nohup: the terminal sends HUP to each process that it started."""
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, files[4].path, "0.005"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        workers = until(lambda: (found := children(process.pid)) and len(found) == 3 and found)
        for worker in [*workers, process.pid]:
            os.kill(worker, signal.SIGHUP)
        said, errors = process.communicate(timeout=60)
    assert (process.returncode, said, errors) == (0, b"done\n", b"")


def until(condition: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the condition gives
    """Wait for something, at most half a minute."""
    for _ in range(3000):
        if found := condition():
            return found
        time.sleep(0.01)
    raise AssertionError("it does not come")


def is_running(process: int) -> bool:
    """Whether a process has not ended."""
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def test_progress_is_told(rulebook: Rulebook, files: list[Input]) -> None:
    told: list[int] = []
    list(lint_all(files[:2], RunOptions(rulebook, jobs=2, shared_from=1), told.append))
    assert told == [Path(item.path).stat().st_size for item in files[:2]]
