"""gzip files to blocks of bytes, in bounded memory, and within the ratio that holds for every archive.

gzip is imported where an input is compressed: start-up time is a feature.
"""

import io
import zlib
from collections.abc import Callable, Iterator

BLOCK = 4 * 1024 * 1024
RATIO = 100  # how many bytes may come out of each byte of an archive, by default
GZIP = b"\x1f\x8b"
DAMAGED = "the archive is damaged or cut off"
_SMALL = 1024 * 1024  # bytes that may come out of any archive, however small


class UnreadableError(Exception):
    """An input cannot be read to its end. The text says why, and holds nothing of the input."""


def whole_blocks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Blocks of full size, however small the pieces that `read` gives. Before an error, the bytes read so far."""
    parts: list[bytes] = []
    missing = BLOCK
    try:
        while part := read(missing):
            parts.append(part)
            missing -= len(part)
            if missing <= 0:
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
            yield from within_ratio(file.read1, read, ratio)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise UnreadableError(DAMAGED) from None


def unpacked_head(head: bytes, size: int) -> bytes | None:
    """The first bytes that come out of a gzip file whose first bytes are `head`; None where that is not known."""
    unpacker = zlib.decompressobj(31)
    try:
        found = unpacker.decompress(head, size)
    except zlib.error:
        return None
    return found if found or (unpacker.eof and not unpacker.unused_data) else None


def within_ratio(
    read: Callable[[int], bytes], packed: Callable[[], int], ratio: int, before: int = 0
) -> Iterator[bytes]:
    """Blocks that come out of an archive. `packed` returns how many of its bytes were read; `before`: how many came out
    before. Raises UnreadableError where more than `ratio` come out of each.
    """
    total = before
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
