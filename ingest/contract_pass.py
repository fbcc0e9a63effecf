"""The contract pass: many deliveries of an entity at once, one vectorised check, good rows to raw, bad to quarantine.

Everything is prepared in private temporary files; `ingest.load` commits them. A delivery that cannot be read is taken
out and the others go on.
"""

import codecs
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from data_contracts.checks import compile_checks
from data_contracts.model import Contract
from data_contracts.sql import literal, quoted, schema_sql
from ingest.batch import Batch
from ingest.config import FilesEntity
from ingest.lines import line_sql, segments
from ingest.readers.onec import NotAStatementError
from ingest.rules import Keys, find_faults
from ingest.scan import open_plain
from ingest.staging import create_tables, is_cp1251, is_utf8, misjudged, read_delimited, read_parquet
from ingest.texts import stage_texts

_RAW_EXTRA = (
    "_delivery_id VARCHAR",
    "_file VARCHAR",
    "_line BIGINT",
    "_loaded_at TIMESTAMP",
    "_contract_version VARCHAR",
)


@dataclass(frozen=True)
class Outcome:
    """What a pass found: rows by delivery number, months touched, counts of rules that only warn."""

    accepted: dict[int, int]
    quarantined: dict[int, int]
    months: list[str]
    told: dict[str, int]


def run_pass(con: duckdb.DuckDBPyConnection, batch: Batch, keys: dict[str, Keys], scratch: Path) -> dict[str, int]:
    """Stage and check every readable delivery; afterwards `staged`, `faults`, `refused` and `spots` hold the result."""
    create_tables(con, batch.contract)
    con.execute("drop table if exists texts")
    _stage(con, batch, scratch)
    _forget_broken(con, batch)
    told = find_faults(con, batch.contract, keys)
    _account_for_lines(con, batch)
    return told


def write_good(
    con: duckdb.DuckDBPyConnection, batch: Batch, target: Path, loaded_at: str, only: str | None = None
) -> tuple[dict[int, int], list[str]]:
    """Accepted rows as Parquet at `target` (synced by the caller). Returns rows by delivery number and months touched.

    `only`: a temp table (_f, _line); nothing else is written then (a replay).
    """
    source, line = _lined(con, batch)
    columns = ", ".join(f"staged.{quoted(name)}" for name in batch.contract.names)
    wanted = f" semi join {only} as chosen on staged._f = chosen._f and {line} = chosen._line" if only else ""
    bad = " anti join (select distinct r from faults) as bad on staged.rowid = bad.r" if _any(con, "faults") else ""
    _describe_files(con, batch)
    rows = f"from {source}{wanted}{bad}"
    con.execute(
        f"copy (select {columns}, delivery_id as _delivery_id, file_name as _file, {line} as _line, "
        f"timestamp {literal(loaded_at)} as _loaded_at, {literal(batch.contract.version)} as _contract_version "
        f"{rows} join files_of_batch on staged._f = files_of_batch._f) to {literal(target)} "
        "(format parquet, compression zstd, compression_level 1)"
    )
    if only:
        counts = con.execute(f"select staged._f, count(*) {rows} group by all").fetchall()
        return dict(counts), _months(con, batch, rows)
    return _good_counts(con), _months(con, batch, rows)


def _good_counts(con: duckdb.DuckDBPyConnection) -> dict[int, int]:
    """Rows without a fault by delivery number, without joining every row to its faults once more."""
    found = con.execute(
        "select _f, count(*) - coalesce(any_value(bad), 0) as good from staged left join "
        "(select _f, count(*) as bad from staged semi join faults on staged.rowid = faults.r group by _f) using (_f) "
        "group by _f having good > 0"
    )
    return dict(found.fetchall())


def write_bad(con: duckdb.DuckDBPyConnection, batch: Batch, target: Path, quarantined_at: str) -> dict[int, int]:
    """One row per refused row, with its first fault in the columns and all of them in `violations`."""
    if not (_any(con, "faults") or _any(con, "refused")):
        return {}
    _collect_bad(con, batch)
    keys = {check.rule_id: check.message_key for check in compile_checks(batch.contract)}
    con.execute('create or replace temp table message_keys ("rule" varchar, message_key varchar)')
    con.executemany("insert into message_keys values (?, ?)", [[rule, key] for rule, key in keys.items()] or [["", ""]])
    _describe_files(con, batch)
    con.execute(f"""copy (
        select delivery_id as _delivery_id, file_name as _file, _line, field, "value", "rule",
               coalesce(message_key, "rule") as message_key, {literal(batch.contract.version)} as contract_version,
               row_text, violations, timestamp {literal(quarantined_at)} as quarantined_at,
               null::varchar as replayed_batch_id
        from bad_rows join files_of_batch using (_f) left join message_keys using ("rule") order by _f, _line
    ) to {literal(target)} (format parquet, compression zstd)""")
    return dict(con.execute("select _f, count(*) from bad_rows group by all").fetchall())


