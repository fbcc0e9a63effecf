"""Small synthetic builds for the tests of the warehouse."""

import datetime as dt
from pathlib import Path

import duckdb

from vitrina.warehouse.marts import MartCatalogue, MartSpec

NOW = dt.datetime(2026, 11, 1, 6, 0, tzinfo=dt.UTC)
AS_OF = dt.date(2026, 10, 31)

CATALOGUE = MartCatalogue(
    {
        "dim_customers": MartSpec(
            "dim_customers", ("customer_id",), ("customer_id",), required=True, customer_base=True
        ),
        "customer_profiles": MartSpec("customer_profiles", ("customer_id",), ("customer_id", "msisdn"), required=True),
        "fct_payments": MartSpec("fct_payments", ("customer_id",), month_column="paid_at"),
        "fct_usage": MartSpec("fct_usage", ("customer_id",), month_column="month"),
    }
)


def make_build(path: Path, customers: int = 100, months: int = 4, generation: int = 0) -> Path:
    """A build with two customer marts, two facts by month and one table that no entry names; rows out of order."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE SCHEMA marts")
        con.execute(
            "CREATE TABLE marts.dim_customers AS SELECT range + 1 AS customer_id, 'Имя ' || range AS full_name,"
            f" {generation} AS generation FROM range({customers}) ORDER BY hash(range)"
        )
        con.execute(
            "CREATE TABLE marts.customer_profiles AS SELECT customer_id, '+99890' || lpad(customer_id::VARCHAR, 7, '0')"
            " AS msisdn, (customer_id * 1.25)::DECIMAL(18, 2) AS revenue, generation FROM marts.dim_customers"
        )
        con.execute(
            "CREATE TABLE marts.fct_payments AS SELECT range AS payment_id, range % 100 + 1 AS customer_id, TIMESTAMP"
            f" '2026-01-15 10:00:00' + INTERVAL (range % {months}) MONTH AS paid_at, 10.5::DECIMAL(18, 2) AS amount"
            f" FROM range({months * 50})"
        )
        con.execute(
            "CREATE TABLE marts.fct_usage AS SELECT range % 100 + 1 AS customer_id, (DATE '2026-01-01' + INTERVAL"
            f" (range % {months}) MONTH)::DATE AS month, range AS seconds FROM range({months * 20})"
        )
        con.execute("CREATE TABLE marts.cohort_retention AS SELECT 1 AS months_since, 50.0 AS retention_pct")
    return path
