"""The samples and the documents: what they say is what the program does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from lint837 import lint_file
from lint837.commands.main import cli

from tests.documents import ROOT, blocks, commands

CLEAN = sorted(ROOT.glob("samples/clean/*.837"))
DIRTY = sorted(ROOT.glob("samples/dirty/*.837"))


def check(*arguments: str) -> str:
    """What `lint837 check` prints in the project's folder, into a pipe."""
    return lint837("check", "--isolated", *arguments)


def lint837(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "lint837.commands.main", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.stem)
def test_a_clean_sample(path: Path) -> None:
    report = lint_file(path)
    assert (report.findings, report.complete, report.inputs[0].drug_lines > 2) == ((), True, True)


@pytest.mark.parametrize("path", DIRTY, ids=lambda path: path.stem)
def test_a_dirty_sample_has_its_exact_report(path: Path) -> None:
    """Written anew by LINT837_UPDATE=1: then read it before you commit it."""
    said = check(str(path.relative_to(ROOT)))
    report = path.with_suffix(".txt")
    if os.environ.get("LINT837_UPDATE"):
        report.write_text(said, encoding="utf-8")
    assert said == report.read_text(encoding="utf-8")


def test_the_samples_show_every_rule() -> None:
    found = {finding.rule for path in DIRTY for finding in lint_file(path).findings}
    assert found >= {"HCP001", "HCP002", "HCP003", "NDC001", "QTY001", "ENV002"}


def test_the_readmes_output_is_real() -> None:
    shown = [(command, output) for command, output in commands("README.md") if command.startswith("lint837 ")]
    assert [command.split()[1] for command, _ in shown] == ["check", "ask"]
    for command, output in shown:
        _, name, *arguments = command.split()
        assert output == lint837(name, "--isolated", *arguments)


def test_the_readmes_library_example_runs() -> None:
    [example] = [block.text for block in blocks("README.md") if block.language == "python"]
    said = re.findall(r"^# (.*)$", example, re.MULTILINE)
    done = subprocess.run([sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == said


def test_the_readme_names_every_rule() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = lint_file(DIRTY[0]).rulebook
    assert [rule.code for rule in found.rules if rule.code not in text] == []


def test_the_documents_name_what_exists() -> None:
    """Each path and make target in CONTRIBUTING, README and docs is there; each lint837 command is one."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for name in ("CONTRIBUTING.md", "README.md", "docs/design.md", "docs/testing.md", "docs/clearinghouse.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for path in re.findall(r"`((?:rules|linter|examples|samples|docs|tests)/[\w./*-]*)`", text):
            assert list(ROOT.glob(path.rstrip("/"))), f"{name}: {path}"
        for target in re.findall(r"`make (\w+)`", text):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{name}: make {target}"
        for command in re.findall(r"[`$] ?lint837 (\w+)", text):
            assert command in cli.commands, f"{name}: lint837 {command}"


def test_each_tests_file_is_described() -> None:
    text = (ROOT / "docs/testing.md").read_text(encoding="utf-8")
    assert [path.stem for path in sorted(ROOT.glob("tests/*/test_*.py")) if path.stem not in text] == []
