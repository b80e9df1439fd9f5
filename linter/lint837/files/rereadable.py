"""A file that is read more than once. It is refused, with the reason, where it cannot be or has changed."""

import contextlib
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from lint837.files.archive import GZIP
from lint837.files.inputs import BINARY, Blocks, Identity, Input, Opened, inputs

_BLOCK = 1024 * 1024
_COPIES = hasattr(os, "copy_file_range")
CHANGED = "ENV011: the file changed while it was read"


class RefusedError(Exception):
    """A file that is refused. The text says why, and holds nothing of a claim's content."""


@contextlib.contextmanager
def opened(path: str, folder: str | None = None, advance: Callable[[int], None] | None = None) -> Iterator["Source"]:
    """A claim file, open for reading; a gzip file, or a ZIP archive of one file, unpacked. What comes out of it is kept
    in `folder`, in a file without a name, which ends with the process. Raises RefusedError where the file cannot be
    opened, or is not a file: a pipe cannot be read again. Raises OSError where what comes out cannot be written.
    """
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise RefusedError("ENV011: it cannot be read more than once; name a file")
        descriptor = os.open(path, os.O_RDONLY | BINARY)
    except NotADirectoryError:
        raise RefusedError("ENV011: it is not a file; unpack members of an archive first") from None
    except OSError as error:
        raise RefusedError(f"ENV011: {_reason(error)}") from None
    except ValueError:  # a path with a NUL byte
        raise RefusedError("ENV011: it cannot be opened") from None
    with Opened(descriptor) as file, again(_packed(path, file), folder, advance) as source:
        yield source


@contextlib.contextmanager
def again(item: Input, folder: str | None = None, advance: Callable[[int], None] | None = None) -> Iterator["Source"]:
    """An input that is open already, for more readings, unpacked as by `opened`. Raises as that does."""
    if item.opened is None:
        why = (
            "is not a file; unpack members of an archive first" if item.member else "could not be opened and kept open"
        )
        raise RefusedError(f"ENV011: it {why}")
    with contextlib.ExitStack() as stack:
        if not item.member and Source(item.opened).read(0, len(GZIP)) != GZIP:
            yield Source(item.opened, advance)
            return
        import tempfile

        file = stack.enter_context(tempfile.TemporaryFile(dir=folder))
        blocks = Blocks(item, advance)
        for block in blocks:
            file.write(block)
        if blocks.error:
            raise RefusedError(f"ENV011: {blocks.error}")
        file.flush()
        yield Source(Opened(file.fileno()), advance)


def _packed(path: str, file: Opened) -> Input:
    """A file as an input, or the one file of an archive."""
    found = list(inputs([path]))
    wrong = [one.error for one in found if isinstance(one, Input) and one.error]
    if wrong:
        raise RefusedError(f"ENV011: {wrong[0]}")
    if len(found) != 1 or not isinstance(found[0], Input):
        raise RefusedError(f"ENV011: the archive holds {len(found):,} files; unpack it, and name each file by itself")
    return found[0]._replace(opened=file)


class Source:
    """An open file. Every reading gives the bytes that it had when it was opened, or raises RefusedError."""

    def __init__(self, opened: Opened, advance: Callable[[int], None] | None = None) -> None:
        """`advance`: called with the number of bytes just read, in each reading of all."""
        self._opened = opened
        self._advance = advance
        self._descriptor = opened.descriptor
        self._digest = b""

    def blocks(self) -> Iterator[bytes]:
        """All bytes, in blocks."""
        digest = hashlib.sha256()  # which processors have an instruction for
        offset = 0
        while block := self.read(offset, offset + _BLOCK):
            digest.update(block)
            offset += len(block)
            if self._advance:
                self._advance(len(block))
            yield block
        self._digest = self._digest or digest.digest()
        if digest.digest() != self._digest or not self._is_unchanged():
            raise RefusedError(CHANGED)

    def equals(self, other: "Source") -> bool:
        """True if another file has the bytes that were read of this one, and this one has not changed since."""
        for _ in other.blocks():
            pass
        return bool(self._digest) and self._digest == other._digest and self._is_unchanged()

    def _is_unchanged(self) -> bool:
        return Identity.of(self._descriptor) == self._opened.identity

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self._opened.size

    @property
    def digest(self) -> str:
        """The SHA-256 of all bytes, in hexadecimal digits: that of the first whole reading, or of one made now."""
        if not self._digest:
            for _ in self.blocks():
                pass
        return self._digest.hex()

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`, fewer at the end of the file."""
        try:
            return self._opened.read(start, end)
        except OSError as error:
            raise RefusedError(f"ENV011: {_reason(error)}") from None

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` to `end` in blocks."""
        while start < end:
            block = self.read(start, min(end, start + _BLOCK))
            if not block:
                raise RefusedError(CHANGED)
            yield block
            start += len(block)

    def copy(self, start: int, end: int, file: BinaryIO) -> None:
        """Write the bytes from `start` to `end` to the end of a file. Where it can, the system copies long runs by
        itself.
        """
        if _COPIES and end - start >= _BLOCK:
            file.flush()
            with contextlib.suppress(OSError):  # not between these file systems; if the disk is full, writing says so
                while start < end and (
                    copied := os.copy_file_range(self._descriptor, file.fileno(), end - start, start)
                ):
                    start += copied
            file.seek(0, os.SEEK_END)
        file.writelines(self.pieces(start, end))


class Memory(Source):
    """A claim file that is in memory alone."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)

    def blocks(self) -> Iterator[bytes]:
        """All bytes, in blocks."""
        return self.pieces(0, self.size)

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self._data)

    @property
    def digest(self) -> str:
        """The SHA-256 of all bytes, in hexadecimal digits."""
        return hashlib.sha256(self._data).hexdigest()

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`, fewer at the end of the file."""
        return bytes(self._data[start:end])

    def copy(self, start: int, end: int, file: BinaryIO) -> None:
        """Write the bytes from `start` to `end` to the end of a file."""
        file.write(self._data[start:end])


def _reason(error: OSError) -> str:
    return (os.strerror(error.errno) if error.errno else "it cannot be read").lower()
