"""ZIP archives of known claim files, and changes to them as a broken transfer, a careless program or an attacker makes
them: byte by byte, record by record, and in what the list of members says.

Whatever is changed, each file is read whole, or lint837 says that something could not be read.
"""

import bz2
import io
import random
import re
import struct
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from tests.batch import batch, claim, group, interchange, line, subscriber, transaction_set
from tests.invariants import check_archive
from tests.x12.reading import Way


def _deflated(text: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(text) + packer.flush()


# What every archive holds, some of them more than once: one of several interchanges, and one of a single claim.
CLAIMS = (batch().encode(), interchange(group(transaction_set(subscriber(2, claim("B", line()))))).encode())
# Each with the forms in which an archive has it.
HELD = {text: (text, _deflated(text), bz2.compress(text)) for text in CLAIMS}
_RECORDS = re.compile(rb"(?=PK(?:\x01\x02|\x03\x04|\x05\x06|\x06\x06|\x06\x07|\x07\x08))")
_NUMBERS = (0, 1, 2, 8, 22, 0x7FFF, 0xFFFE, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
_FOLDER = tempfile.TemporaryDirectory()

Change = Callable[[random.Random, bytes], bytes]


class _Pipe(io.RawIOBase):
    """A file that cannot go back: zipfile writes sizes and check sums after the bytes of each member."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.written += data
        return len(data)


def seeds() -> list[bytes]:
    """Archives of every form that programs write. Each holds `CLAIMS`."""
    first, second = CLAIMS
    found = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2):
        found.append(written(io.BytesIO(), [("a.837", first), ("b", second)], method))
        found.append(
            written(io.BytesIO(), [("c/", b""), ("b", second), ("readme.md", b"Read me."), ("b", first)], method)
        )
        for wide in (False, True):
            found.append(written(_Pipe(), [("a.837", first), ("b.dat", second)], method, wide=wide, comment=b"May"))
            found.append(written(io.BytesIO(), [("a", first), ("b.txt", second)], method, wide=wide, comment=b"PK"))
    return [*found, *map(widened, found[:4])]


def written(
    file: io.BytesIO | _Pipe, members: list[tuple[str, bytes]], method: int, *, wide: bool = False, comment: bytes = b""
) -> bytes:
    """An archive, the same bytes for the same members. wide: sizes of 64 bits."""
    with warnings.catch_warnings(action="ignore", category=UserWarning), zipfile.ZipFile(file, "w") as archive:
        for name, data in members:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = method
            with archive.open(entry, "w", force_zip64=wide) as member:
                member.write(data)
        archive.comment = comment
    return file.getvalue() if isinstance(file, io.BytesIO) else bytes(file.written)


def widened(data: bytes, *, full: bool = True) -> bytes:
    """An archive with the end record of ZIP64. full: the plain one says nothing but that."""
    at = data.rindex(b"PK\x05\x06")
    _, _, _, _, count, size, offset, _ = struct.unpack_from("<4s4H2IH", data, at)
    end = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, at, 1)
    says = b"\xff" * 12 if full else data[at + 8 : at + 20]
    return data[:at] + end + locator + data[at : at + 8] + says + data[at + 20 :]


def changed(data: bytes, seed: int, largest: int, of_bytes: Callable[[bytes, int], bytes] | None = None) -> bytes:
    """An archive with one to three changes, at most `largest` bytes; `of_bytes` is another mutator, of bytes alone."""
    chance = random.Random(seed)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        by_bytes = of_bytes is not None and chance.random() < 0.2
        data = of_bytes(data, largest) if of_bytes and by_bytes else chance.choice(_CHANGES)(chance, data)
    return data[:largest]


def target(data: bytes, _: Way) -> None:
    """Read some bytes as an archive of `CLAIMS`."""
    check_archive(data, Path(_FOLDER.name) / "x.zip", HELD)


# ---------------------------------------------------------------- changes


def _flip(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data) or 1)
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


def _begin(chance: random.Random, data: bytes) -> bytes:
    """Other first bytes of a member, by which it is known."""
    places = [match.start() for match in re.finditer(rb"ISA\*|Read|BZh9|\.837|\.txt", data)]
    at = chance.choice(places or [0])
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


def _cut(chance: random.Random, data: bytes) -> bytes:
    at, end = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
    return chance.choice((data[:at], data[end:], data[:at] + data[end:]))


def _insert(chance: random.Random, data: bytes) -> bytes:
    """Other data before, in, or after an archive, or between two of its records."""
    places = [match.start() for match in _RECORDS.finditer(data)]
    at = chance.choice([0, len(data), chance.randint(0, len(data)), *places])
    more = (
        b"\0",
        b"x" * 30,
        b"\r\n",
        *(form for forms in HELD.values() for form in forms),
        b"PK\x05\x06" + bytes(18),
        b"PK\x03\x04" + bytes(26),
        data,
    )
    return data[:at] + chance.choice(more) + data[at:]


def _records(chance: random.Random, data: bytes) -> bytes:
    """Records doubled, lost, exchanged."""
    records = _RECORDS.split(data)
    one, other = chance.randrange(len(records)), chance.randrange(len(records))
    kind = chance.randrange(3)
    if kind == 0:
        records.insert(other, records[one])
    elif kind == 1:
        del records[one]
    else:
        records[one], records[other] = records[other], records[one]
    return b"".join(records)


def _number(chance: random.Random, data: bytes) -> bytes:
    """Another number in a record."""
    places = [match.start() for match in _RECORDS.finditer(data)]
    if not places:
        return data
    at, width = chance.choice(places) + chance.randrange(4, 46), chance.choice((1, 2, 4, 8))
    old = int.from_bytes(data[at : at + width], "little")
    elsewhere = chance.randrange(len(data))
    number = chance.choice((*_NUMBERS, old + 1, old - 1, old * 2, len(data), chance.choice(places), elsewhere))
    return data[:at] + (number % (1 << 8 * width)).to_bytes(width, "little") + data[at + width :]


def _relisted(chance: random.Random, data: bytes) -> bytes:
    """Another list, whose count and size are right: a member lost, doubled, moved, or another number in one."""
    at = data.rfind(b"PK\x05\x06")
    if at < 0 or len(data) - at < 22:
        return data
    size, offset = struct.unpack_from("<2I", data, at + 12)
    records = _RECORDS.split(data[offset : offset + size])[1:]
    if not records or offset + size > at:
        return data
    kind, one = chance.randrange(4), chance.randrange(len(records))
    if kind == 0:
        del records[one]
    elif kind == 1:
        records.insert(chance.randint(0, len(records)), records[one])
    elif kind == 2:
        chance.shuffle(records)
    else:
        records[one] = _number(chance, records[one])
    listed = b"".join(records)
    counts = struct.pack("<2H2I", len(records), len(records), len(listed), offset)
    return data[:offset] + listed + data[offset + size : at + 8] + counts + data[at + 20 :]


_CHANGES: tuple[Change, ...] = (_flip, _begin, _cut, _insert, _records, _number, _number, _relisted, _relisted)
