"""What a contact policy says: how often, when and whom campaigns may contact."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

VERSION: Final = 1
CHANNELS: Final = ("push", "telegram", "sms", "email", "call")
CATEGORIES: Final = ("marketing", "service", "collection")
PERIODS: Final = ("day", "week", "month")
SUBJECTS: Final = ("customer", "cluster")
WINDOWS: Final = ("calendar", "rolling")
WHEN_CAPPED: Final = ("defer", "drop")
ROLLING_DAYS: Final[Mapping[str, int]] = {"day": 1, "week": 7, "month": 30}
# A day is 25 hours long when summer time ends.
_LONGEST_DAYS: Final[Mapping[str, int]] = {"day": 2, "week": 8, "month": 32}


@dataclass(frozen=True)
class Scope:
    """Which contacts a rule binds and counts; None is all of them."""

    channels: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None

    def binds(self, channel: str, category: str) -> bool:
        """Whether a contact of this channel and category falls under the rule."""
        return (self.channels is None or channel in self.channels) and (
            self.categories is None or category in self.categories
        )


@dataclass(frozen=True)
class Cap:
    """At most so many contacts with a customer, or with everybody of his cluster, in a calendar day, week (from Monday)
    or month of the policy's time zone, or (`rolling`) in any 24 hours, 7 days, 30 days."""

    per: str
    at_most: int
    scope: Scope = field(default_factory=Scope)
    of: str = "customer"
    window: str = "calendar"


@dataclass(frozen=True)
class Gap:
    """At least so many minutes between two contacts."""

    minutes: int
    scope: Scope = field(default_factory=Scope)
    of: str = "customer"


@dataclass(frozen=True)
class Quiet:
    """No contacts from `start` to `end` (past midnight where `end` is earlier), on `weekdays` (1 Monday, 7 Sunday), on
    holidays; in the time zone of the customer's region, which is the policy's unless `by_region` names another."""

    start: dt.time = dt.time(21)
    end: dt.time = dt.time(9)
    weekdays: tuple[int, ...] = ()
    holidays: bool = False
    by_region: Mapping[str, str] = field(default_factory=dict)
    scope: Scope = field(default_factory=Scope)


@dataclass(frozen=True)
class Policy:
    """A whole policy. `consent`: categories that need the customer's consent. `exclude_segments`: members are not
    contacted. `when_capped`: what becomes of a contact that a cap or gap stands against: put off, for `defer_days` at
    most, or dropped. Quiet hours always put off."""

    timezone: str = "Asia/Tashkent"
    caps: tuple[Cap, ...] = ()
    gaps: tuple[Gap, ...] = ()
    quiet: Quiet | None = None
    consent: tuple[str, ...] = ("marketing",)
    exclude_segments: tuple[str, ...] = ()
    channel_priority: tuple[str, ...] = CHANNELS
    when_capped: str = "defer"
    defer_days: int = 7

    @property
    def rules(self) -> tuple[tuple[str, Cap | Gap], ...]:
        """Caps and gaps in their order, each with its path: "caps/0"."""
        caps = tuple((f"caps/{place}", cap) for place, cap in enumerate(self.caps))
        return caps + tuple((f"gaps/{place}", gap) for place, gap in enumerate(self.gaps))

    @property
    def memory(self) -> dt.timedelta:
        """How far back contacts can count: no decision asks for older ones."""
        spans = [dt.timedelta(days=_LONGEST_DAYS[cap.per]) for cap in self.caps]
        return max([*spans, *(dt.timedelta(minutes=gap.minutes) for gap in self.gaps)], default=dt.timedelta())
