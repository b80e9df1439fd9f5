"""The rooms of the program. `make check` holds their imports to the contracts in pyproject.toml; these tests hold the rest."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "linter/lint837"


def rooms(folder: Path) -> set[str]:
    return {path.parent.name for path in folder.glob("*/__init__.py")}


def test_few_modules_are_in_no_room() -> None:
    modules = sorted(path.name for path in PACKAGE.glob("*.py"))
    assert len(modules) <= 6, modules


def test_every_room_says_what_it_knows_and_holds_nothing_itself() -> None:
    """A room's __init__ is a docstring of about three lines."""
    for room in sorted(rooms(PACKAGE)):
        text = (PACKAGE / room / "__init__.py").read_text(encoding="utf-8").strip()
        assert re.fullmatch(r'"""[^"]*"""', text), room
        assert text.count("\n") <= 4, room


def test_the_tests_live_in_the_same_rooms() -> None:
    others = {"project", "regressions"}
    assert rooms(ROOT / "tests") - others <= rooms(PACKAGE)


def test_the_contracts_cover_every_package() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    packages = {
        path.parent.name for place in ("linter", "rules", "examples/*") for path in ROOT.glob(f"{place}/*/__init__.py")
    }
    assert set(tools["importlinter"]["root_packages"]) == packages


def test_the_contracts_and_contributing_name_every_room() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    [layers] = [contract["layers"] for contract in tools["importlinter"]["contracts"] if contract["id"] == "layers"]
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Rooms")[2].partition("\n## ")[0]
    assert [room for room in layers if "__main__" not in room] == re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)


def test_every_issue_template_asks_for_no_patient_data() -> None:
    templates = [path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config"]
    assert len(templates) == 4
    for path in templates:
        first = yaml.safe_load(path.read_text(encoding="utf-8"))["body"][0]
        assert (first["id"], first["attributes"]["options"][0]["required"]) == ("privacy", True), path.name


def test_the_projects_own_hooks_need_no_network() -> None:
    [repository] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert hook["language"] == "pygrep" or ".venv/bin/" in hook["entry"], hook["id"]
