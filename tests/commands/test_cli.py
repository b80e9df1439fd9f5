"""The command line: what a biller, a pipeline and a CI job rely on."""

import contextlib
import errno
import io
import json
import os
import pty
import re
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lint837 import __version__, load_rulebook
from lint837.commands import main as cli
from lint837.commands.common import meant
from lint837.lint.examples import claim_file
from lint837.rules.rule import Good

from tests.batch import batch
from tests.processes import lint837

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "lint837"]
CLEAN = claim_file(Good("SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"))
EXPIRED = CLEAN.replace(b"J9026", b"C9170")
VOID = EXPIRED.replace(b"11:B:1", b"11:B:8")
WEAK = (
    CLEAN.replace(b"HC:J9026:JZ", b"HC:J9999:::::FOR IMDELLTRA")
    .replace(b"LIN**N4*55513007701~CTP****1*UN~", b"")
    .replace(b"SE*25*", b"SE*23*")
)
CUT = EXPIRED[:-60]
OTHER = batch()[batch().index("~GS*HC*SENDER*RECEIVER*20260115*1200*2") + 1 : batch().index("IEA*2")]
NO_CLAIMS = (batch()[:106] + OTHER + "IEA*1*000000001~").encode()

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run `lint837` in an empty directory, in this process; status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def main(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lint837", *arguments])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        assert isinstance(exit_.value.code, int)
        return exit_.value.code, *capfd.readouterr()

    return main


def write(**files: bytes) -> None:
    for name, data in files.items():
        Path(name.replace("__", "/").replace("_", ".")).write_bytes(data)


class TestExitStatus:
    @pytest.mark.parametrize(
        ("data", "arguments", "status"),
        [
            (CLEAN, [], 0),
            (EXPIRED, [], 1),
            (EXPIRED, ["--fail-on", "never"], 0),
            (EXPIRED, ["--ignore", "HCP"], 0),
            (EXPIRED, ["--select", "NDC"], 0),
            (WEAK, [], 0),
            (WEAK, ["--fail-on", "warning"], 1),
            (VOID, ["--fail-on", "warning"], 0),
            (VOID, ["--fail-on", "info"], 1),
            (CUT, [], 3),
            (CUT, ["--fail-on", "never"], 3),
            (CUT, ["--ignore", "ENV002", "--allow-empty"], 3),
            (b"", [], 3),
            (b"", ["--allow-empty"], 3),
            (NO_CLAIMS, [], 3),
            (NO_CLAIMS, ["--allow-empty"], 0),
        ],
    )
    def test_of_one_file(self, run: Run, data: bytes, arguments: list[str], status: int) -> None:
        write(claims_837=data)
        assert run("check", "claims.837", *arguments)[0] == status
        assert run("check", "claims.837", *arguments, "--format", "json")[0] == status

    def test_of_several(self, run: Run) -> None:
        write(clean_837=CLEAN, expired_837=EXPIRED, cut_837=CUT, other_837=NO_CLAIMS)
        assert run("check", "clean.837", "expired.837", "cut.837")[0] == 3
        assert run("check", "clean.837", "expired.837")[0] == 1
        assert run("check", "clean.837", "other.837")[0] == 0

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["check"], "Missing argument 'PATH...'"),
            (["check", "a.837", "--format", "xml"], "'xml' is not one of"),
            (["check", "a.837", "--nope"], "No such option"),
            (
                ["check", "a.837", "--select", "HPC001"],
                "unknown rule 'HPC001'; did you mean HCP001?",
            ),
            (["check", "a.837", "--ignore", "expired-temporary"], "did you mean expired-temporary-code?"),
            (["check", "a.837", "--select", ""], "--select and --ignore need the code or name of a rule"),
            (["check", "a.837", "--select", "HCP", "--ignore", "HCP"], "--select and --ignore leave no rule to run"),
            (["check", "a.837", "--select", "it's"], 'unknown rule "it\'s"'),
            (["check", "a.837", "--select", "HPC"], "unknown rule 'HPC'; did you mean HCP?"),
            (["check", "a.837", "--report", "jsn=x"], "where FORMAT is text, concise, "),
            (["check", "a.837", "--report", "jsn=x"], "277ca or 999; did you mean json?"),
            (["check", "a.837", "--report", "json=x", "--report", "csv=./x"], "two --report options write to the same"),
            (["check", "a.837", "--report", "277ca=x", "--report", "277ca=y"], "only one 277ca can be written"),
            (["check", "a.837", "--limit", "clam=9"], "above 0; did you mean claim?"),
            (["check", "a.837", "--selct", "HCP"], "--select"),
            (["explain", "HPC001"], "unknown rule 'HPC001'; did you mean HCP001?"),
            (["facts", "tarlatamb"], "unknown drug 'tarlatamb'; did you mean tarlatamab?"),
            (["chek", "a.837"], "No such command 'chek'; did you mean check?"),
            (["frobnicate"], "No such command"),
        ],
    )
    def test_usage(self, run: Run, arguments: list[str], words: str) -> None:
        write(a_837=EXPIRED)
        status, out, err = run(*arguments)
        assert (status, out, words in err) == (2, "", True)

    def test_a_missing_file_does_not_keep_the_others_from_being_linted(self, run: Run) -> None:
        write(expired_837=EXPIRED)
        status, out, _ = run("check", "missing.837", "expired.837", "--format", "json")
        assert (status, [(f["rule"], f["location"]["path"], f["found"]) for f in json.loads(out)["findings"]]) == (
            3,
            [
                ("ENV011", "missing.837", "no such file or directory"),
                ("HCP001", "expired.837", "C9170"),
            ],
        )

    def test_a_device_is_not_read(self, run: Run) -> None:
        status, out, _ = run("check", "/dev/zero", "--format", "json")
        assert (status, [(f["rule"], f["found"]) for f in json.loads(out)["findings"]]) == (
            3,
            [("ENV011", "it is a device or a socket, not a file")],
        )

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_an_unreadable_file(self, run: Run) -> None:
        write(a_837=EXPIRED)
        Path("a.837").chmod(0)
        assert run("check", "a.837")[0] == 3

    def test_help_and_version(self, run: Run) -> None:
        status, out, _ = run("check", "--help")
        assert (status, "Exit status: 0 nothing found" in out) == (0, True)
        assert run("--version")[:2] == (0, f"lint837, version {__version__}\n")
        assert run("-h")[0] == 0

    def test_an_interrupt(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        write(a_837=EXPIRED)
        monkeypatch.setattr("lint837.commands.check.lint_all", interrupted)
        assert run("check", "a.837")[0] == 4

    def test_a_full_disk(self) -> None:
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [*COMMAND, "check", "samples/dirty"], stdout=full, stderr=subprocess.PIPE, cwd=ROOT, check=False
            )
        assert (done.returncode, done.stderr) == (
            4,
            b"lint837: the report could not be written: No space left on device\n",
        )

    def test_a_closed_pipe_is_quiet(self) -> None:
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(
            [*COMMAND, "check", "samples/dirty"], stdout=writer, stderr=subprocess.PIPE, cwd=ROOT, check=False
        )
        os.close(writer)
        assert (done.returncode, done.stderr) == (4, b"")


