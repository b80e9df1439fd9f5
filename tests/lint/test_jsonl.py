"""`check --format jsonl`: lines as the findings come, the same that a whole report has; nothing is kept of them."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lint837 import Finding, InputSummary, Rulebook
from lint837.commands.check import _lint as lint_inputs
from lint837.files.archive import BLOCK
from lint837.files.inputs import Input, inputs
from lint837.lint.parallel import RunOptions, lint_all
from lint837.report.output import Delivery

from tests import batch
from tests.processes import lint837

WRONG = batch.batch().replace("*10***1", "*1***1")
LINT837 = [sys.executable, "-m", "lint837", "check", "--isolated", "--format", "jsonl"]
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    for variable in ("CI", "LINT837_REDACT_KEY"):
        monkeypatch.delenv(variable, raising=False)

    def main(*arguments: str, **variables: str) -> tuple[int, str]:
        done = lint837(*LINT837[3:], *arguments, cwd=tmp_path, env=variables)
        assert done.stderr == ""
        return done.returncode, done.stdout

    return main


def test_has_the_lines_of_a_whole_report(run: Run) -> None:
    Path("a.837").write_text(WRONG)
    Path("b.837").write_text(WRONG.replace("SE*", "SE*9"))
    Path("notes.txt").write_text("Nothing.")
    status, told = run(".")
    assert (status, run(".", "--report", "jsonl=whole.jsonl")[0]) == (1, 1)
    lines, whole = told.splitlines(), Path("whole.jsonl").read_text().splitlines()
    assert sorted(lines) == sorted(whole)
    kinds = [json.loads(line)["type"] for line in lines]
    at = kinds.index("input")
    assert kinds == ["finding"] * at + ["input"] + ["finding"] * (len(kinds) - at - 3) + ["input", "summary"]
    assert json.loads(lines[-1])["summary"]["passed_over"] == ["./notes.txt"]


def test_is_redacted_like_a_whole_report(run: Run) -> None:
    Path("a.837").write_text(WRONG)
    _, told = run("a.837", "--redact-paths", CI="true", LINT837_REDACT_KEY="k" * 16)
    run("a.837", "--redact-paths", "--redact", "always", "--report", "jsonl=whole.jsonl", LINT837_REDACT_KEY="k" * 16)
    assert sorted(told.splitlines()) == sorted(Path("whole.jsonl").read_text().splitlines())
    assert "CLAIM-1" not in told
    assert "a.837" not in told


def test_a_file_that_holds_no_claims_by_its_bytes_is_passed_over(run: Run) -> None:
    Path("in").mkdir()
    Path("in/a.txt").write_text("Notes.")
    status, told = run("in")
    assert status == 3
    assert [json.loads(line)["type"] for line in told.splitlines()] == ["summary"]


def test_a_reader_that_leaves_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "a.837"
    subscribers = (batch.subscriber(n, batch.claim(f"C{n}", batch.line(units="1"))) for n in range(2, 300))
    path.write_text(batch.interchange(batch.group(batch.transaction_set(*subscribers))))
    with subprocess.Popen([*LINT837, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.stdout.close()
        assert (json.loads(first)["rule"], process.stderr.read()) == ("QTY001", b"")
    assert process.returncode == 4


def test_findings_come_before_the_input_ends(tmp_path: Path) -> None:
    """A finding of the first block is told while the rest has not been written yet."""
    text = WRONG.encode() + b" " * BLOCK  # the blanks fill a block, and change nothing
    with subprocess.Popen([*LINT837, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(text)
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["rule"] == "QTY001"
        process.stdin.close()
        rest = [json.loads(line)["type"] for line in process.stdout]
    assert (rest[-1], process.returncode) == ("summary", 1)


class Taken(Delivery):
    """Keeps what it is given, and writes nothing."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def finding(self, finding: Finding) -> None:
        self.findings.append(finding)

    def input(self, item: InputSummary) -> None:
        pass


def test_of_a_text_file_of_a_directory_nothing_is_held_once_an_interchange_is_found(
    tmp_path: Path, rulebook: Rulebook
) -> None:
    """Until then it may hold no claims at all. Its ISA is beyond what is looked at beforehand."""
    (tmp_path / "a.txt").write_text("junk" * 2000 + WRONG + "junk")
    [item] = [one for one in inputs([str(tmp_path)]) if isinstance(one, Input)]
    assert item.may_be_other
    taken = Taken()
    waiting = []

    def events() -> Iterator[Finding | InputSummary]:
        for number, event in enumerate(lint_all([item], RunOptions(rulebook))):
            waiting.append(number - len(taken.findings))
            yield event

    assert list(lint_inputs([item], events(), taken)) == []
    assert [one.rule for one in taken.findings] == ["ENV008", *["QTY001"] * 5, "ENV008"]
    assert waiting == [0, 1, 0, 0, 0, 0, 0, 0]
