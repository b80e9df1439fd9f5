"""gzip files and ZIP members to blocks of bytes, in bounded memory and within a ratio.

gzip and zipfile are imported where an input is compressed: start-up time is a feature.
"""

import contextlib
import io
import os
import zlib
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

BLOCK = 4 * 1024 * 1024
RATIO = 100  # how many bytes may come out of each byte of an archive, by default
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
_SMALL = 1024 * 1024  # bytes that may come out of any archive, however small
_END_RECORD = b"PK\x05\x06"  # the end record of a ZIP archive, which holds the length of its list of members
_LONGEST_LIST = 4 * 1024 * 1024  # bytes; the list is held in memory
_DAMAGED = "the archive is damaged or cut off"


class UnreadableError(Exception):
    """An input cannot be read to its end. The text says why, and holds nothing of the input."""


def whole_blocks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Blocks of full size, however small the pieces that a pipe gives. Before an error, the bytes read so far."""
    parts: list[bytes] = []
    missing = BLOCK
    try:
        while part := read(missing):
            parts.append(part)
            missing -= len(part)
            if not missing:
                whole, parts, missing = parts, [], BLOCK
                yield whole[0] if len(whole) == 1 else b"".join(whole)
    except Exception:
        if parts:
            yield b"".join(parts)
        raise
    if parts:
        yield b"".join(parts)


def unpacked(blocks: Iterator[bytes], read: Callable[[], int], ratio: int) -> Iterator[bytes]:
    """The blocks that come out of `blocks`, those of a gzip file. `read` returns how many of its bytes were read."""
    import gzip

    try:
        with gzip.GzipFile(fileobj=io.BufferedReader(_Joined(blocks), 64 * 1024)) as file:
            yield from _within_ratio(file.read1, read, ratio)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise UnreadableError(_DAMAGED) from None


def unpacked_head(head: bytes, size: int) -> bytes:
    """The first bytes that come out of a gzip file whose first bytes are `head`; b"" where they cannot be read."""
    try:
        return zlib.decompressobj(31).decompress(head, size)
    except zlib.error:
        return b""


class Member(NamedTuple):
    """A file in a ZIP archive: its number, since two may have the same name; its name; its first bytes, None where they
    cannot be read.
    """

    number: int
    name: str
    head: bytes | None


def members(path: str, size: int) -> Iterator[Member]:
    """The files in a ZIP archive, each with its first `size` bytes."""
    with _opened(path) as archive:
        for number, member in enumerate(archive.infolist()):
            if not member.is_dir():
                head = None
                with contextlib.suppress(UnreadableError), _reading(archive, member) as file:
                    head = file.read(size)
                yield Member(number, member.filename, head)


def member_blocks(path: str, number: int, ratio: int) -> Iterator[bytes]:
    """The blocks of a member of a ZIP archive."""
    packed = os.stat(path).st_size  # noqa: PTH116 - a path is what the user gave
    with _opened(path) as archive, _reading(archive, archive.infolist()[number]) as file:
        yield from _within_ratio(file.read, lambda: packed, ratio)


@contextlib.contextmanager
def _opened(path: str) -> Iterator["ZipFile"]:
    import zipfile

    with open(path, "rb") as file:  # noqa: PTH123 - the same
        file.seek(max(0, os.fstat(file.fileno()).st_size - 64 * 1024 - 22))
        tail = file.read()
        at = tail.rfind(_END_RECORD)
        if at >= 0 and int.from_bytes(tail[at + 12 : at + 16], "little") > _LONGEST_LIST:
            raise UnreadableError("the archive has too many members")
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            raise UnreadableError(_DAMAGED) from None
        with archive:
            yield archive


@contextlib.contextmanager
def _reading(archive: "ZipFile", member: "ZipInfo") -> Iterator[IO[bytes]]:
    import zipfile

    try:
        with archive.open(member) as file:
            yield file
    except (zipfile.BadZipFile, EOFError, zlib.error, IndexError):
        raise UnreadableError(_DAMAGED) from None
    except (RuntimeError, NotImplementedError):
        raise UnreadableError("the archive is encrypted, or compressed in a way that lint837 cannot read") from None


def _within_ratio(read: Callable[[int], bytes], packed: Callable[[], int], ratio: int) -> Iterator[bytes]:
    total = 0
    for block in whole_blocks(read):
        total += len(block)
        if total > max(_SMALL, ratio * packed()):
            raise UnreadableError(f"more than {ratio} bytes come out of each byte of the archive")
        yield block


class _Joined(io.RawIOBase):
    """A file that reads blocks."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._block = memoryview(b"")

    def readable(self) -> bool:
        """Always true."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer, or part of it."""
        if not self._block:
            self._block = memoryview(next(self._blocks, b""))
        part = self._block[: len(buffer)]
        buffer[: len(part)] = part
        self._block = self._block[len(part) :]
        return len(part)
