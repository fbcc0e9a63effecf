"""The days that commands and schedules take by default; everything below them is told its date."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def yesterday(timezone: str) -> date:
    """The last full day in the operator's time zone (an IANA name)."""
    return (datetime.now(ZoneInfo(timezone)) - timedelta(days=1)).date()
