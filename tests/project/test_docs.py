"""The pages for billers, pipelines, CI and rule authors: every command in them runs, every file in them is used."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, ClassVar

import click
import pytest
import yaml
from lint837.commands.main import cli

from tests.documents import ROOT, blocks, commands, lint837_commands, outputs, text_of, update, updating

PAGES = [
    "docs/billers.md",
    "docs/ci.md",
    "docs/every-drug.md",
    "docs/pipelines.md",
    "docs/rule-authors.md",
    "docs/scale.md",
]
OTHERS = {"--lint837", "--break-system-packages"}  # options of pytest and pip
NEEDS = {"docs/pipelines.md": "jq"}  # a command that is not everywhere


@pytest.mark.parametrize("page", PAGES)
def test_every_command_prints_what_stands_below_it(page: str, tmp_path: Path) -> None:
    """LINT837_UPDATE=1 updates the page; read what changed before you commit it."""
    if page in NEEDS and not shutil.which(NEEDS[page]):
        pytest.skip(f"{NEEDS[page]} is not installed")
    ran = outputs(page, tmp_path)
    if page == TestBillers.PAGE:  # nothing but the reports that it names is written
        assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["report.html", "worklist.csv"]
    if updating():
        for (command, old), (_, new) in zip(commands(page), ran, strict=True):
            update(page, f"$ {command}\n{old}", f"$ {command}\n{new}")
    assert ran == commands(page)


def _spans(page: str) -> list[str]:
    """The commands of lint837 in a page's text and blocks."""
    outside = re.sub(r"^```.*?^```$", "", text_of(page), flags=re.DOTALL | re.MULTILINE)
    shown = re.findall(r"(?<!`)`([^`]+)`(?!`)", outside) + [command for command, _ in commands(page)]
    return [text for text in shown if re.match(r"(CI=\w+ )?lint837 ", text) and "|" not in text]


@pytest.mark.parametrize("page", [*PAGES, "README.md", "CONTRIBUTING.md"])
def test_every_command_and_option_exists(page: str) -> None:
    known = lint837_commands()
    for text in _spans(page):
        name = text.removeprefix("CI=true ").split()[1]
        assert name in known, text
        options = {option for parameter in known[name].params for option in parameter.opts}
        assert [word for word in re.findall(r"(?<=\s)--[a-z0-9-]+", text) if word not in options] == [], text
    options = {o for c in known.values() for p in c.params if isinstance(p, click.Option) for o in p.opts}
    alone = re.findall(r"`(--[a-z0-9-]+)[^`]*`", text_of(page))
    assert [word for word in alone if word not in {*options, *OTHERS}] == []


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_links_to_is_there(page: str) -> None:
    for target in re.findall(r"\]\((?!https://)([^)]+)\)", text_of(page)):
        path, _, anchor = target.partition("#")
        linked = (ROOT / page).parent / path
        assert linked.is_file(), target
        titles = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
        assert not anchor or anchor in [title.lower().replace(" ", "-") for title in titles], target


def test_a_page_says_first_what_there_is_at_its_end() -> None:
    begun = [text_of(page).split("\n\n")[1].startswith("At the end of this page ") for page in PAGES]
    assert begun == [True] * len(PAGES)
    assert [page for page in PAGES if page not in text_of("README.md")] == []


class TestBillers:
    """docs/billers.md: each system's commands exist there, and the reports that it names are written."""

    PAGE = "docs/billers.md"
    COMMON = frozenset({"cd", "lint837", "pipx"})
    KNOWN: ClassVar[dict[str, frozenset[str]]] = {
        "powershell": COMMON | {"dir", "py", "winget"},
        "sh": COMMON | {"ls", "python3", "sudo"},
        "console": frozenset({"lint837"}),  # on every system
    }

    @classmethod
    def lines(cls, language: str) -> list[str]:
        prompt = "PS> " if language == "powershell" else "$ "
        texts = [block.text for block in blocks(cls.PAGE) if block.language == language]
        return [line.removeprefix(prompt) for text in texts for line in text.splitlines() if line.startswith(prompt)]

    @pytest.mark.parametrize("language", list(KNOWN))
    def test_commands_that_exist_there(self, language: str) -> None:
        lines = self.lines(language)
        assert lines
        assert {line.split()[0] for line in lines} <= self.KNOWN[language]
        # Nothing that PowerShell and a POSIX shell understand differently.
        assert [line for line in self.lines("console") if re.search(r"[|<>*$`\\;&]", line)] == []
        assert [line for line in lines if re.search(r"[|<>*`;&]", line)] == []

    def test_both_kinds_of_system_do_the_same(self) -> None:
        def installs(language: str) -> set[str]:
            return {
                line.replace("\\", "/") for line in self.lines(language) if "install ." in line or "lint837" in line
            }

        assert installs("powershell") == installs("sh")
        text = text_of(self.PAGE)
        assert [name for name in ("### Windows", "### macOS", "### Linux") if name not in text] == []
        for answered in ("externally-managed-environment", "pipx ensurepath", "change directory"):
            assert answered in text


