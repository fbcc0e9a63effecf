"""Rows of tasks turned into values. Who may see them is `crm.services.signals.access`."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from crm.models import Task, TaskEvent
from crm.services.signals.stored import employee_names
from crm.services.tasks.values import TaskEventInfo, TaskInfo, TaskKind, TaskState


def task_info(session: Session, row: Task) -> TaskInfo:
    """One task."""
    return task_infos(session, [row])[0]


def task_infos(session: Session, rows: Iterable[Task]) -> list[TaskInfo]:
    """Tasks with the names of who does them."""
    wanted = list(rows)
    names = employee_names(session, [row.assignee_id for row in wanted if row.assignee_id])
    return [_info(row, names.get(row.assignee_id or "", "")) for row in wanted]


def event_info(row: TaskEvent) -> TaskEventInfo:
    """The plain value of an event."""
    return TaskEventInfo(row.event_id, row.task_id, row.kind, row.actor_login, row.at, row.details)


def _info(row: Task, name: str) -> TaskInfo:
    return TaskInfo(
        task_id=row.task_id, customer_id=row.customer_id, signal_id=row.signal_id, kind=TaskKind(row.kind),
        title=row.title, description=row.description, assignee_id=row.assignee_id, assignee_name=name,
        manager_id=row.manager_id, region_code=row.region_code, author_id=row.author_id,
        author_login=row.author_login, priority=row.priority, due_at=row.due_at, remind_at=row.remind_at,
        state=TaskState(row.state), result=row.result, revision=row.revision, created_at=row.created_at,
        updated_at=row.updated_at, done_at=row.done_at,
    )  # fmt: skip
