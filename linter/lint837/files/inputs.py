"""The inputs that paths name (files, directories, archives, standard input), read as blocks in bounded memory."""

import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import NamedTuple, Self

from lint837.files import archive, zip_archive
from lint837.files.archive import GZIP, RATIO, UnreadableError, whole_blocks
from lint837.x12.content import begins_like_claims, holds_isa

STANDARD_INPUT = "-"
BINARY = getattr(os, "O_BINARY", 0)  # without it Windows reads line breaks as one byte
_STDIN = 0  # its descriptor; where it is closed, Python has no sys.stdin
_HEAD = 4096  # bytes read to see if a file looks like a claim file
# In a directory or an archive, a file is an input if its name ends so, or if it looks like a claim file.
_SUFFIXES = (".837", ".837p", ".837i", ".edi", ".x12", ".txt")


class Identity(NamedTuple):
    """Which file it is, and which state of it: two readings with the same identity gave the same bytes."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, descriptor: int) -> "Identity":
        """The identity of an open file. Raises OSError."""
        status = os.fstat(descriptor)
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def read_by_seeking(descriptor: int, size: int, start: int) -> bytes:
    """Bytes of an open file from a place; where the next reading begins stays as it is."""
    before = os.lseek(descriptor, 0, os.SEEK_CUR)
    os.lseek(descriptor, start, os.SEEK_SET)
    try:
        return os.read(descriptor, size)
    finally:
        os.lseek(descriptor, before, os.SEEK_SET)


read_at: Callable[[int, int, int], bytes] = getattr(os, "pread", read_by_seeking)  # Windows has no pread


class Opened:
    """A file that was opened once, to be read several times, also by several processes. Use it as a context."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.identity = Identity.of(descriptor)

    @classmethod
    def at(cls, path: str) -> "Opened | None":
        """The file at a path, opened; None for one that is no file, or cannot be opened, which reading it says; and for
        standard input, whose path is that of no file.
        """
        if path == STANDARD_INPUT:
            return None
        try:
            descriptor = os.open(path, os.O_RDONLY | BINARY | getattr(os, "O_NONBLOCK", 0))
        except (OSError, ValueError):
            return None
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return cls(descriptor)
        os.close(descriptor)
        return None

    @property
    def size(self) -> int:
        """Its bytes when it was opened."""
        return self.identity.size

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`, fewer at the end of the file. Raises OSError."""
        return read_at(self.descriptor, max(0, end - start), start)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close it."""
        os.close(self.descriptor)


class Input(NamedTuple):
    """Something to read.

    path: as reports show it.
    may_be_other: a *.txt file in a directory that does not look like a claim file. It is passed over if it has no
        interchange.
    archive, member: the ZIP archive that holds it, and what the archive says of it.
    error: why it cannot be read, where that is known already.
    opened: the file at the path, where it is open already.
    """

    path: str
    may_be_other: bool = False
    archive: str = ""
    member: zip_archive.Member | None = None
    error: str = ""
    opened: Opened | None = None


class PassedOver(NamedTuple):
    """A file in a directory or archive that is not X12 by its name or first bytes. One that is packed was read to its
    end, since the first bytes of a damaged one say nothing.
    """

    path: str


class _Archive(NamedTuple):
    """A ZIP archive, whose members are inputs."""

    path: str


# ---------------------------------------------------------------- which inputs there are


def inputs(paths: Iterable[str], ratio: int = RATIO) -> Iterator[Input | PassedOver]:
    """The inputs that `paths` name, in order: files, "-", the files of directories by name without hidden ones, the
    members of ZIP archives. A file that is named twice, or found again in a directory, is read once. `ratio`: how many
    bytes may come out of each byte of an archive.
    """
    seen: set[str] = set()
    for path in paths:
        for item in _named(path, ratio):
            real = item.path if item.path == STANDARD_INPUT else os.path.realpath(item.path)
            if real not in seen:
                seen.add(real)
                yield from _members(Input(item.path), ratio) if isinstance(item, _Archive) else [item]


def _named(path: str, ratio: int) -> Iterator[Input | PassedOver | _Archive]:
    """What a path names: a file, or the files of a directory."""
    if path != STANDARD_INPUT and os.path.isdir(path):
        yield from _below(path, ratio)
    else:
        is_zip = path != STANDARD_INPUT and os.path.isfile(path) and _look_at(path)[1]
        yield _Archive(path) if is_zip else Input(path)


def _below(directory: str, ratio: int, above: frozenset[str] = frozenset()) -> Iterator[Input | PassedOver | _Archive]:
    """The files below a directory. `above`: the real paths of its parents, to which a link may lead back."""
    real = os.path.realpath(directory)
    if real in above:
        return
    try:
        entries = sorted(os.scandir(directory), key=lambda entry: os.fsencode(entry.name))
    except OSError:
        yield Input(directory)  # reading it will report why
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _below(entry.path, ratio, above | {real})
        elif not _may_be_read(entry.path):
            yield PassedOver(entry.path)  # a pipe or a socket: reading a pipe would wait for a writer
        else:
            head, is_zip = _look_at(entry.path)
            if is_zip:
                yield _Archive(entry.path)
                continue
            packed = head is not None and head.startswith(GZIP)
            if head and packed:
                head = archive.unpacked_head(head, _HEAD)
            yield _chosen(Input(entry.path), entry.name, head, ratio, packed=packed)


def _members(packed: Input, ratio: int) -> Iterator[Input | PassedOver]:
    """The members of a ZIP archive, in its order, chosen as the files of a directory are. Before them comes what is
    wrong with the archive.
    """
    try:
        members, wrong = zip_archive.members(packed.path)
    except (OSError, UnreadableError) as error:
        yield packed._replace(error=_why(error))
        return
    if wrong:
        yield packed._replace(error=wrong)
    for member in members:
        item = Input(f"{packed.path}/{member.name}", archive=packed.path, member=member)
        head = zip_archive.head(packed.path, member, _HEAD)
        if head == b"" and member.name.endswith("/"):
            continue  # a folder
        if head and head.startswith((GZIP, *zip_archive.SIGNATURES)):
            yield item._replace(error="it is an archive within an archive; unpack it first")
        else:
            yield _chosen(item, member.name, head, ratio, packed=True)


def _chosen(item: Input, name: str, head: bytes | None, ratio: int, *, packed: bool) -> Input | PassedOver:
    """A file of a directory or an archive: an input by its name or its first bytes, else passed over. `head` is None
    where it cannot be read, which reading it will report.
    """
    if _named_like_claims(name) or _begins_like_claims(head):
        return item._replace(may_be_other=_is_text(name) and _may_be_other(head))
    if packed:
        blocks = Blocks(item, ratio=ratio)
        for _ in blocks:
            pass
        if blocks.error:
            return item
    return PassedOver(item.path)


def _named_like_claims(name: str) -> bool:
    """True if a file's name says that it holds claims, compressed or not."""
    return name.lower().removesuffix(".gz").endswith(_SUFFIXES)


def _is_text(name: str) -> bool:
    return name.lower().removesuffix(".gz").endswith(".txt")


def _may_be_read(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return True  # reading it will report why


def _look_at(path: str) -> tuple[bytes | None, bool]:
    """The first bytes of a file, None where it cannot be read, which reading it will report; and whether it is a ZIP
    archive: by its name, by its first bytes, or by its last ones, whatever precedes it.
    """
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
            size = os.fstat(file.fileno()).st_size
            tail = head
            if size > len(head):
                file.seek(max(0, size - zip_archive.TAIL))
                tail = file.read(zip_archive.TAIL)
    except (OSError, ValueError):
        return None, False
    is_named = path.lower().endswith(".zip")
    return head, is_named or head.startswith(zip_archive.SIGNATURES) or zip_archive.ends_like_zip(tail)


def _begins_like_claims(head: bytes | None) -> bool:
    """Whether a file begins as a claim file does, also one that is encoded or damaged so that it cannot be read; of one
    that cannot be opened, reading it will say why.
    """
    return head is None or begins_like_claims(head)


def _may_be_other(head: bytes | None) -> bool:
    """Whether a text file may be something else than a claim file."""
    return not _begins_like_claims(head) and not holds_isa(head or b"")


def size(item: Input) -> int | None:
    """The size of an input's file in bytes; None where it is not known before it is read."""
    if item.opened:
        return item.opened.size
    try:
        status = os.stat(item.path) if item.path != STANDARD_INPUT else os.fstat(_STDIN)
    except (OSError, ValueError):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


# ---------------------------------------------------------------- reading them


class Blocks:
    """The blocks of one input. Iterating never raises: afterwards `error` says why the input could not be read to its
    end, None if it could.

    advance: called with the number of bytes just read.
    ratio: how many bytes may come out of each byte of an archive.
    """

    def __init__(self, item: Input, advance: Callable[[int], None] | None = None, ratio: int = RATIO) -> None:
        self.error: str | None = None
        self._item = item
        self._advance = advance
        self._ratio = ratio

    def __iter__(self) -> Iterator[bytes]:
        item = self._item
        try:
            if item.error:
                raise UnreadableError(item.error)
            if item.member:
                yield from zip_archive.blocks(item.archive, item.member, self._ratio)
            else:
                yield from self._file()
        except (OSError, ValueError, UnreadableError) as error:
            self.error = _why(error)

    def _file(self) -> Iterator[bytes]:
        path, opened = self._item.path, self._item.opened
        if opened:
            yield from self._unpacked(opened.descriptor, opened.identity)
            return
        if path == STANDARD_INPUT:
            yield from self._unpacked(_STDIN)
            return
        mode = os.stat(path).st_mode
        if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
            raise UnreadableError("it is a device or a socket, not a file")
        descriptor = os.open(path, os.O_RDONLY | BINARY)
        try:
            yield from self._unpacked(descriptor)
        finally:
            os.close(descriptor)

    def _unpacked(self, descriptor: int, identity: Identity | None = None) -> Iterator[bytes]:
        """The blocks of an open file, uncompressed."""
        if identity is None and stat.S_ISREG(os.fstat(descriptor).st_mode):
            identity = Identity.of(descriptor)
        file = _Steady(descriptor, identity, self._advance)
        blocks = iter(file)
        first = next(blocks, b"")
        if first.startswith(zip_archive.SIGNATURES):
            raise UnreadableError("it is a ZIP archive; name it as a file, since it cannot be read from a pipe")
        blocks = chain([first] if first else [], blocks)
        yield from archive.unpacked(blocks, lambda: file.position, self._ratio) if first.startswith(GZIP) else blocks


class _Steady:
    """The blocks of an open file. A regular one must not change while it is read, and is read by place: several
    processes may read what one has opened.
    """

    def __init__(self, descriptor: int, identity: Identity | None, advance: Callable[[int], None] | None) -> None:
        """`identity`: that of a regular file."""
        self._descriptor = descriptor
        self._identity = identity
        self._advance = advance
        self.position = 0

    def __iter__(self) -> Iterator[bytes]:
        # Standard input may be a file of which something was read before.
        start = at = os.lseek(self._descriptor, 0, os.SEEK_CUR) if self._identity else 0
        stream = io.FileIO(self._descriptor, closefd=False)  # which is binary, also where standard input is not

        def read(size: int) -> bytes:
            nonlocal at
            part = read_at(self._descriptor, size, at) if self._identity else stream.read(size)
            at += len(part)
            return part

        for block in whole_blocks(read):
            self.position += len(block)
            yield block
            if self._advance:
                self._advance(len(block))
        if self._identity is None:
            return
        if Identity.of(self._descriptor) != self._identity or start + self.position != self._identity.size:
            raise UnreadableError("the file changed while it was read")


def _why(error: Exception) -> str:
    """Why an input cannot be read, without anything that the input holds."""
    if isinstance(error, UnreadableError):
        return str(error)
    if isinstance(error, OSError):
        return (os.strerror(error.errno) if error.errno else "it cannot be read").lower()
    return "it cannot be opened"  # a path with a NUL byte
