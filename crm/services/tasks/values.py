"""What the services of tasks give and take: frozen values, no database."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class TaskKind(StrEnum):
    """What has to be done."""

    CALL = "call"
    MEETING = "meeting"
    EMAIL = "email"
    OFFER = "offer"
    OTHER = "other"


class TaskState(StrEnum):
    """Whether it is done."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Window(StrEnum):
    """When open tasks are due, by the calendar of whoever asks; the last ones are those that are done or cancelled."""

    OVERDUE = "overdue"
    TODAY = "today"
    COMING = "coming"
    OPEN = "open"
    DONE = "done"
    ALL = "all"


@dataclass(frozen=True)
class TaskInfo:
    """One task. `assignee_id` and `manager_id` are employees; `revision` is what a change is based on."""

    task_id: int
    customer_id: int | None
    signal_id: int | None
    kind: TaskKind
    title: str
    description: str
    assignee_id: str | None
    assignee_name: str
    manager_id: str | None
    region_code: str | None
    author_id: int | None
    author_login: str
    priority: str
    due_at: dt.datetime
    remind_at: dt.datetime | None
    state: TaskState
    result: str
    revision: int
    created_at: dt.datetime
    updated_at: dt.datetime
    done_at: dt.datetime | None


@dataclass(frozen=True)
class TaskEventInfo:
    """Something that happened to a task: created, changed, done, cancelled, reopened, reminded."""

    event_id: int
    task_id: int
    kind: str
    actor_login: str
    at: dt.datetime
    details: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True)
class TaskFilter:
    """What to look for; what is left empty does not narrow. `assignees` are employee ids, `mine` those of the asking
    person and of whom he stands in for; `text` looks in titles and descriptions, and customer ids as numbers."""

    window: Window = Window.OPEN
    assignees: tuple[str, ...] = ()
    mine: bool = False
    kinds: tuple[TaskKind, ...] = ()
    priorities: tuple[str, ...] = ()
    customers: Sequence[int] | None = None
    signal_id: int | None = None
    text: str = ""


@dataclass(frozen=True)
class CalendarDay:
    """One day of a month with its tasks by time."""

    day: dt.date
    tasks: tuple[TaskInfo, ...]