class TestInputs:
    def test_standard_input(self) -> None:
        done = subprocess.run([*COMMAND, "check", "-"], input=EXPIRED, capture_output=True, check=False)
        assert (done.returncode, done.stdout.decode().splitlines()[0], done.stderr) == (1, "-", b"")

    def test_a_named_pipe(self) -> None:
        reader, writer = os.pipe()
        os.write(writer, EXPIRED)
        os.close(writer)
        done = subprocess.run(
            [*COMMAND, "check", f"/dev/fd/{reader}"], pass_fds=[reader], capture_output=True, check=False
        )
        os.close(reader)
        assert done.returncode == 1

    def test_a_directory(self, run: Run) -> None:
        for folder in ("in/sub", "in/.git"):
            Path(folder).mkdir(parents=True)
        write(in__b_837=EXPIRED, in__sub__c_EDI=EXPIRED, in__README_txt=b"Notes", in__data_csv=b"a,b", in__a_txt=CLEAN)
        Path("in/batch20250110").write_bytes(EXPIRED)
        Path("in/.git/x.837").write_bytes(b"junk")
        Path("in/empty.837").write_bytes(b"")
        status, out, _ = run("check", "in", "--format", "json")
        document = json.loads(out)
        assert (status, [item["path"] for item in document["inputs"]]) == (
            3,
            ["in/a.txt", "in/b.837", "in/batch20250110", "in/empty.837", "in/sub/c.EDI"],
        )
        assert document["summary"]["passed_over"] == ["in/README.txt", "in/data.csv"]
        said = "passed over, no claim file by name or content: 2 files (in/README.txt, in/data.csv)\n"
        assert said in run("check", "in")[1]

    def test_a_text_file_whose_isa_cannot_be_read_is_not_passed_over(self, run: Run) -> None:
        Path("in").mkdir()
        write(in__a_txt=CLEAN.replace(b"~", b""), in__b_txt=b"notes on ISA*00")
        document = json.loads(run("check", "in", "--format", "json")[1])
        assert [(f["rule"], f["location"]["path"]) for f in document["findings"]] == [("ENV001", "in/a.txt")]
        assert document["summary"]["passed_over"] == ["in/b.txt"]

    def test_a_named_text_file_without_an_interchange(self, run: Run) -> None:
        write(notes_txt=b"Notes")
        assert "ENV001" in run("check", "notes.txt")[1]

    def test_an_empty_directory(self, run: Run) -> None:
        Path("in").mkdir()
        assert run("check", "in")[:2] == (
            3,
            """\
0 files, 0 claims, 0 tarlatamab lines; 0 of 0 segments read; no findings
no 837P or 837I claim was found
not run: the rules about every claim, such as its total, NPIs and diagnoses (--claims)
facts verified through 2026-10-31
""",
        )
        assert run("check", "in", "--allow-empty")[0] == 0

    def test_a_file_is_linted_once(self, run: Run) -> None:
        Path("in").mkdir()
        write(in__a_837=EXPIRED)
        document = json.loads(run("check", "in/a.837", "in", "./in/a.837", "--format", "json")[1])
        assert [item["path"] for item in document["inputs"]] == ["in/a.837"]

    def test_a_link_to_itself(self, run: Run) -> None:
        Path("in").mkdir()
        write(in__a_837=EXPIRED)
        Path("in/loop").symlink_to(".")
        assert json.loads(run("check", "in", "--format", "json")[1])["summary"]["files"] == 1

    def test_a_pipe_in_a_directory_does_not_block(self, run: Run) -> None:
        Path("in").mkdir()
        os.mkfifo("in/wait")
        os.mkfifo("in/wait.837")
        write(in__a_837=EXPIRED)
        assert stat.S_ISFIFO(Path("in/wait").stat().st_mode)
        summary = json.loads(run("check", "in", "--format", "json")[1])["summary"]
        assert summary["passed_over"] == ["in/wait", "in/wait.837"]

    def test_a_linked_directory(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere/b.837").write_bytes(EXPIRED)
        Path("in").mkdir()
        Path("in/link").symlink_to("../elsewhere")
        Path("in/again").symlink_to("../elsewhere")
        inputs = json.loads(run("check", "in", "--format", "json")[1])["inputs"]
        assert [item["path"] for item in inputs] == ["in/again/b.837"]

    def test_an_archive_of_claims_is_not_passed_over(self, run: Run) -> None:
        Path("in").mkdir()
        write(in__a_837_gz=b"\x1f\x8b\x08...")
        status, out, _ = run("check", "in")
        assert (status, "the archive is damaged or cut off" in out) == (3, True)

    def test_claims_after_blanks_whatever_the_name(self, run: Run) -> None:
        Path("in").mkdir()
        Path("in/outbound").write_bytes(b"\r\n" * 1000 + EXPIRED)
        assert run("check", "in")[0] == 1

    @pytest.mark.parametrize("closed", ["<&-", "2>&-"])
    def test_a_closed_descriptor(self, closed: str) -> None:
        command = f"{sys.executable} -m lint837 check --format json samples/dirty/office-837p.837 - {closed}"
        done = subprocess.run(  # noqa: S602 - the shell closes the descriptor
            command, shell=True, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        found = {finding["rule"] for finding in json.loads(done.stdout)["findings"]}
        assert (done.returncode, found >= {"HCP001"}) == (3, True)

    def test_a_closed_standard_input_is_never_a_file_that_was_opened(self, tmp_path: Path) -> None:
        """The next file that is opened would get its descriptor: here the temporary file of the report."""
        command = f"{sys.executable} -m lint837 check --quiet --report json={tmp_path}/out.json --format concise - <&-"
        done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S602
        assert done.returncode == 3
        (finding,) = json.loads(Path(tmp_path, "out.json").read_text())["findings"]
        assert (finding["rule"], "bad file descriptor" in finding["message"]) == ("ENV011", True)

    @pytest.mark.parametrize("kind", ["file", "folder"])
    def test_a_dash_is_standard_input_and_no_file_of_that_name(self, tmp_path: Path, kind: str) -> None:
        other = tmp_path / "-"
        if kind == "folder":
            other.mkdir()
            other = other / "a.837"
        other.write_bytes(CLEAN)

        def run(*arguments: str) -> tuple[int, str, str]:
            done = lint837(*arguments, cwd=tmp_path, given=EXPIRED)
            return done.returncode, done.stdout, done.stderr

        status, out, _ = run("check", "--format", "concise", "--quiet", "-j", "2", "-")
        assert (status, "-:" in out, "HCP001" in out) == (1, True, True)
        for command in (
            ["plan", "-", "--parts", "1", "--output", "plan"],
            ["split", "-", "--accepted", "a", "--rejected", "r"],
            ["fix", "-", "--output", "fixed"],
        ):
            status, _, said = run(*command)
            assert (status in (2, 3), "standard input cannot be read more than once" in said) == (True, True)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["-"]

    def test_a_file_without_claims_among_others_is_named(self, run: Run) -> None:
        write(clean_837=CLEAN, other_837=NO_CLAIMS)
        assert "no 837P or 837I claim in 1 file (other.837)\n" in run("check", "clean.837", "other.837")[1]


class TestReports:
    def test_json_is_the_same_every_time_and_whole(self, run: Run) -> None:
        write(a_837=EXPIRED)
        first, second = (run("check", "a.837", "--format", "json")[1] for _ in range(2))
        assert first == second
        document = json.loads(first)
        assert list(document) == ["schema", "tool", "findings", "inputs", "rules", "summary", "exit_status"]
        assert document["tool"] == {
            "version": __version__,
            "rules": sorted(load_rulebook(isolated=True).reported),
            "facts": ["tarlatamab"],
            "verified_through": "2026-10-31",
            "fail_on": "error",
            "configuration": "",
            "part": "",
            "not_run": [],
            "redacted": False,
            "every_claim": False,
        }
        assert [(rule["code"], list(rule), list(rule["sources"][0])) for rule in document["rules"]] == [
            ("HCP001", ["code", "name", "severity", "title", "documentation", "sources", "group"], ["source", "says"])
        ]
        [finding] = document["findings"]
        assert " ".join(finding) == (
            "rule name severity incomplete message found expected correction to choices location as_billed related "
            "fixes sources fingerprint template"
        )
        assert " ".join(finding["location"]) == (
            "path line column offset interchange group transaction_set ordinals claim claim_ordinal service_line "
            "service_line_ordinal segment loop element"
        )
        assert document["inputs"] == [
            {
                "path": "a.837",
                "complete": True,
                "bytes": len(EXPIRED),
                "segments": 29,
                "unchecked": 0,
                "interchanges": 1,
                "transaction_sets": 1,
                "claims": 1,
                "drug_lines": 1,
                "suppressions": [],
                "not_read": [],
            }
        ]
        assert document["summary"] == {
            "files": 1,
            "passed_over": [],
            "complete": True,
            "claims": 1,
            "drug_lines": 1,
            "segments": 29,
            "unchecked_segments": 0,
            "errors": 1,
            "warnings": 0,
            "infos": 0,
            "suppressed": 0,
            "safe_fixes": 0,
            "unsafe_fixes": 1,
        }
        assert document["exit_status"] == 1

    def test_json_of_a_finding_on_the_file(self, run: Run) -> None:
        write(a_837=b"hello")
        [finding] = json.loads(run("check", "a.837", "--format", "json")[1])["findings"]
        nothing = [
            "interchange",
            "group",
            "transaction_set",
            "segment",
            "loop",
            "claim",
            "claim_ordinal",
            "service_line",
            "service_line_ordinal",
        ]
        assert {finding["location"][name] for name in nothing} == {None}

    def test_quiet(self, run: Run) -> None:
        write(clean_837=CLEAN, expired_837=EXPIRED)
        assert run("check", "--quiet", "clean.837") == (0, "", "")
        assert run("check", "-q", "--select", "ENV003", "clean.837")[0] == 0
        Path("in").mkdir()
        assert run("check", "-q", "in") == (3, "", "lint837: no 837P or 837I claim was found\n")
        status, out, err = run("check", "-q", "expired.837")
        assert (status, "segments read" in out, "HCP001" in out, err) == (1, False, True, "")

    def test_isolated(self, run: Run) -> None:
        """Another package's rules do not run: here the bundled ones are all that is installed elsewhere."""
        write(a_837=EXPIRED)
        assert run("check", "--isolated", "a.837")[0] == 1

    @pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "ascii"])
    def test_an_old_code_page(self, encoding: str, tmp_path: Path) -> None:
        path = tmp_path / "claims-\u0142-\U0001f600.837"
        path.write_bytes(WEAK)
        done = subprocess.run(
            [*COMMAND, "check", str(path)],
            env={**os.environ, "PYTHONIOENCODING": encoding},
            capture_output=True,
            check=False,
        )
        assert (done.returncode, b"HCP002" in done.stdout, done.stderr) == (0, True, b"")

    def test_what_was_not_checked_is_reported(self, run: Run) -> None:
        write(a_837=CUT)
        out = run("check", "a.837")[1]
        assert "error ENV002 truncated-interchange (incomplete)" in out
        assert out.endswith(
            "1 file, 1 claim, 0 tarlatamab lines; 19 of 25 segments read; 1 error\n"
            "not everything could be checked: see the findings marked (incomplete)\n"
            "not run: the rules about every claim, such as its total, NPIs and diagnoses (--claims)\n"
            "facts verified through 2026-10-31\n"
        )


