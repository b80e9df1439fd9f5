"""The store of facts: what `lint837 facts import` makes of the files that CMS publishes, in one SQLite file.

The same files give the same bytes, in any order. A store is read whole once, checked against its sum, and used from
memory: what was checked is what is used, whatever happens to the file.
"""

import hashlib
import io
import sqlite3
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Self

from lint837.facts.cms import (
    ASP,
    CROSSWALKS,
    HCPCS,
    CmsFile,
    CodeRow,
    LimitRow,
    NotCmsError,
    PackageRow,
    StatusRow,
    read_cms,
)
from lint837.facts.quarter import Quarter
from lint837.files.settings_file import SettingsFileError, bytes_of

_MAGIC = b"SQLite format 3\x00"
_APPLICATION = int.from_bytes(b"L837", "big")
_LAYOUT = 1  # of the tables below; a store of another one must be imported again
# In the header of an SQLite file: the counter of changes (twice), the sum of the file, whose it is, the library.
_CHANGES, _SUM, _OWNER, _CHANGES_AGAIN, _LIBRARY = (slice(at, at + 4) for at in (24, 60, 68, 92, 96))
_LARGEST = 1 << 28  # bytes of a file in an archive
_LARGEST_STORE = 1 << 28
_TABLES = """
CREATE TABLE layout(number INTEGER PRIMARY KEY);
CREATE TABLE source(id INTEGER PRIMARY KEY, kind TEXT, name TEXT, sha256 TEXT, day TEXT, taken INTEGER);
CREATE TABLE left_out(source INTEGER, line INTEGER, reason INTEGER, PRIMARY KEY(source, line)) WITHOUT ROWID;
CREATE TABLE reason(id INTEGER PRIMARY KEY, text TEXT);
CREATE TABLE code(code TEXT PRIMARY KEY, text TEXT, first TEXT, last TEXT, successors TEXT, drug INTEGER,
    unlisted INTEGER) WITHOUT ROWID;
CREATE TABLE package(code TEXT, ndc TEXT, size TEXT, containers TEXT, units TEXT, labeler INTEGER, name INTEGER,
    dosage INTEGER, quarters TEXT, PRIMARY KEY(code, ndc, size, containers, units)) WITHOUT ROWID;
CREATE INDEX package_of_ndc ON package(ndc);
CREATE TABLE word(id INTEGER PRIMARY KEY, text TEXT);
CREATE TABLE price(code TEXT, day TEXT, dosage TEXT, amount TEXT, PRIMARY KEY(code, day)) WITHOUT ROWID;
CREATE TABLE status(code TEXT, day TEXT, status TEXT, PRIMARY KEY(code, day)) WITHOUT ROWID;
"""
_PACKAGES = (
    "SELECT code, ndc, size, containers, units, (SELECT text FROM word WHERE id = labeler), "
    "(SELECT text FROM word WHERE id = name), (SELECT text FROM word WHERE id = dosage), quarters FROM package"
)
_IN_ORDER = " ORDER BY code, ndc, quarters"


class StoreError(ValueError):
    """A store, or a file for it, that cannot be used. The text says which, and why."""


# ---------------------------------------------------------------- import


class Imported(NamedTuple):
    """A file that was read: its name, its bytes as a hash, and what it holds."""

    name: str
    sha256: str
    file: CmsFile


class Skipped(NamedTuple):
    """A file of an archive that was not read, and why."""

    name: str
    reason: str


def read_files(paths: Iterable[str]) -> tuple[list[Imported], list[Skipped]]:
    """The files at some paths, of a ZIP archive those in it; each once, by its content. Raises StoreError where one
    cannot be read, or is no file of CMS's.
    """
    found: dict[str, Imported] = {}
    skipped: list[Skipped] = []
    for path in paths:
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise StoreError(f"{path}: {(error.strerror or 'it cannot be read').lower()}") from None
        if data[:4] == b"PK\x03\x04":
            members, others = _members(data, path)
            skipped += others
        else:
            members = [(Path(path).name, _read(data, path))]
        for name, file in members:
            one = Imported(name, file[0], file[1])
            other = found.setdefault(one.sha256, one)
            if name < other.name:
                found[one.sha256] = one
    return sorted(found.values(), key=_order), sorted(set(skipped))


def _read(data: bytes, where: str) -> tuple[str, CmsFile]:
    try:
        return hashlib.sha256(data).hexdigest(), read_cms(data, Path(where).name)
    except NotCmsError as error:
        raise StoreError(f"{where}: {error}") from None


