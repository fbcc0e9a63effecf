"""Reading what the last resolution left and writing what this one found, in one transaction. No decisions here."""

import json
from dataclasses import dataclass
from typing import Any

import duckdb

TABLES = {
    "party_members": "party_id bigint, source varchar, source_id varchar",
    "party_matches": "source_l varchar, source_id_l varchar, source_r varchar, source_id_r varchar, "
    "match_probability double, match_weight double, rule varchar, explanation varchar",
    "party_reviews": "source_l varchar, source_id_l varchar, source_r varchar, source_id_r varchar, "
    "match_probability double, match_weight double, rule varchar, explanation varchar, reason varchar",
    "party_names": "source varchar, source_id varchar, name_key varchar",
    "party_scores": "source_l varchar, source_id_l varchar, source_r varchar, source_id_r varchar, "
    "match_probability double, match_weight double, rule varchar, explanation varchar, objection varchar",
    "party_record_hashes": "source varchar, source_id varchar, record_hash ubigint",
    "party_state": "input_hash varchar, model_fingerprint varchar, oversized_hash varchar, report varchar",
}
# Raise when the code changes what a stored score means; then the next run is a full one.
STORE_VERSION = "1"


@dataclass(frozen=True)
class State:
    """What the last resolution was made from."""

    input_hash: str
    model_fingerprint: str
    oversized_hash: str
    report: dict[str, Any]


def one_row(con: duckdb.DuckDBPyConnection, query: str, params: list[Any] | None = None) -> tuple[Any, ...]:
    """The only row of a query, fetched to the end: DuckDB keeps a connection busy while rows may be left."""
    (row,) = con.execute(query, params).fetchall()
    return row


def input_hash(con: duckdb.DuckDBPyConnection, select_sql: str) -> str:
    """Order-independent fingerprint of the party records."""
    row = one_row(con, f"select count(*), sum(record_hash::hugeint), bit_xor(record_hash) from ({select_sql})")
    return "-".join(str(value) for value in row)


def read_state(con: duckdb.DuckDBPyConnection, schema: str) -> State | None:
    """State left in `schema`, or None when there is none that this code can use."""
    (found,) = one_row(
        con,
        "select count(distinct table_name) from information_schema.tables where table_catalog = current_database() "
        f"and table_schema = ? and table_name in ({', '.join('?' * len(TABLES))})",
        [schema, *TABLES],
    )
    if found < len(TABLES):
        return None
    inputs, model, oversized, report = one_row(con, f'select * from "{schema}".party_state')
    return State(inputs, model, oversized, json.loads(report))


def copy_out(con: duckdb.DuckDBPyConnection, work: duckdb.DuckDBPyConnection, query: str, table: str) -> None:
    """Create `table` in `work` from a query in `con`, through Arrow: the two connections share no database."""
    rows = con.sql(query).to_arrow_table()
    work.register("arriving_rows", rows)
    work.execute(f"create or replace table {table} as select * from arriving_rows")
    work.unregister("arriving_rows")


def write(con: duckdb.DuckDBPyConnection, work: duckdb.DuckDBPyConnection, schema: str, state: State) -> None:
    """Replace the tables of `schema` by those of the same names in `work`, all or none."""
    con.execute("begin")
    try:
        con.execute(f'create schema if not exists "{schema}"')
        for table, columns in TABLES.items():
            con.execute(f'create or replace table "{schema}".{table} ({columns})')
            if table == "party_state":
                continue
            rows = work.sql(f"select * from {table} order by all").to_arrow_table()
            con.register("resolved_rows", rows)
            con.execute(f'insert into "{schema}".{table} select * from resolved_rows')
            con.unregister("resolved_rows")
        values = [state.input_hash, state.model_fingerprint, state.oversized_hash, json.dumps(state.report)]
        con.execute(f'insert into "{schema}".party_state values (?, ?, ?, ?)', values)
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
