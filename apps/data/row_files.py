"""Rows of a query as a file for a person: through the gate's door for exports, with headings in his language.

The file stands in a temporary folder until it is sent; what is kept is its hash, in the audit log.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv as pa_csv

from apps.data.member_files import TooManyRows, without_formulas
from apps.data.workbooks import MOST_ROWS, Workbook
from vitrina.access.gate import GatedReader

FORMATS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_BATCH: Final = 20_000


@dataclass(frozen=True)
class RowFile:
    """A file that was made: how many rows it has, and its SHA-256."""

    path: Path
    rows: int
    sha256: str


def write(
    reader: GatedReader, sql: str, params: Sequence[Any], headings: Mapping[str, str], path: Path, kind: str
) -> RowFile:
    """Write the result of a query to `path`. Raises `Refused` of the gate, and `TooManyRows` for a workbook."""
    with reader.cursor() as cursor:
        batches = cursor.stream(sql, list(params), batch_rows=_BATCH)
        names = [headings.get(name, name) for name in batches.schema.names]
        rows = _workbook(path, names, batches) if kind == "xlsx" else _text(path, names, batches)
    with path.open("rb") as whole:
        return RowFile(path, rows, hashlib.file_digest(whole, "sha256").hexdigest())


def _text(path: Path, names: list[str], batches: pa.RecordBatchReader) -> int:
    rows = 0
    schema = pa.schema([field.with_name(name) for field, name in zip(batches.schema, names, strict=True)])
    with path.open("wb") as sink:
        # Excel takes a text file for UTF-8 only with this mark, and here divides it at semicolons.
        sink.write(b"\xef\xbb\xbf")
        with pa_csv.CSVWriter(sink, schema, write_options=pa_csv.WriteOptions(delimiter=";")) as writer:
            for batch in batches:
                plain = without_formulas(batch)
                writer.write_batch(pa.RecordBatch.from_arrays(plain.columns, schema=schema))
                rows += batch.num_rows
    return rows


def _workbook(path: Path, names: list[str], batches: pa.RecordBatchReader) -> int:
    book, rows = Workbook(path, names), 0
    try:
        for batch in batches:
            rows += batch.num_rows
            if rows > MOST_ROWS:
                raise TooManyRows(rows)
            book.rows(_rows(batch))
    finally:
        book.close()
    return rows


def _rows(batch: pa.RecordBatch) -> Iterator[Sequence[Any]]:
    return zip(*(column.to_pylist() for column in batch.columns), strict=True)
