"""The Makefile's environment: an old Python is refused in words, and a half-made environment is made again."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OLD = """#!/bin/sh
case $1 in --version) echo "Python 3.9.18" ;; *) exit 1 ;; esac
"""
# A Python that is new enough. As `-m venv FOLDER` it makes an environment of commands that only say what they are given.
NEW = """#!/bin/sh
case "$1 $2" in "-m venv") ;; *) exit 0 ;; esac
mkdir -p "$3/bin"
printf '#!/bin/sh\\necho "python $*"\\n' > "$3/bin/python"
printf '#!/bin/sh\\necho "lint837 $*"\\n' > "$3/bin/lint837"
chmod +x "$3/bin/python" "$3/bin/lint837"
"""
MADE = "python -m pip --quiet --disable-pip-version-check install -e .\nlint837 check --fail-on never samples/dirty\n"

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "ci").mkdir()
    shutil.copy(ROOT / "ci/development.txt", tmp_path / "ci")
    for name, text in (("old", OLD), ("new", NEW)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    return tmp_path


def make(project: Path, target: str, python: str) -> subprocess.CompletedProcess[str]:
    """Run make as a user does, not as a part of the make that runs the tests."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", "--no-print-directory", target, f"PYTHON={python}"],  # noqa: S607 - the make of whoever runs the tests
        cwd=project,
        env=plain,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("target", ["demo", "test", "check"])
def test_an_old_python_is_refused_and_leaves_nothing(project: Path, target: str) -> None:
    done = make(project, target, "./old")
    assert done.returncode != 0
    assert done.stderr.startswith(
        f"lint837 needs Python 3.11 or later. ./old: Python 3.9.18\nName another one: make {target} PYTHON=python3.12\n"
    )
    assert not (project / ".venv").exists()
    assert make(project, "demo", "./new").stdout == MADE


def test_a_python_that_is_not_there_is_named(project: Path) -> None:
    assert "needs Python 3.11 or later. ./none: " in make(project, "demo", "./none").stderr


def test_an_environment_is_made_once(project: Path) -> None:
    assert make(project, "demo", "./new").stdout == MADE
    assert make(project, "demo", "./old").stdout == MADE.splitlines(keepends=True)[1]


@pytest.mark.parametrize("left", ["unfinished", "pyvenv.cfg"])
def test_a_half_made_environment_is_made_again(project: Path, left: str) -> None:
    """After an interrupt while pip runs, and one while Python makes the environment."""
    make(project, "demo", "./new")
    if left != "unfinished":
        (project / ".venv/bin/python").unlink()
    (project / ".venv" / left).touch()
    (project / ".venv/stale").touch()
    (project / ".venv/installed").unlink()
    assert make(project, "demo", "./new").stdout == MADE
    assert sorted(path.name for path in (project / ".venv").iterdir()) == ["bin", "installed"]


def test_how_long_the_tests_take_is_said_first(project: Path) -> None:
    assert make(project, "test", "./new").stdout.startswith("The tests take about ")
