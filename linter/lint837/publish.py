"""A file written whole or not at all, for its owner alone."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def replacing(path: str) -> Iterator[BinaryIO]:
    """A file to write to, which takes the place of `path` when the block ends. Whatever happens, what stands there is
    the old file or the new one, whole: it is written beside its place with mode 0600, brought to the disk, and renamed;
    an exception leaves the old one. What is no regular file, such as a pipe, is written to as it is. Raises OSError, or
    ValueError for a path with a NUL byte.
    """
    given = Path(path)
    # Behind /dev/fd/63 and /dev/stdout stands what the shell opened, which has no place of its own to rename to.
    if given.is_relative_to("/dev") or (given.exists() and not stat.S_ISREG(given.stat().st_mode)):
        with given.open("wb") as file:
            yield file
        return
    real = given.resolve()
    beside = real.with_name(f".lint837-{os.urandom(8).hex()}.tmp")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(real)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    with contextlib.suppress(OSError):  # the renaming too, where the system can; the file itself is on the disk
        _sync(real.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
