"""The inputs: paths, directories and standard input -> blocks of bytes."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

BLOCK = 2 * 1024 * 1024
STANDARD_INPUT = "-"
_STDIN = 0  # its descriptor, also where Python has no sys.stdin because it is closed
# In a directory, a file is looked at when its name ends so, or when it begins with ISA.
_HEAD = 4096  # so much of a file is looked at to see whether it begins with ISA
_SUFFIXES = (".837", ".837p", ".837i", ".edi", ".x12", ".txt")


class Input(NamedTuple):
    """One thing to read: its path as it is shown; `may_be_other`: a *.txt file that was found in a directory and does
    not begin with ISA is passed over, and named, when it holds no interchange.
    """

    path: str
    may_be_other: bool = False


class PassedOver(NamedTuple):
    """A file in a directory that does not look like X12 by its name or its first bytes."""

    path: str


def inputs(paths: Iterable[str]) -> Iterator[Input | PassedOver]:
    """What `paths` name, in their order: files, directories (their files by name, without hidden ones), "-". A path
    that is named twice, or is found again below a directory, is taken once.
    """
    seen: set[str] = set()
    for path in paths:
        for item in _below(path) if os.path.isdir(path) else [Input(path)]:
            real = item.path if item.path == STANDARD_INPUT else os.path.realpath(item.path)
            if real not in seen:
                seen.add(real)
                yield item


def _below(directory: str, above: frozenset[str] = frozenset()) -> Iterator[Input | PassedOver]:
    """The files below a directory. `above`: the real paths of those that it stands in; a link may lead back there."""
    real = os.path.realpath(directory)
    if real in above:
        return
    try:
        entries = sorted(os.scandir(directory), key=lambda entry: os.fsencode(entry.name))
    except OSError:
        yield Input(directory)  # reading it will say why
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _below(entry.path, above | {real})
        elif not _may_be_read(entry.path):
            yield PassedOver(entry.path)  # a pipe or a socket: a pipe would wait for somebody to write
        elif _named_like_claims(entry.name) or _begins_with_isa(entry.path):
            yield Input(entry.path, entry.name.lower().endswith(".txt") and not _begins_with_isa(entry.path))
        else:
            yield PassedOver(entry.path)


def _named_like_claims(name: str) -> bool:
    """Whether a file's name says that it holds claims, packed or not; an archive is then said not to be read."""
    return name.lower().removesuffix(".gz").removesuffix(".zip").endswith(_SUFFIXES)


def _may_be_read(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return True  # reading it will say why


def _begins_with_isa(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return True  # reading it will say why
    begins = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x00\x1a")[:4]
    return begins.startswith(b"ISA") and not begins[3:].isalnum() and not begins[3:].isspace()


def size(item: Input) -> int | None:
    """The bytes of an input, None where they are not known before it is read."""
    try:
        status = os.stat(item.path) if item.path != STANDARD_INPUT else os.fstat(_STDIN)
    except (OSError, ValueError):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


class Blocks:
    """The blocks of one input. Iterating never raises: `error` says why an input could not be read to its end.
    `advance` is told how many bytes were read.
    """

    def __init__(self, item: Input, advance: Callable[[int], None] | None = None) -> None:
        self.error: str | None = None
        self._path = item.path
        self._advance = advance

    def __iter__(self) -> Iterator[bytes]:
        for block in self._blocks():
            yield block
            if self._advance:
                self._advance(len(block))

    def _blocks(self) -> Iterator[bytes]:
        try:
            if self._path == STANDARD_INPUT:
                yield from _read(_STDIN)
                return
            mode = os.stat(self._path).st_mode
            if stat.S_ISDIR(mode) or stat.S_ISREG(mode) or stat.S_ISFIFO(mode):
                descriptor = os.open(self._path, os.O_RDONLY)
                try:
                    yield from _read(descriptor)
                finally:
                    os.close(descriptor)
            else:
                self.error = "it is a device or a socket, not a file"
        except OSError as error:
            self.error = (os.strerror(error.errno) if error.errno else "it cannot be read").lower()
        except ValueError:  # a path with a NUL byte
            self.error = "it cannot be opened"


def _read(descriptor: int) -> Iterator[bytes]:
    """Whole blocks, whatever pieces a pipe gives."""
    with open(descriptor, "rb", buffering=0, closefd=False) as file:
        parts: list[bytes] = []
        missing = BLOCK
        while part := file.read(missing):
            parts.append(part)
            missing -= len(part)
            if not missing:
                yield b"".join(parts)
                parts, missing = [], BLOCK
        if parts:
            yield b"".join(parts)
