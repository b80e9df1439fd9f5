"""How much was read so far, on standard error, where that is a terminal and the work takes more than two seconds."""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator

from lint837.files.inputs import Input, size

_AFTER, _EVERY = 2.0, 0.2  # seconds


class _Line:
    """One line, written anew where it stands, without any escape sequence."""

    def __init__(self, total: int | None) -> None:
        self._total = total
        self._read = 0
        self._due = time.monotonic() + _AFTER
        self._width = 0

    def advance(self, count: int) -> None:
        """Note that so many bytes more were read."""
        self._read += count
        now = time.monotonic()
        if now >= self._due:
            self._due = now + _EVERY
            whole = f" of {_megabytes(self._total)}" if self._total else ""
            self._write(f"reading: {_megabytes(self._read)}{whole}")

    def clear(self) -> None:
        """Remove it."""
        if self._width:
            self._write("")
            self._write("\r")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):  # a terminal that is gone is no reason to stop
            sys.stderr.write("\r" + text.ljust(self._width))
            sys.stderr.flush()
        self._width = len(text)


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"


@contextlib.contextmanager
def progress(items: Iterable[Input] | None = None, *, quiet: bool = False) -> Iterator[Callable[[int], None] | None]:
    """Yields the function that counts the bytes read, None where nothing is to be shown. `items`: what is read once,
    whose size is the whole; None where a file is read several times. The line is removed at the end.
    """
    if quiet or not sys.stderr or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    sizes = [size(item) for item in items or ()]
    line = _Line(None if None in sizes else sum(one or 0 for one in sizes))
    try:
        yield line.advance
    finally:
        line.clear()
