"""pyproject.toml, the locks of ci/ and the pages say the same of versions. The wheel is the same wherever it is built."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path
from typing import Any

import pytest
import yaml
from lint837 import __version__
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.pythons import Python, oldest
from tests.pythons import found as pythons

ROOT = Path(__file__).parents[2]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT: dict[str, Any] = PYPROJECT["project"]
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


LOCKS = ("ci/requirements.txt", "ci/development.txt")


def locked(lock: str) -> list[Requirement]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return [Requirement(line.removesuffix("\\")) for line in text.splitlines() if re.match(r"\w", line)]


def test_the_version_is_said_once() -> None:
    assert "version" not in PROJECT
    assert PROJECT["dynamic"] == ["version"]
    assert ROOT / PYPROJECT["tool"]["hatch"]["version"]["path"] == ROOT / "linter/lint837/__init__.py"


def test_the_pages_name_a_commit_or_the_present_version() -> None:
    """No tag exists."""
    text = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    assert set(re.findall(r"(?:rev: |ref: |lint837@)(\S+)$", text, re.MULTILINE)) == {"COMMIT"}
    for page in ("README.md", "docs/billers.md"):
        wheels = re.findall(r"lint837-[\w.-]+\.whl", (ROOT / page).read_text(encoding="utf-8"))
        assert set(wheels) == {f"lint837-{__version__}-py3-none-any.whl"}


def test_the_readme_installs_from_the_repository_that_there_is() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    address = PROJECT["urls"]["Repository"].removesuffix(".git")
    for tool in ("pipx install", "uv tool install"):
        assert f"\n{tool} git+{address}\n" in text
        assert f"\n{tool} ./lint837-{__version__}-py3-none-any.whl\n" in text


def wheel(source: Path, folder: Path) -> Path:
    """A wheel of the project, built into a folder."""
    build = [*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(source)]
    subprocess.run(build, check=True, capture_output=True)
    [built] = folder.glob("*.whl")
    assert built.name == f"lint837-{__version__}-py3-none-any.whl"
    return built


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the project as it is here."""
    return wheel(ROOT, tmp_path_factory.mktemp("wheel"))


def test_the_wheel_is_the_same_bytes_wherever_it_is_built(built: Path, tmp_path: Path) -> None:
    """From a copy in another folder, whose files have other times and rights and came in another order."""
    copy = tmp_path / "copy"
    copy.mkdir()
    names = ("linter", "rules", "LICENSE", "README.md", "pyproject.toml", ".gitignore")
    for name in reversed(names):
        kept = shutil.ignore_patterns("__pycache__")
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, copy_function=shutil.copyfile, ignore=kept)
        else:
            shutil.copyfile(ROOT / name, copy / name)
    for number, path in enumerate(copy.rglob("*")):
        if path.is_file():
            path.chmod(0o600)
            os.utime(path, (1_000_000_000 + number, 1_000_000_000 + number))
    assert wheel(copy, tmp_path / "second").read_bytes() == built.read_bytes()


def test_the_wheel_works_in_an_empty_environment(built: Path, tmp_path: Path) -> None:
    """As pipx and uv make one: no variables, no compiler, no git, another folder. It finds its rules and facts."""
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=False)
    installed = folder / "bin/python"
    subprocess.run(
        [*PIP, "--python", str(installed), "install", "--no-deps", "--no-index", str(built)],
        check=True,
        capture_output=True,
    )
    [site] = folder.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))  # what the wheel depends on
    sample = str(ROOT / "samples/dirty/office-837p.837")
    done = subprocess.run(
        [folder / "bin/lint837", "check", "--format=concise", sample],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "HCP001" in done.stdout


def test_the_changelog_has_the_present_version() -> None:
    titles = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert titles[0] == "[Unreleased]"
    assert [title for title in titles[1:] if not re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", title)] == []
    assert titles[1].startswith(f"[{__version__}] ")


def test_every_dependency_has_a_lower_and_an_upper_bound() -> None:
    for text in PROJECT["dependencies"]:
        assert {specifier.operator for specifier in Requirement(text).specifier} == {">=", "<"}, text


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_has_what_the_project_needs(lock: str) -> None:
    """Run `make lock` where it does not."""
    required = needed(development=lock == "ci/development.txt")
    versions = {name: [pin for pin in locked(lock) if canonicalize_name(pin.name) == name] for name in required}
    for name, requirement in required.items():
        assert versions[name], name
        for pin in versions[name]:
            [version] = [specifier.version for specifier in pin.specifier]
            assert requirement.specifier.contains(version), f"{pin} is outside {requirement}"


def test_both_locks_have_the_same_versions() -> None:
    of_action, of_tests = ({(pin.name, str(pin.specifier)) for pin in locked(lock)} for lock in LOCKS)
    assert of_action <= of_tests


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_has_hashes_and_no_other_place_to_fetch_from(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    for block in re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block
    assert re.findall(r"^--.*|://|\bfile:", text, re.MULTILINE) == []


def needed(*, development: bool) -> dict[str, Requirement]:
    """What lint837 imports and what builds it, by name; also what its own checks and tests need."""
    given = [*PROJECT["dependencies"], *PYPROJECT["build-system"]["requires"]]
    if development:
        given += [*PROJECT["optional-dependencies"]["dev"], "editables"]
    return {canonicalize_name(one.name): one for one in map(Requirement, given)}


def test_the_oldest_versions_are_those_that_the_page_names() -> None:
    text = (ROOT / "docs/compatibility.md").read_text(encoding="utf-8")
    for pin in oldest():
        name, _, version = pin.partition("==")
        assert re.search(rf"{name} {version}[.0]*\b", text), pin


# ---------------------------------------------------------------- which Pythons


def python(folder: Path, name: str, version: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{f'echo {version}' if version else 'exit 127'}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_every_python_that_can_be_used_is_found_once(tmp_path: Path) -> None:
    """Not an old one, nor the shim of one that is switched off, nor what is named after a Python."""
    shims, here, there = (tmp_path / name for name in ("shims", "here", "there"))
    python(shims, "python3.12", "")
    python(here, "python3.10", "3 10 1")
    python(here, "python3.13-config", "3 13 1")
    python(here, "python3.12", "3 12 1")
    last, only = python(there, "python3.12", "3 12 10"), python(there, "python3.14", "3 14 0")
    folders = [str(folder) for folder in (shims, here, tmp_path / "none", there)]
    assert pythons(folders) == [Python((3, 12, 10), str(last)), Python((3, 14, 0), str(only))]


def test_the_workflow_has_every_python_that_is_promised() -> None:
    """It runs what CI runs elsewhere, and every action is named by its commit."""
    text = (ROOT / ".github/workflows/check.yml").read_text(encoding="utf-8")
    steps = yaml.safe_load(text)["jobs"]["check"]["steps"]
    versions = [step["with"]["python-version"].split() for step in steps if "setup-python" in step.get("uses", "")]
    promised = [text.rpartition(" ")[2] for text in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", text)]
    assert versions == [promised[::-1]]
    assert [step["run"] for step in steps if "run" in step] == [".ci/run"]
    assert all(re.search(r"@[0-9a-f]{40}$", step["uses"]) for step in steps if "uses" in step)
