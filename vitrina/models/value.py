"""What customers are worth in the next twelve months: how often they will pay, how much, and what of it is left."""

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import polars as pl
from scipy.stats import spearmanr

from signals.models.amounts import Amounts, fit_amounts
from signals.models.errors import DoesNotFit
from signals.models.purchases import Purchases, fit_purchases
from vitrina.durable import write_json

YEAR_WEEKS: Final = 365.25 / 7
HOLDOUT_WEEKS: Final = 26
_SAMPLE: Final = 20_000


@dataclass(frozen=True)
class ValueModel:
    """Both models of a type of customers, and how they did on the last half year: made before it, held against it."""

    customer_type: str
    fitted_on: str
    purchases: Purchases
    amounts: Amounts
    customers: int
    holdout: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "ValueModel":
        """What `to_json` gave."""
        return cls(**{**plain, "purchases": Purchases(**plain["purchases"]), "amounts": Amounts(**plain["amounts"])})


def payments_until(connection: duckdb.DuckDBPyConnection, customer_type: str, day: dt.date) -> pl.DataFrame:
    """Per customer with payments by that day: customer_id, x (weeks with a payment after the first), t_x and t (weeks
    to the last of them and to the day), m (mean of a week with payments)."""
    query = """
        WITH firsts AS (
          SELECT p.customer_id, min(p.paid_date) AS first_day FROM marts.fct_payments AS p
          WHERE p.paid_date <= $day AND p.amount > 0 GROUP BY ALL),
        weeks AS (
          SELECT p.customer_id, f.first_day, (p.paid_date - f.first_day) // 7 AS week, sum(p.amount) AS amount
          FROM marts.fct_payments AS p JOIN firsts AS f USING (customer_id)
          WHERE p.paid_date <= $day AND p.amount > 0 GROUP BY ALL)
        SELECT w.customer_id, count(*) - 1 AS x, max(week)::DOUBLE AS t_x,
               (($day::DATE - any_value(w.first_day)) / 7)::DOUBLE AS t, avg(w.amount)::DOUBLE AS m
        FROM weeks AS w JOIN marts.customer_profiles AS c USING (customer_id)
        WHERE c.customer_type = $kind GROUP BY w.customer_id ORDER BY w.customer_id"""
    found = pl.from_arrow(connection.sql(query, params={"day": day, "kind": customer_type}).to_arrow_table())
    return pl.DataFrame(found)


def payments_after(connection: duckdb.DuckDBPyConnection, day: dt.date, until: dt.date) -> pl.DataFrame:
    """customer_id, paid_weeks: weeks with a payment after one day up to another."""
    query = """SELECT customer_id, count(DISTINCT (paid_date - $day::DATE - 1) // 7) AS paid_weeks,
                 sum(amount)::DOUBLE AS paid_amount FROM marts.fct_payments
        WHERE paid_date > $day AND paid_date <= $until AND amount > 0 GROUP BY ALL"""
    return pl.DataFrame(pl.from_arrow(connection.sql(query, params={"day": day, "until": until}).to_arrow_table()))


def value_model(
    connection: duckdb.DuckDBPyConnection, folder: Path, customer_type: str, as_of: dt.date, month: dt.date
) -> tuple[ValueModel, pl.DataFrame]:
    """The models of a type, fitted once a month, and today's payments. Raises `DoesNotFit`."""
    rows = payments_until(connection, customer_type, as_of)
    file = folder / f"value-{customer_type}.json"
    if file.exists():
        known = ValueModel.from_json(json.loads(file.read_text(encoding="utf-8")))
        if known.fitted_on == month.isoformat():
            return known, rows
    purchases, amounts = _fit(rows)
    holdout = _holdout(connection, customer_type, as_of)
    model = ValueModel(customer_type, month.isoformat(), purchases, amounts, rows.height, holdout)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(file, model.to_json())
    return model, rows


def worth(model: ValueModel, rows: pl.DataFrame, margin_pct: int) -> pl.DataFrame:
    """customer_id, p_alive, expected_payments_12m, expected_payment_amount, value_12m, value_tenth (1: the best)."""
    x, t_x, t, m = (rows[name].to_numpy().astype(float) for name in ("x", "t_x", "t", "m"))
    payments = model.purchases.expected(YEAR_WEEKS, x, t_x, t)
    amount = model.amounts.expected(x + 1, m)
    # Who was seen too little for a figure is worth nothing yet, and stands last.
    payments, amount = np.nan_to_num(payments, posinf=0.0), np.nan_to_num(amount, posinf=0.0)
    value = payments * amount * margin_pct / 100
    order = np.argsort(-value, kind="stable")
    tenth = np.empty(len(value), dtype=np.int64)
    tenth[order] = np.arange(len(value)) * 10 // max(len(value), 1) + 1
    return pl.DataFrame({
        "customer_id": rows["customer_id"], "p_alive": model.purchases.p_alive(x, t_x, t),
        "expected_payments_12m": payments, "expected_payment_amount": amount, "value_12m": value,
        "value_tenth": pl.Series(tenth, dtype=pl.Int32),
    })  # fmt: skip


def _fit(rows: pl.DataFrame) -> tuple[Purchases, Amounts]:
    step = max(1, rows.height // _SAMPLE)
    some = rows.gather_every(step)
    alike = some.with_columns(pl.col("t_x", "t").round()).group_by("x", "t_x", "t").len().sort("x", "t_x", "t")
    times = (alike[name].to_numpy().astype(float) for name in ("x", "t_x", "t", "len"))
    return fit_purchases(*times), fit_amounts(some["x"].to_numpy().astype(float) + 1, some["m"].to_numpy())


def _holdout(connection: duckdb.DuckDBPyConnection, customer_type: str, as_of: dt.date) -> dict[str, Any]:
    """What the models would have said half a year ago, and what came. Empty when there is no such past."""
    day = as_of - dt.timedelta(weeks=HOLDOUT_WEEKS)
    rows = payments_until(connection, customer_type, day)
    try:
        purchases, amounts = _fit(rows)
    except DoesNotFit:
        return {}
    came = rows.select("customer_id").join(payments_after(connection, day, as_of), "customer_id", "left")
    x, t_x, t, m = (rows[name].to_numpy().astype(float) for name in ("x", "t_x", "t", "m"))
    said = purchases.expected(HOLDOUT_WEEKS, x, t_x, t)
    weeks, money = (came[name].fill_null(0).to_numpy().astype(float) for name in ("paid_weeks", "paid_amount"))
    said_money = said * amounts.expected(x + 1, m)
    return {
        "from": day.isoformat(), "until": as_of.isoformat(), "customers": rows.height, "said": float(said.sum()),
        "came": float(weeks.sum()), "said_amount": float(said_money.sum()), "came_amount": float(money.sum()),
        "rank_correlation": float(spearmanr(said_money, money).statistic) if rows.height > 2 else None,
        "alive_said": float(purchases.p_alive(x, t_x, t).mean()), "alive_came": float((weeks > 0).mean()),
    }  # fmt: skip
