"""What the services of running campaigns take and give."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from crm.services.campaigns.values import Kind


class Arm(StrEnum):
    """To which group a member of the audience belongs. Only the first two walk the flow."""

    CONTACTED = "contacted"
    CONTROL = "control"
    UNIVERSAL = "universal"
    EXCLUDED = "excluded"


WALKING: Final = (Arm.CONTACTED, Arm.CONTROL)
OUTSIDE: Final = "outside"
"""State of members who do not walk."""
WRITING, FROZEN = "writing", "frozen"


@dataclass(frozen=True)
class NewFreeze:
    """What an audience is taken from: number of the snapshot and its day, what the audience means, which policy."""

    campaign: str
    kind: str
    snapshot: int
    as_of: dt.date
    definition: Mapping[str, Any] = field(hash=False)
    fingerprint: str
    policy: int | None
    share_pct: float


@dataclass(frozen=True)
class FreezeInfo:
    """The receipt of a freeze. `counts`: members, clusters, each arm, and exclusions as `excluded:<reason>`."""

    campaign: str
    number: int
    kind: str
    state: str
    snapshot: int
    as_of: dt.date
    fingerprint: str
    policy: int | None
    share_pct: float
    counts: Mapping[str, int] = field(hash=False)
    balance: Mapping[str, Any] | None = field(hash=False)
    digest: str
    actor_login: str
    begun_at: dt.datetime
    frozen_at: dt.datetime | None


@dataclass(frozen=True)
class RunInfo:
    """What a campaign carries out. `done` numbers its freezes that count."""

    campaign: str
    version: int
    fingerprint: str
    kind: str
    category: str
    priority: int
    flow: Mapping[str, Any] = field(hash=False)
    audience: Mapping[str, Any] = field(hash=False)
    ends_on: dt.date | None
    expected: int | None
    started_at: dt.datetime
    seen_until: dt.datetime | None
    ticked_at: dt.datetime | None
    ended_at: dt.datetime | None
    trouble: str
    done: tuple[int, ...]

    @property
    def takes_more(self) -> bool:
        """Whether customers may enter after the start."""
        return self.kind == Kind.TRIGGER or self.audience.get("enter") == "each_run"


@dataclass(frozen=True)
class Ticked:
    """What a tick did: participants walked, transitions, messages queued and called back, tasks, who ended."""

    walked: int = 0
    moved: int = 0
    queued: int = 0
    cancelled: int = 0
    tasks: int = 0
    ended: int = 0

    def __add__(self, other: "Ticked") -> "Ticked":
        return Ticked(
            self.walked + other.walked, self.moved + other.moved, self.queued + other.queued,
            self.cancelled + other.cancelled, self.tasks + other.tasks, self.ended + other.ended,
        )  # fmt: skip
