"""Files that appear whole or not at all, readable by their owner alone: written next to their place, and renamed when
all of them are complete.
"""

import contextlib
import os
import re
import signal
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

# A staged file is .NAME.lint837-RANDOM.tmp in the folder of NAME, locked as long as the run that made it goes on. Only
# kill -9 and a power failure leave one, which the next run that writes to this folder removes.
_MARK, _END = ".lint837-", ".tmp"
_STAGED = r"\..*\.lint837-[0-9a-f]{16}\.tmp"
_WINDOWS = os.name == "nt"
_STANDARD_OUTPUT, _STANDARD_ERROR = 1, 2  # their descriptors


class PublishError(OSError):
    """Not all files could be published. `published` are the places of those that were."""

    def __init__(self, error: OSError, published: Sequence[str]) -> None:
        super().__init__(error.errno, error.strerror, error.filename)
        self.published = published


class _Staged(NamedTuple):
    file: BinaryIO
    path: Path
    place: Path


class Staging:
    """Staged files, mode 0600. Use it as a context: files not published when it ends are removed.

    with Staging() as staging:
        file = staging.open("accepted.837")
        file.write(...)
        staging.publish()
    """

    def __init__(self, tell: Callable[[str], None] | None = None) -> None:
        """`tell` gets a sentence where another run is at work on the same file."""
        self._files: list[_Staged] = []
        self._tell = tell

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
        with _named(path):
            return self._open(Path(path).resolve())

    def _open(self, place: Path) -> BinaryIO:
        begin = f".{place.name[:50]}{_MARK}"
        for busy in _remove_leftovers(place.parent):
            if busy.startswith(begin) and self._tell:
                self._tell(f"another run is writing to {place.name}, and may replace it: {place.parent / busy} is its")
        staged = place.with_name(f"{begin}{os.urandom(8).hex()}{_END}")
        descriptor = os.open(staged, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            file = os.fdopen(descriptor, "w+b")
        except BaseException:
            os.close(descriptor)
            staged.unlink()
            raise
        self._files.append(_Staged(file, staged, place))
        # A run that looks for leftovers may have seen it before it was locked, and removed it.
        _lock(descriptor)
        if not _is_there(staged, descriptor):
            self.discard(file)
            return self._open(place)
        return file

    def discard(self, file: BinaryIO) -> None:
        """Remove a staged file. An old file at its place stays."""
        self._remove([staged for staged in self._files if staged.file is file])
        self._files = [staged for staged in self._files if staged.file is not file]

    def publish(self) -> None:
        """Rename every file to its place, in the order in which they were opened, once all are on the disk. After kill
        -9 the first of them are published, each whole. Raises OSError where none is, and PublishError where only the
        first are.
        """
        for staged in self._files:
            with _named(str(staged.place)):
                staged.file.flush()
                os.fsync(staged.file.fileno())
        published: list[_Staged] = []
        try:
            with _undisturbed():
                for staged in self._files:
                    if _WINDOWS:  # which renames no file that is open
                        staged.file.close()
                    with _named(str(staged.place)):
                        staged.path.replace(staged.place)
                    published.append(staged)
        except OSError as error:
            if published:
                raise PublishError(error, [str(one.place) for one in published]) from None
            raise
        finally:
            self._files = self._files[len(published) :]
            for staged in published:
                staged.file.close()
            for folder in dict.fromkeys(staged.place.parent for staged in published):
                _sync_folder(folder)

    @staticmethod
    def _remove(files: Iterable[_Staged]) -> None:
        for staged in files:
            with contextlib.suppress(OSError):  # a full disk fails here again
                staged.file.close()
            with contextlib.suppress(OSError):
                staged.path.unlink()


@contextlib.contextmanager
def _named(place: str) -> Iterator[None]:
    """An OSError names the file as the user did, and not the staged one."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, place) from None


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """No signal comes between the first and the last of several steps, where the system can see to it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _lock(descriptor: int) -> bool:
    """Lock an open file for as long as it is open; False where another run has locked it, or nobody can."""
    try:
        import fcntl
    except ImportError:  # Windows, where an open file cannot be removed anyway
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # locked, or on a file system without locks
        return False
    return True


def _is_there(path: Path, descriptor: int) -> bool:
    """True if a path leads to an open file."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError:
        return False


def _remove_leftovers(folder: Path) -> list[str]:
    """Remove what runs that were killed have left in a folder: it may hold claims. What a run still writes is locked;
    returns the names of those files.
    """
    busy = []
    try:
        found = [name for name in os.listdir(folder) if re.fullmatch(_STAGED, name)]  # noqa: PTH208 - names are enough
    except OSError:
        return []
    for name in found:
        path = folder / name
        with contextlib.suppress(OSError):  # somebody else's, or it is gone by now
            descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
            try:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    continue
                if _lock(descriptor):
                    path.unlink()
                else:
                    busy.append(name)
            finally:
                os.close(descriptor)
    return sorted(busy)


@contextlib.contextmanager
def replacing(path: str, tell: Callable[[str], None] | None = None) -> Iterator[BinaryIO]:
    """A file to write to, which replaces `path` when the block ends. At any time `path` is the old file or the new one,
    whole; an exception leaves the old one. A pipe or a device is written to directly. Raises OSError, or ValueError for
    a path with a NUL byte. `tell`: as that of Staging.
    """
    given = Path(path)
    if _is_descriptor(given) or (given.exists() and not stat.S_ISREG(given.stat().st_mode)):
        stream = standard_stream(path)
        # A file that is opened again begins at its start, and would overwrite the rest of the output.
        with given.open("wb") if stream is None else os.fdopen(os.dup(stream), "wb") as opened:
            yield opened
        return
    with Staging(tell) as staging:
        yield staging.open(path)
        staging.publish()


def _is_descriptor(path: Path) -> bool:
    """True for /dev/fd/63, /dev/stdout and the like: what the shell opened, to which nothing can be renamed."""
    above = path.parent
    return (
        above == Path("/dev/fd")
        or (above.name == "fd" and above.is_relative_to("/proc"))
        or (above == Path("/dev") and path.name.startswith("std"))
    )


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
