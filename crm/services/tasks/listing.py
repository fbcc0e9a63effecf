"""Looking at tasks: lists by when they are due, counts, a month's calendar, a customer's tasks, the history of one."""

import calendar as calendars
import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Task, TaskEvent
from crm.services.signals.access import reach
from crm.services.tasks.stored import event_info, task_info, task_infos
from crm.services.tasks.values import CalendarDay, TaskEventInfo, TaskFilter, TaskInfo, TaskState, Window
from vitrina.access.rights import Rights

OBJECT = "tasks"
ANY = TaskFilter()
_URGENCY = case({"high": 0, "medium": 1}, value=Task.priority, else_=2)


def tasks(
    session: Session, rights: Rights | None, now: dt.datetime, wanted: TaskFilter = ANY, *,
    timezone: str = "Asia/Tashkent", limit: int = 100, offset: int = 0,
) -> tuple[list[TaskInfo], int]:  # fmt: skip
    """A page of the tasks that a person sees, the first due first (done ones: the last done first), and how many there
    are. Days are those of `timezone`."""
    condition = and_(_narrowed(rights, wanted), _window(wanted.window, now, timezone))
    total = session.scalar(select(func.count()).select_from(Task).where(condition)) or 0
    order = (Task.done_at.desc(),) if wanted.window == Window.DONE else (Task.due_at, _URGENCY)
    query = select(Task).where(condition).order_by(*order, Task.task_id)
    return task_infos(session, session.scalars(query.limit(limit).offset(offset))), total


def task_counts(
    session: Session, rights: Rights | None, now: dt.datetime, wanted: TaskFilter = ANY, *,
    timezone: str = "Asia/Tashkent",
) -> dict[Window, int]:  # fmt: skip
    """How many tasks are in each window; `wanted.window` does not narrow."""
    among = _narrowed(rights, wanted)
    return {
        window: session.scalar(select(func.count()).select_from(Task).where(among, _window(window, now, timezone))) or 0
        for window in Window
    }


def calendar(
    session: Session, rights: Rights | None, month: dt.date, wanted: TaskFilter = ANY, *,
    timezone: str = "Asia/Tashkent",
) -> list[CalendarDay]:  # fmt: skip
    """Every day of the month with the tasks due on it, but for cancelled ones; `wanted.window` is ignored."""
    first = month.replace(day=1)
    last = first.replace(day=calendars.monthrange(first.year, first.month)[1])
    begin, end = _moment(first, timezone), _moment(last + dt.timedelta(days=1), timezone)
    among = and_(
        _narrowed(rights, wanted), Task.due_at >= begin, Task.due_at < end, Task.state != TaskState.CANCELLED
    )  # fmt: skip
    by_day: dict[dt.date, list[TaskInfo]] = {}
    for each in task_infos(session, session.scalars(select(Task).where(among).order_by(Task.due_at, Task.task_id))):
        by_day.setdefault(each.due_at.astimezone(ZoneInfo(timezone)).date(), []).append(each)
    days = [first + dt.timedelta(days=number) for number in range(last.day)]
    return [CalendarDay(day, tuple(by_day.get(day, ()))) for day in days]


def task(session: Session, rights: Rights | None, task_id: int) -> TaskInfo:
    """One task. Raises `CrmError` for one that is not there or not shown to him, which are told alike."""
    row = session.get(Task, task_id)
    if row is None or not reach(rights, OBJECT).viewed.holds(
        row.assignee_id, row.manager_id, row.region_code, row.author_id
    ):
        raise CrmError("task_unknown")
    return task_info(session, row)


def task_history(session: Session, rights: Rights | None, task_id: int) -> list[TaskEventInfo]:
    """Everything that happened to a task, oldest first. Raises `CrmError`."""
    task(session, rights, task_id)
    query = select(TaskEvent).where(TaskEvent.task_id == task_id).order_by(TaskEvent.event_id)
    return [event_info(row) for row in session.scalars(query)]


def tasks_of_customer(session: Session, rights: Rights | None, customer_id: int, *, limit: int = 100) -> list[TaskInfo]:
    """A customer's tasks that a person sees, open ones first."""
    among = and_(reach(rights, OBJECT).viewed.tasks(), Task.customer_id == customer_id)
    is_closed = case((Task.state == TaskState.OPEN.value, 0), else_=1)
    query = select(Task).where(among).order_by(is_closed, Task.due_at, Task.task_id)
    return task_infos(session, session.scalars(query.limit(limit)))


def _narrowed(rights: Rights | None, wanted: TaskFilter) -> ColumnElement[bool]:
    reached = reach(rights, OBJECT)
    parts = [reached.viewed.tasks()]
    if wanted.mine and rights is not None:
        parts.append(or_(Task.assignee_id.in_(list(reached.own)), _written_by(reached.user_id)))
    if wanted.assignees:
        parts.append(Task.assignee_id.in_(wanted.assignees))
    if wanted.kinds:
        parts.append(Task.kind.in_([each.value for each in wanted.kinds]))
    if wanted.priorities:
        parts.append(Task.priority.in_(wanted.priorities))
    if wanted.signal_id is not None:
        parts.append(Task.signal_id == wanted.signal_id)
    found: list[ColumnElement[bool]] = (
        [] if wanted.customers is None else [Task.customer_id.in_(list(wanted.customers))]
    )
    if text := wanted.text.strip():
        found += [Task.title.icontains(text, autoescape=True), Task.description.icontains(text, autoescape=True)]
        if text.isascii() and text.isdigit() and len(text) < 18:
            found.append(Task.customer_id == int(text))
    return and_(*parts, or_(*found)) if found else and_(*parts)


def _written_by(user_id: int | None) -> ColumnElement[bool]:
    """Tasks of nobody that he wrote: a person without an employee keeps his own."""
    return and_(Task.assignee_id.is_(None), Task.author_id == user_id)


def _window(window: Window, now: dt.datetime, timezone: str) -> ColumnElement[bool]:
    today = now.astimezone(ZoneInfo(timezone)).date()
    begin, end = _moment(today, timezone), _moment(today + dt.timedelta(days=1), timezone)
    is_open = Task.state == TaskState.OPEN.value
    conditions: dict[Window, Iterable[ColumnElement[bool]]] = {
        Window.OVERDUE: (is_open, Task.due_at < min(now, end), Task.due_at < now),
        Window.TODAY: (is_open, Task.due_at >= max(now, begin), Task.due_at < end),
        Window.COMING: (is_open, Task.due_at >= end),
        Window.OPEN: (is_open,),
        Window.DONE: (Task.state != TaskState.OPEN.value,),
        Window.ALL: (Task.task_id.is_not(None),),
    }
    return and_(*conditions[window])


def _moment(day: dt.date, timezone: str) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), ZoneInfo(timezone))
