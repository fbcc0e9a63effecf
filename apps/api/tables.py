"""Tables of the mart as a caller has them: their columns, pages of rows, whole files."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from apps.api.access import Known
from apps.api.customers import Limit, Offset
from vitrina.access.errors import Refused
from vitrina.access.gate import GatedReader, ShownTable
from vitrina.access.looks import Purpose
from vitrina.warehouse.engine import quoted, quoted_list

router = APIRouter(tags=["tables"])
_TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


@router.get("/tables")
def tables(client: Known) -> list[dict[str, Any]]:
    """The tables open to you, with their columns and how each is shown."""
    client.needs("tables")
    return [
        {
            "name": table.name,
            "object": table.object,
            "rows": table.scope,
            "columns": [
                {"name": c.name, "type": c.type, "class": c.column_class, "shown": c.mask} for c in table.columns
            ],
        }
        for table in client.reader(Purpose.API).tables()
    ]


@router.get("/tables/{name}")
def rows(
    client: Known,
    name: str,
    columns: Annotated[list[str] | None, Query(max_length=300)] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> dict[str, Any]:
    """One page of rows in the order of the table."""
    client.needs("tables")
    reader = client.reader(Purpose.API)
    text = f"select {_columns(_open(reader, name), columns)} from {quoted(name)} limit ? offset ?"
    table = reader.query(text, [limit, offset])
    return {"columns": table.column_names, "items": table.to_pylist()}


@router.get("/tables/{name}/export")
def export(client: Known, name: str, format: Literal["csv", "parquet"] = "csv") -> StreamingResponse:
    """The whole table as a file, as far as your role may export it; written to the audit log."""
    client.needs("exports")
    client.needs_right("exports", "export")
    reader = client.reader(Purpose.EXPORT)
    text = f"select {_columns(_open(reader, name), None)} from {quoted(name)}"
    headers = {"Content-Disposition": f'attachment; filename="{name}.{format}"'}
    # Begun here, so that a refusal is an answer of its own and not a broken file.
    return StreamingResponse(_file(reader, text, format), media_type=_TYPES[format], headers=headers)


def _open(reader: GatedReader, name: str) -> ShownTable:
    """The table, if it is open to the caller; one that is closed and one that is not there are the same."""
    found = next((table for table in reader.tables() if table.name == name), None)
    if found is None:
        raise Refused("table_closed", table=name[:100])
    return found


def _columns(table: ShownTable, wanted: list[str] | None) -> str:
    known = [column.name for column in table.columns]
    for name in wanted or ():
        if name not in known:
            raise Refused("column_unknown", column=name[:100])
    return quoted_list(wanted or known)


def _file(reader: GatedReader, text: str, format: str) -> Iterator[bytes]:
    cursor = reader.cursor()
    batches = cursor.stream(text)
    return _written(cursor, batches, format)


def _written(cursor: Any, batches: pa.RecordBatchReader, format: str) -> Iterator[bytes]:
    """The file piece by piece; nothing of it is kept on the server."""
    sink = _Pieces()
    try:
        make = pa_csv.CSVWriter if format == "csv" else pa_parquet.ParquetWriter
        with make(pa.PythonFile(sink, mode="w"), batches.schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
                yield from sink.taken()
        yield from sink.taken()
    finally:
        cursor.close()


class _Pieces:
    """A file that hands on what was written to it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.closed = False

    def write(self, piece: bytes) -> int:
        """Keep a piece until it is taken."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> list[bytes]:
        """What was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return pieces

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing to close."""
