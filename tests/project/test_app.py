"""The one file of `make app`: in a Python without any package it finds, writes and shows what lint837 does."""

import os
import re
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest
from lint837.report.formats import FORMATS

from tests.processes import lint837

ROOT = Path(__file__).parents[2]
DIRTY = ROOT / "samples/dirty"


def made(place: Path, **environment: str) -> bytes:
    subprocess.run(
        [sys.executable, str(ROOT / "ci/app.py"), str(place)],
        check=True,
        capture_output=True,
        cwd=place.parent,
        env={**os.environ, **environment},
    )
    return place.read_bytes()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("app") / "lint837.pyz"
    made(place)
    return place


def alone(app: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it in a Python that finds nothing but its own library."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COVERAGE"))}
    return subprocess.run(
        [sys.executable, "-I", "-S", str(app), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=ROOT,
    )


def installed(*arguments: str) -> subprocess.CompletedProcess[str]:
    return lint837(*arguments, cwd=ROOT)


def test_every_build_has_the_same_bytes(app: Path, tmp_path: Path) -> None:
    again = made(tmp_path / "again.pyz", TZ="Asia/Tokyo", PYTHONHASHSEED="7", SOURCE_DATE_EPOCH="1")
    assert again == app.read_bytes()
    with zipfile.ZipFile(app) as archive:
        names = archive.namelist()
    assert names == sorted(names)
    assert not [name for name in names if name.endswith((".so", ".pyd", ".pyc"))]
    assert {name.partition("/")[0] for name in names} >= {"lint837", "lint837_rules", "click", "starlette", "uvicorn"}


def test_check_says_the_same(app: Path, tmp_path: Path) -> None:
    """In every format, and of a file that is larger than what is worth a fast scan, where numpy is installed."""
    file = tmp_path / "large.837"
    file.write_bytes((DIRTY / "office-837p.837").read_bytes() * 40)
    arguments = ("check", "--isolated", "samples/dirty", str(file))
    ours = alone(app, *arguments, *(f"--report={form}={tmp_path}/ours.{form}" for form in FORMATS))
    theirs = installed(*arguments, *(f"--report={form}={tmp_path}/theirs.{form}" for form in FORMATS))
    assert (ours.returncode, ours.stdout, ours.stderr) == (theirs.returncode, theirs.stdout, theirs.stderr)
    assert ours.stdout
    for form in FORMATS:
        assert (tmp_path / f"ours.{form}").read_bytes() == (tmp_path / f"theirs.{form}").read_bytes() != b""


def test_other_commands(app: Path, tmp_path: Path) -> None:
    file = str(DIRTY / "office-837p.837")
    fixed = alone(app, "fix", file, "-o", str(tmp_path / "new"), "--isolated", "--log", str(tmp_path / "log"))
    assert (fixed.returncode, fixed.stderr) == (0, "")
    split = alone(app, "split", file, "--accepted", str(tmp_path / "a"), "--rejected", str(tmp_path / "r"))
    assert (split.returncode, split.stderr) == (1, "")
    assert alone(app, "explain", "HCP001").stdout == installed("explain", "HCP001").stdout


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("check", "samples/dirty", "--guide", "all"), "--guide"),
        (("check", "samples/dirty", "--report", "999=x.999"), "a 999"),
    ],
)
def test_what_needs_the_maps_says_what_to_install(app: Path, arguments: tuple[str, ...], what: str) -> None:
    done = alone(app, *arguments)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        f"Error: {what} needs the package pyx12, which is not installed: pip install pyx12"
    )


def test_without_arguments_it_opens_the_page(app: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-u", str(app)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={"PATH": os.environ["PATH"], "BROWSER": "true"},
        cwd=app.parent,
    ) as process:
        assert process.stdout is not None
        try:
            said = b""
            while not (found := re.search(rb"(http://127\.0\.0\.1:\d+/)#", said)):
                line = process.stdout.readline()
                assert line, said
                said += line
            with urllib.request.urlopen(found[1].decode(), timeout=10) as answer:  # noqa: S310 - this machine's
                page = answer.read()
        finally:
            process.terminate()
    assert b"<title>lint837" in page
