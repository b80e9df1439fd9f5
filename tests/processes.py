"""lint837 in a process of its own that has nothing left to import: a fork of this one."""

import os
import signal
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from lint837 import load_rulebook
from lint837.commands import main

from tests.documents import lint837_commands

_NO_STATUS = 70  # no command ends with it


def fork() -> int:
    """As os.fork. Python 3.12 warns where a process has several threads, as one of pytest-xdist has; the new process
    has one, and runs nothing but this project's code.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def lint837(
    *arguments: str,
    cwd: Path,
    given: bytes = b"",
    env: Mapping[str, str] | None = None,
    first: Callable[[], object] | None = None,
) -> CompletedProcess[str]:
    """What `lint837` ends with and writes, for what depends on the process: its signals, its streams, its status.
    `given`: standard input. `env`: in the environment besides. `first` is done before.
    """
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
        source.write(given)
        source.seek(0)
        _load()
        sys.stdout.flush()
        sys.stderr.flush()
        child = fork()
        if child == 0:
            status = _NO_STATUS
            try:
                os.environ.update(env or {})
                os.chdir(cwd)
                _connect(source.fileno(), out.fileno(), error.fileno())
                if first:
                    first()
                status = _run(arguments)
            except BaseException:  # noqa: BLE001 - no test may go on in this process
                os.write(2, traceback.format_exc().encode())
            finally:
                os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        error.seek(0)
        return CompletedProcess(arguments, status, out.read().decode(), error.read().decode())


@cache
def _load() -> None:
    """Import what commands import when they run, so that no fork has to."""
    lint837_commands()
    load_rulebook(isolated=True)


def _connect(*descriptors: int) -> None:
    """Let these be the standard streams, and signals what they are for a new process."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, "w" if number else "r", encoding="utf-8", closefd=False)  # noqa: SIM115 - they end with the process
        for number in range(3)
    )
    for name in {"SIGINT", "SIGTERM", "SIGHUP"} & set(dir(signal)):
        signal.signal(getattr(signal, name), signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)


def _run(arguments: tuple[str, ...]) -> int:
    sys.argv = ["lint837", *arguments]
    with pytest.raises(SystemExit) as end:
        main.main()
    sys.stdout.flush()
    sys.stderr.flush()
    assert isinstance(end.value.code, int)
    return end.value.code
