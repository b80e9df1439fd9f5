"""Files that appear whole or not at all: written beside their place, moved there when all of them are right."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

# A file in the making: .NAME.lint837-RANDOM.tmp in the folder of NAME. A kill -9 may leave one; nothing else.
_MARK, _END = ".lint837-", ".tmp"
_STANDARD_OUTPUT = 1  # its descriptor


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
        descriptor, making = tempfile.mkstemp(prefix=f".{place.name[:50]}{_MARK}", suffix=_END, dir=place.parent)
        file = os.fdopen(descriptor, "w+b")
        self._files.append((file, Path(making), place))
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
