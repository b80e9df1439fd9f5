"""The samples and the documents: what they say is what the program does."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from lint837 import Rule, Rulebook, lint_file

from tests.documents import ROOT, blocks, commands, lint837_commands, text_of, update, updating

CLEAN = sorted(ROOT.glob("samples/clean/*.837"))
DIRTY = sorted(ROOT.glob("samples/dirty/*.837"))


def check(*arguments: str) -> str:
    """What `lint837 check` prints in the project's folder, into a pipe."""
    return lint837("check", "--isolated", *arguments)


def lint837(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "lint837", *arguments],
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
    assert (report.findings, report.complete, report.inputs[0].drug_lines > 0) == ((), True, True)


@pytest.mark.parametrize("path", DIRTY, ids=lambda path: path.stem)
def test_a_dirty_sample_has_its_exact_report(path: Path) -> None:
    """LINT837_UPDATE=1 updates the report; read what changed before you commit it."""
    said = check(str(path.relative_to(ROOT)))
    report = path.with_suffix(".txt")
    if updating():
        report.write_text(said, encoding="utf-8")
    assert said == report.read_text(encoding="utf-8")


def test_the_samples_show_every_rule() -> None:
    found = {finding.rule for path in DIRTY for finding in lint_file(path).findings}
    assert found >= {"HCP001", "HCP002", "HCP003", "NDC001", "QTY001", "ENV002"}


# ---------------------------------------------------------------- the README


def test_the_readmes_output_is_real() -> None:
    """LINT837_UPDATE=1 updates it; read what changed before you commit it."""
    shown = [(command, output) for command, output in commands("README.md") if command.startswith("lint837 ")]
    assert [command.split()[1] for command, _ in shown] == ["check", "ask"]
    for command, output in shown:
        _, name, *arguments = command.split()
        said = lint837(name, "--isolated", *arguments)
        if updating():
            update("README.md", f"$ {command}\n{output}", f"$ {command}\n{said}")
            continue
        assert output == said


def test_the_readmes_library_example_runs() -> None:
    [example] = [block.text for block in blocks("README.md") if block.language == "python"]
    code, said = re.sub(r"^# .*\n", "", example, flags=re.MULTILINE), re.findall(r"^# (.*)$", example, re.MULTILINE)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    printed = done.stdout.splitlines()
    if updating():
        update("README.md", example, code + "".join(f"# {line}\n" for line in printed))
        return
    assert printed == said


def test_the_readme_names_every_rule(rulebook: Rulebook) -> None:
    text = text_of("README.md")
    named = set(re.findall(r"[A-Z]{3}\d{3}", text))
    for family, first, last in re.findall(r"([A-Z]{3})(\d{3}) to \1(\d{3})", text):
        named |= {f"{family}{number:03}" for number in range(int(first), int(last) + 1)}
    named |= set(re.findall(r"^## ([A-Z]{3}\d{3}) ", text_of("docs/what-is-checked.md"), re.MULTILINE))
    assert [rule.code for rule in rulebook.rules if rule.code not in named] == []


def test_the_readmes_table_says_what_the_rules_say(rulebook: Rulebook) -> None:
    """LINT837_UPDATE=1 updates it."""
    head = "| rule | severity | |\n| --- | --- | --- |\n"
    table = text_of("README.md").partition(head)[2].partition("| ENV")[0]
    rows = "".join(map(_row, rulebook.drug_rules))
    if updating():
        update("README.md", head + table, head + rows)
        return
    assert table == rows


def _row(rule: Rule) -> str:
    severity = f"{rule.severity}" if rule.default else f"{rule.severity}, off by default"
    return f"| {rule.code} {rule.name} | {severity} | {rule.title} |\n"


# ---------------------------------------------------------------- all pages


def test_the_documents_name_what_exists() -> None:
    """Each path and make target in CONTRIBUTING, README and docs exists, and each lint837 command."""
    makefile, known = text_of("Makefile"), lint837_commands()
    pages = [path for path in sorted((ROOT / "docs").glob("*.md")) if path.stem not in ("rules", "what-is-checked")]
    for name in ("CONTRIBUTING.md", "README.md", *(f"docs/{path.name}" for path in pages)):
        text = text_of(name)
        for path in re.findall(r"`((?:rules|linter|examples|samples|docs|tests)/[\w./*-]*)`", text):
            assert list(ROOT.glob(path.rstrip("/"))), f"{name}: {path}"
        for target in re.findall(r"`make (\w+)`", text):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{name}: make {target}"
        for command in re.findall(r"(?:`|\$ )lint837 ([a-z][\w-]*)", text):
            assert command in known, f"{name}: lint837 {command}"


def test_each_tests_file_is_described() -> None:
    """By the folder and the name, so that a file that moved is described where it is."""
    text = text_of("docs/testing.md")
    files = sorted(ROOT.glob("tests/*/test_*.py"))
    assert [path.stem for path in files if f"| {path.parent.name}/{path.stem} |" not in text] == []
    described = re.findall(r"^\| (\w+)/(test_\w+) \|", text, re.MULTILINE)
    assert [name for name in described if not (ROOT / "tests" / name[0] / f"{name[1]}.py").is_file()] == []
