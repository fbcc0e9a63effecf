"""Months as whole numbers, for windows of full months."""

from calendar import monthrange
from datetime import date, timedelta

import polars as pl


def index(day: date) -> int:
    """Number of the month of a day."""
    return day.year * 12 + day.month - 1


def index_of(column: str) -> pl.Expr:
    """The same of a date column."""
    return (pl.col(column).dt.year().cast(pl.Int64) * 12 + pl.col(column).dt.month() - 1).alias("month_index")


def first_day(month: int) -> date:
    """First day of a numbered month."""
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    """Last day of a numbered month."""
    return date(month // 12, month % 12 + 1, monthrange(month // 12, month % 12 + 1)[1])


def last_full_month(day: date) -> int:
    """Number of the last month that is complete on a day; the day's own when it ends it."""
    return index(day) if (day + timedelta(days=1)).day == 1 else index(day) - 1
