"""pyproject.toml, the lock of ci/ and the pages say the same of versions."""

import re
import tomllib
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


def test_the_pages_name_the_present_version() -> None:
    text = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    assert set(re.findall(r"(?:rev: |ref: |@)v(\d+\.\d+\.\d+)$", text, re.MULTILINE)) == {__version__}


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
