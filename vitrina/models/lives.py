"""How long customers stayed, from their profiles: survival curves by type, segment, payment and year of joining."""

from typing import Any, Final

import duckdb
import polars as pl

from signals.models.survival import curves

DIMENSIONS: Final = ("all", "segment", "payment_type", "joined")
MOST_MONTHS: Final = 36


def lives(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """customer_type, segment, payment_type, joined (year), months with us (whole), left: who joined since usage is
    stored. Who joined earlier is left out: of those only the ones who had stayed until then are known."""
    query = """
        WITH since AS (SELECT min(month) AS first_month FROM marts.fct_usage_monthly),
        lived AS (
          SELECT customer_type, segment, payment_type, subscription_first_activated_date AS joined_day,
                 lifecycle_status = 'left' OR coalesce(is_inactive, false) AS has_left,
                 coalesce(last_usage_date, subscription_first_activated_date) AS last_day, profile_date
          FROM marts.customer_profiles, since
          WHERE subscription_first_activated_date >= since.first_month)
        SELECT customer_type, 'all' AS "all", segment, payment_type, year(joined_day)::VARCHAR AS joined,
               greatest(date_diff('day', joined_day, CASE WHEN has_left THEN last_day ELSE profile_date END), 0)
                 // 30.4375 AS months, has_left AS "left"
        FROM lived"""
    return pl.DataFrame(pl.from_arrow(connection.sql(query).to_arrow_table()))


def survival_rows(customers: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows of the mart survival_curves."""
    rows: list[dict[str, Any]] = []
    for (kind,), own in sorted(customers.group_by("customer_type"), key=lambda each: str(each[0][0])):
        for dimension in DIMENSIONS:
            for value, curve in curves(own, dimension, MOST_MONTHS).items():
                points = zip(curve.months, curve.share, curve.low, curve.high, curve.at_risk, strict=True)
                rows += [
                    {"customer_type": kind, "dimension": dimension, "value": value, "months": month, "share": share,
                     "share_low": low, "share_high": high, "at_risk": watched, "customers": curve.customers,
                     "left_count": curve.left}
                    for month, share, low, high, watched in points
                ]  # fmt: skip
    return rows
