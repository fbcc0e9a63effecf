"""Deliveries of one entity → the temp table `staged`, typed, with the file of each row; and `refused` lines.

Delimited text is read by DuckDB straight into the contract's types: rows that do not fit go to its rejects with their
line number, the rest costs no more than a plain read. The order of rows is the order of the files, so `rowid` and the
refused lines together give each row's line without numbering rows while reading.
"""

from pathlib import Path
from typing import Any

import duckdb

from data_contracts.model import Column, Contract
from data_contracts.sql import literal, quoted
from ingest.batch import Batch

_HIGH = bytes(range(0xA0, 0x100))
_NULLS = "['', ' ']"


def create_tables(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Empty `staged` and `refused`. Columns of `staged`: the contract's, `_f`, `_soft` (values that did not convert)."""
    columns = ", ".join(f"{quoted(column.name)} {column.duckdb_type}" for column in contract.columns)
    con.execute(f"create or replace temp table staged ({columns}, _f integer, _line bigint, "
                "_soft struct(field varchar, \"value\" varchar)[])")  # fmt: skip
    con.execute("create or replace temp table refused (_f integer, _line bigint, field varchar, \"value\" varchar, "
                "\"rule\" varchar, row_text varchar, position integer)")  # fmt: skip


def read_delimited(
    con: duckdb.DuckDBPyConnection, batch: Batch, files: list[int], header: tuple[str, ...], quote: str | None = None,
    paths: dict[int, Path] | None = None,
) -> None:  # fmt: skip
    """Stage files that have the same header. Raises `duckdb.Error` when one of them cannot be read at all.

    `paths` gives other places for the same content (decoded copies, in UTF-8).
    """
    entity, decoded = batch.entity, paths is not None
    chosen = [str((paths or {}).get(number, batch.paths[number])) for number in files]
    types = {name: _read_type(batch.contract, name, entity) for name in header}
    columns = ", ".join(f"{literal(_unique(header, place))}: {literal(types[name])}" for place, name in enumerate(header))
    encoding = "utf-8" if decoded or is_utf8(entity.encoding) else "latin-1"
    quote_sign = entity.quote if quote is None else quote
    con.execute("drop table if exists rejected_rows; drop table if exists rejected_scans")
    legacy = encoding == "latin-1" and not all(_ascii(batch.deliveries[number]) for number in files)
    selected, soft = _selection(batch.contract, header, types, entity, legacy)
    reader = (
        f"read_csv([{', '.join(map(literal, chosen))}], columns = {{{columns}}}, delim = {literal(entity.delimiter)}, "
        f"quote = {literal(quote_sign)}, escape = {literal(quote_sign)}, header = {str(entity.header).lower()}, "
        f"auto_detect = false, encoding = {literal(encoding)}, decimal_separator = {literal(entity.decimal)}, "
        f"nullstr = {_NULLS}, store_rejects = true, rejects_table = 'rejected_rows', rejects_scan = 'rejected_scans')"
    )
    numbers = f"[{', '.join(map(str, files))}][file_index + 1]" if files != list(range(files[0], files[0] + len(files))) \
        else f"{files[0]} + file_index"
    con.execute(f"insert into staged select {selected}, {numbers}, null, {soft} from {reader}")
    for number in files:
        batch.first_line[number] = 2 if entity.header else 1
    _take_rejects(con, batch, dict(zip(chosen, files, strict=True)), legacy)


def read_texts(con: duckdb.DuckDBPyConnection, batch: Batch, relation: str, present: set[str]) -> None:
    """Stage rows of text: `relation` has the fields by their source names, `_f` and `_line`."""
    chosen, soft = [], []
    for column in batch.contract.columns:
        if column.source_name not in present:
            chosen.append(f"null::{column.duckdb_type}")
            continue
        text = f"nullif(trim({quoted(column.source_name)}), '')"
        if column.logical_type == "number" and getattr(batch.entity, "decimal", ".") == ",":
            text = f"replace({text}, ',', '.')"
        if column.logical_type == "string":
            chosen.append(text)
            continue
        cast = _cast(column, text, "VARCHAR", batch.entity)
        chosen.append(cast)
        fault = f"{text} is not null and ({cast}) is null"
        if column.duckdb_type.startswith("DECIMAL("):
            fault += f" or ({cast}) <> try_cast({text} as double) and abs(({cast}) - try_cast({text} as double)) > 1e-9"
        soft.append((column.name, quoted(column.source_name), fault))
    con.execute(f"insert into staged select {', '.join(chosen)}, _f, _line, {_soft(soft)} from {relation}")


def read_parquet(con: duckdb.DuckDBPyConnection, batch: Batch, files: list[int]) -> None:
    """Stage landed database chunks."""
    for number in files:
        path = literal(batch.paths[number])
        present = {row[0]: row[1] for row in con.execute(f"describe select * from read_parquet({path})").fetchall()}
        chosen, soft = [], []
        for column in batch.contract.columns:
            name = quoted(column.source_name)
            if column.source_name not in present:
                chosen.append(f"null::{column.duckdb_type}")
                continue
            cast = _cast(column, name, present[column.source_name], batch.entity)
            chosen.append(cast)
            if present[column.source_name] != column.duckdb_type:
                soft.append((column.name, name, f"{name} is not null and ({cast}) is null"))
        con.execute(f"insert into staged select {', '.join(chosen)}, {number}, null, {_soft(soft)} from read_parquet({path})")
        batch.first_line[number] = 1


def is_utf8(encoding: str) -> bool:
    """Whether the declared encoding is UTF-8 or a part of it."""
    return encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig", "ascii", "us-ascii")


def is_cp1251(encoding: str) -> bool:
    """Whether the declared encoding is windows-1251."""
    return encoding.lower().replace("_", "-") in ("windows-1251", "cp1251", "windows1251")


def from_latin1(text: str) -> str:
    """SQL that turns windows-1251 text read as latin-1 into what it says."""
    return f"translate({text}, {literal(_HIGH.decode('latin-1'))}, {literal(_HIGH.decode('cp1251'))})"


def _ascii(delivery: dict[str, Any]) -> bool:
    return bool(delivery["facts"].get("ascii_only"))


def _unique(header: tuple[str, ...], place: int) -> str:
    """Reader's name of a header field: the last of several with one name is theirs, the others get a number."""
    name = header[place]
    return name if header.index(name) == place else f"{name}#{place}"


def _read_type(contract: Contract, name: str, entity: Any) -> str:
    column = next((column for column in contract.columns if column.source_name == name), None)
    if column is None or column.logical_type == "string" or _date_format(column, entity):
        return "VARCHAR"
    if column.logical_type in ("timestamp", "boolean"):
        return "VARCHAR"  # offsets and spellings are told apart from text
    if column.duckdb_type.startswith("DECIMAL(18,"):
        # two places more than agreed, so that a value with too many decimals is seen and not rounded away
        return f"DECIMAL(18,{int(column.duckdb_type[11:-1]) + 2})"
    return column.duckdb_type


def _date_format(column: Column, entity: Any) -> str | None:
    if column.logical_type == "date":
        return column.date_format or getattr(entity, "date_format", None)
    if column.logical_type == "timestamp":
        return column.date_format or getattr(entity, "timestamp_format", None)
    return None


def _selection(contract: Contract, header: tuple[str, ...], types: dict[str, str], entity: Any, legacy: bool) -> tuple[str, str]:
    chosen, soft = [], []
    for column in contract.columns:
        if column.source_name not in header:
            chosen.append(f"null::{column.duckdb_type}")
            continue
        name, read = quoted(column.source_name), types[column.source_name]
        if column.logical_type == "string":
            text = f"nullif(trim({name}), '')"
            chosen.append(from_latin1(text) if legacy and is_cp1251(entity.encoding) else text)
            continue
        cast = _cast(column, name, read, entity)
        chosen.append(cast)
        if read == "VARCHAR":
            soft.append((column.name, name, f"{name} is not null and ({cast}) is null"))
        elif read != column.duckdb_type:
            soft.append((column.name, name, f"{cast} <> {name}"))
    return ", ".join(chosen), _soft(soft)


def _cast(column: Column, name: str, read: str, entity: Any) -> str:
    if read == column.duckdb_type:
        return name
    form = _date_format(column, entity)
    if form and read == "VARCHAR":
        return f"try_strptime(trim({name}), {literal(form)})::{column.duckdb_type}"
    if column.logical_type == "timestamp" and read == "VARCHAR":
        return (f"case when length({name}) > 19 and regexp_matches({name}, '([+-][0-9]{{2}}(:?[0-9]{{2}})?|Z)$') "
                f"then try_cast({name} as timestamptz) at time zone 'UTC' else try_cast({name} as timestamp) end")  # fmt: skip
    if column.logical_type == "timestamp" and read == "TIMESTAMP WITH TIME ZONE":
        return f"{name} at time zone 'UTC'"
    return f"try_cast({name} as {column.duckdb_type})"


def _soft(soft: list[tuple[str, str, str]]) -> str:
    """List of the values that did not convert, NULL for the usual row, where only the conditions are evaluated."""
    if not soft:
        return "null"
    found = ", ".join(
        f"case when {fault} then {{'field': {literal(name)}, 'value': {text}::varchar}} end" for name, text, fault in soft
    )
    any_fault = " or ".join(f"coalesce({fault}, false)" for _, _, fault in soft)
    return f"case when {any_fault} then list_filter([{found}], lambda f: f is not null) end"


def _take_rejects(con: duckdb.DuckDBPyConnection, batch: Batch, numbers: dict[str, int], legacy: bool) -> None:
    if not con.execute("select count(*) from rejected_rows").fetchone()[0]:  # type: ignore[index]
        return
    con.execute("create or replace temp table file_numbers (path varchar, _f integer)")
    con.executemany("insert into file_numbers values (?, ?)", [[path, number] for path, number in numbers.items()])
    text = "csv_line"
    if legacy and is_cp1251(batch.entity.encoding):
        text = from_latin1(text)
    con.execute(f"""
        insert into refused
        select _f, line, column_name,
               case when error_type = 'CAST'
                    then regexp_extract(error_message, 'Could not convert string "(.*)" to', 1) end,
               case error_type when 'CAST' then column_name || '.type'
                    when 'MISSING COLUMNS' then 'row.field_count' when 'TOO MANY COLUMNS' then 'row.field_count'
                    when 'UNQUOTED VALUE' then 'row.unclosed_quote' else 'row.unreadable' end,
               rtrim({text}, chr(10) || chr(13)), row_number() over (partition by _f, line order by column_idx)
        from rejected_rows join rejected_scans using (scan_id, file_id) join file_numbers on file_path = path
        qualify error_type = 'CAST' or row_number() over (partition by _f, line, error_type order by column_idx) = 1
    """)
    for number, line in con.execute("select distinct _f, _line from refused order by 1, 2").fetchall():
        if number in numbers.values():
            batch.skipped_lines.setdefault(number, set()).add(line)
