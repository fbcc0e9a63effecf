"""What the services of segments give and take: frozen values, no database."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Sharing(StrEnum):
    """Who sees a segment or a list besides its owner, of those whose right reaches the owner."""

    PRIVATE = "private"
    ROLES = "roles"
    ALL = "all"


class Status(StrEnum):
    """A segment's state as a whole: never published, in use, put away."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


class VersionState(StrEnum):
    """How far a version has come."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    RETURNED = "returned"
    PUBLISHED = "published"


class Mode(StrEnum):
    """What makes a segment run: only people, every new snapshot, a cron line, days of a calendar."""

    MANUAL = "manual"
    ON_SNAPSHOT = "on_snapshot"
    CRON = "cron"
    CALENDAR = "calendar"


class RunState(StrEnum):
    """How a run ended; `held` awaits somebody's look, `released` had it."""

    DONE = "done"
    FAILED = "failed"
    HELD = "held"
    RELEASED = "released"


@dataclass(frozen=True)
class Schedule:
    """When a segment runs. `cron` has five fields; `days` run at `time` (HH:MM); both by the clock of `timezone`."""

    mode: Mode = Mode.ON_SNAPSHOT
    cron: str = ""
    days: tuple[dt.date, ...] = ()
    time: str = "06:00"
    timezone: str = "Asia/Tashkent"


@dataclass(frozen=True)
class Alarm:
    """Limits of the size alarm in per cent; None is the installation's own."""

    min_share_pct: float | None = None
    max_change_pct: float | None = None


@dataclass(frozen=True)
class Held:
    """Why a segment is held back: the catalogues' key with its values."""

    kind: str
    text: str
    values: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True)
class RunInfo:
    """One run. `members` and `base` (all customers) are figures of the whole company, None for one that failed."""

    run_id: int
    segment: str
    version: int
    snapshot_version: int
    as_of: dt.date
    members: int | None
    base: int | None
    entered: int | None
    left: int | None
    state: RunState
    message: str
    at: dt.datetime


@dataclass(frozen=True)
class SegmentInfo:
    """A segment. `published` is the number of the version that counts, `open_version` of the one still being changed;
    `revision` is what a save is based on."""

    key: str
    name: str
    description: str
    folder: str
    tags: tuple[str, ...]
    owner_id: int | None
    owner_login: str
    owner_name: str
    sharing: Sharing
    shared_roles: tuple[str, ...]
    status: Status
    published: int | None
    open_version: int | None
    open_state: VersionState | None
    revision: int
    held: Held | None
    schedule: Schedule
    alarm: Alarm
    created_at: dt.datetime
    updated_at: dt.datetime
    updated_by: str
    last_run: RunInfo | None


@dataclass(frozen=True)
class VersionInfo:
    """One version with its document. `editors` wrote it; `verdict` is what its review or publication knew of it."""

    segment: str
    number: int
    document: Mapping[str, Any] = field(hash=False)
    fingerprint: str
    state: VersionState
    author_login: str
    editors: tuple[str, ...]
    reason: str
    at: dt.datetime
    restored_from: int | None
    reviewer_login: str
    reviewed_at: dt.datetime | None
    comment: str
    verdict: Mapping[str, Any] | None = field(hash=False)
    published_at: dt.datetime | None
    published_by: str


@dataclass(frozen=True)
class Fixture:
    """A customer who has to be in (or out), and why."""

    customer_id: int
    expected_in: bool
    note: str = ""


@dataclass(frozen=True)
class Verdict:
    """What was found out about one definition (by its fingerprint) before it goes on: the fixtures' customers that are
    in it, and figures of the difference to the published version, for the record."""

    fingerprint: str
    inside: frozenset[int] = frozenset()
    difference: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Due:
    """A segment that has to run now: its published version, and what made it due."""

    segment: str
    version: int
    cause: Mode
    since: dt.datetime | None


@dataclass(frozen=True)
class Filter:
    """What to look for among segments; what is left empty does not narrow. `folder` includes those below it."""

    folder: str | None = None
    tag: str = ""
    owner_id: int | None = None
    text: str = ""
    status: Status | None = None
    archived: bool = False
