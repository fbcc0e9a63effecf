"""The day by the clock of the company, whatever the server's says: days of campaigns, leaves and months are its."""

import datetime as dt
from zoneinfo import ZoneInfo

TIMEZONE = "Asia/Tashkent"


def local_day(now: dt.datetime, timezone: str = TIMEZONE) -> dt.date:
    """The day on which a moment falls."""
    return now.astimezone(ZoneInfo(timezone)).date()
