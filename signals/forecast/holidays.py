"""Public holidays of Uzbekistan on fixed days (Labour Code, article 208). The two feasts of the moon move and are set
by decree each year: who needs them adds them."""

import datetime as dt

_FIXED = ((1, 1), (3, 8), (3, 21), (5, 9), (9, 1), (10, 1), (12, 8))


def public_holidays(first: dt.date, last: dt.date) -> frozenset[dt.date]:
    """Those between two days, both included."""
    days = (dt.date(year, month, day) for year in range(first.year, last.year + 1) for month, day in _FIXED)
    return frozenset(day for day in days if first <= day <= last)
