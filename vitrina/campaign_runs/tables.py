"""The published tables of campaigns: who took part, contacts, responses, results."""

from pathlib import Path
from typing import Final

import duckdb

from vitrina.campaign_runs.plan import MartsKeeper
from vitrina.warehouse.engine import literal, quoted

TABLES: Final = {
    "campaign_participants": (
        "campaign_key VARCHAR, customer_id BIGINT, cluster_id BIGINT, arm VARCHAR, is_control BOOLEAN,"
        " excluded_reason VARCHAR, state VARCHAR, node_id VARCHAR, campaign_date DATE, snapshot INTEGER,"
        " category VARCHAR"
    ),
    "campaign_contacts": (
        "message_id BIGINT, campaign_key VARCHAR, customer_id BIGINT, cluster_id BIGINT, channel VARCHAR,"
        " category VARCHAR, node_id VARCHAR, template VARCHAR, state VARCHAR, reason VARCHAR, contact_date DATE,"
        " contacted_at TIMESTAMP, delivered_at TIMESTAMP, read_at TIMESTAMP, is_delivered BOOLEAN, cost DOUBLE,"
        " queued_at TIMESTAMP"
    ),
    "campaign_responses": (
        "response_id BIGINT, campaign_key VARCHAR, customer_id BIGINT, message_id BIGINT, response_type INTEGER,"
        " kind VARCHAR, channel VARCHAR, node_id VARCHAR, response_date DATE, responded_at TIMESTAMP,"
        " is_counted BOOLEAN, value DOUBLE"
    ),
    "campaign_results": (
        "campaign_key VARCHAR, number INTEGER, computed_at TIMESTAMP, as_of DATE, outcome VARCHAR, arm VARCHAR,"
        " members BIGINT, control_members BIGINT, mean DOUBLE, control_mean DOUBLE, lift DOUBLE, lift_low DOUBLE,"
        " lift_high DOUBLE, p_value DOUBLE, verdict VARCHAR"
    ),
}
ASKABLE: Final = ("campaign_contacts", "campaign_responses")
"""Those that segments ask of."""


def write_tables(connection: duckdb.DuckDBPyConnection, keeper: MartsKeeper, folder: Path) -> dict[str, int]:
    """Make the tables in schema marts of the connection, by way of files in `folder`; rows by table."""
    written = keeper.history(folder)
    for name, columns in TABLES.items():
        table, file = f"marts.{quoted(name)}", folder / f"{name}.parquet"
        connection.execute(f"CREATE OR REPLACE TABLE {table} ({columns})")
        if file.exists():
            connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM read_parquet({literal(str(file))})")
    return dict(written)
