"""Forms that are read as text first: JSON lines, JSON pages, XML, SOAP answers, 1C statements, blank-aligned text.

Each becomes a temp table `texts` with the fields by their source names, `_f`, `_line` and `_text` (the row as sent).
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from data_contracts.sql import literal, quoted
from ingest.batch import Batch
from ingest.config import FilesEntity, OnecStatementEntity, RestEntity, SoapEntity, XmlEntity
from ingest.readers import onec, xml
from ingest.scan import open_plain
from ingest.staging import from_latin1, is_cp1251, is_utf8, read_texts

_CHUNK = 50_000


def stage_texts(con: duckdb.DuckDBPyConnection, batch: Batch, number: int, decoded: Path | None = None) -> None:
    """Stage one delivery. Raises `ValueError`, `OSError` or `duckdb.Error` when it cannot be read."""
    entity = batch.entity
    con.execute("drop table if exists texts_now")
    if isinstance(entity, (XmlEntity, SoapEntity, OnecStatementEntity)):
        _from_python(con, batch, number)
    elif isinstance(entity, FilesEntity) and entity.format == "aligned":
        _aligned(con, batch, number, decoded)
    else:
        _json(con, batch, number, decoded)
    fields = {name[0] for name in con.execute("describe texts_now").fetchall()} - {"_f", "_line", "_text"}
    present = {column.source_name for column in batch.contract.columns} & fields
    read_texts(con, batch, "texts_now", present)
    con.execute("create temp table if not exists texts (_f integer, _line bigint, _text varchar)")
    con.execute("insert into texts select _f, _line, _text from texts_now")


def _lines(con: duckdb.DuckDBPyConnection, batch: Batch, number: int, decoded: Path | None) -> None:
    """Temp table `lines` (_line, t): the physical lines that are not blank."""
    encoding = getattr(batch.entity, "encoding", "utf-8")
    plain = decoded is not None or is_utf8(encoding)
    text = "t" if plain or not is_cp1251(encoding) else from_latin1("t")
    con.execute(
        f"create or replace temp table lines_read as select t from read_csv({literal(decoded or batch.paths[number])}, "
        f"columns = {{'t': 'VARCHAR'}}, delim = chr(1), quote = '', escape = '', header = false, auto_detect = false, "
        f"max_line_size = 67108864, encoding = '{'utf-8' if plain else 'latin-1'}')"
    )
    con.execute(f"create or replace temp table lines as select rowid + 1 as _line, {text} as t from lines_read "
                "where t is not null and trim(t) <> ''")  # fmt: skip


def _json(con: duckdb.DuckDBPyConnection, batch: Batch, number: int, decoded: Path | None) -> None:
    entity = batch.entity
    _lines(con, batch, number, decoded)
    if isinstance(entity, RestEntity):
        paths = f"'$.{entity.paging.items}[*]'"
        con.execute(f"create or replace temp table items_read as select unnest(case when json_type(t::json) = 'ARRAY' then "
                    f"json_extract(t, '$[*]') else json_extract(t, {paths}) end) as t from lines")  # fmt: skip
        con.execute("create or replace temp table lines as select rowid + 1 as _line, t::varchar as t from items_read")
    paths = getattr(entity, "fields", None) or getattr(entity, "rename", {})
    fields = [(column.source_name, paths.get(column.name, column.source_name)) for column in batch.contract.columns]
    wanted = ", ".join(literal("$." + path) for _, path in fields)
    chosen = ", ".join(f"v[{place}] as {quoted(name)}" for place, (name, _) in enumerate(fields, start=1))
    con.execute(f"insert into refused select {number}, _line, null, null, 'row.json', t, 1 from lines "
                "where not json_valid(t) or json_type(t) <> 'OBJECT'")  # fmt: skip
    con.execute(f"create temp table texts_now as select {chosen}, {number} as _f, _line, t as _text from "
                f"(select _line, t, json_extract_string(t, [{wanted}]) as v from lines "
                "where json_valid(t) and json_type(t) = 'OBJECT')")  # fmt: skip


def _aligned(con: duckdb.DuckDBPyConnection, batch: Batch, number: int, decoded: Path | None) -> None:
    _lines(con, batch, number, decoded)
    names = batch.headers[number]
    skip = 1 if batch.entity.header else 0
    parts = "string_split(regexp_replace(trim(t), '\\s+', ' ', 'g'), ' ')"
    con.execute(f"create or replace temp table parts as select _line, t, {parts} as p from lines where _line > {skip}")
    con.execute(f"insert into refused select {number}, _line, null, null, 'row.field_count', t, 1 from parts "
                f"where len(p) <> {len(names)}")  # fmt: skip
    chosen = ", ".join(f"p[{place}] as {quoted(name)}" for place, name in enumerate(names, start=1))
    con.execute(f"create temp table texts_now as select {chosen}, {number} as _f, _line, t as _text from parts "
                f"where len(p) = {len(names)}")  # fmt: skip


def _from_python(con: duckdb.DuckDBPyConnection, batch: Batch, number: int) -> None:
    columns = [column.source_name for column in batch.contract.columns]
    made = False
    for rows in _chunks(_python_rows(batch, number)):
        table = pa.table(
            {name: pa.array([_text(row.get(name)) for row in rows], pa.string()) for name in [*columns, "_text"]}
            | {"_line": pa.array([row["_line"] for row in rows], pa.int64())}
        )
        con.register("arrow_rows", table)
        into = "insert into texts_now by name" if made else "create temp table texts_now as"
        con.execute(f"{into} select *, {number} as _f from arrow_rows")
        con.unregister("arrow_rows")
        made = True
    if not made:
        empty = ", ".join(f"null::varchar as {quoted(name)}" for name in [*columns, "_text"])
        con.execute(f"create temp table texts_now as select {empty}, 0::bigint as _line, {number} as _f where false")


def _python_rows(batch: Batch, number: int) -> Iterator[dict[str, Any]]:
    entity, path = batch.entity, batch.paths[number]
    if isinstance(entity, OnecStatementEntity):
        yield from _statement_rows(batch, number, path)
        return
    by_source = {column.name: column.source_name for column in batch.contract.columns}
    paths = {by_source.get(name, name): where for name, where in entity.fields.items()}
    if not paths:
        paths = {column.source_name: column.source_name for column in batch.contract.columns}
    with open_plain(path) as stream:
        yield from xml.rows_of(stream, entity.rows, paths)


def _statement_rows(batch: Batch, number: int, path: Path) -> Iterator[dict[str, Any]]:
    with open_plain(path) as stream:
        statement = onec.parse(stream.read())
    for code, values in statement.faults:
        batch.warn(number, code, **values)
    read: Callable[..., Iterator[dict[str, Any]]] = (
        onec.document_rows if batch.entity.section == "document" else onec.statement_rows
    )
    if batch.entity.section == "statement" and not statement.accounts:
        batch.warn(number, "no_account_section")
    for row in read(statement, path.name):
        if row.get("balance_difference") not in (None, "0", "0.00") and float(str(row["balance_difference"])):
            period = f"{row['period_start']} - {row['period_end']}"
            batch.warn(number, "balance_differs", account=row["account"], period=period,
                       difference=str(row["balance_difference"]))  # fmt: skip
        yield row


def _chunks(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    chunk = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
