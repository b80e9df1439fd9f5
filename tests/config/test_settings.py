"""The configuration: found, read, refused key by key; what it chooses; the JSON schema says the same."""

import html
import json
import os
import re
import sys
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import settings as few
from hypothesis import strategies as st
from lint837 import Rulebook, Severity, lint_bytes
from lint837.commands import main as cli
from lint837.config.apply import configured, rulebook_of
from lint837.config.discover import SettingsError, find
from lint837.config.settings import Settings, read, settings_of
from lint837.files.path_pattern import PathPattern
from lint837.lint.examples import claim_file
from lint837.report.complaint import rulebook_in
from lint837.report.settings import schema, template, toml
from lint837.rules.rule import Good

ROOT = Path(__file__).parents[2]
LINE = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"
CLEAN = claim_file(Good(LINE))
EXPIRED = CLEAN.replace(b"J9026", b"C9170")
WEIGHT = claim_file(Good(LINE.replace("1*UN~", "10*ME~")))

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty directory, the current one, in which the search for a configuration ends."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], here: Path) -> Run:  # noqa: ARG001
    def main(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lint837", *arguments])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        assert isinstance(exit_.value.code, int)
        return exit_.value.code, *capfd.readouterr()

    return main


def settings(text: str) -> Settings:
    return settings_of(tomllib.loads(text), "lint837.toml", Path("/work"))


class TestFinding:
    @pytest.mark.usefixtures("here")
    def test_nothing(self) -> None:
        assert find() is None

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("lint837.toml", ""),
            ("pyproject.toml", "[tool.lint837]\n"),
            ("pyproject.toml", '[tool."lint837"]\n'),
            ("pyproject.toml", "tool = {lint837 = {}}\n"),
            ("pyproject.toml", "[tool.lint837.severity]\n"),
        ],
    )
    def test_here_or_above(self, monkeypatch: pytest.MonkeyPatch, here: Path, name: str, text: str) -> None:
        below = here / "a" / "b"
        below.mkdir(parents=True)
        (here / name).write_text(text)
        assert find() == here / name
        monkeypatch.chdir(below)
        assert find() == here / name

    @pytest.mark.parametrize("text", ["", '[project]\nname = "lint837"\n', "[tool.ruff]\n", 'tool = "lint837"\n'])
    def test_a_pyproject_without_the_table_is_passed_by(
        self, monkeypatch: pytest.MonkeyPatch, here: Path, text: str
    ) -> None:
        below = here / "a"
        below.mkdir()
        monkeypatch.chdir(below)
        (below / "pyproject.toml").write_text(text)
        (here / "lint837.toml").write_text("")
        assert find() == here / "lint837.toml"

    def test_a_broken_pyproject_of_others_is_passed_by_and_ours_is_not(self, here: Path) -> None:
        (here / "pyproject.toml").write_text("[tool.ruff\nlint837")
        assert find() is None
        (here / "pyproject.toml").write_text("[tool.lint837\n")
        path = find()
        assert path == here / "pyproject.toml"
        with pytest.raises(SettingsError, match=r"pyproject\.toml: not valid TOML: "):
            read(path)

    def test_the_nearest_counts(self, monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
        below = here / "a"
        below.mkdir()
        monkeypatch.chdir(below)
        (here / "lint837.toml").write_text("")
        (below / "pyproject.toml").write_text("[tool.lint837]")
        assert find() == below / "pyproject.toml"

    def test_not_above_a_repository(self, monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
        repository = here / "a"
        (repository / ".git").mkdir(parents=True)
        (here / "lint837.toml").write_text("")
        assert find() == here / "lint837.toml"
        monkeypatch.chdir(repository)
        assert find() is None

    def test_where_the_directory_is_no_more(self, run: Run, here: Path) -> None:
        Path("a.837").write_bytes(EXPIRED)
        gone = here / "gone"
        gone.mkdir()
        os.chdir(gone)
        gone.rmdir()
        assert find() is None
        assert run("check", str(here / "a.837"))[0] == 1
        status, _, error = run("check", "a.837")
        assert status == 2
        assert error == "Error: the current directory was removed; go to another one, or give absolute paths\n"

    def test_two_in_one_directory(self, here: Path) -> None:
        (here / "lint837.toml").write_text("")
        (here / "pyproject.toml").write_text("[tool.lint837]")
        with pytest.raises(
            SettingsError,
            match=r"^lint837\.toml: pyproject\.toml next to it has \[tool\.lint837\] too; keep one of them$",
        ):
            find()

    def test_never_where_the_claims_are(self, run: Run) -> None:
        Path("claims").mkdir()
        Path("claims/lint837.toml").write_text('ignore = ["HCP001"]')
        Path("claims/a.837").write_bytes(EXPIRED)
        assert run("check", "claims/a.837")[0] == 1


class TestReading:
    def test_all_keys(self) -> None:
        read = settings("""
            select = ["HCP", "qty-one"]
            ignore = ["HCP002"]
            fail-on = "never"
            rule-packages = ["lint837_rules"]
            facts = ["a.toml"]
            severity = {CLM002 = "warning"}
            [per-file-ignores]
            "old/**" = ["DOS"]
        """)
        assert (read.select, read.ignore, read.fail_on) == (("HCP", "qty-one"), ("HCP002",), "never")
        assert (read.rule_packages, read.facts, read.base) == (("lint837_rules",), ("a.toml",), Path("/work"))
        assert (read.severity, read.per_file_ignores) == ({"CLM002": "warning"}, {"old/**": ("DOS",)})

    def test_nothing_set(self) -> None:
        assert settings("") == Settings("lint837.toml", "", Path("/work"))

    def test_in_a_pyproject(self, here: Path) -> None:
        path = here / "pyproject.toml"
        path.write_text('[tool.lint837]\nfail-on = "info"\n')
        assert (read(path).fail_on, read(path).origin) == ("info", "pyproject.toml")
        path.write_text('[tool.lint837]\nfail-on = "infos"\n')
        with pytest.raises(SettingsError) as error:
            read(path)
        assert str(error.value) == (
            'pyproject.toml: tool.lint837.fail-on: found "infos", expected error, warning, info or never; '
            "did you mean info?"
        )

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("selct = []", "selct: unknown key; did you mean select?"),
            ("Fail-On = 1", "Fail-On: unknown key; did you mean fail-on?"),
            ("fail_on = 1", "fail_on: unknown key; did you mean fail-on?"),
            (
                "zzz = 1",
                "zzz: unknown key; known keys: select, ignore, guide, claims, fail-on, rule-packages, facts, payer-profiles, severity, ",
            ),
            (
                'select = "HCP"',
                'select: found "HCP", expected a list of rules such as ["HCP", "NDC001"]; leave the key out to run all',
            ),
            ("select = []", 'select: found [], expected a list of rules such as ["HCP", "NDC001"]; leave'),
            (
                "ignore = [1]",
                "ignore[0]: found 1, expected a rule's code, a group such as HCP, or a rule's name",
            ),
            ('ignore = ["HCP", ""]', 'ignore[1]: found "", expected a rule'),
            ("fail-on = true", "fail-on: found true, expected error, warning, info or never"),
            (
                'severity = {HCP001 = "off"}',
                'severity.HCP001: found "off", expected info, warning or error',
            ),
            ('severity = "error"', 'severity: found "error", expected a table such as {CLM002 = "warning"}'),
            ('severity = {"a b" = "error"}', 'severity: found "a b", expected a rule\'s code or name'),
            (
                '[per-file-ignores]\n"a/**" = "DOS"',
                'per-file-ignores."a/**": found "DOS", expected a list of rules such as ["HCP", "NDC001"]',
            ),
            ("facts = [[]]", "facts[0]: found [], expected a path"),
            ("facts = [{a = 1}]", "facts[0]: found a table, expected a path"),
            (f'facts = "{"x" * 90}"', f'facts: found "{"x" * 56}..., expected a list of files'),
            ("select = 2025-01-01", "select: found 2025-01-01, expected a list of rules"),
        ],
    )
    def test_refused(self, text: str, message: str) -> None:
        with pytest.raises(SettingsError) as error:
            settings(text)
        assert str(error.value).startswith(f"lint837.toml: {message}")

    @pytest.mark.parametrize(
        ("data", "message"),
        [(b"a = ", "a.toml: not valid TOML: Invalid value"), (b"\xff", "a.toml: not UTF-8 text")],
    )
    def test_no_toml(self, here: Path, data: bytes, message: str) -> None:
        (here / "a.toml").write_bytes(data)
        with pytest.raises(SettingsError) as error:
            read(here / "a.toml")
        assert str(error.value).startswith(message)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("a = " + "[" * 100_000, "not valid TOML: nested too deeply"),
            ("a = " + "1" * 5_000, "not valid TOML: "),
            ("#" * (1024 * 1024 + 1), "larger than 1 MiB"),
        ],
        ids=["nested", "digits", "large"],
    )
    def test_no_end(self, here: Path, text: str, message: str) -> None:
        (here / "a.toml").write_text(text)
        with pytest.raises(SettingsError, match=rf"^a\.toml: {message}"):
            read(here / "a.toml")

    def test_what_is_no_file(self, run: Run, here: Path) -> None:
        """A pipe is not waited for."""
        Path("a.837").write_bytes(CLEAN)
        os.mkfifo(here / "pipe")
        for option in ("--config", "--facts"):
            for named, why in (("pipe", "it is a directory, a pipe or a device, not a file"), (".", "is a directory")):
                status, _, error = run("check", option, named, "a.837")
                assert (status, f"{named}: {why}" in error) == (2, True), error
        status, _, error = run("check", "--redact-key", "pipe", "a.837")
        assert (status, "the key cannot be read: it is a directory, a pipe or a device" in error) == (2, True), error

    def test_no_file(self, here: Path) -> None:
        with pytest.raises(SettingsError, match=r"^a\.toml: no such file or directory$"):
            read(here / "a.toml")


