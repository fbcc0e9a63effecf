"""Periods of budgets: months, quarters, years, each named by its first day."""

import datetime as dt
from collections.abc import Iterator

from crm.errors import CrmError

MONTHS = {"month": 1, "quarter": 3, "year": 12}


def checked_period(kind: str, start: dt.date) -> None:
    """Raises `CrmError` for a day on which no such period begins."""
    if kind not in MONTHS or start.day != 1 or (start.month - 1) % MONTHS[kind]:
        raise CrmError("budget_period")


def following_month(month: dt.date, by: int = 1) -> dt.date:
    """The first day of a month that comes `by` months later."""
    number = month.year * 12 + month.month - 1 + by
    return dt.date(number // 12, number % 12 + 1, 1)


def months_of(kind: str, start: dt.date) -> list[dt.date]:
    """All months of a period."""
    return [following_month(start, number) for number in range(MONTHS[kind])]


def months_between(first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, int]]:
    """Months from one day to another, each with how many of the days are in it."""
    month = first.replace(day=1)
    while month <= last:
        after = following_month(month)
        yield month, (min(last, after - dt.timedelta(days=1)) - max(first, month)).days + 1
        month = after
