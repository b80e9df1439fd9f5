"""pyproject.toml, the lock of ci/ and the pages say the same of versions."""

import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path
from typing import Any

from lint837 import __version__
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT: dict[str, Any] = PYPROJECT["project"]


def locked() -> list[Requirement]:
    text = (ROOT / "ci/requirements.txt").read_text(encoding="utf-8")
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


def test_the_wheel_works_in_an_empty_environment(tmp_path: Path) -> None:
    """As pipx and uv make one: no variables, no compiler, no git, another folder. It finds its rules and facts."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    wheel = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(wheel, check=True, capture_output=True)
    [built] = tmp_path.glob("*.whl")
    assert built.name == f"lint837-{__version__}-py3-none-any.whl"
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=False)
    python = folder / "bin/python"
    subprocess.run(
        [*pip, "--python", str(python), "install", "--no-deps", "--no-index", str(built)],
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


def test_the_lock_has_what_the_project_needs() -> None:
    """Run `make lock` where it does not."""
    versions = {name: [pin for pin in locked() if canonicalize_name(pin.name) == name] for name in needed()}
    for name, requirement in needed().items():
        assert versions[name], name
        for pin in versions[name]:
            [version] = [specifier.version for specifier in pin.specifier]
            assert requirement.specifier.contains(version), f"{pin} is outside {requirement}"


def test_the_lock_has_hashes_and_no_other_place_to_fetch_from() -> None:
    text = (ROOT / "ci/requirements.txt").read_text(encoding="utf-8")
    for block in re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block
    assert re.findall(r"^--.*|://|\bfile:", text, re.MULTILINE) == []


def needed() -> dict[str, Requirement]:
    """What lint837 imports and what builds it, by name."""
    given = [Requirement(text) for text in [*PROJECT["dependencies"], *PYPROJECT["build-system"]["requires"]]]
    return {canonicalize_name(requirement.name): requirement for requirement in given}
