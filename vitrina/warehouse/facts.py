"""Month facts: one Parquet file a month, named by its content and shared by all versions that have that content.

A month is written anew only when its rows changed. Months that the caller says were not touched are trusted only as
far as their row count agrees.
"""

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from vitrina.durable import sha256_of
from vitrina.warehouse.engine import columns_of, literal, ordering, quoted, quoted_list
from vitrina.warehouse.manifest import Column, MonthFile, TableEntry
from vitrina.warehouse.marts import BuiltTable, MartMismatch

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class FactExport:
    """The table's manifest entry and which months were written anew; the others kept their files."""

    entry: TableEntry
    written: tuple[str, ...]


@dataclass(frozen=True)
class _Months:
    """SQL for the months of one fact, whatever type its month column has."""

    column: str
    type: str

    @property
    def key(self) -> str:
        """Expression of 'YYYY-MM'."""
        text = self.type == "VARCHAR"
        return f"left({quoted(self.column)}, 7)" if text else f"strftime({quoted(self.column)}, '%Y-%m')"

    @property
    def group(self) -> str:
        """Cheap expression that is equal within a month; `of_group` turns it to 'YYYY-MM'."""
        return self.key if self.type == "VARCHAR" else f"date_trunc('month', {quoted(self.column)})"

    @property
    def of_group(self) -> str:
        """'YYYY-MM' of the grouped expression, evaluated once per month instead of once per row."""
        return "m" if self.type == "VARCHAR" else "strftime(m, '%Y-%m')"

    def within(self, month: str) -> str:
        """Predicate of one month: a range on dates, which lets the engine skip blocks."""
        if self.type == "VARCHAR":
            return f"{self.key} = {literal(month)}"
        year, number = int(month[:4]), int(month[5:])
        following = f"{year + number // 12:04d}-{number % 12 + 1:02d}"
        column = quoted(self.column)
        return f"{column} >= DATE '{month}-01' AND {column} < DATE '{following}-01'"


def export_fact(
    connection: duckdb.DuckDBPyConnection,
    table: BuiltTable,
    previous: TableEntry | None,
    changed_months: Collection[str] | None,
    root: Path,
) -> FactExport:
    """Write what changed of one fact under `root`/facts and return its manifest entry; the caller syncs the files.

    `previous` is the entry of the newest version, `changed_months` the months touched since it (None: look at all).
    Raises `MartMismatch` when the month column is missing or holds something that is not a month.
    """
    columns = columns_of(connection, table.relation)
    months, order = _months_of(table, columns), present(table.spec.order_by, columns)
    counts = _counts(connection, table, months)
    kept = _comparable(previous, table, columns, root)
    suspects = [m for m in counts if m not in kept or changed_months is None or m in changed_months]
    suspects = sorted({*suspects, *(m for m in counts if m in kept and kept[m].rows != counts[m])})
    prints = dict(_fingerprints(connection, table, months, columns, suspects))
    files = {month: kept[month] for month in counts if month in kept and month not in suspects}
    written = []
    for month in suspects:
        if month in kept and (kept[month].fingerprint, kept[month].engine) == (prints[month], duckdb.__version__):
            files[month] = kept[month]
            continue
        query = f"SELECT * FROM {table.relation} WHERE {months.within(month)}{ordering(order)}"
        folder = root / "facts" / table.spec.name / f"month={month}"
        path, digest = _write(connection, query, folder)
        files[month] = MonthFile(
            path=str(path.relative_to(root)),
            bytes=path.stat().st_size,
            sha256=digest,
            rows=counts[month],
            fingerprint=prints[month],
            engine=duckdb.__version__,
        )
        written.append(month)
    entry = TableEntry(
        name=table.spec.name,
        kind="month_facts",
        rows=sum(counts.values()),
        columns=columns,
        order_by=order,
        month_column=months.column,
        months=dict(sorted(files.items())),
    )
    return FactExport(entry, tuple(written))


def present(names: tuple[str, ...], columns: tuple[Column, ...]) -> tuple[str, ...]:
    """Those of the names that are columns, in the order of the names."""
    known = {column.name for column in columns}
    return tuple(name for name in names if name in known)


def _months_of(table: BuiltTable, columns: tuple[Column, ...]) -> _Months:
    name = table.spec.month_column or ""
    types = {column.name: column.type for column in columns}
    if name not in types:
        raise MartMismatch(f"{table.spec.name} has no month column {name!r}; its columns are {', '.join(types)}")
    kind = types[name]
    if not (kind in ("VARCHAR", "DATE") or kind.startswith("TIMESTAMP")):
        raise MartMismatch(f"{table.spec.name}.{name} is {kind}: a month column is a date, a timestamp or 'YYYY-MM'")
    return _Months(name, kind)


def _counts(connection: duckdb.DuckDBPyConnection, table: BuiltTable, months: _Months) -> dict[str, int]:
    inner = f"SELECT {months.group} AS m, count(*) AS n FROM {table.relation} GROUP BY 1"
    rows = connection.execute(f"SELECT {months.of_group}, n FROM ({inner}) ORDER BY 1").fetchall()
    for month, count in rows:
        if month is None or not _MONTH.fullmatch(month):
            raise MartMismatch(f"{count} rows of {table.spec.name} have {months.column} = {month!r}, which is no month")
    return dict(rows)


def _comparable(
    previous: TableEntry | None, table: BuiltTable, columns: tuple[Column, ...], root: Path
) -> dict[str, MonthFile]:
    """Months of the previous version whose files may be kept: same columns, same order, file really there."""
    if previous is None or previous.columns != columns or previous.month_column != table.spec.month_column:
        return {}
    if previous.order_by != present(table.spec.order_by, columns):
        return {}
    return {m: file for m, file in previous.months.items() if _size(root / file.path) == file.bytes}


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1


def _fingerprints(
    connection: duckdb.DuckDBPyConnection,
    table: BuiltTable,
    months: _Months,
    columns: tuple[Column, ...],
    wanted: list[str],
) -> Iterator[tuple[str, str]]:
    """Order-insensitive 128 bits of the rows of each wanted month: xor and wrapped sum of 64-bit row hashes."""
    hashed = f"hash({quoted_list([column.name for column in columns])})"
    aggregates = "bit_xor(h) AS x, sum(h::HUGEINT) % 18446744073709551616 AS s"
    if not wanted:
        return
    scope = " OR ".join(f"({months.within(month)})" for month in wanted) if len(wanted) <= 3 else "TRUE"
    inner = f"SELECT {months.group} AS m, {hashed} AS h FROM {table.relation} WHERE {scope}"
    grouped = f"SELECT m, {aggregates} FROM ({inner}) GROUP BY m"
    for month, xor, total in connection.execute(f"SELECT {months.of_group}, x, s FROM ({grouped})").fetchall():
        yield month, f"{int(xor):016x}{int(total):016x}"


def _write(connection: duckdb.DuckDBPyConnection, query: str, folder: Path) -> tuple[Path, str]:
    """Write one month; returns the file and its hash."""
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / "writing.tmp"
    connection.execute(f"COPY ({query}) TO {literal(str(aside))} (FORMAT parquet, COMPRESSION zstd)")
    digest = sha256_of(aside)
    # The name is the content: should the same bytes come again after a sweep, the same path is no reuse.
    target = folder / f"{digest[:32]}.parquet"
    os.replace(aside, target)
    return target, digest