class TestWhoseItIs:
    """A configuration above the folder in which the command runs decides what is found: it must be of somebody known."""

    ME, OWNER, OTHER = 1001, 1002, 1003

    @pytest.fixture
    def folders(self, monkeypatch: pytest.MonkeyPatch, here: Path) -> Callable[..., Path | None]:
        """Find the configuration of `above/below`, with an owner of each and modes."""
        below = here / "above/below"
        below.mkdir(parents=True)
        (here / "above/lint837.toml").write_text("")
        real = Path.stat

        def finding(file: tuple[int, int], folder: tuple[int, int], me: int = self.ME) -> Path | None:
            owners = {"lint837.toml": file, "above": folder, "below": (self.OWNER, 0o755)}

            def stat(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
                status = real(path, follow_symlinks=follow_symlinks)
                if path.name not in owners:
                    return status
                owner, mode = owners[path.name]
                return os.stat_result(((status.st_mode & ~0o7777) | mode, *status[1:4], owner, *status[5:]))

            monkeypatch.setattr(Path, "stat", stat)
            monkeypatch.setattr(os, "geteuid", lambda: me)
            monkeypatch.chdir(below)
            return find()

        return finding

    @pytest.mark.parametrize("owner", [ME, 0, OWNER])
    @pytest.mark.parametrize("mode", [0o644, 0o664, 0o600])
    def test_taken(self, folders: Callable[..., Path | None], owner: int, mode: int) -> None:
        assert folders((owner, mode), (owner, 0o775)) is not None
        assert folders((owner, mode), (owner, 0o1777)) is not None

    @pytest.mark.parametrize(
        ("file", "folder", "why"),
        [
            ((OTHER, 0o644), (ME, 0o755), "another user owns it"),
            ((OTHER, 0o644), (0, 0o1777), "another user owns it"),
            ((ME, 0o644), (OTHER, 0o755), "another user owns its folder"),
            ((ME, 0o646), (ME, 0o755), "anybody can write to it"),
            ((ME, 0o644), (ME, 0o777), "anybody can write to its folder"),
        ],
    )
    def test_refused(
        self, folders: Callable[..., Path | None], here: Path, file: tuple[int, int], folder: tuple[int, int], why: str
    ) -> None:
        path = here / "above/lint837.toml"
        with pytest.raises(SettingsError) as error:
            folders(file, folder)
        assert str(error.value) == f"{path}: {why}; if it is to be used, name it: --config {path}"
        assert folders(file, folder, me=0) == path  # root takes any

    def test_here_it_is_used(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (here / "lint837.toml").write_text("")
        (here / "lint837.toml").chmod(0o666)
        monkeypatch.setattr(os, "geteuid", lambda: self.OTHER)
        assert find() == here / "lint837.toml"


class TestInReports:
    TEXT = 'fail-on = "never"\nignore = ["HCP001"]\nper-file-ignores = {"x/*" = ["QTY"]}\n'
    SAID = 'lint837.toml (ignore = ["HCP001"], fail-on = "never", per-file-ignores (1))'

    def test_each_names_it(self, run: Run) -> None:
        Path("a.837").write_bytes(EXPIRED)
        Path("lint837.toml").write_text(self.TEXT)
        for form in ("text", "concise", "json", "jsonl", "html", "csv", "sarif", "junit", "github", "gitlab"):
            status, said, error = run("check", "--format", form, "--redact", "never", "a.837")
            assert status == 0
            place = error if form in ("csv", "gitlab") else said
            for one in (self.SAID, json.dumps(self.SAID)[1:-1], html.escape(self.SAID)):
                if one in place:
                    break
            else:
                raise AssertionError(f"{form}: {place}")
        assert run("check", "a.837")[1].splitlines()[-1] == f"configuration: {self.SAID}"

    def test_what_the_command_line_replaces_is_not_said(self, run: Run) -> None:
        Path("a.837").write_bytes(EXPIRED)
        Path("lint837.toml").write_text(self.TEXT)
        said = run("check", "--fail-on", "error", "a.837")[1]
        assert said.splitlines()[-1] == 'configuration: lint837.toml (ignore = ["HCP001"], per-file-ignores (1))'

    def test_none(self, run: Run) -> None:
        Path("a.837").write_bytes(CLEAN)
        assert "configuration" not in run("check", "a.837")[1]

    @pytest.mark.parametrize("kind", ["configuration", "facts file", "key"])
    def test_no_report_replaces_it(self, run: Run, kind: str) -> None:
        Path("a.837").write_bytes(CLEAN)
        Path("facts.toml").write_bytes((ROOT / "examples/clinic-rules/clinic_rules/drugs/exemplimab.toml").read_bytes())
        Path("lint837.toml").write_text(
            'facts = ["facts.toml"]\nrule-packages = ["lint837_rules"]' if kind == "facts file" else ""
        )
        Path("key").write_text("k" * 64)
        place = {"configuration": "lint837.toml", "facts file": "facts.toml", "key": "key"}[kind]
        before = Path(place).read_bytes()
        status, _, error = run("check", "--redact-key", "key", f"--report=json={place}", "a.837")
        assert (status, f"--report would replace the {kind}: {place}" in error) == (2, True), error
        assert Path(place).read_bytes() == before


class TestChoosing:
    @pytest.mark.parametrize(
        ("text", "select", "ignore", "expected"),
        [
            ('select = ["MOD"]', [], [], "MOD001 MOD002 MOD003"),
            ('select = ["MOD"]\nignore = ["missing-discard-modifier"]', [], [], "MOD002 MOD003"),
            ('select = ["MOD"]', ["CLM"], [], "CLM002 CLM003 CLM004 CLM005 CLM006"),
            ('select = ["MOD"]', [], ["MOD002"], "MOD001 MOD003"),
            ('ignore = ["MOD001"]', ["MOD"], [], "MOD002 MOD003"),
            ('ignore = ["MOD001"]', ["MOD", "MOD001"], [], "MOD001 MOD002 MOD003"),
            ('ignore = ["MOD"]', ["missing-discard-modifier"], [], "MOD001"),
            ('ignore = ["MOD"]', ["MOD001"], ["MOD001", "HCP"], ""),
            ('select = ["CLM001", "CLM003"]', [], [], "CLM001 CLM003"),
        ],
    )
    def test_the_command_line_goes_before(
        self, rulebook: Rulebook, text: str, select: list[str], ignore: list[str], expected: str
    ) -> None:
        chosen = configured(rulebook, settings(text), select, ignore)
        assert " ".join(rule.code for rule in chosen.running) == expected

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ('select = ["HCP", "HPC"]', "select[1]: unknown rule 'HPC'; did you mean HCP?"),
            ('ignore = ["HCP02"]', "ignore[0]: unknown rule 'HCP02'; did you mean HCP012?"),
            (
                '[per-file-ignores]\n"*.txt" = ["DOS", "doss"]',
                "per-file-ignores.\"*.txt\"[1]: unknown rule 'doss'; did you mean DOS?",
            ),
            ('severity = {HCP = "info"}', "severity.HCP: 'HCP' is not the code or name of a rule"),
            (
                'severity = {expired-temporary-codes = "info"}',
                (
                    "severity.expired-temporary-codes: 'expired-temporary-codes' is not the code or name of a rule; "
                    "did you mean expired-temporary-code?"
                ),
            ),
            (
                'severity = {ENV002 = "info"}',
                "severity.ENV002: ENV002 means that something was not checked, which is always an error",
            ),
            (
                'severity = {HCP001 = "info", expired-temporary-code = "error"}',
                "severity.expired-temporary-code: HCP001 already has a severity",
            ),
        ],
    )
    def test_what_is_no_rule(self, rulebook: Rulebook, text: str, message: str) -> None:
        with pytest.raises(SettingsError) as error:
            configured(rulebook, settings(text))
        assert str(error.value).startswith(f"lint837.toml: {message}")


