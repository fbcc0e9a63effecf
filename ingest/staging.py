"""Deliveries of one entity → the temp table `staged`, typed, with the file of each row; and `refused` lines.

Delimited text is read by DuckDB straight into the contract's types: rows that do not fit go to its rejects with their
line number, the rest costs no more than a plain read. The order of rows is the order of the files, so `rowid` and the
refused lines together give each row's line without numbering rows while reading.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from data_contracts.model import Column, Contract
from data_contracts.sql import FAULT_TYPE, Dialect, literal, pass_sql, quoted
from ingest.batch import Batch

_HIGH = bytes(range(0xA0, 0x100))


def create_tables(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Empty `staged` and `refused`. `staged` has the contract's columns, `_f`, `_line` (NULL where it is told by the
    row's place) and `_faults` (what was found while typing)."""
    columns = ", ".join(f"{quoted(column.name)} {column.duckdb_type}" for column in contract.columns)
    con.execute(f"create or replace temp table staged ({columns}, _f integer, _line bigint, "
                f"_faults {FAULT_TYPE})")  # fmt: skip
    con.execute("create or replace temp table refused (_f integer, _line bigint, field varchar, \"value\" varchar, "
                "\"rule\" varchar, row_text varchar, position integer)")  # fmt: skip


def read_delimited(
    con: duckdb.DuckDBPyConnection, batch: Batch, files: list[int], header: tuple[str, ...], quote: str | None = None,
    paths: dict[int, Path] | None = None, exact: bool = False,
) -> None:  # fmt: skip
    """Stage files that have the same header. Raises `duckdb.Error` when one of them cannot be read at all.

    `paths` gives other places for the same content (decoded copies, in UTF-8). `exact` reads numbers as text, slower,
    for files with numbers of more digits than the quick way bears.
    """
    entity, decoded = batch.entity, paths is not None
    chosen = [str((paths or {}).get(number, batch.paths[number])) for number in files]
    types = {name: "VARCHAR" if exact else _read_type(batch, files, name) for name in header}
    columns = ", ".join(
        f"{literal(_unique(header, place))}: {literal(types[name])}" for place, name in enumerate(header)
    )
    encoding = "utf-8" if decoded or is_utf8(entity.encoding) else "latin-1"
    quote_sign = entity.quote if quote is None else quote
    con.execute("drop table if exists rejected_rows; drop table if exists rejected_scans")
    legacy = encoding == "latin-1" and not all(_ascii(batch.deliveries[number]) for number in files)
    selected, soft = _selection(batch.contract, header, types, entity, legacy)
    reader = (
        f"read_csv([{', '.join(map(literal, chosen))}], columns = {{{columns}}}, delim = {literal(entity.delimiter)}, "
        f"quote = {literal(quote_sign)}, escape = {literal(quote_sign)}, header = {str(entity.header).lower()}, "
        f"auto_detect = false, encoding = {literal(encoding)}, decimal_separator = {literal(entity.decimal)}, "
        f"nullstr = {_nulls(entity)}, store_rejects = true, rejects_table = 'rejected_rows', rejects_scan = "
        f"'rejected_scans')"
    )
    numbers = f"[{', '.join(map(str, files))}][(file_index + 1)::bigint]"
    if files == list(range(files[0], files[0] + len(files))):
        numbers = f"{files[0]} + file_index"
    con.execute(f"insert into staged select {selected}, {numbers}, null, {soft} from {reader}")
    for number in files:
        batch.first_line[number] = 2 if entity.header else 1
    _take_rejects(con, batch, dict(zip(chosen, files, strict=True)), legacy)


def read_texts(con: duckdb.DuckDBPyConnection, batch: Batch, relation: str, present: set[str]) -> None:
    """Stage rows of text, all row rules applied: `relation` has the fields by source name, `_f` and `_line`."""
    entity = batch.entity
    formats = {"date": getattr(entity, "date_format", None), "timestamp": getattr(entity, "timestamp_format", None)}
    columns = tuple(
        replace(column, date_format=column.date_format or formats.get(column.logical_type))
        for column in batch.contract.columns
    )
    dialect = Dialect(decimal_separator=getattr(entity, "decimal", "."), null_tokens=tuple(entity.null_tokens))
    query = pass_sql(
        replace(batch.contract, columns=columns), relation, dialect, ("_f", "_line"), {name: name for name in present}
    )
    con.execute(f"insert into staged by name select * exclude (_row_text) from ({query})")


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
                soft.append((column, name, _lossy(column, name, cast, present[column.source_name])))
        con.execute(
            f"insert into staged select {', '.join(chosen)}, {number}, null, {_soft(soft)} from read_parquet({path})"
        )
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


def _read_type(batch: Batch, files: list[int], name: str) -> str:
    """The type to read a field as. Numbers get decimal places beyond the agreed ones: DuckDB rounds what does not fit
    without a word ('12.7' as BIGINT is 13), so what was lost must still be there to be seen."""
    column = next((column for column in batch.contract.columns if column.source_name == name), None)
    if column is None or column.logical_type not in ("integer", "number", "date") or _date_format(column, batch.entity):
        return "VARCHAR"
    if column.logical_type == "integer":
        # with a decimal comma and no point in the file, nothing can be lost
        pointed = batch.entity.decimal == "." or any(batch.deliveries[n]["facts"].get("pointed", True) for n in files)
        return "DECIMAL(18,1)" if pointed else column.duckdb_type
    if column.duckdb_type.startswith("DECIMAL(") and not column.duckdb_type.startswith("DECIMAL(18,"):
        return "VARCHAR"
    if column.logical_type == "number" and column.duckdb_type != "DOUBLE":
        return f"DECIMAL(18,{int(column.duckdb_type[11:-1]) + 2})"
    return column.duckdb_type


