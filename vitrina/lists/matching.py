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
from vitrina.lists.reading import Form, rows
from vitrina.warehouse.engine import literal

REASONS: Final = ("empty", "malformed", "not_recognised", "not_found", "several", "closed")
MAX_ROWS: Final = 10_000_000
_BATCH: Final = 100_000

_DIGITS: Final = "regexp_replace({v}, '[^0-9]', '', 'g')"
_BARE: Final = "regexp_matches({v}, '^[0-9 \u00a0()+.\\-]+$')"
# Forms in which identifiers of each kind are compared; null where the value cannot be one.
_FORMS: Final = {
    "phone": f"""CASE WHEN {_BARE} THEN CASE
        WHEN length({_DIGITS}) = 9 THEN '+998' || {_DIGITS}
        WHEN length({_DIGITS}) = 12 AND {_DIGITS} LIKE '998%' THEN '+' || {_DIGITS}
        WHEN length({_DIGITS}) = 14 AND {_DIGITS} LIKE '00998%' THEN '+' || substr({_DIGITS}, 3)
        WHEN length({_DIGITS}) = 10 AND {_DIGITS} LIKE '8%' THEN '+998' || substr({_DIGITS}, 2) END END""",
    "inn": f"CASE WHEN {_BARE} AND length({_DIGITS}) = 9 THEN {_DIGITS} END",
    "pinfl": f"CASE WHEN {_BARE} AND length({_DIGITS}) = 14 THEN {_DIGITS} END",
    "email": "CASE WHEN regexp_matches({v}, '^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$') THEN lower({v}) END",
    "customer_id": "CASE WHEN regexp_matches({v}, '^[0-9]{{1,18}}$') THEN CAST(CAST({v} AS BIGINT) AS VARCHAR) END",
    "account": "CASE WHEN regexp_matches({v}, '[0-9]') THEN upper(regexp_replace({v}, '\\s', '', 'g')) END",
    "agreement": "CASE WHEN regexp_matches({v}, '[0-9]') THEN upper(regexp_replace({v}, '\\s', '', 'g')) END",
}


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
    source = rows(form)
    if layout.has_heading:
        next(source, None)
    received = 0
    for batch in _batches(source, places):
        received += batch.num_rows
        if received > MAX_ROWS:
            raise BadList("too_many_rows", limit=MAX_ROWS)
        connection.register("batch", batch)
        connection.execute("INSERT INTO staged SELECT * FROM batch")
        connection.unregister("batch")
    if not received:
        raise BadList("empty_file")
    return received


def _batches(source: Iterator[tuple[int, list[str]]], places: list[int]) -> Iterator[pa.Table]:
    names = ["row_number", *(f"v{i}" for i in range(len(places)))]
    while chunk := list(islice(source, _BATCH)):
        numbers = pa.array([number for number, _ in chunk], pa.int64())
        cells = [pa.array([row[p] if len(row) > p else None for _, row in chunk], pa.string()) for p in places]
        yield pa.table([numbers, *cells], names=names)


def wanted(connection: duckdb.DuckDBPyConnection, layout: Layout) -> dict[str, pa.Table]:
    """Fill table `wanted` (row_number, kind, value in the compared form) and give the different values by kind."""
    parts = []
    for place, column in enumerate(layout.columns):
        trimmed = f"trim(v{place}, ' \u00a0\t\r\n\"''')"
        for kind in KINDS if column.kind == ANY else (column.kind,):
            form = _FORMS[kind].format(v=trimmed)
            parts.append(f"SELECT row_number, {literal(kind)} AS kind, {form} AS value FROM staged")
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
    blank = " AND ".join(f"coalesce(trim(v{i}, ' \u00a0\t\r\n\"'''), '') = ''" for i in range(len(layout.columns)))
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
