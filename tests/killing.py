"""What a process that is killed at a step of its work leaves behind."""

import os
import signal
import stat
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from tests.processes import fork

_EVERY = 20  # of so many steps, one at which a process really kills itself

Writes = Mapping[str, Collection[str] | None]  # modules that write, and their functions; None: all
Files = dict[str, tuple[bytes, int]]  # the content and the rights of each file of a folder


def files_in(folder: Path) -> Files:
    """What the files of a folder hold, and who may read them."""
    return {path.name: (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) for path in folder.iterdir()}


def left_at_each_step(
    folder: Path, work: Callable[[], object], writes: Writes, begin: Callable[[], object]
) -> list[Files]:
    """What a kill -9 would leave in a folder at each step of some work, that is before each line of the code that
    writes; at last what is there when the work is done. `begin` makes the folder what it is before the work.

    The work is done once: what kill -9 leaves is what others see in the folder at that moment. At one step in twenty a
    process does the same work and kills itself, and what it leaves is compared with that.
    """
    begin()
    found: list[Files] = []
    _step_by_step(lambda: found.append(files_in(folder)), work, writes)
    found.append(files_in(folder))
    for step in range(0, len(found), _EVERY):
        begin()
        killed = _killed_after(step, work, writes)
        assert killed == (step < len(found) - 1)
        assert _unnamed(files_in(folder)) == _unnamed(found[step])
    begin()
    assert not _killed_after(len(found) - 1, work, writes)  # these were all steps
    return found


def _unnamed(files: Files) -> list[tuple[str, bytes, int]]:
    """The same where the names of temporary files, which are chosen by chance, are cut off."""
    return sorted((name.partition(".lint837-")[0], *held) for name, held in files.items())


def _step_by_step(look: Callable[[], object], work: Callable[[], object], writes: Writes) -> None:
    """Do some work, and look before each line of the code that writes."""

    def trace(frame: FrameType, event: str, _: object) -> Callable[..., Any] | None:
        code = frame.f_code
        module = code.co_filename.rpartition("lint837/")[2]
        functions = writes.get(module, ())
        if functions is not None and code.co_name not in functions:
            return None
        if event == "line":
            look()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)


def _killed_after(steps: int, work: Callable[[], object], writes: Writes) -> bool:
    """Do some work in a process that kills itself after so many steps; True if it did."""
    child = fork()
    if child == 0:
        left = steps

        def look() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            _step_by_step(look, work, writes)
        except BaseException:  # noqa: BLE001 - no test may go on in this process
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, -signal.SIGKILL)
    return status != 0
