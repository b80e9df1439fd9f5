"""Files that appear whole or not at all, for their owner alone: written beside their place, moved there when all are
right.
"""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

# A file in the making: .NAME.lint837-RANDOM.tmp in the folder of NAME. A kill -9 may leave one; nothing else.
_MARK, _END = ".lint837-", ".tmp"
_STANDARD_OUTPUT, _STANDARD_ERROR = 1, 2  # their descriptors


class Staging:
    """Files in the making, mode 0600. Used as a context; what was not published when it ends is removed.

    with Staging() as staging:
        file = staging.open("accepted.837")
        file.write(...)
        staging.publish()
    """

    def __init__(self) -> None:
        self._files: list[tuple[BinaryIO, Path, Path]] = []  # each with its name in the making, and its place

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove(self._files)
        self._files = []

    def open(self, path: str) -> BinaryIO:
        """A new file that will be published at `path`; where a link stands there, at its end. OSError where none can be
        made.
        """
        place = Path(path).resolve()
        making = place.with_name(f".{place.name[:50]}{_MARK}{os.urandom(8).hex()}{_END}")
        descriptor = os.open(making, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        file = os.fdopen(descriptor, "w+b")
        self._files.append((file, making, place))
        return file

    def discard(self, file: BinaryIO) -> None:
        """Remove a file in the making: it will not be published, and what stands at its place stays."""
        self._remove([entry for entry in self._files if entry[0] is file])
        self._files = [entry for entry in self._files if entry[0] is not file]

    def publish(self) -> None:
        """Move every file to its place, in the order in which they were opened, once all of them are on the disk. Where
        this is interrupted, those that were opened first are published, each of them whole.
        """
        for file, _, _ in self._files:
            file.flush()
            os.fsync(file.fileno())
        for file, making, place in self._files:
            making.replace(place)
            file.close()
        folders = dict.fromkeys(place.parent for _, _, place in self._files)
        self._files = []
        for folder in folders:
            _sync_folder(folder)

    @staticmethod
    def _remove(files: list[tuple[BinaryIO, Path, Path]]) -> None:
        for file, making, _ in files:
            with contextlib.suppress(OSError):  # a disk that is full fails here once more
                file.close()
            with contextlib.suppress(OSError):
                making.unlink()


@contextlib.contextmanager
def replacing(path: str) -> Iterator[BinaryIO]:
    """A file to write to, which takes the place of `path` when the block ends: what stands there is the old file or the
    new one, whole; an exception leaves the old one. What is no regular file, such as a pipe, is written to as it is.
    Raises OSError, or ValueError for a path with a NUL byte.
    """
    given = Path(path)
    # Behind /dev/fd/63 and /dev/stdout stands what the shell opened, which has no place of its own to rename to.
    opened_before = given.is_relative_to("/dev") or given.is_relative_to("/proc")
    if opened_before or (given.exists() and not stat.S_ISREG(given.stat().st_mode)):
        stream = standard_stream(path)
        # Where it is a file, opening it anew would begin at its start, and overwrite what else is written there.
        with given.open("wb") if stream is None else os.fdopen(os.dup(stream), "wb") as opened:
            yield opened
        return
    with Staging() as staging:
        yield staging.open(path)
        staging.publish()


def standard_stream(path: str) -> int | None:
    """The descriptor of standard output or of standard error, where a path such as /dev/stdout is what it goes to."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    for descriptor in (_STANDARD_OUTPUT, _STANDARD_ERROR):
        with contextlib.suppress(OSError):  # it is closed
            if os.path.samestat(status, os.fstat(descriptor)):
                return descriptor
    return None


def may_be_written(path: str) -> bool:
    """Whether a file may be published at `path`: nothing stands there, or a file; no directory, device or pipe, and not
    what standard output goes to.
    """
    try:
        status = Path(path).stat()
        return stat.S_ISREG(status.st_mode) and not os.path.samestat(status, os.fstat(_STANDARD_OUTPUT))
    except FileNotFoundError:
        return not path.endswith("/")
    except (OSError, ValueError):
        return False


def _sync_folder(folder: Path) -> None:
    # Some file systems cannot do it, and what could be done for the file has been done.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
