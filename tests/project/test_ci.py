"""What CI services are given: the hook of pre-commit, the action of GitHub, the job of GitLab, each run as there."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import junitparser
import pytest
import yaml

ROOT = Path(__file__).parents[2]
OFFICE = ROOT / "samples/dirty/office-837p.837"
CLEAN = ROOT / "samples/clean/office-837p.837"
NO_CLAIM = CLEAN.read_bytes()[:106] + b"IEA*0*" + CLEAN.read_bytes()[90:99] + b"~"
# Python and pre-commit are those that run the tests; pip's variables hold for the scripts too.
SERVICE = {**os.environ, "CI": "true", "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
EXPIRED = (
    "error HCP001 claim 1, line 1, SV101-2: C9170 ended 2024-12-31; for a day after 2024-12-31 the code is J9026. "
    "Fix: change C9170 to J9026 in SV101-2 (box 24D), and keep 10 units in SV104 (box 24G, 1 unit = 1 mg).\n"
)
ANNOTATION = (
    "::error file={},line=26,col=8,title=HCP001 expired-temporary-code::claim 1, line 1, SV101-2: C9170 ended "
    "2024-12-31; for a day after 2024-12-31 the code is J9026. Fix: change C9170 to J9026 in SV101-2 (box 24D), and "
    "keep 10 units in SV104 (box 24G, 1 unit = 1 mg).\n"
)
HOSTILE = ["$(touch pwned)", "`touch pwned`", '"; touch pwned; "', "a'b", "* ?", "LINES", "\\", "${HOME}"]


def document(path: str) -> Any:  # noqa: ANN401 - YAML
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def shell(
    script: str, variables: Mapping[str, str], cwd: Path, command: Sequence[str]
) -> subprocess.CompletedProcess[str]:
    """Run a script with nothing but a service's variables."""
    return subprocess.run(
        [*command, script], cwd=cwd, env={**SERVICE, **variables}, capture_output=True, text=True, check=False
    )


def installed(done: subprocess.CompletedProcess[str], scratch: Path) -> None:
    """Fails where an installation did; skips where pip can install nothing at all here."""
    if done.returncode:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(scratch), "hatchling"]
        if subprocess.run(pip, capture_output=True, check=False).returncode:
            pytest.skip("pip can install nothing here: there is no package index")
    assert done.returncode == 0, done.stderr


