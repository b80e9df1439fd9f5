"""Processes that kill themselves at a step."""

import os
import signal
import sys
from collections.abc import Callable, Collection, Mapping
from types import FrameType
from typing import Any


def killed_after(steps: int, work: Callable[[], object], writes: Mapping[str, Collection[str] | None]) -> bool:
    """Do some work in a process that kills itself after `steps` lines of the code that writes; True if it did.
    `writes`: modules, and their functions; None: all.
    """
    child = os.fork()
    if child == 0:
        left = steps

        def trace(frame: FrameType, event: str, _: object) -> Callable[..., Any] | None:
            nonlocal left
            code = frame.f_code
            module = code.co_filename.rpartition("lint837/")[2]
            functions = writes.get(module, ())
            if functions is not None and code.co_name not in functions:
                return None
            if event == "line":
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return trace

        sys.settrace(trace)
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