def severities(data: bytes, rulebook: Rulebook, text: str, path: str = "a.837") -> list[tuple[str, str]]:
    """Rule and severity of each finding, with a configuration."""
    report = lint_bytes(data, path, rulebook=configured(rulebook, settings(text)))
    return [(finding.rule, str(finding.severity)) for finding in report.findings]


HOSPITAL = Good("SV2*0636*HC:J9026:JZ*16000*UN*10~LIN**N4*55513007701~CTP****1*UN~", guide="837I")


class TestSeverities:
    @pytest.mark.parametrize("severity", ["info", "warning", "error"])
    def test_of_the_plain_case(self, rulebook: Rulebook, severity: str) -> None:
        assert severities(WEIGHT, rulebook, f'severity = {{NDC006 = "{severity}"}}') == [("NDC006", severity)]

    @pytest.mark.parametrize(("severity", "expected"), [("info", "info"), ("warning", "info"), ("error", "info")])
    def test_what_lowers_still_lowers(self, rulebook: Rulebook, severity: str, expected: str) -> None:
        """A hospital's line without a date of its own is info."""
        assert severities(claim_file(HOSPITAL), rulebook, f'severity = {{DOS001 = "{severity}"}}') == [
            ("DOS001", expected)
        ]

    def test_a_void_is_never_more_than_info(self, rulebook: Rulebook) -> None:
        void = WEIGHT.replace(b"11:B:1", b"11:B:8")
        assert severities(void, rulebook, 'severity = {NDC006 = "error"}') == [("NDC006", "info")]

    def test_of_the_envelope(self, rulebook: Rulebook) -> None:
        wrong_count = CLEAN.replace(b"IEA*1*", b"IEA*2*")
        assert severities(wrong_count, rulebook, 'severity = {ENV003 = "info"}') == [("ENV003", "info")]

    def test_never_of_an_incomplete_finding(self, rulebook: Rulebook) -> None:
        """ENV008 is incomplete where a stray part holds claims."""
        lost = CLEAN.replace(b"GS*HC", b"GX*HC")
        as_it_is = severities(lost, rulebook, "")
        assert ("ENV008", "error") in as_it_is
        everything = ", ".join(f'{code} = "info"' for code in ("ENV003", "ENV004", "ENV006", "ENV007", "ENV008"))
        lowered = severities(lost, rulebook, f"severity = {{{everything}}}\nignore = ['ENV']")
        assert ("ENV008", "error") in lowered
        assert not lint_bytes(lost, rulebook=configured(rulebook, settings("ignore = ['ENV']"))).complete


