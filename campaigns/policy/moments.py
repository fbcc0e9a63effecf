"""When contacts are possible: the open stretches between quiet hours, and the bounds of calendar periods, in UTC.

Built once for a time zone and a stretch of days, they serve one decision and 45 million alike, and summer time is
right in all of them.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Set
from functools import lru_cache
from zoneinfo import ZoneInfo

from campaigns.policy.nodes import Policy, Quiet

DAY = dt.timedelta(days=1)
Stretch = tuple[dt.datetime, dt.datetime]


def zone_of(policy: Policy, region: str | None) -> str:
    """The time zone that quiet hours are reckoned in for a customer of this region."""
    regions = policy.quiet.by_region if policy.quiet is not None else {}
    return regions.get(region or "", policy.timezone)


def period(per: str, moment: dt.datetime, timezone: str) -> Stretch:
    """Beginning and end (not included) of the calendar day, week or month around `moment`, in UTC."""
    zone = ZoneInfo(timezone)
    return _period(per, moment.astimezone(zone).date(), timezone)


@lru_cache(maxsize=4096)
def _period(per: str, day: dt.date, timezone: str) -> Stretch:
    if per == "day":
        first, after = day, day + DAY
    elif per == "week":
        first = day - DAY * (day.isoweekday() - 1)
        after = first + DAY * 7
    else:
        first = day.replace(day=1)
        after = (first + DAY * 32).replace(day=1)
    return _utc(first, dt.time(), timezone), _utc(after, dt.time(), timezone)


def open_stretches(
    quiet: Quiet, timezone: str, holidays: Set[dt.date], first: dt.datetime, last: dt.datetime
) -> tuple[Stretch, ...]:
    """The stretches in which contacts are possible, in order, from the day of `first` to the day of `last`."""
    zone = ZoneInfo(timezone)
    days = frozenset(holidays) if quiet.holidays else frozenset[dt.date]()
    hours = (quiet.start, quiet.end, quiet.weekdays)
    return _stretches(hours, timezone, days, first.astimezone(zone).date() - DAY, last.astimezone(zone).date())


@lru_cache(maxsize=256)
def _stretches(
    hours: tuple[dt.time, dt.time, tuple[int, ...]], timezone: str, holidays: frozenset[dt.date], first: dt.date,
    last: dt.date,
) -> tuple[Stretch, ...]:  # fmt: skip
    start, end, weekdays = hours
    found: list[Stretch] = []
    for number in range((last - first).days + 1):
        day = first + DAY * number
        if day.isoweekday() in weekdays or day in holidays:
            continue
        for begin, until in _open_hours(start, end):
            stop = _utc(day, until, timezone) if until is not None else _utc(day + DAY, dt.time(), timezone)
            opened = _utc(day, begin, timezone)
            if opened < stop:
                found.append((opened, stop))
    return tuple(found)


def _open_hours(start: dt.time, end: dt.time) -> list[tuple[dt.time, dt.time | None]]:
    midnight = dt.time()
    if start == end:
        return [(midnight, None)]
    if end < start:
        return [(end, start)]
    before: list[tuple[dt.time, dt.time | None]] = [(midnight, start)] if start != midnight else []
    return [*before, (end, None)]


def next_open(stretches: tuple[Stretch, ...], moment: dt.datetime) -> dt.datetime | None:
    """`moment` where it lies in a stretch, else the beginning of the next one; None behind the last."""
    place = bisect_right(stretches, moment, key=lambda stretch: stretch[1])
    return max(moment, stretches[place][0]) if place < len(stretches) else None


def _utc(day: dt.date, time: dt.time, timezone: str) -> dt.datetime:
    return dt.datetime.combine(day, time, ZoneInfo(timezone)).astimezone(dt.UTC)
