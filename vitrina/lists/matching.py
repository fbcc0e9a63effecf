"""Rows of an uploaded file against the customers that the gate knows by their identifiers, all rows at once in SQL.

Every row ends in one outcome: matched, duplicate (its customer had a row before), or unmatched with a reason. So
matched + duplicate + unmatched = received, whatever the file holds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from vitrina.access.matching import FOUND, Matched
from vitrina.lists.errors import BadList
from vitrina.lists.identifiers import ANY, KINDS, Layout
from vitrina.lists.reading import Form, lines_of, rows
from vitrina.warehouse.engine import literal, one_row

REASONS: Final = ("empty", "malformed", "not_recognised", "not_found", "several", "closed")
MAX_ROWS: Final = 10_000_000
_BATCH: Final = 100_000

# Forms in which identifiers of each kind are compared; null where the value cannot be one. Of a value, `v` is the text
# without what is around it, `d` its digits, `bare` whether it is digits and what stands between digits.
_FORMS: Final = {
    "phone": """CASE WHEN NOT bare THEN NULL WHEN length(d) = 9 THEN '+998' || d
        WHEN length(d) = 12 AND starts_with(d, '998') THEN '+' || d
        WHEN length(d) = 14 AND starts_with(d, '00998') THEN '+' || substr(d, 3)
        WHEN length(d) = 10 AND starts_with(d, '8') THEN '+998' || substr(d, 2) END""",
    "inn": "CASE WHEN bare AND length(d) = 9 THEN d END",
    "pinfl": "CASE WHEN bare AND length(d) = 14 THEN d END",
    "email": r"CASE WHEN regexp_full_match(v, '[^@\s]+@[^@\s]+\.[^@\s]+') THEN lower(v) END",
    "customer_id": "CASE WHEN v = d AND length(d) <= 18 THEN CAST(TRY_CAST(v AS BIGINT) AS VARCHAR) END",
    "account": r"CASE WHEN d <> '' THEN upper(regexp_replace(v, '\s', '', 'g')) END",
    "agreement": r"CASE WHEN d <> '' THEN upper(regexp_replace(v, '\s', '', 'g')) END",
}
# Spaces of any kind, quotation marks and a byte order mark around a value are not the value.
_AROUND: Final = literal(" \u00a0\ufeff\t\r\n\"'")


@dataclass(frozen=True)
class Counted:
    """Rows by outcome: `matched` by kind with duplicates among them, `unmatched` by reason; `members` are customers."""

    received: int
    members: int
    duplicates: int
    matched: dict[str, int]
    unmatched: dict[str, int]


def stage(connection: duckdb.DuckDBPyConnection, form: Form, layout: Layout) -> int:
    """Fill table `staged` (row_number, v0, v1, …: the identifying values as sent); returns how many rows there are."""
    places = [column.place for column in layout.columns]
    listed = "".join(f", v{i} VARCHAR" for i in range(len(places)))
    connection.execute(f"CREATE TABLE staged (row_number BIGINT{listed})")
    if not _lines(connection, form, layout, places):
        _rows(connection, form, layout, places)
    (received,) = one_row(connection, "SELECT count(*) FROM staged")
    if not received:
        raise BadList("empty_file")
    if received > MAX_ROWS:
        raise BadList("too_many_rows", limit=MAX_ROWS)
    return int(received)


def _lines(connection: duckdb.DuckDBPyConnection, form: Form, layout: Layout, places: list[int]) -> bool:
    """Stage a plain text, whose every line is a row, in the engine: many times faster than row by row. False where the
    engine does not find as many lines as there are, and then nothing is staged."""
    if form.is_workbook or form.is_quoted or form.encoding not in ("utf-8", "utf-8-sig"):
        return False
    values = [f"string_split(line, {literal(form.delimiter)})[{p + 1}]" if form.delimiter else "line" for p in places]
    lines = f"""SELECT row_number() OVER () AS n, line FROM read_csv({literal(str(form.path))}, auto_detect = false,
        columns = {{'line': 'VARCHAR'}}, delim = '\x1f', quote = '', escape = '', header = false)"""
    connection.execute("BEGIN")
    try:
        query = f"INSERT INTO staged SELECT n{''.join(f', {value}' for value in values)} FROM ({lines})"
        connection.execute(query)
        (found,) = one_row(connection, "SELECT count(*) FROM staged")
        whole = found == lines_of(form.path)
    except duckdb.Error:
        whole = False
    if whole and layout.has_heading:
        connection.execute("DELETE FROM staged WHERE row_number = 1")
    connection.execute("COMMIT" if whole else "ROLLBACK")
    return bool(whole)


def _rows(connection: duckdb.DuckDBPyConnection, form: Form, layout: Layout, places: list[int]) -> None:
    """Stage any file row by row."""
    source, received = rows(form), 0
    if layout.has_heading:
        next(source, None)
    connection.execute("BEGIN")  # a commit a batch would cost more than the batch
    for batch in _batches(source, places):
        received += batch.num_rows
        if received > MAX_ROWS:
            raise BadList("too_many_rows", limit=MAX_ROWS)
        connection.register("batch", batch)
        connection.execute("INSERT INTO staged SELECT * FROM batch")
        connection.unregister("batch")
    connection.execute("COMMIT")


def _batches(source: Iterator[tuple[int, list[str]]], places: list[int]) -> Iterator[pa.Table]:
    names = ["row_number", *(f"v{i}" for i in range(len(places)))]
    while True:
        # Rows that are kept until the batch is whole would be looked at by the collector again and again.
        numbers: list[int] = []
        cells: list[list[str | None]] = [[] for _ in places]
        for number, row in islice(source, _BATCH):
            numbers.append(number)
            for values, place in zip(cells, places, strict=True):
                values.append(row[place] if len(row) > place else None)
        if not numbers:
            return
        arrays = [pa.array(numbers, pa.int64()), *(pa.array(values, pa.string()) for values in cells)]
        yield pa.table(arrays, names=names)


def wanted(connection: duckdb.DuckDBPyConnection, layout: Layout) -> dict[str, pa.Table]:
    """Fill table `wanted` (row_number, kind, value in the compared form) and give the different values by kind."""
    parts = []
    for place, column in enumerate(layout.columns):
        values = f"""SELECT row_number, v, regexp_replace(v, '[^0-9]', '', 'g') AS d,
            regexp_full_match(v, '[0-9 \u00a0()+.-]+') AS bare
            FROM (SELECT row_number, trim(v{place}, {_AROUND}) AS v FROM staged)"""
        for kind in KINDS if column.kind == ANY else (column.kind,):
            parts.append(f"SELECT row_number, {literal(kind)} AS kind, {_FORMS[kind]} AS value FROM ({values})")
    told = " UNION ALL ".join(parts)
    connection.execute(f"CREATE TABLE wanted AS SELECT * FROM ({told}) WHERE value IS NOT NULL")
    kinds = [kind for (kind,) in connection.execute("SELECT DISTINCT kind FROM wanted ORDER BY kind").fetchall()]
    query = "SELECT DISTINCT value FROM wanted WHERE kind = ?"
    return {kind: connection.sql(query, params=[kind]).to_arrow_table() for kind in kinds}


def decide(connection: duckdb.DuckDBPyConnection, layout: Layout, matched: Matched, received: int) -> Counted:
    """Fill tables `outcome` (row_number, customer_id, kind, state) and `members` (customer_id); returns the counts.

    `state` is matched, duplicate or one of `REASONS`.
    """
    connection.register("found", matched.found.cast(FOUND))
    connection.execute(
        """CREATE TABLE best AS
           SELECT row_number, rank, count(DISTINCT customer_id) AS owners, min(customer_id) AS customer_id,
             min(kind) AS kind
           FROM wanted JOIN found USING (kind, value)
           GROUP BY row_number, rank
           QUALIFY row_number() OVER (PARTITION BY row_number ORDER BY rank) = 1"""
    )
    connection.unregister("found")
    closed = ", ".join(literal(kind) for kind in sorted(matched.closed)) or "''"
    blank = " AND ".join(f"coalesce(trim(v{i}, {_AROUND}), '') = ''" for i in range(len(layout.columns)))
    unread = "not_recognised" if any(column.kind == ANY for column in layout.columns) else "malformed"
    connection.execute(
        f"""CREATE TABLE outcome AS
            SELECT row_number, CASE WHEN owners = 1 THEN customer_id END AS customer_id, kind,
              CASE WHEN owners > 1 THEN 'several'
                   WHEN owners = 1 AND turn = 1 THEN 'matched'
                   WHEN owners = 1 THEN 'duplicate'
                   WHEN {blank} THEN 'empty'
                   WHEN open_values > 0 THEN 'not_found'
                   WHEN closed_values > 0 THEN 'closed'
                   ELSE {literal(unread)} END AS state
            FROM (
              SELECT staged.*, best.owners, best.kind, best.customer_id,
                row_number() OVER (PARTITION BY best.owners, best.customer_id ORDER BY staged.row_number) AS turn,
                coalesce(tried.open_values, 0) AS open_values, coalesce(tried.closed_values, 0) AS closed_values
              FROM staged
              LEFT JOIN best USING (row_number)
              LEFT JOIN (
                SELECT row_number, count(*) FILTER (kind NOT IN ({closed})) AS open_values,
                  count(*) FILTER (kind IN ({closed})) AS closed_values
                FROM wanted GROUP BY row_number
              ) AS tried USING (row_number)
            )"""
    )
    connection.execute("CREATE TABLE members AS SELECT customer_id FROM outcome WHERE state = 'matched' ORDER BY 1")
    return _counted(connection, received)


def _counted(connection: duckdb.DuckDBPyConnection, received: int) -> Counted:
    told = connection.execute("SELECT state, kind, count(*) FROM outcome GROUP BY ALL ORDER BY ALL").fetchall()
    states: dict[str, int] = {}
    kinds: dict[str, int] = {}
    for state, kind, count in told:
        states[state] = states.get(state, 0) + count
        if state in ("matched", "duplicate"):
            kinds[kind] = kinds.get(kind, 0) + count
    unmatched = {reason: states[reason] for reason in REASONS if reason in states}
    counted = Counted(received, states.get("matched", 0), states.get("duplicate", 0), kinds, unmatched)
    if sum(kinds.values()) + sum(unmatched.values()) != received:
        raise AssertionError(f"{received} rows were received, {counted} were told of")
    return counted


def write_unmatched(
    connection: duckdb.DuckDBPyConnection, layout: Layout, target: Path, say: Callable[[str], str]
) -> None:
    """The rows without a customer as CSV: row number, value as sent, reason in the words that `say` gives a reason."""
    values = ", ".join(f"v{i}" for i in range(len(layout.columns)))
    words = " ".join(f"WHEN {literal(reason)} THEN {literal(say(reason))}" for reason in REASONS)
    headings = [literal(say(name)) for name in ("row_number", "value", "reason")]
    query = f"""SELECT CAST(row_number AS VARCHAR), concat_ws(' | ', {values}), CASE state {words} END
                FROM outcome JOIN staged USING (row_number) WHERE state NOT IN ('matched', 'duplicate')"""
    connection.execute(
        f"""COPY (SELECT a, b, c FROM (SELECT 0 AS o, 0 AS n, '\ufeff' || {headings[0]} AS a, {headings[1]} AS b,
              {headings[2]} AS c UNION ALL SELECT 1, CAST(a AS BIGINT), a, b, c FROM ({query}) AS told (a, b, c))
              ORDER BY o, n)
            TO {literal(str(target))} (FORMAT csv, HEADER false, DELIMITER ';')"""
    )
