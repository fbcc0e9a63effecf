"""The published tables of segments, made from the store: segment_memberships, segment_changes, segment_sizes."""

from typing import Final

import duckdb
import pyarrow as pa

from vitrina.members.store import CHANGES, MEMBERS, MemberStore
from vitrina.warehouse.engine import literal, quoted

TABLES: Final = {
    "segment_memberships": "segment_key VARCHAR, version INTEGER, customer_id BIGINT, since_date DATE",
    "segment_changes": (
        "segment_key VARCHAR, run_id VARCHAR, changed_at TIMESTAMP, as_of DATE, customer_id BIGINT, change VARCHAR"
    ),
    "segment_sizes": (
        "segment_key VARCHAR, run_id VARCHAR, version INTEGER, as_of DATE, computed_at TIMESTAMP, members BIGINT,"
        " entered_count BIGINT, left_count BIGINT, is_held BOOLEAN"
    ),
}


def write_tables(connection: duckdb.DuckDBPyConnection, store: MemberStore, schema: str = "marts") -> dict[str, str]:
    """Make the tables in a schema of the connection, empty ones where there are no segments; name → relation."""
    names = {name: f"{quoted(schema)}.{quoted(name)}" for name in TABLES}
    for name, columns in TABLES.items():
        connection.execute(f"CREATE OR REPLACE TABLE {names[name]} ({columns})")
    runs = store.runs()
    active = runs[-1].active if runs else frozenset()
    current = {key: told for key, told in store.current(runs).items() if key in active}
    for key, (run, outcome) in sorted(current.items()):
        file = literal(str(store.folder(run.run_id) / MEMBERS))
        connection.execute(
            f"""INSERT INTO {names["segment_memberships"]}
                SELECT segment_key, ?, customer_id, since_date FROM read_parquet({file}) WHERE segment_key = ?""",
            [outcome.version, key],
        )
    for run in runs:
        changes = store.folder(run.run_id) / CHANGES
        if run.believed and changes.exists():
            connection.execute(
                f"""INSERT INTO {names["segment_changes"]} SELECT segment_key, ?, ?::TIMESTAMPTZ::TIMESTAMP, ?::DATE,
                    customer_id, change FROM read_parquet({literal(str(changes))})""",
                [run.run_id, run.at, run.as_of],
            )
    sizes = [
        {"segment_key": e.key, "run_id": r.run_id, "version": e.version, "as_of": r.as_of, "computed_at": r.at,
         "members": e.members, "entered_count": e.entered, "left_count": e.left, "is_held": e.key in r.held}
        for r in runs for e in r.outcomes if e.state == "done"
    ]  # fmt: skip
    if sizes:
        connection.register("sizes", pa.Table.from_pylist(sizes))
        connection.execute(
            f"""INSERT INTO {names["segment_sizes"]} SELECT segment_key, run_id, version, as_of::DATE,
                computed_at::TIMESTAMPTZ::TIMESTAMP, members, entered_count, left_count, is_held FROM sizes"""
        )
        connection.unregister("sizes")
    return names