def write_schema(con: duckdb.DuckDBPyConnection, contract: Contract, target: Path) -> None:
    """A Parquet file without rows that has the columns of raw."""
    extra = ", ".join("null::{1} as {0}".format(*column.split(" ", 1)) for column in _RAW_EXTRA)
    con.execute(f"copy (select *, {extra} from ({schema_sql(contract)})) to {literal(target)} (format parquet)")


def _stage(con: duckdb.DuckDBPyConnection, batch: Batch, scratch: Path) -> None:
    entity = batch.entity
    if isinstance(entity, FilesEntity) and entity.format == "csv":
        groups: dict[Any, list[int]] = {}
        for number in batch.readable:
            groups.setdefault((batch.headers[number], _needs_decoding(batch, number)), []).append(number)
        for (header, decode), files in groups.items():
            _stage_delimited(con, batch, files, header, decode, scratch)
        return
    if entity.kind == "database":
        for number in batch.readable:
            _tolerant(con, batch, [number], lambda files: read_parquet(con, batch, files))
        return
    groups = {}
    for number in batch.readable:
        groups.setdefault((batch.headers.get(number), _needs_decoding(batch, number)), []).append(number)
    for (_, decode), files in groups.items():
        copies = {number: _decoded(batch, number, scratch) for number in files} if decode else None
        _tolerant(con, batch, files, lambda some, c=copies: stage_texts(con, batch, some, c))  # type: ignore[misc]
        for copy in (copies or {}).values():
            copy.unlink()


def _stage_delimited(
    con: duckdb.DuckDBPyConnection, batch: Batch, files: list[int], header: tuple[str, ...], decode: bool, scratch: Path
) -> None:
    copies = {number: _decoded(batch, number, scratch) for number in files} if decode else None
    try:
        read_delimited(con, batch, files, header, paths=copies)
        _read_again(con, batch, files, header, copies)
    except duckdb.Error as error:
        # one file that stops the reader must not stop the others: take them one by one, at last without line ends mixed
        if len(files) > 1:
            for number in files:
                _stage_delimited(con, batch, [number], header, decode, scratch)
        elif not decode:
            _stage_delimited(con, batch, files, header, True, scratch)
        else:
            batch.stop(files[0], "unreadable", error=str(error).splitlines()[0][:300])
    finally:
        for copy in (copies or {}).values():
            copy.unlink(missing_ok=True)


def _read_again(
    con: duckdb.DuckDBPyConnection,
    batch: Batch,
    files: list[int],
    header: tuple[str, ...],
    copies: dict[int, Path] | None,
) -> None:
    """Two kinds of files need another reading. A quotation mark that is never closed swallows the rest of a file: there
    it is taken as an ordinary letter. Numbers that are too long for the quick way are read as text."""
    swallowed = {row[0] for row in con.execute(
        "select distinct _f from refused where \"rule\" = 'row.unclosed_quote' and contains(row_text, chr(10))"
    ).fetchall()} & set(files)  # fmt: skip
    long = set(misjudged(con, batch, files))
    for number in sorted(swallowed | long):
        con.execute("delete from staged where _f = ?", [number])
        con.execute("delete from refused where _f = ?", [number])
        batch.skipped_lines.pop(number, None)
        quote = "" if number in swallowed else None
        read_delimited(con, batch, [number], header, quote, copies and {number: copies[number]}, exact=number in long)


def _tolerant(
    con: duckdb.DuckDBPyConnection, batch: Batch, files: list[int], stage: Callable[[list[int]], None]
) -> None:
    """Stage files together; when that fails, one by one, and stop only those that cannot be read."""
    told = len(batch.warnings)
    try:
        stage(files)
    except (duckdb.Error, ValueError, OSError) as error:
        marks = ", ".join(map(str, files))
        con.execute(f"delete from staged where _f in ({marks}); delete from refused where _f in ({marks})")
        del batch.warnings[told:]
        if len(files) == 1:
            reason = "not_a_statement" if isinstance(error, NotAStatementError) else "unreadable"
            batch.stop(files[0], reason, error=str(error).splitlines()[0][:300])
            return
        for number in files:
            _tolerant(con, batch, [number], stage)


def _needs_decoding(batch: Batch, number: int) -> bool:
    """DuckDB reads UTF-8 and latin-1 itself; windows-1251 comes through latin-1 unless it uses bytes 0x80-0x9F."""
    encoding, facts = getattr(batch.entity, "encoding", "utf-8"), batch.deliveries[number]["facts"]
    if facts["ascii_only"] or (is_utf8(encoding) and facts["valid_utf8"]) or batch.entity.kind not in ("files",):
        return False
    return facts["c1_bytes"] or not (is_cp1251(encoding) or encoding.lower() in ("latin-1", "iso-8859-1"))


def _decoded(batch: Batch, number: int, scratch: Path) -> Path:
    """A copy in UTF-8 with plain line ends, made in a stream."""
    scratch.mkdir(parents=True, exist_ok=True)
    target = scratch / f"{batch.deliveries[number]['delivery_id']}.utf8"
    encoding = "utf-8-sig" if is_utf8(batch.entity.encoding) else batch.entity.encoding
    with open_plain(batch.paths[number]) as raw, target.open("w", encoding="utf-8", newline="") as out:
        for line in codecs.getreader(encoding)(raw, "replace"):
            out.write(line.rstrip("\r\n") + "\n")
    return target


