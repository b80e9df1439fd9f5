"""Python without docstrings and assert statements (-OO, PYTHONOPTIMIZE=2): lint837 does and says the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import lint837

ROOT = Path(__file__).parents[2]


def output(arguments: list[str], optimize: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "lint837", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONOPTIMIZE": optimize},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain", "HCP001"],
        ["rules", "--isolated"],
        ["check", "--isolated", "samples/dirty/office-837p.837"],
        ["--help"],
        ["check", "--help"],
    ],
    ids=" ".join,
)
def test_nothing_changes(arguments: list[str]) -> None:
    """With -OO, which drops all that -O drops, and more."""
    plain = lint837(*arguments, cwd=ROOT)
    assert plain.stdout
    assert output(arguments, "2") == (plain.returncode, plain.stdout, plain.stderr)


def test_a_rule_without_its_source_is_refused_in_words(tmp_path: Path) -> None:
    """A package that is installed as bytecode alone."""
    source = tmp_path / "bare.py"
    source.write_text(
        "from lint837 import DrugLine, Severity, rule\n\n"
        '@rule("BAR001", severity=Severity.INFO, cites=[])\n'
        "def bare(line: DrugLine):\n"
        '    """A title.\n\n    An explanation.\n    """\n'
        "    yield from ()\n",
        encoding="utf-8",
    )
    compiled = (
        "import compileall, os; compileall.compile_file('bare.py', legacy=True); os.remove('bare.py'); import bare"
    )
    done = subprocess.run(
        [sys.executable, "-OO", "-c", compiled], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1] == (
        "lint837.rules.rule.RuleError: rule BAR001 (bare.bare): Python dropped its docstring (-OO), "
        "and there is no source to read"
    )


def test_the_flag_does_the_same_as_the_variable() -> None:
    command = [sys.executable, "-OO", "-m", "lint837", "explain", "HCP001"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert (0, done.stdout, done.stderr) == output(["explain", "HCP001"], "2")
    assert done.stdout.startswith("HCP001 expired-temporary-code ")
