"""Managers' figures of a whole run, beside what polars makes of the facts themselves."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from tests.integration.whole_operator import UNTIL, reader

pytestmark = pytest.mark.usefixtures("operator_home")
NEVER = dt.date(9999, 12, 31)


@pytest.fixture(scope="module")
def marts(operator_home: Path) -> dict[str, pl.DataFrame]:
    """The tables that figures are made of, and the figures."""
    names = ("dim_customers", "fct_charges", "fct_payments", "fct_debt_monthly", "dim_subscriptions",
             "customer_results",
             "employee_results", "kpi_catalogue")  # fmt: skip
    with reader(operator_home) as source:
        return {name: pl.DataFrame(source.query(f"select * from {name}")) for name in names}


def by_manager(marts: dict[str, pl.DataFrame], rows: pl.DataFrame, day: str, value: pl.Expr) -> pl.DataFrame:
    """Sums by today's manager and month, since charges are known."""
    first = marts["fct_charges"]["charge_date"].min().replace(day=1)
    managers = marts["dim_customers"].filter(pl.col("manager_id").is_not_null())
    return (
        rows.join(managers.select("customer_id", "manager_id"), on="customer_id")
        .with_columns(pl.col(day).dt.truncate("1mo").alias("month"), value.cast(pl.Float64).alias("value"))
        .filter((pl.col(day) >= first) & (pl.col(day) <= UNTIL))
        .group_by(pl.col("manager_id").alias("employee_id"), "month")
        .agg(pl.col("value").sum())
        .filter(pl.col("value") != 0)
        .sort("employee_id", "month")
    )


def told(marts: dict[str, pl.DataFrame], kpi: str) -> pl.DataFrame:
    return (
        marts["employee_results"]
        .filter(kpi=kpi)
        .group_by("employee_id", "month")
        .agg(pl.col("value").cast(pl.Float64).sum())
        .filter(pl.col("value") != 0)
        .sort("employee_id", "month")
    )


def spans(marts: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return marts["dim_subscriptions"].select("subscription_id", "customer_id", "valid_from", "valid_to", "status")


def opened(marts: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return spans(marts).group_by("subscription_id", "customer_id").agg(pl.col("valid_from").min().alias("day"))


def base_moves(marts: dict[str, pl.DataFrame]) -> pl.DataFrame:
    active = spans(marts).filter(status="active")
    up = active.select("customer_id", pl.col("valid_from").alias("day"), pl.lit(1).alias("move"))
    ended = active.filter(pl.col("valid_to") < NEVER)
    return pl.concat([up, ended.select("customer_id", pl.col("valid_to").alias("day"), pl.lit(-1).alias("move"))])


def departures(marts: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Customers by hand: a walk over the days on which numbers come and go."""
    ends = spans(marts).filter(status="terminated").group_by("subscription_id", "customer_id")
    closed = ends.agg(pl.col("valid_from").min().alias("day"))
    moves: dict[int, dict[dt.date, list[int]]] = {}
    for rows, step in ((opened(marts), 1), (closed, -1)):
        for customer, day in zip(rows["customer_id"], rows["day"], strict=True):
            moves.setdefault(customer, {}).setdefault(day, []).append(step)
    gone = []
    for customer, days in moves.items():
        held = 0
        for day in sorted(days):
            held += sum(days[day])
            if held == 0 and -1 in days[day]:
                gone.append((customer, day))
    return pl.DataFrame(gone, schema={"customer_id": pl.Int64, "day": pl.Date}, orient="row")


def test_every_indicator_is_what_the_facts_say(marts: dict[str, pl.DataFrame]) -> None:
    organisations = marts["dim_customers"].filter(customer_type="organisation")
    overdue = pl.col("debt_amount") - pl.col("not_due_amount")
    wanted = {
        "revenue": by_manager(marts, marts["fct_charges"], "charge_date", pl.col("amount")),
        "payments": by_manager(marts, marts["fct_payments"], "paid_date", pl.col("amount")),
        "overdue_debt": by_manager(marts, marts["fct_debt_monthly"], "measured_date", overdue),
        "new_organisations": by_manager(
            marts, organisations.select("customer_id", pl.col("created_date").alias("day")), "day", pl.lit(1)
        ),
        "new_subscriptions": by_manager(marts, opened(marts), "day", pl.lit(1)),
        "sim_base_change": by_manager(marts, base_moves(marts), "day", pl.col("move")),
        "churned_clients": by_manager(marts, departures(marts), "day", pl.lit(1)),
    }
    assert set(wanted) == set(marts["kpi_catalogue"]["kpi"])
    for kpi, rows in wanted.items():
        found = told(marts, kpi)
        assert found.select("employee_id", "month").equals(rows.select("employee_id", "month")), kpi
        assert (found["value"] - rows["value"]).abs().max() < 0.005, kpi
    assert all(len(rows) for kpi, rows in wanted.items() if kpi != "churned_clients")


def test_the_clients_behind_a_figure_add_up_to_it(marts: dict[str, pl.DataFrame]) -> None:
    keys = ["employee_id", "kpi", "result_date"]
    sums = (
        marts["customer_results"].group_by(keys).agg(pl.col("value").sum(), pl.len().cast(pl.Int64).alias("customers"))
    )
    found = marts["employee_results"].select(*keys, "value", "customers").sort(keys)
    assert sums.sort(keys).select(found.columns).equals(found)
    assert marts["customer_results"]["result_date"].max() <= UNTIL
