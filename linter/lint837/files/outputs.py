"""Files that appear whole or not at all, readable by their owner alone: written next to their place, and renamed when
all of them are complete.
"""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

# A staged file is .NAME.lint837-RANDOM.tmp in the folder of NAME. Only kill -9 leaves one.
_MARK, _END = ".lint837-", ".tmp"
_STANDARD_OUTPUT, _STANDARD_ERROR = 1, 2  # their descriptors


class Staging:
    """Staged files, mode 0600. Use it as a context: files not published when it ends are removed.

    with Staging() as staging:
        file = staging.open("accepted.837")
        file.write(...)
        staging.publish()
    """

    def __init__(self) -> None:
        self._files: list[tuple[BinaryIO, Path, Path]] = []  # each with its staged path, and its place

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove(self._files)
        self._files = []

    def open(self, path: str) -> BinaryIO:
        """A new file to be published at `path`, or where a link at `path` leads. Raises OSError where it cannot be
        created.
        """
        place = Path(path).resolve()
        staged = place.with_name(f".{place.name[:50]}{_MARK}{os.urandom(8).hex()}{_END}")
        descriptor = os.open(staged, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        file = os.fdopen(descriptor, "w+b")
        self._files.append((file, staged, place))
        return file

    def discard(self, file: BinaryIO) -> None:
        """Remove a staged file. An old file at its place stays."""
        self._remove([entry for entry in self._files if entry[0] is file])
        self._files = [entry for entry in self._files if entry[0] is not file]

    def publish(self) -> None:
        """Rename every file to its place, in the order in which they were opened, once all are on the disk. After an
        interruption the first of them are published, each whole.
        """
        for file, _, _ in self._files:
            file.flush()
            os.fsync(file.fileno())
        for file, staged, place in self._files:
            staged.replace(place)
            file.close()
        folders = dict.fromkeys(place.parent for _, _, place in self._files)
        self._files = []
        for folder in folders:
            _sync_folder(folder)

    @staticmethod
    def _remove(files: list[tuple[BinaryIO, Path, Path]]) -> None:
        for file, staged, _ in files:
            with contextlib.suppress(OSError):  # a full disk fails here again
                file.close()
            with contextlib.suppress(OSError):
                staged.unlink()


@contextlib.contextmanager
def replacing(path: str) -> Iterator[BinaryIO]:
    """A file to write to, which replaces `path` when the block ends. At any time `path` is the old file or the new one,
    whole; an exception leaves the old one. A pipe or a device is written to directly. Raises OSError, or ValueError for
    a path with a NUL byte.
    """
    given = Path(path)
    # /dev/fd/63 and /dev/stdout are what the shell opened; nothing can be renamed to them.
    opened_before = given.is_relative_to("/dev") or given.is_relative_to("/proc")
    if opened_before or (given.exists() and not stat.S_ISREG(given.stat().st_mode)):
        stream = standard_stream(path)
        # A file that is opened again begins at its start, and would overwrite the rest of the output.
        with given.open("wb") if stream is None else os.fdopen(os.dup(stream), "wb") as opened:
            yield opened
        return
    with Staging() as staging:
        yield staging.open(path)
        staging.publish()


def standard_stream(path: str) -> int | None:
    """The descriptor of standard output or standard error, where a path such as /dev/stdout leads to the same file."""
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
    """True if a file may be published at `path`: it is new, or a file; not a directory, device or pipe, and not the
    file that standard output goes to.
    """
    try:
        status = Path(path).stat()
        return stat.S_ISREG(status.st_mode) and not os.path.samestat(status, os.fstat(_STANDARD_OUTPUT))
    except FileNotFoundError:
        return not path.endswith("/")
    except (OSError, ValueError):
        return False


def _sync_folder(folder: Path) -> None:
    # Some file systems cannot do this; the file itself is safe.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
