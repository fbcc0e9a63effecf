"""Rows of the build for models: features of months, payments of customers. Names come from declarations alone."""

import datetime as dt
from collections.abc import Sequence

import duckdb
import polars as pl

from signals.models.churn import CUSTOMER, LABEL, MONTH
from signals.models.features import Feature
from vitrina.warehouse.engine import one_row, quoted

_SPREAD = 1_000_003
"""A prime: ids times a number far from it, modulo it, spread customers over samples evenly and the same every day."""


class FeatureRows:
    """The mart churn_features of a build, for one type of customers; features with a lag come from earlier months."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, customer_type: str, features: Sequence[Feature]) -> None:
        self._connection, self._type = connection, customer_type
        there = {
            str(name)
            for (name,) in connection.execute(
                "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'marts' AND table_name = 'churn_features'"
            ).fetchall()
        }
        self.features = tuple(feature for feature in features if feature.name in there)
        self.is_whole = False
        """Whether the last sample was of all customers."""

    def months(self) -> list[dt.date]:
        """Stored month ends with customers who could leave, oldest first."""
        rows = self._connection.execute(
            "SELECT DISTINCT month_end FROM marts.churn_features WHERE customer_type = ? AND is_eligible ORDER BY 1",
            [self._type],
        ).fetchall()
        return [month for (month,) in rows]

    def labelled(self) -> list[dt.date]:
        """Those whose future is stored."""
        rows = self._connection.execute(
            """SELECT DISTINCT month_end FROM marts.churn_features WHERE customer_type = ? AND is_churned IS NOT NULL
               ORDER BY 1""",
            [self._type],
        ).fetchall()
        return [month for (month,) in rows]

    def sample(self, most_rows: int) -> pl.DataFrame:
        """All months of as many customers as give `most_rows` rows: whole lives, the same customers every day."""
        (total,) = one_row(
            self._connection,
            "SELECT count(*) FROM marts.churn_features WHERE customer_type = ? AND is_eligible",
            [self._type],
        )
        self.is_whole = total <= most_rows
        below = _SPREAD if self.is_whole else int(_SPREAD * most_rows / total)
        return self._read("f.is_eligible AND (f.customer_id * 612361) % ? < ?", [_SPREAD, below])

    def month(self, month: dt.date) -> pl.DataFrame:
        """Every customer of one month who could leave."""
        return self._read("f.is_eligible AND f.month_end = ?", [month])

    def _read(self, where: str, values: list[object]) -> pl.DataFrame:
        lags = sorted({feature.lag for feature in self.features if feature.lag})
        columns = ", ".join(f"{_table(feature)}.{quoted(feature.name)}" for feature in self.features)
        joins = " ".join(
            f"""LEFT JOIN marts.churn_features AS f{lag} ON f{lag}.customer_id = f.customer_id
                AND f{lag}.month_end = last_day(f.month_end - INTERVAL {int(lag)} MONTH)"""
            for lag in lags
        )
        query = f"""SELECT f.{CUSTOMER}, f.{MONTH}, f.{LABEL}, {columns} FROM marts.churn_features AS f {joins}
            WHERE f.customer_type = ? AND {where} ORDER BY f.{MONTH}, f.{CUSTOMER}"""
        found = self._connection.sql(query, params=[self._type, *values]).to_arrow_table()
        return pl.DataFrame(pl.from_arrow(found))


def _table(feature: Feature) -> str:
    return f"f{feature.lag}" if feature.lag else "f"