class TestPerFile:
    def test_rules_are_not_run_on_some_files(self, rulebook: Rulebook) -> None:
        text = '[per-file-ignores]\n"old/**" = ["HCP"]\n"*.txt" = ["expired-temporary-code"]'
        for path, expected in [
            ("/work/old/a.837", []),
            ("/work/old/b/c.837", []),
            ("/work/new/old/a.837", [("HCP001", "error")]),
            ("/elsewhere/a.txt", []),
            ("-", [("HCP001", "error")]),
        ]:
            assert severities(EXPIRED, rulebook, text, path) == expected

    def test_a_file_that_was_cut_is_incomplete_all_the_same(self, rulebook: Rulebook) -> None:
        assert severities(CLEAN[:-40], rulebook, '[per-file-ignores]\n"**" = ["ENV", "INT"]\n"*" = ["ENV"]') == [
            ("ENV002", "error")
        ]

    @pytest.mark.parametrize(
        ("pattern", "path", "expected"),
        [
            ("*.837", "/work/a/b.837", True),
            ("*.837", "/work/a/b.837p", False),
            ("b.837", "/work/a/b.837", True),
            ("a/*.837", "/work/a/b.837", True),
            ("a/*.837", "/work/a/c/b.837", False),
            ("a/**/b.837", "/work/a/b.837", True),
            ("a/**/b.837", "/work/a/c/d/b.837", True),
            ("a/**", "/work/a/c/b.837", True),
            ("a/**", "/work/ab/b.837", False),
            ("a/", "/work/a/c/b.837", True),
            ("./a/b.837", "/work/a/b.837", True),
            ("**/b.837", "/work/b.837", True),
            ("../x/*", "/x/b.837", True),
            ("/x/*", "/x/b.837", True),
            ("b?.837", "/work/b1.837", True),
            ("b?.837", "/work/b.837", False),
            ("b[1].837", "/work/b[1].837", True),
            ("b[1].837", "/work/b1.837", False),
            ("-", "-", True),
            ("*", "-", False),
            ("-", "/work/-", False),
        ],
    )
    def test_patterns(self, pattern: str, path: str, *, expected: bool) -> None:
        assert PathPattern(pattern, Path("/work")).matches(path) is expected

    def test_a_path_from_the_current_directory(self, here: Path) -> None:
        (here / "sub").mkdir()
        assert PathPattern("sub/a.837", here).matches("sub/a.837")
        assert PathPattern("../a.837", here / "sub").matches("./a.837")

    @given(st.text("ab*?/.[]\\+(", max_size=8), st.text("ab/.", min_size=1, max_size=8))
    def test_any_pattern_can_be_compared(self, pattern: str, path: str) -> None:
        assert PathPattern(pattern, Path("/work")).matches(path) in (True, False)