def _forget_broken(con: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    for number in batch.broken:
        con.execute("delete from staged where _f = ?", [number])
        con.execute("delete from refused where _f = ?", [number])


def _account_for_lines(con: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Compare what was read with the lines counted while landing, and learn where files have lines without rows."""
    if not isinstance(batch.entity, FilesEntity) or batch.entity.format != "csv":
        return
    staged = dict(con.execute("select _f, count(*) from staged group by all").fetchall())
    refused = dict(con.execute("select _f, count(distinct _line) from refused group by all").fetchall())
    for number in batch.readable:
        facts = batch.deliveries[number]["facts"]
        if facts["blank_lines"]:
            batch.warn(number, "blank_lines", count=facts["blank_lines"])
            batch.skipped_lines.setdefault(number, set()).update(_blank_line_numbers(batch.paths[number]))
        read = staged.get(number, 0) + refused.get(number, 0)
        expected = batch.expected_rows.get(number)
        if expected is not None and read != expected:
            if facts.get("quoted"):
                batch.warn(number, "quoted_lines")
                continue
            batch.stop(number, "rows_unaccounted", lines=expected, rows=read)
            _forget_broken(con, batch)


def _blank_line_numbers(path: Path) -> Iterable[int]:
    with open_plain(path) as stream:
        return [number for number, line in enumerate(stream, start=1) if line in (b"\n", b"\r\n")]


def _lined(con: duckdb.DuckDBPyConnection, batch: Batch) -> tuple[str, str]:
    """FROM clause and expression that give each staged row its line."""
    if not batch.first_line:
        return "staged", "staged._line"
    pieces = []
    for number, start in con.execute("select _f, min(rowid) from staged group by _f order by 2").fetchall():
        pieces += segments(start, batch.first_line.get(number, 1), batch.skipped_lines.get(number, ()))
    expression = line_sql(pieces)
    if expression is not None:
        return "staged", expression
    con.execute("create or replace temp table pieces (from_row bigint, shift bigint)")
    with suppress(duckdb.CatalogException):
        con.unregister("pieces_arrow")
    import pyarrow as pa

    con.register("pieces_arrow", pa.table({"from_row": [p[0] for p in pieces], "shift": [p[1] for p in pieces]}))
    con.execute("insert into pieces select * from pieces_arrow")
    con.unregister("pieces_arrow")
    return (
        "(select *, rowid as rowid from staged) as staged asof join pieces on staged.rowid >= pieces.from_row",
        "(staged.rowid + pieces.shift)",
    )


def _collect_bad(con: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """`bad_rows`: refused lines and faulty rows, one each, with all faults as JSON."""
    source, line = _lined(con, batch)
    texts = con.execute("select count(*) from duckdb_tables() where table_name = 'texts'").fetchone()[0]  # type: ignore[index]
    columns = ", ".join(f"{literal(name)}, staged.{quoted(name)}::varchar" for name in batch.contract.names)
    text = "texts._text" if texts else f"json_object({columns})::varchar"
    join = " left join texts on texts._f = staged._f and texts._line = staged._line" if texts else ""
    con.execute(f"""create or replace temp table bad_rows as
        with found as (
            select staged._f, {line} as _line, faults.field, faults."value", faults."rule", {text} as row_text,
                   faults.position
            from faults join {source} on staged.rowid = faults.r{join}
            union all select _f, _line, field, "value", "rule", row_text, position from refused)
        select _f, _line, arg_min(field, position) as field, arg_min("value", position) as "value",
               arg_min("rule", position) as "rule", any_value(row_text) as row_text,
               to_json(list({{'field': field, 'value': "value", 'rule': "rule"}} order by position))::varchar
               as violations
        from found group by _f, _line""")


def _describe_files(con: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    con.execute("create or replace temp table files_of_batch (_f integer, delivery_id varchar, file_name varchar)")
    con.executemany(
        "insert into files_of_batch values (?, ?, ?)",
        [[number, d["delivery_id"], d["file_name"]] for number, d in enumerate(batch.deliveries)],
    )


def _months(con: duckdb.DuckDBPyConnection, batch: Batch, rows: str) -> list[str]:
    """Months of the rows' event dates; timestamps are UTC and count in the operator's zone (set on the connection)."""
    name = batch.entity.event_date
    if name is None:
        return []
    value = f"staged.{quoted(name)}"
    if batch.contract.column(name).logical_type == "timestamp":
        value = f"({value} at time zone 'UTC')::timestamptz at time zone current_setting('TimeZone')"
    found = con.execute(
        f"select distinct date_trunc('month', {value}) as m {rows} where {value} is not null order by m"
    )
    return [f"{row[0]:%Y-%m}" for row in found.fetchall()]


def _any(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    return con.execute(f"select 1 from {table} limit 1").fetchone() is not None