def _members(data: bytes, path: str) -> tuple[list[tuple[str, tuple[str, CmsFile]]], list[Skipped]]:
    """The files of an archive that are CMS's, and the others."""
    members: list[tuple[str, tuple[str, CmsFile]]] = []
    skipped: list[Skipped] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for item in archive.infolist():
                where = f"{path}:{item.filename}"
                if item.is_dir():
                    continue
                if not item.filename.lower().endswith((".csv", ".txt")):
                    skipped.append(Skipped(where, "not a CSV or text file"))
                    continue
                if item.file_size > _LARGEST:
                    raise StoreError(f"{where}: larger than {_LARGEST >> 20} MiB")
                content = archive.read(item)
                try:
                    members.append((Path(item.filename).name, _read(content, where)))
                except StoreError as error:
                    skipped.append(Skipped(where, str(error).removeprefix(f"{where}: ")))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError) as error:
        raise StoreError(f"{path}: the archive is damaged or cannot be read: {error}") from None
    if not members:
        raise StoreError(f"{path}: the archive holds no file that CMS publishes as CSV or text")
    return members, skipped


def _order(one: Imported) -> tuple[str, date, str]:
    return one.file.kind, one.file.day or date.min, one.sha256


def made_of(imported: Iterable[Imported]) -> bytes:
    """The store of some files, as bytes. Raises StoreError where two say different things of the same quarter."""
    files = sorted(imported, key=_order)
    _check_quarters(files)
    base = sqlite3.connect(":memory:")
    try:
        base.execute("PRAGMA page_size = 4096")
        base.executescript(_TABLES)
        base.execute("INSERT INTO layout VALUES (?)", (_LAYOUT,))
        reasons = sorted({left.reason for one in files for left in one.file.left_out})
        number = {reason: n for n, reason in enumerate(reasons, 1)}
        base.executemany("INSERT INTO reason VALUES (?, ?)", [(n, reason) for reason, n in number.items()])
        for at, one in enumerate(files, 1):
            day = one.file.day.isoformat() if one.file.day else ""
            values = (at, one.file.kind, one.name, one.sha256, day, len(one.file.rows))
            base.execute("INSERT INTO source VALUES (?, ?, ?, ?, ?, ?)", values)
            rows = [(at, left.line, number[left.reason]) for left in one.file.left_out]
            base.executemany("INSERT OR IGNORE INTO left_out VALUES (?, ?, ?)", sorted(rows))
        _fill(base, files)
        base.commit()
        base.execute("VACUUM")
        return _sealed(base.serialize())
    finally:
        base.close()


def _check_quarters(files: Iterable[Imported]) -> None:
    """Two crosswalks of one quarter with different rows are two editions: which is right, only the user knows."""
    known: dict[tuple[str, date | None], Imported] = {}
    for one in files:
        key = (one.file.kind, one.file.day)
        other = known.setdefault(key, one)
        if one.file.kind in CROSSWALKS and other is not one:
            raise StoreError(
                f"{one.name} and {other.name} are both the {one.file.kind} of {one.file.day}; name only one"
            )


def _fill(base: sqlite3.Connection, files: list[Imported]) -> None:
    """The rows, each table in the order of its keys."""
    packages: dict[tuple[str, str, str, str, str], tuple[tuple[str, str, str], set[Quarter]]] = {}
    codes: dict[str, CodeRow] = {}
    prices: dict[tuple[str, str], LimitRow] = {}
    statuses: dict[tuple[str, str], StatusRow] = {}
    for one in files:  # of a kind the earlier days first: what comes last is the newest
        day = one.file.day
        for row in one.file.rows:
            if isinstance(row, PackageRow) and day:
                key = (row.code, row.ndc.replace("-", ""), row.size, row.containers, row.units)
                quarters = packages[key][1] if key in packages else set()
                packages[key] = ((row.labeler, row.name, row.dosage), quarters | {Quarter.of(day)})
            elif isinstance(row, CodeRow):
                codes[row.code] = row
            elif isinstance(row, LimitRow) and day:
                prices[row.code, day.isoformat()] = row
            elif isinstance(row, StatusRow):
                statuses[row.code, day.isoformat() if day else ""] = row
    words = sorted({word for said, _ in packages.values() for word in said})
    number = {word: n for n, word in enumerate(words, 1)}
    base.executemany("INSERT INTO word VALUES (?, ?)", [(n, word) for word, n in number.items()])
    base.executemany(
        "INSERT INTO package VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (*key, *(number[word] for word in said), _written(quarters))
            for key, (said, quarters) in sorted(packages.items())
        ],
    )
    base.executemany("INSERT INTO code VALUES (?, ?, ?, ?, ?, ?, ?)", [codes[code] for code in sorted(codes)])
    base.executemany(
        "INSERT INTO price VALUES (?, ?, ?, ?)",
        [(*key, row.dosage, row.limit) for key, row in sorted(prices.items())],
    )
    base.executemany(
        "INSERT INTO status VALUES (?, ?, ?)", [(*key, row.status) for key, row in sorted(statuses.items())]
    )


