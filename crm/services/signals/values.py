"""What the services of signals give and take: frozen values, no database."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class RuleStatus(StrEnum):
    """A rule's state: being written, on trial without anybody being told, in use, stopped for a while, put away."""

    DRAFT = "draft"
    SHADOW = "shadow"
    LIVE = "live"
    PAUSED = "paused"
    ARCHIVED = "archived"


class VersionState(StrEnum):
    """Whether a version is still being changed."""

    DRAFT = "draft"
    PUBLISHED = "published"


class State(StrEnum):
    """How far a signal has come."""

    OPEN = "open"
    SEEN = "seen"
    DECIDED = "decided"
    SNOOZED = "snoozed"
    CLOSED = "closed"


class Decision(StrEnum):
    """What somebody decided about a signal."""

    REACTED = "reacted"
    IGNORED = "ignored"


class Priority(StrEnum):
    """How urgent a signal, a task or a notice is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Sort(StrEnum):
    """Orders of an inbox; all of them end with the newest first."""

    URGENT = "urgent"
    NEWEST = "newest"
    OLDEST = "oldest"
    VALUE = "value"
    SEVERITY = "severity"


@dataclass(frozen=True)
class RuleInfo:
    """A rule. `published` is the version that counts, `open_version` the one still being changed; `revision` is what a
    save is based on; `document` is that of the version named by `shown`: the open one, else the published."""

    key: str
    name: str
    description: str
    template: str
    owner_id: int | None
    owner_login: str
    owner_name: str
    status: RuleStatus
    published: int | None
    open_version: int | None
    shown: int
    document: Mapping[str, Any] = field(hash=False)
    fingerprint: str
    revision: int
    evaluated_until: dt.date | None
    created_at: dt.datetime
    updated_at: dt.datetime
    updated_by: str
    open_signals: int
    last_error: str


@dataclass(frozen=True)
class RuleVersion:
    """One version with its document; `backtest` are the figures of its replay as they were told (None: no replay)."""

    rule: str
    number: int
    document: Mapping[str, Any] = field(hash=False)
    fingerprint: str
    state: VersionState
    author_login: str
    editors: tuple[str, ...]
    reason: str
    at: dt.datetime
    restored_from: int | None
    backtest: Mapping[str, Any] | None = field(hash=False)
    backtest_at: dt.datetime | None
    published_at: dt.datetime | None
    published_by: str


@dataclass(frozen=True)
class SignalInfo:
    """One signal. `day` is when it was first raised, `last_day` when last; `owner_id` an employee (None: nobody known);
    `change_pct` and `severity` as the engine measured them; `outcome` is None until its time is over."""

    signal_id: int
    rule: str
    rule_name: str
    rule_version: int
    customer_id: int
    day: dt.date
    last_day: dt.date
    times: int
    owner_id: str | None
    owner_name: str
    manager_id: str | None
    region_code: str | None
    priority: Priority
    severity: float
    value: float | None
    baseline: float | None
    change_pct: float | None
    details: Mapping[str, Any] = field(hash=False)
    customer_value: float | None
    state: State
    raised_at: dt.datetime
    seen_at: dt.datetime | None
    decision: Decision | None
    decision_reason: str
    comment: str
    decided_at: dt.datetime | None
    decided_login: str
    snoozed_until: dt.date | None
    closed_at: dt.datetime | None
    closed_why: str
    outcome_kind: str
    outcome_due: dt.date
    outcome: bool | None
    outcome_at: dt.datetime | None


@dataclass(frozen=True)
class EventInfo:
    """Something that happened to a signal: raised, raised_again, assigned, seen, reacted, ignored, snoozed, woken,
    reopened, closed, held_back, outcome."""

    event_id: int
    signal_id: int | None
    rule: str
    customer_id: int
    day: dt.date
    kind: str
    reason: str
    actor_login: str
    at: dt.datetime
    details: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True)
class Filter:
    """What to look for in an inbox; what is left empty does not narrow. `states` empty means open and seen ones.

    `owners` are employee ids, `unassigned` those without one. `customers` are ids that the page found by name through
    the gate, since no names are kept here; `text` looks in rules' names, comments and, as a number, customer ids.
    """

    states: tuple[State, ...] = ()
    priorities: tuple[Priority, ...] = ()
    rules: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    unassigned: bool = False
    customers: Sequence[int] | None = None
    text: str = ""
    since: dt.date | None = None
    until: dt.date | None = None


@dataclass(frozen=True)
class Counts:
    """Signals by state, and of those that wait (open or seen) by priority, by rule, by owner."""

    by_state: Mapping[str, int] = field(hash=False)
    by_priority: Mapping[str, int] = field(hash=False)
    by_rule: Mapping[str, int] = field(hash=False)
    by_owner: Mapping[str, int] = field(hash=False)
    unassigned: int
    waiting: int


@dataclass(frozen=True)
class Figures:
    """What one employee (None: the unassigned) did about the signals of a period. Hours are from raised to decided."""

    employee_id: str | None
    employee_name: str
    raised: int
    seen: int
    reacted: int
    ignored: int
    open: int
    closed_by_itself: int
    median_hours: float | None
    outcomes_happened: int
    outcomes_known: int


@dataclass(frozen=True)
class RunInfo:
    """One day that rules were held against; `held` counts what was not raised by reason."""

    run_id: int
    snapshot_version: int
    day: dt.date
    rules: Mapping[str, Any] = field(hash=False)
    state: str
    found: int
    raised: int
    raised_again: int
    closed: int
    held: Mapping[str, int] = field(hash=False)
    message: str
    at: dt.datetime
