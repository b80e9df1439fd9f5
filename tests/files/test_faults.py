"""Faults put into what the system does, one at a time: no status 0 that is not true, no half file, nothing left behind."""

import contextlib
import errno
import itertools
import json
import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from lint837.commands.main import cli
from lint837.facts.drugs import load_drug
from lint837.files import inputs
from lint837.files.outputs import PublishError, Staging, replacing

from tests import batch
from tests.processes import lint837

ROOT = Path(__file__).parents[2]
CLAIMS = batch.interchange(
    batch.group(
        batch.transaction_set(
            batch.subscriber(2, batch.claim("A", batch.line()), batch.claim("B", batch.line("HC:C9170:JZ"))),
            batch.subscriber(3, batch.claim("C", batch.line())),
        ),
        batch.transaction_set(batch.subscriber(2, batch.claim("D", batch.line())), control="0002"),
    )
)
COMMANDS = {
    "check": ["check", "--isolated", "in.837", "--report=json=json", "--report=277ca=ack"],
    "split": ["split", "--isolated", "in.837", "--accepted=accepted", "--rejected=rejected", "--report=277ca=ack"],
}
# What is called of the system, but for the import of modules.
CALLS = ["open", "pread", "read", "lseek", "fstat", "stat", "fsync", "replace", "unlink", "scandir", "close", "fdopen"]
WAYS = [errno.EIO, errno.ENOSPC, errno.ENOMEM]
SELDOM = {"read", "lseek", "unlink", "scandir"}  # a run that goes well may do without these
MOST = 25  # calls of one kind that fail, one after another
OLD = b"what was there before"


_known = cache(load_drug)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("lint837.rules.rulebook.load_drug", _known)  # the text of the facts is read, and parsed once
    monkeypatch.setattr("lint837.files.rereadable._BLOCK", 512)  # so that there are several
    (tmp_path / "in.837").write_text(CLAIMS)
    return tmp_path


def runner() -> CliRunner:
    """One that keeps standard error apart, which click before 8.2 must be told."""
    try:
        return CliRunner(mix_stderr=False)  # type: ignore[call-arg]
    except TypeError:
        return CliRunner()


def written(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "in.837"}


def failing(call: Callable[..., Any], at: int, code: int) -> tuple[Callable[..., Any], Iterator[int]]:
    """A call of the system that fails once; and a counter that has gone beyond `at` when it did."""
    count = itertools.count()

    def called(*arguments: Any, **others: Any) -> Any:  # noqa: ANN401 - of whatever it is
        if next(count) == at:
            raise OSError(code, os.strerror(code))
        return call(*arguments, **others)

    return called, count


def is_told(name: str, data: bytes) -> bool:
    """Whether a report that was made of less than everything says so."""
    return name == "json" and not json.loads(data)["summary"]["complete"]


def put(call: str, replacement: Callable[..., Any], patch: pytest.MonkeyPatch) -> None:
    """Let what the program calls of the system be another function."""
    patch.setattr(os, call, replacement)
    if call == "pread":  # which it has under a name of its own
        patch.setattr(inputs, "read_at", replacement)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("command", COMMANDS)
def test_each_call_fails_once(folder: Path, monkeypatch: pytest.MonkeyPatch, command: str, call: str) -> None:
    """Of the first ten each one, then every third, with EIO; every fourth of the ten in two other ways too."""
    right = runner().invoke(cli, COMMANDS[command])
    whole = written(folder)
    assert right.exit_code == 1
    assert len(whole) > 1
    for at, code in itertools.product((*range(10), *range(11, MOST, 3)), WAYS):
        if (at % 4 or at >= 10) and code != WAYS[0]:
            continue
        for name in whole:
            (folder / name).write_bytes(OLD)
        with monkeypatch.context() as patch:
            replaced, count = failing(getattr(os, call), at, code)
            put(call, replaced, patch)
            result = runner().invoke(cli, COMMANDS[command])
        if next(count) <= at:
            assert at or call in SELDOM
            return
        found = written(folder)
        assert found.keys() == whole.keys(), (call, at)  # nothing is left behind, nothing is gone
        unforeseen = result.exception if not isinstance(result.exception, SystemExit) else None  # status 4 of a process
        if result.exit_code == right.exit_code and not unforeseen:
            assert (result.stdout, found) == (right.stdout, whole), (call, at)
        else:
            assert result.exit_code in (2, 3, 4) or isinstance(unforeseen, OSError), (call, at)
            assert all(data in (OLD, whole[name]) or is_told(name, data) for name, data in found.items()), (call, at)


