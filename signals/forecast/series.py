"""Daily values laid out by month: what was reached by a day, and what was still to come."""

import datetime as dt
from calendar import monthrange
from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Kinds = NDArray[np.int64]
_LONGEST, NO_DAY = 31, 7


@dataclass(frozen=True)
class DailySeries:
    """What each day added, in whole months from `first_month` on.

    `values` has one row per month and 31 columns; days that a month has not, or that are after the last known day, are
    0. `months` counts the rows; `last_day` is the last known day and lies in the last row.
    """

    first_month: dt.date
    last_day: dt.date
    values: Floats

    @classmethod
    def of(cls, rows: Iterable[tuple[dt.date, float]], last_day: dt.date) -> "DailySeries":
        """From (day, value) pairs in any order; pairs after `last_day` are left out, so that no future is ever used."""
        known = [(day, float(value)) for day, value in rows if day <= last_day]
        first = min((day for day, _ in known), default=last_day).replace(day=1)
        values = np.zeros((_number(last_day) - _number(first) + 1, _LONGEST))
        for day, value in known:
            values[_number(day) - _number(first), day.day - 1] += value
        return cls(first, last_day, values)

    @property
    def months(self) -> int:
        """How many months there are, the running one included."""
        return int(self.values.shape[0])

    def month(self, index: int) -> dt.date:
        """First day of the month of a row; rows beyond the last are months to come."""
        number = _number(self.first_month) + index
        return dt.date(number // 12, number % 12 + 1, 1)

    def days(self, index: int) -> int:
        """How many days the month of a row has."""
        month = self.month(index)
        return monthrange(month.year, month.month)[1]

    def kinds(self, ahead: int, holidays: Set[dt.date] = frozenset()) -> Kinds:
        """Weekday (0 Monday to 6 Sunday; a holiday is a Sunday) of every day of the months and of `ahead` more;
        `NO_DAY` where a month has no such day."""
        found = np.full((self.months + ahead, _LONGEST), NO_DAY)
        for index in range(self.months + ahead):
            first, days = self.month(index), self.days(index)
            found[index, :days] = (first.weekday() + np.arange(days)) % 7
        for day in holidays:
            index = _number(day) - _number(self.first_month)
            if 0 <= index < len(found):
                found[index, day.day - 1] = 6
        return found

    def done(self, index: int, day: int) -> float:
        """What a month had reached by the end of a day; a day that it has not means all of it."""
        return float(self.values[index, :day].sum())

    @cached_property
    def totals(self) -> Floats:
        """The sum of each month."""
        return np.asarray(self.values.sum(axis=1))

    def rests(self, first: int, count: int, day: int, ahead: int) -> Floats:
        """Of `count` months from `first` on: what came after the day, and in the `ahead` months after each."""
        wanted = slice(first, first + count)
        later = (self.totals[first + each : first + each + count] for each in range(1, ahead + 1))
        return np.asarray(sum(later, start=self.values[wanted, day:].sum(axis=1)))

    def rest(self, index: int, day: int, ahead: int) -> float:
        """The same of one month."""
        return float(self.rests(index, 1, day, ahead)[0])


def _number(day: dt.date) -> int:
    return day.year * 12 + day.month - 1
