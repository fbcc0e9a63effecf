"""Days and months as small integers: day 0 is the first day of the simulated history."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

NEVER = 10_000_000
"""A day that no run reaches."""

TASHKENT_OFFSET_SECONDS = 5 * 3600


def month_start(day: date) -> date:
    """First day of the month of `day`."""
    return day.replace(day=1)


def shift_months(first: date, months: int) -> date:
    """First day of the month `months` away from the month of `first`."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


@dataclass(frozen=True)
class Clock:
    """Turns day and month numbers into dates and UTC timestamps."""

    start: date

    def day(self, when: date) -> int:
        """Number of a date; negative before the history begins."""
        return (when - self.start).days

    def date(self, day: int) -> date:
        """Date of a day number."""
        return self.start + timedelta(days=int(day))

    def month_first(self, month: int) -> date:
        """First date of a month number."""
        return shift_months(self.start, month)

    def month_days(self, month: int) -> tuple[int, int]:
        """Day numbers [first, after last) of a month number."""
        return self.day(self.month_first(month)), self.day(self.month_first(month + 1))

    def month_of(self, day: int) -> int:
        """Month number of a day number."""
        when = self.date(day)
        return (when.year - self.start.year) * 12 + when.month - self.start.month

    def dates(self, days: np.ndarray) -> pl.Series:
        """Dates of many day numbers; NEVER becomes null."""
        days = np.asarray(days, dtype=np.int64)
        origin = (self.start - date(1970, 1, 1)).days
        plain = pl.Series(np.where(days >= NEVER, 0, days + origin).astype(np.int32)).cast(pl.Date)
        return _null_where(plain, days >= NEVER)

    def instants(self, days: np.ndarray, seconds: np.ndarray | int) -> pl.Series:
        """UTC timestamps of local days and seconds of the day."""
        origin = (self.start - date(1970, 1, 1)).days
        total = (np.asarray(days, dtype=np.int64) + origin) * 86_400 + seconds - TASHKENT_OFFSET_SECONDS
        return pl.Series(total * 1_000_000).cast(pl.Datetime("us"))


def _null_where(series: pl.Series, condition: np.ndarray) -> pl.Series:
    frame = pl.DataFrame({"v": series, "c": condition})
    return frame.select(pl.when(~pl.col("c")).then(pl.col("v")).alias("v"))["v"]


def second_of_day(index: np.ndarray, salt: int) -> np.ndarray:
    """A second within working hours that depends on the row alone."""
    return 8 * 3600 + (np.asarray(index, dtype=np.int64) * 7_919 + salt * 1_009) % 39_600


def latest_changes(count: int, index: np.ndarray, day: np.ndarray, after: int, until: int) -> tuple[np.ndarray, ...]:
    """Entities whose last event up to `until` is later than `after`: (entity numbers, day of that event)."""
    last = np.full(count, -NEVER, dtype=np.int64)
    seen = day <= until
    np.maximum.at(last, index[seen], day[seen])
    chosen = np.flatnonzero((last > after) & (last > -NEVER))
    return chosen, last[chosen]
