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


def stage_texts(
    con: duckdb.DuckDBPyConnection, batch: Batch, numbers: list[int], copies: dict[int, Path] | None = None
) -> None:
    """Stage deliveries. Raises `ValueError`, `OSError` or `duckdb.Error` when one of them cannot be read.

    `copies`: other places for the same content, in UTF-8.
    """
    entity = batch.entity
    con.execute("drop table if exists texts_now")
    if isinstance(entity, (XmlEntity, SoapEntity, OnecStatementEntity)):
        _from_python(con, batch, numbers)
    elif isinstance(entity, FilesEntity) and entity.format == "aligned":
        _aligned(con, batch, numbers, copies)
    else:
        _json(con, batch, numbers, copies)
    fields = {name[0] for name in con.execute("describe texts_now").fetchall()} - {"_f", "_line", "_text"}
    present = {column.source_name for column in batch.contract.columns} & fields
    read_texts(con, batch, "texts_now", present)
    con.execute("create temp table if not exists texts (_f integer, _line bigint, _text varchar)")
    con.execute("insert into texts select _f, _line, _text from texts_now")


def _lines(con: duckdb.DuckDBPyConnection, batch: Batch, numbers: list[int], copies: dict[int, Path] | None) -> None:
    """Temp table `lines` (_f, _line, t): the physical lines that are not blank."""
    encoding = getattr(batch.entity, "encoding", "utf-8")
    plain = copies is not None or is_utf8(encoding)
    text = "t" if plain or not is_cp1251(encoding) else from_latin1("t")
    paths = ", ".join(literal((copies or {}).get(number, batch.paths[number])) for number in numbers)
    con.execute(
        f"create or replace temp table lines_read as select t, [{', '.join(map(str, numbers))}][(file_index + "
        f"1)::bigint] as _f "
        f"from read_csv([{paths}], columns = {{'t': 'VARCHAR'}}, delim = chr(1), quote = '', escape = '', "
        f"header = false, auto_detect = false, max_line_size = 67108864, encoding = "
        f"'{'utf-8' if plain else 'latin-1'}')"
    )
    _number_lines(con, "lines_read", text, "where t is not null and trim(t) <> ''")


def _number_lines(con: duckdb.DuckDBPyConnection, table: str, text: str, where: str = "") -> None:
    """`lines` from a table whose rows lie in file order: a row's line is its distance from the file's first row."""
    con.execute(f"create or replace temp table lines as select _f, {table}.rowid - first + 1 as _line, {text} as t "
                f"from {table} join (select _f, min(rowid) as first from {table} group by _f) using (_f) "
                f"{where}")  # fmt: skip


def _json(con: duckdb.DuckDBPyConnection, batch: Batch, numbers: list[int], copies: dict[int, Path] | None) -> None:
    entity = batch.entity
    _lines(con, batch, numbers, copies)
    if isinstance(entity, RestEntity):
        con.execute(
            "create or replace temp table items_read as select _f, unnest(case when json_type(t::json) = 'ARRAY' then "
            f"json_extract(t, '$[*]') else json_extract(t, '$.{entity.paging.items}[*]') end) as t "
            "from (select * from lines order by _f, _line)"
        )
        _number_lines(con, "items_read", "t::varchar")
    paths = getattr(entity, "fields", None) or getattr(entity, "rename", {})
    fields = [(column.source_name, paths.get(column.name, column.source_name)) for column in batch.contract.columns]
    wanted = ", ".join(literal("$." + path) for _, path in fields)
    chosen = ", ".join(f"v[{place}] as {quoted(name)}" for place, (name, _) in enumerate(fields, start=1))
    con.execute("insert into refused select _f, _line, null, null, 'row.json', t, 1 from lines "
                "where not json_valid(t) or json_type(t) <> 'OBJECT'")  # fmt: skip
    con.execute(f"create temp table texts_now as select {chosen}, _f, _line, t as _text from "
                f"(select _f, _line, t, json_extract_string(t, [{wanted}]) as v from lines "
                "where json_valid(t) and json_type(t) = 'OBJECT')")  # fmt: skip


def _aligned(con: duckdb.DuckDBPyConnection, batch: Batch, numbers: list[int], copies: dict[int, Path] | None) -> None:
    _lines(con, batch, numbers, copies)
    names = batch.headers[numbers[0]]
    skip = 1 if batch.entity.header else 0
    parts = "string_split(regexp_replace(trim(t), '\\s+', ' ', 'g'), ' ')"
    con.execute(
        f"create or replace temp table parts as select _f, _line, t, {parts} as p from lines where _line > {skip}"
    )
    con.execute("insert into refused select _f, _line, null, null, 'row.field_count', t, 1 from parts "
                f"where len(p) <> {len(names)}")  # fmt: skip
    chosen = ", ".join(f"p[{place}] as {quoted(name)}" for place, name in enumerate(names, start=1))
    con.execute(f"create temp table texts_now as select {chosen}, _f, _line, t as _text from parts "
                f"where len(p) = {len(names)}")  # fmt: skip


def _from_python(con: duckdb.DuckDBPyConnection, batch: Batch, numbers: list[int]) -> None:
    columns = [column.source_name for column in batch.contract.columns]
    fields = ", ".join(f"{quoted(name)} varchar" for name in [*columns, "_text"])
    con.execute(f"create temp table texts_now ({fields}, _line bigint, _f integer)")
    rows = (row | {"_f": number} for number in numbers for row in _python_rows(batch, number))
    for chunk in _chunks(rows):
        table = pa.table(
            {name: pa.array([_text(row.get(name)) for row in chunk], pa.string()) for name in [*columns, "_text"]}
            | {name: pa.array([row[name] for row in chunk], pa.int64()) for name in ("_line", "_f")}
        )
        con.register("arrow_rows", table)
        con.execute("insert into texts_now by name select * from arrow_rows")
        con.unregister("arrow_rows")


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
