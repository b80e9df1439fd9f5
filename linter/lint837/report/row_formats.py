"""How rows are written: csv and jsonl as they come, parquet in batches and only where pyarrow is installed."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any, BinaryIO, Protocol, Self

from lint837.facts.drugs import plain
from lint837.report.csv import cell
from lint837.report.rows import Row

_BATCH = 8192  # rows
_REMEMBERED = 16_384  # parts
# The columns that rows share, from the first date on: days, service, charge, place, who pays and bills, findings.
_DAYS = Row._fields.index("first_date")
_STARTS = [Row._fields.index(name) for name in ("code", "charge", "revenue_code", "type_of_bill", "drug")]
_PARTS = [*pairwise((_DAYS, *_STARTS, len(Row._fields)))]
_LISTS, _NUMBERS, _DATES = ("modifiers", "findings"), ("units", "ndc_quantity", "charge"), ("first_date", "last_date")
_INTEGERS = ("claim_in_file", "line_in_claim", "segment", "offset")
FORMATS = ("csv", "jsonl", "parquet")
BINARY = "parquet"  # the format that is for files alone


class MissingPyarrowError(ImportError):
    """Parquet was asked for, and pyarrow is not installed."""


class RowWriter(Protocol):
    """Takes rows, one after another."""

    def write(self, row: Row) -> None:
        """Take a row."""


@contextmanager
def writer(form: str, file: BinaryIO) -> Iterator[RowWriter]:
    """A writer of one of FORMATS, whose output is whole when the block ends. Raises MissingPyarrowError."""
    if form == BINARY:
        with _Parquet(file) as parquet:
            yield parquet
        return
    text = io.TextIOWrapper(file, "utf-8", "backslashreplace", newline="", write_through=False)
    try:
        yield _Csv(text) if form == "csv" else _JsonLines(text)
    finally:
        text.flush()
        text.detach()  # the file stays open


class _Parts:
    """Texts of parts of rows. Most rows of a batch have days, services, payers and providers of other rows."""

    def __init__(self, written: Callable[[int, int, Row], str]) -> None:
        """`written`: the text of the columns of a row from one up to another."""
        self._written = written
        self._known: dict[tuple[object, ...], str] = {}

    def of(self, row: Row) -> str:
        """The columns from the first date on."""
        known, texts = self._known, []
        for first, last in _PARTS:
            part = first, *row[first:last]
            text = known.get(part)
            if text is None:
                if len(known) >= _REMEMBERED:
                    known.clear()
                text = known[part] = self._written(first, last, row)
            texts.append(text)
        return ",".join(texts)


class _Csv:
    """A head, and a line a row: an empty cell where a value is missing, lists with blanks in between."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text = text
        self._parts = _Parts(lambda first, last, row: _line(map(_cell, row[first:last])))
        text.write(_line(Row._fields) + "\n")

    def write(self, row: Row) -> None:
        file, claim_in_file, claim, guide, ordinal, line, segment, offset = row[:_DAYS]
        name = _name(str(claim)) if claim else ""
        head = f"{_path(str(file))},{claim_in_file},{name},{guide},{ordinal},{line},{segment}"
        self._text.write(f"{head},{offset},{self._parts.of(row)}\n")


def _line(cells: Iterable[object]) -> str:
    """Cells with commas in between, in quotes where they must be."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([*cells, ""])  # a row of one empty cell would be in quotes
    return text.getvalue()[:-1]


def _cell(value: object) -> object:
    if isinstance(value, tuple):
        return " ".join(value)
    return plain(value) if isinstance(value, Decimal) else value


@lru_cache(64)
def _path(path: str) -> str:
    return _line([cell(path) if path[:1] in "=+-@\t\r\n" else path])


def _name(claim: str) -> str:
    return _line([cell(claim)])


class _JsonLines:
    """An object a row, with null where a number or a date is missing."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text = text
        self._parts = _Parts(lambda first, last, row: _members(Row._fields[first:last], row[first:last]))

    def write(self, row: Row) -> None:
        file, claim_in_file, claim, guide, ordinal, line, segment, offset = row[:_DAYS]
        head = _HEAD % (_text(str(file)), claim_in_file, _encode(claim), guide, ordinal, line, segment, offset)
        self._text.write(f"{{{head},{self._parts.of(row)}}}\n")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=lambda value: _json(value)).encode


_HEAD = '"file":%s,"claim_in_file":%d,"claim":%s,"guide":"%s","line_in_claim":%d,"line":"%s","segment":%d,"offset":%d'


@lru_cache(64)
def _text(path: str) -> str:
    return _encode(path)


def _members(names: Sequence[str], values: Sequence[object]) -> str:
    return _encode(dict(zip(names, values, strict=True)))[1:-1]


def _json(value: object) -> object:
    """A number of at most 15 digits is the same as a float; a date is text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else str(value)


class _Parquet:
    """Batches of rows with types: dates, numbers of up to 15 digits as doubles, lists."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise MissingPyarrowError("pyarrow is not installed") from None
        self._arrow = pyarrow
        types: Mapping[str, Any] = {
            **dict.fromkeys(_LISTS, pyarrow.list_(pyarrow.string())),
            **dict.fromkeys(_NUMBERS, pyarrow.float64()),
            **dict.fromkeys(_DATES, pyarrow.date32()),
            **dict.fromkeys(_INTEGERS, pyarrow.int64()),
        }
        self._schema = pyarrow.schema([(name, types.get(name, pyarrow.string())) for name in Row._fields])
        self._file = pyarrow.parquet.ParquetWriter(file, self._schema)
        self._rows: list[Row] = []

    def write(self, row: Row) -> None:
        self._rows.append(row)
        if len(self._rows) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        columns = dict(zip(Row._fields, zip(*self._rows, strict=True), strict=True)) if self._rows else {}
        for name in _NUMBERS:
            columns[name] = tuple(None if value is None else float(value) for value in columns.get(name, ()))
        arrays = [self._arrow.array(columns.get(field.name, ()), field.type) for field in self._schema]
        self._file.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        self._rows.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self._rows:
            self._flush()
        self._file.close()