def _yaml(name: str) -> Any:  # noqa: ANN401 - YAML
    [text] = [block.text for block in blocks("docs/ci.md") if block.name == name]
    return yaml.safe_load(text)


def test_the_pre_commit_configuration_names_the_hook() -> None:
    hooks = yaml.safe_load(text_of(".pre-commit-hooks.yaml"))
    [repository] = _yaml(".pre-commit-config.yaml")["repos"]
    assert [hook["id"] for hook in repository["hooks"]] == [hook["id"] for hook in hooks]
    [hook] = repository["hooks"]
    # click keeps what --help is called when a command is first used, which its parent says.
    parent = click.Context(cli, **cli.context_settings)
    for args, fail_on in ((hook["args"], "warning"), (hooks[0]["args"], None)):
        check = lint837_commands()["check"]
        parameters = check.make_context("check", [*args, "--config=x.837"], parent=parent).params
        assert (parameters["fail_on"], parameters["paths"]) == (fail_on, ("--config=x.837",))


@pytest.mark.parametrize("name", ["claims", "claims-scanning"])
def test_the_workflows_use_the_action_as_it_is(name: str) -> None:
    inputs = yaml.safe_load(text_of("action.yml"))["inputs"]
    workflow = _yaml(f".github/workflows/{name}.yml")
    _, step, *others = workflow["jobs"]["claims"]["steps"]
    assert step["uses"].startswith("your-organization/lint837@")
    assert set(step["with"]) <= set(inputs)
    assert {key for key, value in inputs.items() if value.get("required")} <= set(step["with"])
    for upload in others:
        assert upload["with"]["sarif_file"] == step["with"]["sarif-file"] == inputs["sarif-file"]["default"]


def test_the_gitlab_job_sets_what_the_template_has() -> None:
    pipeline = _yaml(".gitlab-ci.yml")
    [included] = pipeline["include"]
    template = yaml.safe_load(text_of(included["file"]))
    [job] = template
    assert set(pipeline[job]["variables"]) <= set(template[job]["variables"])


def test_the_settings_of_pytest_are_those_of_the_plugin(tmp_path: Path) -> None:
    """Also where an unknown one is an error."""
    [text] = [block.text for block in blocks("docs/ci.md") if block.name == "pyproject.toml"]
    settings = tomllib.loads(text)["tool"]["pytest"]["ini_options"]
    arguments = [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--strict-config", "--collect-only", "--quiet", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "no tests collected" in done.stdout
    assert "Unknown config option" not in done.stdout + done.stderr


class TestAirflow:
    """The task of docs/pipelines.md, called as Airflow calls it."""

    @pytest.fixture(autouse=True)
    def _on_the_path(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)

    @staticmethod
    def task() -> Any:  # noqa: ANN401 - a function that is read from a page
        [text] = [block.text for block in blocks("docs/pipelines.md") if block.name == "lint_claims.py"]
        names: dict[str, Any] = {}
        exec(compile(text, "lint_claims.py", "exec"), names)  # noqa: S102 - our own page
        return names["lint_claims"]

    def test_a_batch_that_may_be_sent(self, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.task()(str(ROOT / "samples/clean"), str(tmp_path / "worklist.csv"))
        assert capfd.readouterr() == ("", "")
        assert (tmp_path / "worklist.csv").read_text(encoding="utf-8-sig").count("\n") == 1

    @pytest.mark.parametrize(
        ("batch", "why", "rules"),
        [
            ("office-837p.837", "correct what the worklist says", ["HCP001", "QTY001", "HCP002", "NDC001", "QTY001"]),
            ("truncated-837p.837", "something could not be checked", ["ENV002"]),
        ],
    )
    def test_a_batch_that_is_held(
        self, batch: str, why: str, rules: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        worklist = tmp_path / "worklist.csv"
        with pytest.raises(RuntimeError, match=f"^held: {why}$"):
            self.task()(str(ROOT / "samples/dirty" / batch), str(worklist))
        log = capfd.readouterr().out
        assert re.findall(r": error (\w+)", log) == rules
        assert "HCO-25" not in log
        assert "HCO-25" in worklist.read_text(encoding="utf-8-sig")

    def test_a_command_that_is_wrong(self, tmp_path: Path) -> None:
        claims = tmp_path / "claims.837"
        shutil.copy(ROOT / "samples/clean/office-837p.837", claims)
        with pytest.raises(RuntimeError, match=r"^held: lint837 did not finish its work$"):
            self.task()(str(claims), str(claims))
