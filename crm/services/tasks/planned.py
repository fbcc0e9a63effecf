"""Tasks that rules plan: made with their signal, and settled with the decision on it unless somebody took them up."""

import datetime as dt
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import Signal, Task, TaskEvent
from crm.services.actor import Actor, printable
from crm.services.tasks.values import TaskKind, TaskState

_END_OF_WORK = dt.time(18)


def plan_task(
    session: Session, signal: Signal, title: str, due_days: int, actor: Actor, now: dt.datetime, timezone: str
) -> None:
    """The task of a signal, for whoever has to act on it, due so many days from now at the end of work."""
    local = now.astimezone(ZoneInfo(timezone))
    due = dt.datetime.combine(local.date() + dt.timedelta(days=due_days), _END_OF_WORK, ZoneInfo(timezone))
    session.add(
        Task(
            customer_id=signal.customer_id, signal_id=signal.signal_id, made_of=_made_of(signal), kind=TaskKind.CALL,
            title=printable(title, 200), description="", assignee_id=signal.owner_id, manager_id=signal.manager_id,
            region_code=signal.region_code, author_id=None, author_login=printable(actor.login, 64),
            priority=signal.priority, due_at=due, remind_at=None, state=TaskState.OPEN, result="", revision=1,
            created_at=now, updated_at=now,
        )
    )  # fmt: skip


def settle_task(session: Session, signal: Signal, state: TaskState, actor: Actor, now: dt.datetime) -> None:
    """End the task that the signal's rule planned, when nobody changed it: what it asked for is done, or needless."""
    query = select(Task).where(Task.made_of == _made_of(signal), Task.state == TaskState.OPEN.value, Task.revision == 1)
    with session.no_autoflush:
        row = session.scalars(query.with_for_update()).one_or_none()
    if row is None:
        return
    row.state, row.done_at, row.updated_at, row.revision = state, now, now, 2
    row.result = signal.comment or signal.decision_reason or signal.closed_why
    session.add(
        TaskEvent(
            task_id=row.task_id, kind=state, actor_id=actor.user_id, actor_login=printable(actor.login, 64), at=now,
            details={"signal": signal.signal_id},
        )
    )  # fmt: skip


def _made_of(signal: Signal) -> str:
    return f"signal {signal.signal_id}"
