"""How rows are written: csv and jsonl as they come, parquet in batches and only where pyarrow is installed."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO, Protocol, Self

from lint837.facts.drugs import plain
from lint837.report.csv import cell
from lint837.report.rows import Form, Row, Typed

_BATCH = 8192  # rows
_LISTS, _NUMBERS, _DATES = ("modifiers", "findings"), ("units", "ndc_quantity", "charge"), ("first_date", "last_date")
_INTEGERS = ("claim_in_file", "line_in_claim", "segment", "offset")
FORMATS = ("csv", "jsonl", "parquet")
BINARY = "parquet"  # the format that is for files alone


class MissingPyarrowError(ImportError):
    """Parquet was asked for, and pyarrow is not installed."""


class RowWriter(Protocol):
    """Takes rows in its form."""

    @property
    def form(self) -> Form[Any, Any]:
        """How its rows are written."""

    def write(self, claims: Iterable[list[Any]]) -> None:
        """Take the rows of claims."""


@contextmanager
def writer(form: str, file: BinaryIO) -> Iterator[RowWriter]:
    """A writer of one of FORMATS, whose output is whole when the block ends. Raises MissingPyarrowError."""
    if form == BINARY:
        with _Parquet(file) as parquet:
            yield parquet
        return
    text = io.TextIOWrapper(file, "utf-8", "backslashreplace", newline="", write_through=False)
    try:
        yield _Text(_Csv() if form == "csv" else _JsonLines(), text)
    finally:
        text.flush()
        text.detach()  # the file stays open


class _Text:
    """Rows as text, as they come."""

    def __init__(self, form: "_Csv | _JsonLines", text: io.TextIOBase) -> None:
        self.form: Form[str, str] = form
        self._text = text
        text.write(form.columns)

    def write(self, claims: Iterable[list[str]]) -> None:
        self._text.writelines(map("".join, claims))


class _Csv:
    """A head, and a line a row: an empty cell where a value is missing, lists with blanks in between."""

    def __init__(self) -> None:
        self.columns = _line(Row._fields) + "\n"

    @staticmethod
    def part(columns: Sequence[str], values: Sequence[object]) -> str:
        return _line(map(_cell, columns, values))

    @staticmethod
    def head(file: str, claim_in_file: int, claim: str) -> str:
        return f"{file},{claim_in_file},{claim}"

    @staticmethod
    def row(
        head: str,
        guide: str,
        number: int,
        line: str,
        segment: int,
        offset: int,
        days: str,
        service: str,
        charge: str,
        bill: str,
        payer: str,
        found: str,
    ) -> str:
        return f"{head},{guide},{number},{line},{segment},{offset},{days},{service},{charge},{bill},{payer},{found}\n"


def _line(cells: Iterable[object]) -> str:
    """Cells with commas in between, in quotes where they must be."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([*cells, ""])  # a row of one empty cell would be in quotes
    return text.getvalue()[:-1]


def _cell(column: str, value: object) -> object:
    if isinstance(value, tuple):
        return " ".join(value)
    if column == "claim" or (column == "file" and str(value)[:1] in "=+-@\t\r\n"):
        return cell(str(value))
    return plain(value) if isinstance(value, Decimal) else value


class _JsonLines:
    """An object a row, with null where a number or a date is missing."""

    columns = ""

    @staticmethod
    def part(columns: Sequence[str], values: Sequence[object]) -> str:
        return _encode(dict(zip(columns, values, strict=True)))[1:-1]

    @staticmethod
    def head(file: str, claim_in_file: int, claim: str) -> str:
        return f'{{{file},"claim_in_file":{claim_in_file},{claim}'

    @staticmethod
    def row(
        head: str,
        guide: str,
        number: int,
        line: str,
        segment: int,
        offset: int,
        days: str,
        service: str,
        charge: str,
        bill: str,
        payer: str,
        found: str,
    ) -> str:
        return (
            f'{head},{guide},"line_in_claim":{number},"line":"{line}","segment":{segment},"offset":{offset}'
            f",{days},{service},{charge},{bill},{payer},{found}}}\n"
        )


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=lambda value: _json(value)).encode


def _json(value: object) -> object:
    """A number of at most 15 digits is the same as a float; a date is text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else str(value)


class _Parquet:
    """Batches of rows with types: dates, numbers of up to 15 digits as doubles, lists."""

    form: Form[Sequence[Any], Row] = Typed()

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

    def write(self, claims: Iterable[list[Row]]) -> None:
        for rows in claims:
            self._rows += rows
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
