"""Reminders: each open task is told of once when its reminder comes, and once when it is overdue."""

import datetime as dt

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from crm.models import Task
from crm.services.actor import system
from crm.services.notices import notify
from crm.services.signals.owners import users_of
from crm.services.tasks.values import TaskState
from crm.services.tasks.writing import note


def remind(session: Session, now: dt.datetime) -> int:
    """Tell everybody of his tasks whose reminder or end has come since he was told last; how many tasks there were."""
    soon = and_(Task.remind_at <= now, Task.due_at > now, Task.reminded_at.is_(None))
    over = and_(Task.due_at <= now, or_(Task.reminded_at.is_(None), Task.reminded_at < Task.due_at))
    query = select(Task).where(Task.state == TaskState.OPEN.value, or_(soon, over)).order_by(Task.task_id)
    rows = session.scalars(query.with_for_update()).all()
    for row in rows:
        kind = "task_overdue" if row.due_at <= now else "task_reminder"
        row.reminded_at = now
        note(session, row, "reminded", system("reminders"), now, notice=kind)
        author = [] if row.author_id is None else [row.author_id]
        for user_id in sorted(users_of(session, row.assignee_id, now.date())) if row.assignee_id else author:
            priority = "high" if kind == "task_overdue" else row.priority
            notify(session, user_id, kind, {"title": row.title}, f"/tasks?task={row.task_id}", now, priority)
    return len(rows)