def killing(call: str, at: int, number: int) -> None:
    """Let a call of the system send a signal to its process, the first time or a later one."""
    function, count = getattr(os, call), itertools.count()

    def called(*arguments: Any, **others: Any) -> Any:  # noqa: ANN401 - of whatever it is
        if next(count) == at:
            os.kill(os.getpid(), number)
        return function(*arguments, **others)

    put(call, called, pytest.MonkeyPatch())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize(
    ("call", "at"), [("pread", 0), ("pread", 2), ("fsync", 0), ("fsync", 1), ("replace", 0), ("replace", 1)]
)
@pytest.mark.parametrize("command", COMMANDS)
def test_each_signal_ends_each_command_alike(folder: Path, command: str, call: str, at: int, number: int) -> None:
    result = lint837(*COMMANDS[command], cwd=folder, first=lambda: killing(call, at, number))
    said = "lint837: interrupted; what was not complete by then was removed\n"
    assert (result.returncode, result.stderr.lstrip()) == (4, said)
    assert not [name for name in written(folder) if name.startswith(".")]
    found = written(folder)
    if command == "split":  # no signal comes between two of them
        assert found.keys() == ({"accepted", "rejected", "ack"} if call == "replace" else set())
    elif found:  # the report was complete, and the 277CA was not begun or is complete too
        assert found.keys() <= {"json", "ack"}
        assert json.loads(found["json"])["summary"]["complete"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_that_is_ignored_is_ignored(folder: Path, number: int) -> None:
    """As nohup does, and a shell script with what it runs in the background."""

    def first() -> None:
        signal.signal(number, signal.SIG_IGN)
        killing("pread", 0, number)

    result = lint837(*COMMANDS["check"], cwd=folder, first=first)
    assert result.returncode == 1
    assert written(folder).keys() == {"json", "ack"}


# ---------------------------------------------------------------- what a run that was killed leaves


def test_what_a_killed_run_left_is_removed(folder: Path) -> None:
    left = folder / ".accepted.lint837-0123456789abcdef.tmp"
    left.write_text("claims")
    others = [folder / name for name in (".accepted.lint837-x.tmp", "accepted.tmp", ".lint837-0123456789abcdef.tmp")]
    for other in others:
        other.write_text("somebody's")
    (folder / ".x.lint837-0123456789abcdef.tmp").symlink_to(folder / "in.837")
    assert runner().invoke(cli, COMMANDS["split"]).exit_code == 1
    assert not left.exists()
    assert (folder / "in.837").read_text() == CLAIMS
    assert all(other.read_text() == "somebody's" for other in others)


def test_what_another_run_writes_stays_and_is_named(folder: Path) -> None:
    with Staging() as other:
        other.open("accepted").write(b"of another run")
        [busy] = folder.glob(".accepted.*")
        result = runner().invoke(cli, COMMANDS["split"])
        assert result.exit_code == 1
        assert result.stderr == (f"lint837: another run is writing to accepted, and may replace it: {busy} is its\n")
        other.publish()
    assert (folder / "accepted").read_bytes() == b"of another run"


def test_of_several_files_it_is_said_which_are_published(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Staging() as staging:
        for name in "abc":
            staging.open(name).write(name.encode())
        replaced, _ = failing(os.replace, 1, errno.EIO)
        monkeypatch.setattr(os, "replace", replaced)
        with pytest.raises(PublishError) as error:
            staging.publish()
    assert error.value.published == [str(folder / "a")]
    assert written(folder) == {"a": b"a"}


def test_split_says_which_are_published(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced, _ = failing(os.replace, 2, errno.EIO)
    monkeypatch.setattr(os, "replace", replaced)
    result = runner().invoke(cli, COMMANDS["split"])
    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr == (
        f"lint837: only published: {folder}/rejected, {folder}/ack; the other files could not be: Input/output error\n"
    )
    assert written(folder).keys() == {"rejected", "ack"}


# ---------------------------------------------------------------- where a report goes


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no /dev/shm")  # noqa: S108 - that is what is meant
def test_a_report_in_shared_memory_is_a_file_as_any() -> None:
    place = Path(f"/dev/shm/lint837-{os.getpid()}")  # noqa: S108
    try:
        place.write_text("old")
        inode = place.stat().st_ino
        with contextlib.suppress(ZeroDivisionError), replacing(str(place)) as file:
            file.write(b"half")
            raise ZeroDivisionError
        assert place.read_text() == "old"
        with replacing(str(place)) as file:
            file.write(b"whole")
        assert (place.read_text(), stat.S_IMODE(place.stat().st_mode)) == ("whole", 0o600)
        assert place.stat().st_ino != inode
    finally:
        place.unlink()


def test_a_pipe_is_written_to_as_it_is(folder: Path) -> None:
    os.mkfifo("pipe")
    with subprocess.Popen([shutil.which("cat") or "", "pipe"], stdout=subprocess.PIPE, cwd=folder) as reader:
        with replacing("pipe") as file:
            file.write(b"a report")
        assert reader.communicate()[0] == b"a report"
    assert stat.S_ISFIFO(Path("pipe").stat().st_mode)


def test_the_277ca_is_of_what_was_checked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where another file is at its path by then; and where the file itself has changed, there is none."""
    right = runner().invoke(cli, COMMANDS["check"])
    whole = written(folder)
    from lint837.commands.acknowledgement import acknowledge

    def replaced(*arguments: Any) -> int:  # noqa: ANN401 - as they come
        (folder / "new").write_text(CLAIMS.replace("C9170", "J9026"))
        (folder / "new").rename(folder / "in.837")
        return acknowledge(*arguments)

    def changed(*arguments: Any) -> int:  # noqa: ANN401
        (folder / "in.837").write_text(CLAIMS.replace("C9170", "J9026"))
        return acknowledge(*arguments)

    monkeypatch.setattr("lint837.commands.check.acknowledge", replaced)
    assert runner().invoke(cli, COMMANDS["check"]).stdout == right.stdout
    assert written(folder) == whole
    (folder / "in.837").write_text(CLAIMS)
    (folder / "ack").unlink()
    monkeypatch.setattr("lint837.commands.check.acknowledge", changed)
    result = runner().invoke(cli, COMMANDS["check"])
    assert (result.exit_code, result.stdout) == (3, right.stdout)
    assert result.stderr.splitlines()[0] == (
        "lint837: in.837 is not in the 277CA: ENV011: the file changed while it was read"
    )
    assert not (folder / "ack").exists()
