"""The published table of signals, `signal_history`: a row a signal with its life, its decision and its outcome."""

from pathlib import Path
from typing import Final

import duckdb

from vitrina.signal_runs.plan import Keeper
from vitrina.warehouse.engine import literal, quoted

TABLE: Final = "signal_history"
COLUMNS: Final = (
    "signal_id BIGINT, rule_key VARCHAR, rule_version INTEGER, customer_id BIGINT, signal_date DATE,"
    " last_raised_date DATE, times_raised INTEGER, owner_id VARCHAR, manager_id VARCHAR, priority VARCHAR,"
    " severity DOUBLE, value DOUBLE, baseline DOUBLE, change_pct DOUBLE, customer_value DOUBLE, state VARCHAR,"
    " raised_at TIMESTAMP, seen_at TIMESTAMP, decision VARCHAR, decision_reason VARCHAR, decided_at TIMESTAMP,"
    " hours_to_decision DOUBLE, closed_at TIMESTAMP, closed_why VARCHAR, outcome_kind VARCHAR, outcome_due_date DATE,"
    " has_outcome BOOLEAN"
)


def write_table(connection: duckdb.DuckDBPyConnection, keeper: Keeper, folder: Path, schema: str = "marts") -> int:
    """Make the table in a schema of the connection, by way of a file in `folder`; how many signals there are."""
    name, file = f"{quoted(schema)}.{quoted(TABLE)}", folder / "history.parquet"
    connection.execute(f"CREATE OR REPLACE TABLE {name} ({COLUMNS})")
    written = keeper.history(file)
    if file.exists():
        connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM read_parquet({literal(str(file))})")
    return written