def counted(statistics: str) -> str:
    """The last row of the first table."""
    return " ".join(next(line for line in statistics.splitlines() if line.startswith("all ")).split()[1:])


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.installs
class TestPreCommit:
    def test_it_is_installed_and_run(self, tmp_path: Path) -> None:
        """In a repository of its own, from a clone of this one."""
        identity = {
            f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        environment = {
            **SERVICE,
            **identity,
            "PRE_COMMIT_HOME": str(tmp_path / "home"),
            "GIT_CONFIG_GLOBAL": os.devnull,
        }

        def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
            return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)

        tool, project = tmp_path / "tool", tmp_path / "project"
        tool.mkdir()
        project.mkdir()
        for name in ("linter", "rules"):
            shutil.copytree(ROOT / name, tool / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
            shutil.copy(ROOT / name, tool)
        for folder in (tool, project):
            run("git", "init", "--quiet", cwd=folder).check_returncode()
        run("git", "add", ".", cwd=tool).check_returncode()
        run("git", "commit", "--quiet", "--message", "one", cwd=tool).check_returncode()
        revision = run("git", "rev-parse", "HEAD", cwd=tool).stdout.strip()
        configuration = {"repos": [{"repo": str(tool), "rev": revision, "hooks": [{"id": "lint837"}]}]}
        (project / ".pre-commit-config.yaml").write_text(json.dumps(configuration), encoding="utf-8")
        (project / "notes.txt").write_text("no claim file by its name", encoding="utf-8")
        shutil.copy(CLEAN, project / "-clean one.837")
        run("git", "add", ".", cwd=project).check_returncode()
        installed(run("pre-commit", "install", "--install-hooks", cwd=project), tmp_path)
        clean = run("git", "commit", "--message", "clean", cwd=project)
        assert clean.returncode == 0, clean.stderr

        shutil.copy(OFFICE, project / "OFFICE.837P")
        (project / "remittance.x12").write_bytes(NO_CLAIM)
        run("git", "add", ".", cwd=project).check_returncode()
        dirty = run("git", "commit", "--message", "dirty", cwd=project)
        assert dirty.returncode == 1
        head, _, findings = dirty.stderr.partition("\n\n")
        assert head.splitlines()[1:] == ["- hook id: lint837", "- exit code: 1"]
        assert findings.splitlines(keepends=True)[0] == f"OFFICE.837P:26:8: {EXPIRED}"
        assert [line.split(": ")[1].split(" claim")[0] for line in findings.strip().splitlines()] == [
            "error HCP001",
            "error QTY001",
            "error HCP002",
            "error NDC001",
            "error QTY001",
        ]
        assert "HCO-25" not in dirty.stderr

        run("git", "rm", "--quiet", "--cached", "OFFICE.837P", cwd=project).check_returncode()
        assert run("git", "commit", "--message", "no claim", cwd=project).returncode == 0


def hostile_files(folder: Path) -> list[str]:
    """Claim files in folders with names that a shell would take for something else; their paths."""
    for name in HOSTILE:
        (folder / name).mkdir()
        shutil.copy(OFFICE, folder / name / "claims.837")
    return [f"{name}/claims.837" for name in HOSTILE]


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder RUNNER_TEMP in which the action's own step installed lint837."""
    folder = tmp_path_factory.mktemp("runner temp")
    variables = {"RUNNER_TEMP": str(folder), "GITHUB_ACTION_PATH": str(ROOT)}
    installed(TestGitHub.bash(TestGitHub.steps()[1]["run"], variables, folder), folder)
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder CI_PROJECT_DIR in which the job's before_script installed lint837."""
    folder = tmp_path_factory.mktemp("project dir")
    installed(TestGitLab.run("before_script", folder, folder, LINT837_PACKAGE=str(ROOT), LINT837_PATHS="."), folder)
    return folder


@pytest.mark.installs
class TestGitHub:
    @staticmethod
    def bash(script: str, variables: Mapping[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
        """As a runner runs `shell: bash`."""
        path = cwd / "step.sh"
        path.write_text(script, encoding="utf-8")
        done = shell(str(path), variables, cwd, ["bash", "--noprofile", "--norc", "-eo", "pipefail"])
        path.unlink()
        return done

    @staticmethod
    def steps() -> Any:  # noqa: ANN401 - YAML
        return document("action.yml")["runs"]["steps"]

    def lint(
        self, runner: Path, cwd: Path, summary: Path | None = None, /, **inputs: str
    ) -> subprocess.CompletedProcess[str]:
        """The last step, its expressions filled in by what a workflow gives and by the defaults of the action."""
        step = self.steps()[2]
        declared = document("action.yml")["inputs"]
        given = {name: inputs.pop(name.replace("-", "_"), declared[name].get("default")) for name in declared}
        assert inputs == {}
        variables = {"RUNNER_TEMP": str(runner), "GITHUB_STEP_SUMMARY": str(summary or "")}
        for name, expression in step["env"].items():
            variables[name] = given[expression.removeprefix("${{ inputs.").removesuffix(" }}")]
        return self.bash(step["run"], variables, cwd)

    def test_the_steps(self) -> None:
        """Nothing of a workflow's stands in a script, every input reaches the last one, actions are named by commit."""
        setup, install, lint = self.steps()
        inputs = document("action.yml")["inputs"]
        assert [step["run"].count("${{") for step in (install, lint)] == [0, 0]
        assert sorted(lint["env"].values()) == sorted(f"${{{{ inputs.{name} }}}}" for name in inputs)
        assert [name for name in lint["env"] if f'"${name}"' not in lint["run"] and f"${name}" not in lint["run"]] == []
        name, _, commit = setup["uses"].partition("@")
        assert (name, len(commit), commit.isalnum()) == ("actions/setup-python", 40, True)

    def test_annotations(self, runner: Path, tmp_path: Path) -> None:
        shutil.copy(OFFICE, tmp_path / "claims.837")
        done = self.lint(runner, tmp_path, paths="claims.837")
        assert (done.returncode, counted(done.stderr)) == (1, "5 4 $64,000.00")
        assert done.stdout.splitlines(keepends=True)[0] == ANNOTATION.format("claims.837")
        assert [line.split("title=")[1].split(" ")[0] for line in done.stdout.splitlines()] == [
            "HCP001",
            "QTY001",
            "HCP002",
            "NDC001",
            "QTY001",
        ]
        assert files(tmp_path) == ["claims.837"]

    def test_a_clean_file_passes(self, runner: Path, tmp_path: Path) -> None:
        shutil.copy(CLEAN, tmp_path / "claims.837")
        done = self.lint(runner, tmp_path, paths="claims.837\n")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "statistics: no findings\n")

    @pytest.mark.parametrize(
        ("claims", "fail_on", "title"),
        [
            (OFFICE, "error", "findings at or above the limit"),
            (CLEAN, "error", "nothing found at or above the limit"),
            (OFFICE, "never", "nothing found at or above the limit"),
            (
                ROOT / "samples/dirty/truncated-837p.837",
                "error",
                "something could not be checked, or no claim was found",
            ),
            (OFFICE, "everything", "there is no complete report"),
        ],
    )
    def test_the_job_summary(self, claims: Path, fail_on: str, title: str, runner: Path, tmp_path: Path) -> None:
        shutil.copy(claims, tmp_path / "claims.837")
        summary = tmp_path / "summary of the step.md"
        summary.write_text("what was there\n")
        done = self.lint(runner, tmp_path, summary, paths="claims.837", fail_on=fail_on)
        head, begin, rest = summary.read_text().partition("~~~~~~~~text\n")
        assert head == f"what was there\n### lint837: {title}\n\n"
        assert begin + rest == f"~~~~~~~~text\n{done.stderr}~~~~~~~~\n"
        assert "2025-02" not in rest
        assert "HCO-25" not in rest

    def test_sarif(self, runner: Path, tmp_path: Path) -> None:
        shutil.copy(OFFICE, tmp_path / "claims.837")
        done = self.lint(
            runner,
            tmp_path,
            paths="claims.837",
            format="sarif",
            arguments="--select\nHCP001\n",
            sarif_file="a b=c.sarif",
        )
        assert (done.returncode, done.stdout) == (1, f"claims.837:26:8: {EXPIRED}")
        assert counted(done.stderr) == "1 1 $16,000.00"
        assert files(tmp_path) == ["a b=c.sarif", "claims.837"]
        log = json.loads((tmp_path / "a b=c.sarif").read_text(encoding="utf-8"))
        assert [result["ruleId"] for result in log["runs"][0]["results"]] == ["HCP001"]

    def test_fail_on(self, runner: Path, tmp_path: Path) -> None:
        shutil.copy(OFFICE, tmp_path / "claims.837")
        done = self.lint(runner, tmp_path, paths="claims.837", fail_on="never", arguments="--select=HCP001")
        assert (done.returncode, done.stdout) == (0, ANNOTATION.format("claims.837"))

    def test_config(self, runner: Path, tmp_path: Path) -> None:
        shutil.copy(OFFICE, tmp_path / "claims.837")
        (tmp_path / "a.toml").write_text('fail-on = "never"\nselect = ["HCP001"]\n')
        done = self.lint(runner, tmp_path, paths="claims.837", config="a.toml")
        notice = '::notice title=lint837::configuration: a.toml (select = ["HCP001"], fail-on = "never")\n'
        assert (done.returncode, done.stdout) == (0, notice + ANNOTATION.format("claims.837"))

    def test_whatever_a_path_is_it_is_no_command(self, runner: Path, tmp_path: Path) -> None:
        paths = hostile_files(tmp_path)
        before = files(tmp_path)
        done = self.lint(runner, tmp_path, paths="\n\n".join(paths), arguments="--select=HCP001", fail_on="never")
        assert (done.returncode, counted(done.stderr)) == (0, "8 8 $128,000.00")
        assert done.stdout == "".join(ANNOTATION.format(path) for path in paths)
        assert files(tmp_path) == before

    @pytest.mark.parametrize("text", HOSTILE[:3])
    @pytest.mark.parametrize("name", ["arguments", "fail_on", "format", "config"])
    def test_whatever_another_input_is_it_is_no_command(
        self, name: str, text: str, runner: Path, tmp_path: Path
    ) -> None:
        shutil.copy(CLEAN, tmp_path / "claims.837")
        done = self.lint(runner, tmp_path, paths="claims.837", **{name: text})
        # Among the arguments it is a path that does not exist; elsewhere a word that is not known.
        assert done.returncode == (3 if name == "arguments" else 2)
        assert files(tmp_path) == ["claims.837"]

    def test_a_path_is_no_option(self, runner: Path, tmp_path: Path) -> None:
        shutil.copy(OFFICE, tmp_path / "claims.837")
        done = self.lint(runner, tmp_path, paths="claims.837\n--report=json=stolen.json")
        assert done.returncode == 3
        assert files(tmp_path) == ["claims.837"]


@pytest.mark.installs
class TestGitLab:
    @staticmethod
    def run(part: str, project: Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """A script of the job, as the shell of a runner runs it."""
        job = document("ci/lint837.gitlab-ci.yml")["lint837"]
        assert set(variables) <= set(job["variables"])
        given = {**job["variables"], **variables, "CI_PROJECT_DIR": str(project)}
        [script] = job[part]
        return shell(f"set -eu\n{script}", given, cwd, ["sh", "-c"])

    def test_the_artifacts_are_those_that_are_written(self, project: Path, tmp_path: Path) -> None:
        shutil.copy(OFFICE, tmp_path / "claims.837")
        done = self.run("script", project, tmp_path, LINT837_PATHS="claims.837", LINT837_ARGUMENTS="--select=HCP001")
        assert (done.returncode, done.stdout, done.stderr) == (1, f"claims.837:26:8: {EXPIRED}", "")
        reports = document("ci/lint837.gitlab-ci.yml")["lint837"]["artifacts"]["reports"]
        assert files(tmp_path) == sorted(["claims.837", *reports.values()])
        [entry] = json.loads((tmp_path / reports["codequality"]).read_text(encoding="utf-8"))
        assert (entry["check_name"], entry["location"], entry["severity"]) == (
            "HCP001",
            {"path": "claims.837", "lines": {"begin": 26}},
            "critical",
        )
        junit = junitparser.JUnitXml.fromfile(str(tmp_path / reports["junit"]))
        assert (junit.tests, junit.failures, junit.errors) == (1, 1, 0)

    def test_fail_on_and_a_clean_file(self, project: Path, tmp_path: Path) -> None:
        shutil.copy(OFFICE, tmp_path / "claims.837")
        done = self.run("script", project, tmp_path, LINT837_PATHS=".", LINT837_FAIL_ON="never")
        assert (done.returncode, done.stderr) == (0, "")
        shutil.copy(CLEAN, tmp_path / "claims.837")
        done = self.run("script", project, tmp_path, LINT837_PATHS="claims.837", LINT837_FAIL_ON="info")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    def test_whatever_a_path_is_it_is_no_command(self, project: Path, tmp_path: Path) -> None:
        paths = hostile_files(tmp_path)
        before = files(tmp_path)
        done = self.run(
            "script",
            project,
            tmp_path,
            LINT837_PATHS="\n".join(["--quiet", *paths]),
            LINT837_ARGUMENTS="--select\nHCP001",
            LINT837_FAIL_ON="never",
        )
        missing, *others = done.stdout.splitlines(keepends=True)
        assert (done.returncode, done.stderr) == (3, "")
        assert missing.startswith("--quiet:1:1: error ENV011: ")
        assert others == [f"{path}:26:8: {EXPIRED}" for path in paths]
        assert files(tmp_path) == sorted([*before, "gl-code-quality-report.json", "lint837-junit.xml"])

    def test_whatever_another_variable_is_it_is_no_command(self, project: Path, tmp_path: Path) -> None:
        for text in HOSTILE[:3]:
            assert self.run("script", project, tmp_path, LINT837_PATHS="x", LINT837_FAIL_ON=text).returncode == 2
        everything = "\n".join(HOSTILE)
        assert self.run("script", project, tmp_path, LINT837_PATHS="x", LINT837_ARGUMENTS=everything).returncode == 3
        package = f"./{HOSTILE[0]}"
        done = self.run("before_script", tmp_path, tmp_path, LINT837_PATHS="x", LINT837_PACKAGE=package)
        assert done.returncode != 0
        assert [path for path in files(tmp_path) if not path.startswith(".lint837")] == [
            "gl-code-quality-report.json",
            "lint837-junit.xml",
        ]

    @pytest.mark.parametrize(
        ("variables", "said"),
        [
            ({"LINT837_PATHS": "x"}, "LINT837_PACKAGE: it must say what pip installs"),
            ({"LINT837_PACKAGE": "x"}, "LINT837_PATHS: it must name claim files"),
        ],
    )
    def test_what_must_be_given(self, variables: dict[str, str], said: str, tmp_path: Path) -> None:
        done = self.run("before_script", tmp_path, tmp_path, **variables)
        assert done.returncode != 0
        assert said in done.stderr
        assert files(tmp_path) == []
