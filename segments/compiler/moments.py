"""Days: the as-of date of a question, and what relative dates and periods come to on that day."""

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from segments.definition.nodes import Relative, Window
from segments.errors import DefinitionError, Problem

DAY: Final = dt.timedelta(days=1)
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
Stretch = tuple[dt.date | None, dt.date | None]


@dataclass(frozen=True)
class At:
    """The day that a question is about. Without `month_end` it is the snapshot's own day, with it a stored month end.

    Attributes are those of the stored month end; events and validity are exact to `date`.
    """

    date: dt.date
    month_end: dt.date | None = None

    @property
    def is_current(self) -> bool:
        """Whether attributes come from the present profile."""
        return self.month_end is None

    @classmethod
    def current(cls, as_of: dt.date) -> "At":
        """The last day that the snapshot knows."""
        return cls(as_of)

    @classmethod
    def stored(cls, month_end: dt.date) -> "At":
        """A month end of the profile's history."""
        return cls(month_end, month_end)


def at_date(as_of: dt.date, month_ends: Iterable[dt.date], date: dt.date) -> At:
    """The question about `date` on a snapshot of `as_of` that keeps these month ends. Raises `DefinitionError`."""
    if date == as_of:
        return At(date)
    if date > as_of:
        raise DefinitionError([Problem((), "The data end on {date}; choose an earlier day.", {"date": as_of})])
    stored = [each for each in month_ends if each <= date]
    if not stored:
        raise DefinitionError(
            [Problem((), "No month end is stored up to {date}.", {"date": date}, "Choose a later day.")]
        )
    return At(date, max(stored))


def shifted(day: dt.date, offset: int, unit: str) -> dt.date:
    """The day moved by whole units, clipped to the last day of a shorter month and to the ends of the calendar."""
    try:
        if unit in _MONTHS:
            months = day.year * 12 + day.month - 1 + offset * _MONTHS[unit]
            year, month = divmod(months, 12)
            last = calendar.monthrange(year, month + 1)[1]
            return dt.date(year, month + 1, min(day.day, last))
        return day + dt.timedelta(days=offset * (7 if unit == "week" else 1))
    except (ValueError, OverflowError, calendar.IllegalMonthError):
        return dt.date.min if offset < 0 else dt.date.max


def first_day(day: dt.date, unit: str) -> dt.date:
    """First day of the calendar unit that holds the day; weeks begin on Monday."""
    match unit:
        case "week":
            return day - dt.timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day


def moment(relative: Relative, day: dt.date) -> dt.date:
    """The date that a relative one means on that day."""
    return shifted(day, relative.offset, relative.unit)


def stretch(window: Window, day: dt.date) -> Stretch:
    """First and last day of a period as seen on that day, both included; None is open."""
    unit = window.unit
    match window.kind:
        case "last":
            return _after(shifted(day, -window.count, unit)), day
        case "next":
            return _after(day), shifted(day, window.count, unit)
        case "between":
            return _after(shifted(day, -window.until, unit)), shifted(day, -window.count, unit)
        case "this":
            start = first_day(day, unit)
            return start, shifted(start, 1, unit) - DAY
        case "previous":
            start = first_day(day, unit)
            return shifted(start, -1, unit), start - DAY
        case "dates":
            return window.start, window.end
    return None, None


def past(window: Window, day: dt.date) -> Stretch:
    """A period of events: as `stretch`, and never beyond the day itself."""
    start, end = stretch(window, day)
    return start, day if end is None or end > day else end


def _after(day: dt.date) -> dt.date:
    return day if day == dt.date.max else day + DAY