def _date_format(column: Column, entity: Any) -> str | None:
    if column.logical_type == "date":
        return column.date_format or getattr(entity, "date_format", None)
    if column.logical_type == "timestamp":
        return column.date_format or getattr(entity, "timestamp_format", None)
    return None


def _selection(
    contract: Contract, header: tuple[str, ...], types: dict[str, str], entity: Any, legacy: bool
) -> tuple[str, str]:
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
        if column.logical_type == "number" and read == "VARCHAR" and entity.decimal == ",":
            name = f"replace({name}, ',', '.')"
        cast = _cast(column, name, read, entity)
        chosen.append(cast)
        if read != column.duckdb_type:
            soft.append((column, name, _lossy(column, name, cast, read)))
    return ", ".join(chosen), _soft(soft)


def _lossy(column: Column, name: str, cast: str, read: str) -> str:
    """Condition: there is a value, and it did not become one of the agreed type, or not without loss."""
    if column.logical_type in ("integer", "number"):
        if read.startswith("DECIMAL"):
            # compared in the type that was read: a wider common type would be twice as dear
            return f"({cast})::{read} <> {name}"
        return f"{name} is not null and (({cast})::double = try_cast({name} as double)) is not true"
    return f"{name} is not null and ({cast}) is null"


def _cast(column: Column, name: str, read: str, entity: Any) -> str:
    if read == column.duckdb_type:
        return name
    form = _date_format(column, entity)
    if form and read == "VARCHAR":
        return f"try_strptime(trim({name}), {literal(form)})::{column.duckdb_type}"
    if column.logical_type == "timestamp" and read == "VARCHAR":
        return (f"case when length({name}) > 19 and regexp_matches({name}, '([+-][0-9]{{2}}(:?[0-9]{{2}})?|Z)$') "
                f"then try_cast({name} as timestamptz) at time zone 'UTC' else try_cast({name} as timestamp) "
                f"end")  # fmt: skip
    if column.logical_type == "timestamp" and read == "TIMESTAMP WITH TIME ZONE":
        return f"{name} at time zone 'UTC'"
    return f"try_cast({name} as {column.duckdb_type})"


def _soft(soft: list[tuple[Column, str, str]]) -> str:
    """List of the values that did not convert, NULL for the usual row, where only the conditions are evaluated."""
    if not soft:
        return "null"
    found = ", ".join(
        f"case when {fault} then {{'field': {literal(column.name)}, 'value': {text}::varchar, "
        f"'rule': {literal(column.name + '.type')}}} end"
        for column, text, fault in soft
    )
    any_fault = " or ".join(fault for _, _, fault in soft)
    return f"case when {any_fault} then list_filter([{found}], lambda f: f is not null) end"


def _nulls(entity: Any) -> str:
    return f"[{', '.join(map(literal, ('', ' ', *entity.null_tokens)))}]"


def _take_rejects(con: duckdb.DuckDBPyConnection, batch: Batch, numbers: dict[str, int], legacy: bool) -> None:
    if not con.execute("select count(*) from rejected_rows").fetchone()[0]:  # type: ignore[index]
        return
    con.execute("create or replace temp table file_numbers (path varchar, _f integer)")
    con.executemany("insert into file_numbers values (?, ?)", [[path, number] for path, number in numbers.items()])
    con.execute("create or replace temp table field_names (source_name varchar, name varchar)")
    con.executemany("insert into field_names values (?, ?)", [[c.source_name, c.name] for c in batch.contract.columns])
    text = "csv_line"
    if legacy and is_cp1251(batch.entity.encoding):
        text = from_latin1(text)
    con.execute(f"""
        insert into refused
        select _f, line, coalesce(name, column_name),
               case when error_type = 'CAST'
                    then regexp_extract(error_message, 'Could not convert string "(.*)" to', 1) end,
               case error_type when 'CAST' then name || '.type'
                    when 'MISSING COLUMNS' then 'row.field_count' when 'TOO MANY COLUMNS' then 'row.field_count'
                    when 'UNQUOTED VALUE' then 'row.unclosed_quote' else 'row.unreadable' end,
               rtrim({text}, chr(10) || chr(13)), row_number() over (partition by _f, line order by column_idx)
        from rejected_rows join rejected_scans using (scan_id, file_id) join file_numbers on file_path = path
             left join field_names on column_name = source_name
        qualify error_type = 'CAST' or row_number() over (partition by _f, line, error_type order by column_idx) = 1
    """)
    for number, line in con.execute("select distinct _f, _line from refused order by 1, 2").fetchall():
        if number in numbers.values():
            batch.skipped_lines.setdefault(number, set()).add(line)


def misjudged(con: duckdb.DuckDBPyConnection, batch: Batch, files: list[int]) -> list[int]:
    """Files with a refused value that does fit the agreed type: a number with more digits than the quick way bears."""
    casts = " ".join(
        f"when {literal(column.name + '.type')} then try_cast(v as {column.duckdb_type}) is not null"
        for column in batch.contract.columns
        if column.logical_type in ("integer", "number")
    )
    if not casts:
        return []
    point = "replace(\"value\", ',', '.')" if batch.entity.decimal == "," else '"value"'
    marks = ", ".join(map(str, files))
    found = con.execute(f"select distinct _f from (select _f, \"rule\", {point} as v from refused where _f in "
                        f"({marks})) "
                        f"where length(v) > 12 and case \"rule\" {casts} else false end order by 1")  # fmt: skip
    return [row[0] for row in found.fetchall()]
