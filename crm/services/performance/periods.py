"""Months and quarters as periods of plans."""

import calendar
import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from crm.errors import CrmError


class PeriodKind(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True, order=True)
class Period:
    """A calendar month or quarter by its first day."""

    start: dt.date
    kind: PeriodKind = PeriodKind.MONTH

    def __post_init__(self) -> None:
        if self.start.day != 1 or (self.kind is PeriodKind.QUARTER and self.start.month % 3 != 1):
            raise CrmError("plan_period", start=f"{self.start:%d.%m.%Y}")

    @classmethod
    def holding(cls, day: dt.date, kind: PeriodKind = PeriodKind.MONTH) -> "Period":
        """The one that a day lies in."""
        month = day.month if kind is PeriodKind.MONTH else (day.month - 1) // 3 * 3 + 1
        return cls(dt.date(day.year, month, 1), kind)

    @property
    def months(self) -> tuple[dt.date, ...]:
        """First days of its months."""
        return tuple(_shifted(self.start, number) for number in range(1 if self.kind is PeriodKind.MONTH else 3))

    @property
    def end(self) -> dt.date:
        """Its last day."""
        last = self.months[-1]
        return last.replace(day=calendar.monthrange(last.year, last.month)[1])

    def shifted(self, count: int) -> "Period":
        """The period so many periods later (earlier when negative)."""
        return Period(_shifted(self.start, count * len(self.months)), self.kind)

    def year_before(self) -> "Period":
        """The same period of the year before."""
        return Period(self.start.replace(year=self.start.year - 1), self.kind)

    def holds(self, day: dt.date) -> bool:
        """Whether a day lies in it."""
        return self.start <= day <= self.end


def _shifted(month: dt.date, count: int) -> dt.date:
    number = month.year * 12 + month.month - 1 + count
    return dt.date(number // 12, number % 12 + 1, 1)