def _written(quarters: Iterable[Quarter]) -> str:
    """Quarters as ranges: "2024Q1-2025Q2 2026Q1"."""
    ranges: list[list[Quarter]] = []
    for quarter in sorted(quarters):
        if ranges and ranges[-1][-1].next == quarter:
            ranges[-1][1:] = [quarter]
        else:
            ranges.append([quarter])
    return " ".join("-".join(map(str, one)) for one in ranges)


@lru_cache(512)  # thousands of packages are listed in the same few
def quarters_of(text: str) -> tuple[Quarter, ...]:
    """The quarters of ranges such as 2024Q1-2025Q2 2026Q1."""
    found: list[Quarter] = []
    for one in text.split():
        first, _, last = one.partition("-")
        quarter, end = Quarter.read(first), Quarter.read(last or first)
        while quarter <= end:
            found.append(quarter)
            quarter = quarter.next
    return tuple(found)


def _sealed(data: bytes) -> bytes:
    """A database whose header says whose it is, and its sum; not which library wrote it, and how often."""
    sealed = bytearray(data)
    sealed[_CHANGES] = sealed[_CHANGES_AGAIN] = (1).to_bytes(4, "big")
    sealed[_LIBRARY] = (3_037_000).to_bytes(4, "big")
    sealed[_OWNER] = _APPLICATION.to_bytes(4, "big")
    sealed[_SUM] = bytes(4)
    sealed[_SUM] = zlib.crc32(sealed).to_bytes(4, "big")
    return bytes(sealed)


# ---------------------------------------------------------------- use


@dataclass(frozen=True, slots=True)
class Source:
    """A file that a store was made of. day: the first day that it is about, None where it names none. taken, left_out:
    how many of its lines are rows, and are not.
    """

    kind: str
    name: str
    sha256: str
    day: date | None
    taken: int
    left_out: int


class Listing(NamedTuple):
    """An NDC in a crosswalk: the code ("" for a drug without one), what its container holds, and when it was listed.

    ndc: eleven digits. size, containers, units: as in PackageRow.
    """

    code: str
    ndc: str
    size: str
    containers: str
    units: str
    labeler: str
    name: str
    dosage: str
    quarters: tuple[Quarter, ...]


