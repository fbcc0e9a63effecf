"""Dates of definitions: fixed, moved from the as-of date, and windows as first and last day."""

import calendar
import datetime as dt
from typing import Any

Stretch = tuple[dt.date | None, dt.date | None]
MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAY = dt.timedelta(days=1)


def moved(day: dt.date, count: int, unit: str) -> dt.date:
    """The day moved by so many units; a month's missing day becomes its last."""
    if unit in ("day", "week"):
        return day + count * (7 if unit == "week" else 1) * DAY
    months = day.year * 12 + day.month - 1 + count * MONTHS[unit]
    year, month = divmod(months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def start_of(day: dt.date, unit: str) -> dt.date:
    """First day of the day's running week, month, quarter or year."""
    if unit == "day":
        return day
    if unit == "week":
        return day - day.weekday() * DAY
    if unit == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(day=1) if unit == "month" else day.replace(month=1, day=1)


def date_of(value: Any, as_of: dt.date) -> dt.date:
    """The date that a rule's value stands for."""
    if isinstance(value, dict):
        return moved(as_of, value["relative"]["offset"], value["relative"]["unit"])
    return dt.date.fromisoformat(value)


def stretch(window: dict[str, Any], as_of: dt.date) -> Stretch:
    """First and last day of a window, both included; None is open.

    A running month reaches to its end: a contract may end in what is left of it. What has happened ends with the as-of
    date by itself, since no later event is known.
    """
    match window:
        case {"all": True}:
            return None, None
        case {"last": count, "unit": unit}:
            return moved(as_of, -count, unit) + DAY, as_of
        case {"next": count, "unit": unit}:
            return as_of + DAY, moved(as_of, count, unit)
        case {"this": unit}:
            first = start_of(as_of, unit)
            return first, moved(first, 1, unit) - DAY
        case {"previous": unit}:
            last = start_of(as_of, unit) - DAY
            return start_of(last, unit), last
        case {"between": [near, far], "unit": unit}:
            return moved(as_of, -far, unit) + DAY, moved(as_of, -near, unit)
    ends = [window.get("from"), window.get("to")]
    first, last = (dt.date.fromisoformat(end) if end else None for end in ends)
    return first, last
