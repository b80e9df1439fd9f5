"""lint837 in a process of its own that has nothing left to import: a fork of this one."""

import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from lint837.commands import main


def lint837(*arguments: str, cwd: Path, first: Callable[[], object] | None = None) -> CompletedProcess[bytes]:
    """What `lint837` ends with and writes, for what depends on the process: its signals, its descriptors, its status.
    Standard input is empty. `first` is done in the process before.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if child == 0:
            status = 70  # of no command
            try:
                status = _run(arguments, cwd, (out.fileno(), error.fileno()), first)
            except BaseException:  # noqa: BLE001 - no test may go on in this process
                os.write(2, traceback.format_exc().encode())
            finally:
                os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        error.seek(0)
        return CompletedProcess(arguments, status, out.read(), error.read())


def _run(arguments: tuple[str, ...], cwd: Path, streams: tuple[int, int], first: Callable[[], object] | None) -> int:
    os.chdir(cwd)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, descriptor in enumerate((nothing, *streams)):
        os.dup2(descriptor, number)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, "w" if number else "r", encoding="utf-8", closefd=False)  # noqa: SIM115 - the process ends with them
        for number in range(3)
    )
    for name in {"SIGINT", "SIGTERM", "SIGHUP"} & set(dir(signal)):
        signal.signal(getattr(signal, name), signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)
    sys.argv = ["lint837", *arguments]
    if first:
        first()
    with pytest.raises(SystemExit) as end:
        main.main()
    sys.stdout.flush()
    sys.stderr.flush()
    assert isinstance(end.value.code, int)
    return end.value.code