class Store:
    """The facts of every drug in the files that were imported. Rows are read when they are asked for."""

    def __init__(self, path: str) -> None:
        """Opens the store at a path. Raises StoreError where it is damaged, cut, or no store."""
        self._base = _opened(path)

    @classmethod
    def of(cls, data: bytes) -> Self:
        """The store in some bytes. Raises StoreError."""
        store = cls.__new__(cls)
        store._base = _checked(data, "the store")
        return store

    @property
    def sources(self) -> list[Source]:
        """The files that it was made of, by kind and day."""
        rows = self._base.execute(
            "SELECT kind, name, sha256, day, taken, (SELECT count(*) FROM left_out WHERE source = id) FROM source "
            "ORDER BY id"
        )
        return [
            Source(kind, name, digest, date.fromisoformat(day) if day else None, taken, left)
            for kind, name, digest, day, taken, left in rows
        ]

    def left_out(self) -> Iterator[tuple[str, int, str]]:
        """The lines of the files that are no rows: file, number and reason."""
        yield from self._base.execute(
            "SELECT name, line, text FROM left_out JOIN source ON source.id = source JOIN reason ON reason.id = reason "
            "ORDER BY source, line"
        )

    @cached_property
    def quarters(self) -> tuple[Quarter, ...]:
        """The quarters whose crosswalk was imported, in order."""
        days = self._base.execute("SELECT day FROM source WHERE kind = ? ORDER BY day", (ASP,))
        return tuple(Quarter.of(date.fromisoformat(day)) for (day,) in days)

    @cached_property
    def code_lists(self) -> tuple[date, ...]:
        """The days of the HCPCS files, in order."""
        days = self._base.execute("SELECT day FROM source WHERE kind = ? ORDER BY day", (HCPCS,))
        return tuple(date.fromisoformat(day) for (day,) in days)

    @cached_property
    def drug_codes(self) -> frozenset[str]:
        """The codes that bill a drug of their own: those of the crosswalks, and of the HCPCS files."""
        rows = self._base.execute(
            "SELECT DISTINCT code FROM package WHERE code <> '' "
            "UNION SELECT code FROM code WHERE drug = 1 AND unlisted = 0"
        )
        return frozenset(code for (code,) in rows)

    def code(self, code: str) -> CodeRow | None:
        """A code of the HCPCS files, as in the newest that has it."""
        row = self._base.execute("SELECT * FROM code WHERE code = ?", (code,)).fetchone()
        return _code_row(row) if row else None

    def predecessors(self, code: str) -> list[str]:
        """The codes that a code replaced."""
        rows = self._base.execute("SELECT code, successors FROM code WHERE successors LIKE ?", (f"%{code}%",))
        return [one for one, successors in rows if code in successors.split()]

    def of_code(self, code: str) -> list[Listing]:
        """The packages of a code, by NDC."""
        return self._listings(f"{_PACKAGES} WHERE code = ?{_IN_ORDER}", code)

    def of_ndc(self, digits: str) -> list[Listing]:
        """Where an NDC of eleven digits is listed, by code."""
        return self._listings(f"{_PACKAGES} WHERE ndc = ?{_IN_ORDER}", digits)

    def every(self) -> list[Listing]:
        """All packages, by code and NDC."""
        return self._listings(f"{_PACKAGES}{_IN_ORDER}")

    def _listings(self, query: str, *values: str) -> list[Listing]:
        return [_listing(row) for row in self._base.execute(query, values)]

    def codes(self) -> list[CodeRow]:
        """All codes of the HCPCS files."""
        rows = self._base.execute("SELECT * FROM code ORDER BY code")
        return [_code_row(row) for row in rows]

    def prices(self, code: str) -> list[tuple[date, str, str]]:
        """The payment limits of a code: the first day, the dosage and the dollars of one unit."""
        rows = self._base.execute("SELECT day, dosage, amount FROM price WHERE code = ? ORDER BY day", (code,))
        return [(date.fromisoformat(day), dosage, amount) for day, dosage, amount in rows]

    def statuses(self, code: str) -> list[tuple[date | None, str]]:
        """The OPPS status indicators of a code, each with its first day."""
        rows = self._base.execute("SELECT day, status FROM status WHERE code = ? ORDER BY day", (code,))
        return [(date.fromisoformat(day) if day else None, status) for day, status in rows]


def _code_row(row: Sequence[Any]) -> CodeRow:
    code, text, first, last, successors, is_drug, is_unlisted = row
    return CodeRow(code, text, first, last, successors, bool(is_drug), bool(is_unlisted))


def _listing(row: Sequence[Any]) -> Listing:
    code, ndc, size, containers, units, labeler, name, dosage, quarters = row
    return Listing(code, ndc, size, containers, units, labeler, name, dosage, quarters_of(quarters))


def _opened(path: str) -> sqlite3.Connection:
    try:
        data = bytes_of(Path(path), _LARGEST_STORE)
    except SettingsFileError as error:
        raise StoreError(f"{path}: {error}") from None
    return _checked(data, path)


def _checked(data: bytes, path: str) -> sqlite3.Connection:
    again = "; make it again with lint837 facts import"
    if len(data) < 100 or not data.startswith(_MAGIC) or data[_OWNER] != _APPLICATION.to_bytes(4, "big"):
        raise StoreError(f"{path}: not a store that lint837 facts import made")
    written = int.from_bytes(data[_SUM], "big")
    rest = zlib.crc32(memoryview(data)[_SUM.stop :], zlib.crc32(bytes(4), zlib.crc32(data[: _SUM.start])))
    if written != rest or len(data) > _LARGEST_STORE:
        raise StoreError(f"{path}: the store is damaged or cut off{again}")
    base = sqlite3.connect(":memory:", check_same_thread=False, cached_statements=32)
    try:
        base.deserialize(data)
        base.execute("PRAGMA query_only = ON")
        (layout,) = base.execute("SELECT number FROM layout").fetchone()
    except sqlite3.Error:
        layout = None
    if layout != _LAYOUT:
        base.close()
        raise StoreError(f"{path}: the store was made by another version of lint837{again}")
    return base
