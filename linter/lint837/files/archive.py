"""What is packed (gzip, ZIP members) -> blocks of bytes, in bounded memory, as much as may come out of it.

gzip and zipfile are imported where something is packed: start-up time is a feature.
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
RATIO = 100  # so many bytes may come out of one of an archive
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
_SMALL = 1024 * 1024  # bytes that may come out of any archive, however small it is
_END_RECORD = b"PK\x05\x06"  # of a ZIP archive, behind which stands how long its list of members is
_LONGEST_LIST = 4 * 1024 * 1024  # bytes of that list, which is held in memory
_DAMAGED = "the archive is damaged or cut off"


class UnreadableError(Exception):
    """An input cannot be read, or not to its end; the text says why, in words of our own."""


def whole_blocks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Whole blocks, whatever pieces a pipe or an archive gives; before an error, the bytes that came before it."""
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
    """The blocks that a gzip file holds, whose own are `blocks`; `read` says how many of its bytes have been read."""
    import gzip

    try:
        with gzip.GzipFile(fileobj=io.BufferedReader(_Joined(blocks), 64 * 1024)) as file:
            yield from _within_ratio(file.read1, read, ratio)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise UnreadableError(_DAMAGED) from None


def unpacked_head(head: bytes, size: int) -> bytes:
    """The first bytes of what a gzip file holds that begins with `head`; b"" where they cannot be read."""
    try:
        return zlib.decompressobj(31).decompress(head, size)
    except zlib.error:
        return b""


class Member(NamedTuple):
    """A file in a ZIP archive: its number there (two may have one name), its name, and its first bytes, None where they
    cannot be read.
    """

    number: int
    name: str
    head: bytes | None


def members(path: str, size: int) -> Iterator[Member]:
    """The files in a ZIP archive, each with `size` first bytes."""
    with _opened(path) as archive:
        for number, member in enumerate(archive.infolist()):
            if not member.is_dir():
                head = None
                with contextlib.suppress(UnreadableError), _reading(archive, member) as file:
                    head = file.read(size)
                yield Member(number, member.filename, head)


def member_blocks(path: str, number: int, ratio: int) -> Iterator[bytes]:
    """The blocks that a member of a ZIP archive holds."""
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
        raise UnreadableError("the archive is encrypted, or packed in a way that is not read") from None


def _within_ratio(read: Callable[[int], bytes], packed: Callable[[], int], ratio: int) -> Iterator[bytes]:
    total = 0
    for block in whole_blocks(read):
        total += len(block)
        if total > max(_SMALL, ratio * packed()):
            raise UnreadableError(f"more than {ratio} bytes come out of each byte of the archive")
        yield block


class _Joined(io.RawIOBase):
    """Blocks as a file."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._block = memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer, or a part of it."""
        if not self._block:
            self._block = memoryview(next(self._blocks, b""))
        part = self._block[: len(buffer)]
        buffer[: len(part)] = part
        self._block = self._block[len(part) :]
        return len(part)
