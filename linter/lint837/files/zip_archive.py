"""ZIP archives of which every byte is accounted for: what is in them, and the bytes that come out.

Python's zipfile reads what an archive's list names, and ignores what else is in the file. Here whatever the list does
not account for is an error: claims in it would not be checked.
"""

import os
import zlib
from collections.abc import Iterator
from struct import Struct
from typing import IO, NamedTuple, Protocol

from lint837.files.archive import DAMAGED, UnreadableError, within_ratio
from lint837.x12.content import holds_isa

# What a file that is an archive begins with: a member, an archive without one, a part of a split one.
SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"PK\x07\x08", b"PK00PK\x03\x04")

# Each begins with its signature. Numbers are little-endian.
_MEMBER = Struct("<4s5H3I2H")  # before a member's bytes, then its name and extra field
_LISTED = Struct("<4s6H3I5H2I")  # in the list, then its name, extra field and comment
_END = Struct("<4s4H2IH")  # at the end of the file, then the archive's comment
_END64 = Struct("<4sQ2H2I4Q")  # the same in ZIP64, then what its length says
_LOCATOR = Struct("<4sIQI")  # where that is
TAIL = _END.size + 0xFFFF  # bytes within which that begins
_BODY, _BODY64 = Struct("<3I"), Struct("<I2Q")  # after a member's bytes: check sum and sizes
_AFTER = b"PK\x07\x08"  # what may precede those
_WIDE = 0xFFFFFFFF  # the number is in the extra field
_ENCRYPTED, _SIZES_AFTER, _UTF_8 = 1, 8, 0x800  # flags
_STORED, _DEFLATED, _BZIP2 = 0, 8, 12  # methods
_METHODS = {1: "Shrink", 6: "Implode", 9: "Deflate64", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd"}
_LONGEST_LIST = 4 * 1024 * 1024  # bytes; the list is held in memory
_PIECE = 64 * 1024

_SPLIT = "it is a part of a split archive; join the parts first"
_OVERLAP = "files in the archive overlap, so that its bytes would be read more than once"
_DIFFERS = "the archive describes this file in two ways: in its list, and where the file begins"
_CHANGED = "the file changed while it was read"


class Member(NamedTuple):
    """A file in a ZIP archive.

    name: with its folders. start, packed: where its bytes are in the archive, and how many.
    size, check: how many come out, and their CRC-32. method: how they are packed.
    before: how many bytes come out of the files before it in the list.
    error: why it cannot be read, where that is known already.
    archive: what the archive was when its list was read: device, inode, size, time of change.
    """

    name: str
    start: int
    packed: int
    size: int
    check: int
    method: int
    before: int
    error: str
    archive: tuple[int, int, int, int]


def ends_like_zip(tail: bytes) -> bool:
    """Whether a file whose last TAIL bytes are `tail` is an archive, whatever it begins with."""
    at = tail.rfind(b"PK\x05\x06")
    return 0 <= at <= len(tail) - _END.size and at + _END.size + _END.unpack_from(tail, at)[-1] == len(tail)


def members(path: str) -> tuple[list[Member], str]:
    """The files in an archive in the order of its list, folders too, and what is wrong with the archive, "" if nothing:
    the files can be read nevertheless. Raises UnreadableError where no file can be.
    """
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a path is what the user gave
        return _Listing(file).members()


def head(path: str, member: Member, size: int) -> bytes | None:
    """The first bytes of a file in an archive; None where they cannot be read."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - the same
            found = b""
            for piece in _unpacked(file, member):
                found += piece
                if len(found) >= size:
                    break
            return found[:size]
    except (OSError, UnreadableError):
        return None


def blocks(path: str, member: Member, ratio: int) -> Iterator[bytes]:
    """The blocks of a file in an archive. All files together give at most `ratio` bytes for each byte of the archive.
    Raises UnreadableError where it cannot be read to its end.
    """
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - the same
        pieces = _unpacked(file, member)
        packed = member.archive[2]
        yield from within_ratio(lambda _: next(pieces, b""), lambda: packed, ratio, member.before)
        if _identity(file) != member.archive:
            raise UnreadableError(_CHANGED)


def _identity(file: IO[bytes]) -> tuple[int, int, int, int]:
    status = os.fstat(file.fileno())
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


# ---------------------------------------------------------------- the list


class _Listed(NamedTuple):
    """What the list says of a file."""

    flags: int
    method: int
    check: int
    packed: int
    size: int
    disk: int
    at: int
    name: bytes


class _Listing:
    """Reads the list of an archive, and what lies around each file, in the time that the list takes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._identity = _identity(file)
        self._length = self._identity[2]
        self._used: list[tuple[int, int]] = []  # what is accounted for
        self._headers = 0  # bytes of names and extra fields that precede files
        self._claims = False  # whether what is not a file holds claims

    def members(self) -> tuple[list[Member], str]:
        """The files, and what is wrong."""
        if self._bytes(0, min(4, self._length)) in (b"PK00", b"PK\x07\x08"):
            self._used.append((0, 4))  # a split archive of one part may begin so
        start, end, count, shift = self._place()
        if end - start > _LONGEST_LIST:
            raise UnreadableError("the archive has too many members")
        self._use(start, end)
        found: list[Member] = []
        before = 0
        for listed in _listed(self._bytes(start, end - start), count):
            found.append(self._member(listed, shift, before))
            if self._headers > self._length:
                raise UnreadableError(_OVERLAP)
            before += listed.size
        wrong = [self._unused()]
        if self._claims:
            wrong.append("comments or extra fields of the archive hold claims, which are in no file")
        if not found:
            wrong.append("the archive is empty")
        return found, "; ".join(filter(None, wrong))

    def _bytes(self, start: int, count: int) -> bytes:
        if start < 0 or start + count > self._length:
            raise UnreadableError(DAMAGED)
        self._file.seek(start)
        found = self._file.read(count)
        if len(found) != count:
            raise UnreadableError(_CHANGED)
        return found

    def _use(self, start: int, end: int) -> None:
        """Account for bytes that are no file's."""
        self._used.append((start, end))
        self._claims = self._claims or holds_isa(self._bytes(start, end - start))

    def _place(self) -> tuple[int, int, int, int]:
        """Where the list begins and ends, how many files it has, and what must be added to the places that it names."""
        begin = max(0, self._length - TAIL)
        at = self._bytes(begin, self._length - begin).rfind(b"PK\x05\x06")
        if at < 0 and self._bytes(0, min(4, self._length)) == b"PK\x07\x08":
            raise UnreadableError(_SPLIT)
        at += begin
        if at < begin or at + _END.size > self._length:
            raise UnreadableError(DAMAGED)
        _, *values, comment = _END.unpack(self._bytes(at, _END.size))
        self._use(at, at + _END.size + comment)
        end = at
        if at >= _LOCATOR.size:
            signature, disk, wide, disks = _LOCATOR.unpack(self._bytes(at - _LOCATOR.size, _LOCATOR.size))
            if signature == b"PK\x06\x07":
                if disk or disks > 1:
                    raise UnreadableError(_SPLIT)
                end = self._wide_end(at - _LOCATOR.size, wide)
                self._use(end, at)
                wider = _END64.unpack(self._bytes(end, _END64.size))[4:]
                most = (0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, _WIDE, _WIDE)
                if any(value not in (full, big) for value, big, full in zip(values, wider, most, strict=True)):
                    raise UnreadableError(DAMAGED)
                values = list(wider)
        disk, first, here, count, size, offset = values
        if disk or first or here != count:
            raise UnreadableError(_SPLIT)
        start = end - size
        if start < offset:
            raise UnreadableError(DAMAGED)
        return start, end, count, start - offset

    def _wide_end(self, end: int, at: int) -> int:
        """Where the end record of ZIP64 begins, which ends at `end`; the archive says that it is at `at`."""
        for start in (at, end - _END64.size):  # the second where something precedes the archive
            if 0 <= start <= end - _END64.size:
                signature, length = _END64.unpack(self._bytes(start, _END64.size))[:2]
                if signature == b"PK\x06\x06" and start + 12 + length == end:
                    return start
        raise UnreadableError(DAMAGED)

    def _member(self, listed: _Listed, shift: int, before: int) -> Member:
        name = listed.name.decode("utf-8" if listed.flags & _UTF_8 else "cp437", "replace").replace("\0", "\ufffd")
        start, error = 0, ""
        try:
            start = self._begin(listed, listed.at + shift)
        except UnreadableError as reason:
            error = str(reason)
        return Member(
            name, start, listed.packed, listed.size, listed.check, listed.method, before, error, self._identity
        )

    def _begin(self, listed: _Listed, at: int) -> int:
        """Where the bytes of a file begin; it is accounted for with what precedes and follows them."""
        signature, _, flags, method, _, _, check, packed, size, named, extended = _MEMBER.unpack(
            self._bytes(at, _MEMBER.size)
        )
        if signature != b"PK\x03\x04":
            raise UnreadableError(DAMAGED)
        start: int = at + _MEMBER.size + named + extended
        end = start + listed.packed
        if end > self._length:
            raise UnreadableError(DAMAGED)
        text = self._bytes(at + _MEMBER.size, named + extended)
        self._headers += len(text)
        self._claims = self._claims or holds_isa(text)
        name, extra = text[:named], text[named:]
        if flags & _SIZES_AFTER:
            end += self._after(end, listed)
        self._used.append((at, end))
        size, packed = _widened(extra, size, packed)
        pairs = zip((check, packed, size), (listed.check, listed.packed, listed.size), strict=True)
        same = all(here == there or (flags & _SIZES_AFTER and not here) for here, there in pairs)
        if not same or (name, method, flags & _ENCRYPTED) != (listed.name, listed.method, listed.flags & _ENCRYPTED):
            raise UnreadableError(_DIFFERS)
        if listed.disk:
            raise UnreadableError(_SPLIT)
        if flags & _ENCRYPTED:
            raise UnreadableError("it is encrypted; unpack it first")
        if method not in (_STORED, *_UNPACKERS):
            kind = _METHODS.get(method, f"number {method}")
            raise UnreadableError(f"it is packed by a method that lint837 cannot read ({kind}); unpack it first")
        return start

    def _after(self, end: int, listed: _Listed) -> int:
        """How many bytes after a file's own repeat its check sum and sizes."""
        bodies = [_BODY64.pack(listed.check, listed.packed, listed.size)]
        if max(listed.packed, listed.size) < _WIDE:
            bodies.append(_BODY.pack(listed.check, listed.packed, listed.size))
        found = self._bytes(end, min(len(_AFTER) + _BODY64.size, self._length - end))
        forms: list[bytes] = [mark + body for body in bodies for mark in (_AFTER, b"")]
        return max((len(form) for form in forms if found.startswith(form)), default=0)

    def _unused(self) -> str:
        """What is not accounted for, in words. Raises UnreadableError where something is accounted for twice."""
        unused, first, last = 0, self._length, 0
        for start, end in [*sorted(self._used), (self._length, self._length)]:
            if start < last:
                raise UnreadableError(_OVERLAP)
            if start > last:
                unused += start - last
                first = min(first, last)
            last = end
        if not unused:
            return ""
        return (
            f"the archive's list of files does not account for {unused:,} of its bytes, the first of them byte "
            f"{first:,}; another program may find claims there"
        )


def _listed(text: bytes, count: int) -> Iterator[_Listed]:
    """What the list says of each file."""
    at = 0
    for _ in range(count):
        if len(text) - at < _LISTED.size:
            raise UnreadableError(DAMAGED)
        signature, _, _, flags, method, _, _, check, packed, size, named, extended, commented, disk, _, _, place = (
            _LISTED.unpack_from(text, at)
        )
        at += _LISTED.size
        name, extra = text[at : at + named], text[at + named : at + named + extended]
        at += named + extended + commented
        if signature != b"PK\x01\x02":
            raise UnreadableError(DAMAGED)
        size, packed, place = _widened(extra, size, packed, place)
        yield _Listed(flags, method, check, packed, size, 0 if disk == 0xFFFF else disk, place, name)
    if at != len(text):
        raise UnreadableError(DAMAGED)


def _widened(extra: bytes, *numbers: int) -> list[int]:
    """Numbers, those too large for 32 bits from the extra field, which holds them in the same order."""
    at, wide = 0, b""
    while at + 4 <= len(extra) and not wide:
        kind, length = int.from_bytes(extra[at : at + 2], "little"), int.from_bytes(extra[at + 2 : at + 4], "little")
        at += 4
        wide = extra[at : at + length] if kind == 1 else b""
        at += length
    found = []
    for number in numbers:
        if number == _WIDE and len(wide) >= 8:
            found.append(int.from_bytes(wide[:8], "little"))
            wide = wide[8:]
        else:
            found.append(number)
    return found


# ---------------------------------------------------------------- the bytes of a file


class _Unpacker(Protocol):
    """What bz2 has, and _Inflate."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Inflate:
    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(-zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not self._zlib.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)


def _bunzip2() -> _Unpacker:
    import bz2

    return bz2.BZ2Decompressor()


_UNPACKERS = {_DEFLATED: _Inflate, _BZIP2: _bunzip2}


def _unpacked(file: IO[bytes], member: Member) -> Iterator[bytes]:
    """What comes out of all bytes of a file in an archive, if it has the size and the check sum that the list names."""
    if member.error:
        raise UnreadableError(member.error)
    if _identity(file) != member.archive:
        raise UnreadableError(_CHANGED)
    file.seek(member.start)
    packed = _packed(file, member.packed)
    size = check = 0
    for piece in packed if member.method == _STORED else _inflated(packed, _UNPACKERS[member.method]()):
        size += len(piece)
        check = zlib.crc32(piece, check)
        if size > member.size:
            raise UnreadableError(DAMAGED)
        yield piece
    if (size, check) != (member.size, member.check):
        raise UnreadableError(DAMAGED)


def _packed(file: IO[bytes], left: int) -> Iterator[bytes]:
    while left:
        piece = file.read(min(left, _PIECE))
        if not piece:
            raise UnreadableError(_CHANGED)
        left -= len(piece)
        yield piece


def _inflated(packed: Iterator[bytes], unpacker: _Unpacker) -> Iterator[bytes]:
    while not unpacker.eof:
        data = next(packed, b"") if unpacker.needs_input else b""
        try:
            piece = unpacker.decompress(data, _PIECE)
        except (zlib.error, OSError):  # bz2 raises OSError
            raise UnreadableError(DAMAGED) from None
        if piece:
            yield piece
        elif not data:
            raise UnreadableError(DAMAGED)
    if unpacker.unused_data or next(packed, b""):
        raise UnreadableError(DAMAGED)