class TestColor:
    @staticmethod
    def on_a_terminal(*arguments: str, **environment: str) -> str:
        """What `lint837 check` prints on a terminal of 100 columns."""
        import fcntl
        import struct
        import termios

        reader, writer = pty.openpty()
        fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
        inherited = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS")}
        process = subprocess.Popen(
            [*COMMAND, "check", *arguments], stdout=writer, stderr=writer, cwd=ROOT, env=inherited | environment
        )
        os.close(writer)
        said = b""
        try:
            while part := os.read(reader, 65536):
                said += part
        except OSError:  # the terminal is closed
            pass
        process.wait()
        os.close(reader)
        return said.decode()

    def test_on_a_terminal(self) -> None:
        said = self.on_a_terminal("samples/dirty")
        assert "\x1b[31m\x1b[1merror\x1b[0m" in said
        header = next(line for line in said.splitlines() if "HCP003" in line)
        assert len(header.replace("\x1b[31m", "").replace("\x1b[1m", "").replace("\x1b[0m", "")) == 100

    def test_no_color(self) -> None:
        assert "\x1b" not in self.on_a_terminal("samples/dirty", "--no-color")
        assert "\x1b" not in self.on_a_terminal("samples/dirty", NO_COLOR="1")
        assert "\x1b" in self.on_a_terminal("samples/dirty", NO_COLOR="")

    def test_not_in_a_pipe(self, run: Run) -> None:
        write(a_837=EXPIRED)
        assert "\x1b" not in run("check", "a.837")[1]

    def test_progress_of_what_takes_long(self) -> None:
        """From two seconds on; one line, which is gone at the end, without an escape sequence."""

        def begun(terminal: str, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
            reader, writer = pty.openpty()
            process = subprocess.Popen(
                [*COMMAND, "check", *arguments, "-"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=writer,
                env=os.environ | {"TERM": terminal},
            )
            os.close(writer)
            assert process.stdin is not None
            process.stdin.write(CLEAN + b" " * (9 << 20))
            process.stdin.flush()
            return process, reader

        def ended(process: subprocess.Popen[bytes], reader: int) -> bytes:
            assert process.stdin is not None
            process.stdin.write(b" " * (9 << 20))
            process.stdin.close()
            said = b""
            with contextlib.suppress(OSError):  # the terminal is closed
                while part := os.read(reader, 65536):
                    said += part
            os.close(reader)
            assert process.wait() == 0
            return said

        running = [begun("xterm"), begun("dumb"), begun("xterm", "--quiet")]
        time.sleep(2.5)  # since they have read the first blocks
        shown, *others = [ended(*one) for one in running]
        assert re.fullmatch(rb"(\rreading: [0-9]+ MB *)+\r +\r\r?", shown)
        assert others == [b"", b""]

    @pytest.mark.parametrize("command", ["split", "show", "lines", "plan", "fix", "convert", "merge"])
    def test_what_shows_progress(self, command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Each command that reads claims or reports, if it takes long; here everything does."""
        path = tmp_path / "a.837"
        path.write_bytes(CLEAN)
        if command in ("convert", "merge"):
            plan, claims, path = tmp_path / "plan", path, tmp_path / "a.json"
            part = [f"--part={plan}#1"] if command == "merge" else [str(claims)]
            cli.cli.main(["plan", str(claims), "--parts=1", f"--output={plan}"], standalone_mode=False)
            with contextlib.suppress(SystemExit):
                cli.cli.main(["check", "--isolated", f"--report=json={path}", *part], standalone_mode=False)
        said = io.StringIO()
        monkeypatch.setattr(said, "isatty", lambda: True)
        monkeypatch.setattr("lint837.commands.progress._AFTER", 0)
        monkeypatch.setattr("sys.stderr", said)
        monkeypatch.setenv("TERM", "xterm")
        options = {
            "split": [f"--accepted={tmp_path}/a", f"--rejected={tmp_path}/r"],
            "lines": [f"--output={tmp_path}/lines.csv"],
            "plan": ["--parts=1", f"--output={tmp_path}/plan"],
            "fix": [f"--output={tmp_path}/fixed"],
            "convert": ["--format=csv"],
            "merge": ["--format=csv"],
        }
        cli.cli.main([command, str(path), *options.get(command, [])], standalone_mode=False)
        assert said.getvalue().startswith("\rreading: 0 MB")
        assert said.getvalue().endswith("\r")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["check", "-q"], 3),
        (["show"], 2),
        (["lines"], 3),
        (["fix", "--diff"], 3),
        (["split", "--accepted", "a", "--rejected", "r"], 3),
    ],
)
def test_a_mistyped_path_gets_the_nearest_name(run: Run, arguments: list[str], status: int) -> None:
    write(january_837=CLEAN)
    got, _, error = run(arguments[0], "januray.837", *arguments[1:])
    assert (got, error.count("\n"), "; did you mean january.837?" in error) == (status, 1, True), error
    assert "did you mean" not in run(arguments[0], "wholly-other", *arguments[1:])[2]


def test_standard_input_is_no_mistyped_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-1").write_bytes(CLEAN)
    assert (meant("-"), meant("-11")) == ("", "; did you mean -1?")


@pytest.mark.parametrize(
    "error", [MemoryError(), SystemError(), ImportError("numpy"), OSError(errno.ENOMEM, "Cannot allocate")]
)
def test_too_little_memory_to_start_is_no_finding(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python raises any of these where a module is imported."""

    def cannot_start() -> None:
        raise error

    monkeypatch.setattr("lint837.commands.main._main", cannot_start)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 4
    assert capsys.readouterr().err == "lint837: there is not enough memory to start, or a part of lint837 is missing\n"