def test_a_program_names_the_configuration(here: Path) -> None:
    (here / "lint837.toml").write_text('rule-packages = ["lint837_rules"]\nignore = ["HCP"]')
    assert [f.rule for f in lint_bytes(EXPIRED).findings] == ["HCP001"]
    assert lint_bytes(EXPIRED, rulebook=rulebook_of("lint837.toml")).findings == ()


def test_a_program_gets_the_guide_check_of_the_configuration(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `lint837 check` with the same configuration; so does the pytest plugin."""
    (here / "lint837.toml").write_text('select = ["GDE"]\nguide = "drug-claims"')
    data = EXPIRED.replace(b"BHT*0019", b"BHT*0020")
    assert data != EXPIRED
    found = {f.rule for f in lint_bytes(data, rulebook=rulebook_of("lint837.toml")).findings}
    assert found == {f.rule for f in lint_bytes(data, rulebook=rulebook_in(here, (), ())).findings}
    assert "GDE007" in found
    monkeypatch.setattr("lint837.config.apply.find_spec", lambda _: None)
    with pytest.raises(
        SettingsError, match=r"lint837\.toml: guide: it needs the package pyx12, which is not installed"
    ):
        rulebook_of("lint837.toml")


def test_the_pytest_plugin_runs_the_rules_about_every_claim(here: Path) -> None:
    (here / "lint837.toml").write_text("claims = true")
    assert {rule.group for rule in rulebook_in(here, (), ("ADR",)).running} == {"", "claims"}


class TestTheCommand:
    def test_the_configuration_is_used(self, run: Run) -> None:
        Path("a.837").write_bytes(EXPIRED)
        assert run("check", "a.837")[0] == 1
        Path("lint837.toml").write_text('fail-on = "never"')
        assert run("check", "a.837")[0] == 0
        assert run("check", "a.837", "--fail-on", "error")[0] == 1
        assert run("check", "a.837", "--isolated")[0] == 1

    def test_config(self, run: Run) -> None:
        Path("a.837").write_bytes(EXPIRED)
        Path("lint837.toml").write_text("nonsense = 1")
        Path("other.toml").write_text('ignore = ["HCP"]')
        assert run("check", "a.837", "--config", "other.toml")[0] == 0
        status, out, err = run("check", "a.837")
        assert (status, out, err.splitlines()[-1].partition("; ")[0]) == (
            2,
            "",
            "Error: lint837.toml: nonsense: unknown key",
        )
        status, _, err = run("check", "a.837", "--isolated", "--config", "other.toml")
        assert (status, err.splitlines()[-1]) == (2, "Error: --isolated and --config cannot be used together")
        status, _, err = run("check", "a.837", "--config", "none.toml")
        assert (status, err.splitlines()[-1]) == (2, "Error: none.toml: no such file or directory")

    def test_facts_are_for_every_command(self, run: Run, here: Path) -> None:
        folder = ROOT / "examples/clinic-rules/clinic_rules/drugs"
        Path("conf").mkdir()
        Path("conf/exemplimab.toml").write_text((folder / "exemplimab.toml").read_text())
        Path("lint837.toml").write_text('facts = ["conf/exemplimab.toml"]\nrule-packages = ["lint837_rules"]')
        Path("sub").mkdir()
        status, out, _ = run("facts", "exemplimab")
        assert (status, out.partition(":")[0]) == (0, "exemplimab")
        assert run("facts", "exemplimab", "--isolated")[0] == 2
        Path("conf/exemplimab.toml").unlink()
        status, _, err = run("facts")
        assert (status, err.splitlines()[-1]) == (2, "Error: conf/exemplimab.toml: no such file or directory")
        assert here == Path.cwd()

    def test_show_runs_what_check_runs(self, run: Run) -> None:
        Path("a.837").write_bytes(EXPIRED)
        assert "HCP001" in run("show", "a.837")[1]
        Path("lint837.toml").write_text('[per-file-ignores]\n"a.837" = ["HCP"]')
        assert "HCP001" not in run("show", "a.837")[1]

    def test_rule_packages(self, run: Run) -> None:
        Path("lint837.toml").write_text('rule-packages = ["lint837_rule"]')
        status, _, err = run("rules")
        assert (status, err.splitlines()[-1]) == (
            2,
            (
                "Error: lint837.toml: rule-packages[0]: rule package lint837_rule is not installed; "
                "did you mean lint837_rules?"
            ),
        )
        Path("lint837.toml").write_text("rule-packages = []")
        status, out, _ = run("rules")
        assert (status, {line[:3] for line in out.splitlines()}) == (0, {"CFG", "ENV", "GDE", "INT"})

    def test_no_rule_is_left(self, run: Run) -> None:
        Path("lint837.toml").write_text('select = ["HCP"]\nignore = ["HCP"]')
        status, _, err = run("check", "a.837")
        assert (status, err.splitlines()[-1]) == (
            2,
            "Error: lint837.toml, --select and --ignore leave no rule to run",
        )

    def test_show_settings(self, run: Run) -> None:
        Path("lint837.toml").write_text(
            'select = ["MOD"]\nignore = ["MOD002"]\nseverity = {MOD003 = "info"}\n[per-file-ignores]\n"a/**" = ["DOS"]\n'
        )
        status, out, _ = run("check", "--show-settings", "--ignore", "MOD001", "--fail-on", "warning")
        assert (status, out) == (
            0,
            (
                "# configuration: lint837.toml\n"
                'select = ["MOD"]  # lint837.toml\n'
                'ignore = ["MOD002", "MOD001"]  # lint837.toml, command line\n'
                'guide = "off"  # default\n'
                "claims = false  # default\n"
                'fail-on = "warning"  # command line\n'
                "# rule-packages: not set, so all\n"
                "facts = []  # default\n"
                "payer-profiles = []  # default\n"
                'severity = {MOD003 = "info"}  # lint837.toml\n'
                'per-file-ignores = {"a/**" = ["DOS"]}  # lint837.toml\n'
                "payers = []  # default\n"
                "suppressions = []  # default\n"
                "# rules that run, with their severities\n"
                "# MOD003  waste-without-administration        info\n"
            ),
        )
        assert settings(out).ignore == ("MOD002", "MOD001")

    def test_show_settings_without_any(self, run: Run) -> None:
        status, out, _ = run("check", "--show-settings", "--select", "MOD001,MOD002")
        assert (status, out.splitlines()[:3]) == (
            0,
            ["# configuration: none", 'select = ["MOD001", "MOD002"]  # command line', "ignore = []  # default"],
        )
        assert settings(out).select == ("MOD001", "MOD002")

    def test_list_files(self, run: Run) -> None:
        Path("d").mkdir()
        Path("d/a.837").write_bytes(EXPIRED)
        Path("d/b.pdf").write_bytes(b"%PDF")
        Path("e\x1b[31m.837").write_bytes(EXPIRED)
        status, out, err = run("check", "--list-files", "d", "e\x1b[31m.837", "-", "missing.837")
        assert (status, out, err) == (0, "d/a.837\ne\\x1b[31m.837\n-\nmissing.837\n", "")

    def test_init(self, run: Run) -> None:
        status, out, _ = run("init")
        assert (status, out) == (0, "wrote lint837.toml; every line in it is a comment\n")
        text = Path("lint837.toml").read_text()
        assert text == "".join(f"{line}\n" for line in template())
        assert read(Path("lint837.toml")) == Settings("lint837.toml", "", Path.cwd())
        status, _, err = run("init")
        assert (status, err.splitlines()[-1]) == (2, "Error: lint837.toml: file exists")

    def test_what_init_shows_can_be_used(self, rulebook: Rulebook) -> None:
        text = "".join(f"{line[1:] if re.match('#[^ ]', line) else line}\n" for line in template())
        read = settings(text)
        assert set(read.table) == set(json.loads(schema())["properties"])
        assert configured(rulebook, read).chosen


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("HCP01-*. ", max_size=8) | st.sampled_from(["error", "info"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("HCPab-/", max_size=6), inner, max_size=3),
    max_leaves=6,
)


_PAYER_VALUES: dict[str, list[Any]] = {
    "name": ["a", "a b", ""],
    "title": ["A b", " A", 1],
    "payer-id": [["00952"], ["1"], [], "00952"],
    "filing-code": [["MB"], ["MBX"], []],
    "rules": [{"NDC006": "off"}, {"NDC006": "offf"}, {"NDC006": "error", "x": "on"}, {"": "on"}],
    "ndc-units": [["UN", "ML"], ["MG"], []],
    "ndc-required": [True, False, "yes"],
    "discard-modifier-required": [True, 1],
    "sources": [["x"], []],
    "source": ["x"],
}
_MATCHES: dict[str, list[Any]] = {
    "path": ["*.837", "", 1],
    "payer-id": [["00952"], []],
    "filing-code": [["MB"], "MB"],
    "code": [["J9026"], ["j9026"]],
    "ndc": [["55513007701"], ["55513-077-01"]],
    "fingerprint": [["0" * 32], ["x"]],
    "claim": ["1"],
}
_SUPPRESSION_VALUES: dict[str, list[Any]] = {
    "rule": ["HCP001", "a b"],
    "reason": ["r", ""],
    "last-day": [date(2025, 1, 1), 2025],
    "until": [date(2025, 1, 1)],
}
MATCH = st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in _MATCHES.items()}).filter(
    lambda match: "path" in match or "fingerprint" not in match  # a schema does not say that one needs the other
)
SUPPRESSIONS = st.lists(
    st.fixed_dictionaries({"match": MATCH}, optional={k: st.sampled_from(v) for k, v in _SUPPRESSION_VALUES.items()}),
    max_size=2,
)
PAYERS = st.lists(
    st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in _PAYER_VALUES.items()}), max_size=2
)


class TestTheSchema:
    def test_is_published(self) -> None:
        """Made by `lint837 init --schema > docs/lint837.schema.json`."""
        assert (ROOT / "docs/lint837.schema.json").read_text(encoding="utf-8") == schema()
        jsonschema.Draft202012Validator.check_schema(json.loads(schema()))

    def test_init_prints_it(self, run: Run) -> None:
        assert run("init", "--schema") == (0, schema(), "")

    @given(
        st.dictionaries(st.sampled_from(sorted(json.loads(schema())["properties"])), ANY, max_size=3)
        | st.fixed_dictionaries({"payers": PAYERS, "suppressions": SUPPRESSIONS})
    )
    def test_says_what_the_program_does(self, table: dict[str, Any]) -> None:
        """For any table, what the schema accepts is read, and what it refuses is refused."""
        valid = jsonschema.Draft202012Validator(json.loads(schema())).is_valid(_as_json(table))
        try:
            settings_of(table, "x", Path())
        except SettingsError:
            assert not valid
        else:
            assert valid


def _as_json(value: object) -> object:
    """A value of TOML as JSON has it: a date is a text."""
    if isinstance(value, dict):
        return {key: _as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_json(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


@few(max_examples=50)
@given(
    st.recursive(
        st.booleans() | st.integers() | st.text() | st.dates(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
        max_leaves=12,
    )
)
def test_toml_is_read_back(value: object) -> None:
    assert tomllib.loads(f"a = {toml(value)}") == {"a": value}


def test_severities_are_the_engines() -> None:
    assert [str(severity) for severity in Severity] == ["info", "warning", "error"]
