"""Writing tasks: a new one, changes, done, cancelled, open again."""

import datetime as dt
from typing import Any, Final

from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Employee, Signal, Task, TaskEvent
from crm.services.actor import Actor, printable
from crm.services.audit import AuditKind, Entry, record
from crm.services.notices import PRIORITIES, notify
from crm.services.signals.access import Reach, reach
from crm.services.signals.owners import users_of
from crm.services.tasks.stored import task_info
from crm.services.tasks.values import TaskInfo, TaskKind, TaskState
from crm.services.versioned import lines
from vitrina.access.rights import Rights

OBJECT = "tasks"
KEEP: Final = object()


def create(
    session: Session, rights: Rights | None, title: str, due_at: dt.datetime, actor: Actor, now: dt.datetime, *,
    kind: str = TaskKind.OTHER, description: str = "", customer_id: int | None = None, manager_id: str | None = None,
    region_code: str | None = None, signal_id: int | None = None, assignee_id: str | None = None,
    remind_at: dt.datetime | None = None, priority: str = "medium",
) -> TaskInfo:  # fmt: skip
    """A new task. Without `assignee_id` it is the author's own; with a signal, customer, manager and region are its.

    `customer_id` must be one that the caller was shown: the page or route asks the gate. Raises `CrmError`.
    """
    reached = _may_write(rights)
    if signal_id is not None:
        signal = session.get(Signal, signal_id)
        seen = signal is not None and reach(rights).viewed.holds(
            signal.owner_id, signal.manager_id, signal.region_code
        )  # fmt: skip
        if signal is None or not seen:
            raise CrmError("signal_unknown")
        customer_id, manager_id, region_code = signal.customer_id, signal.manager_id, signal.region_code
    assignee = assignee_id or next(iter(sorted(_himself(rights, actor, session))), None)
    _require_assignee(session, reached, assignee)
    row = Task(
        customer_id=customer_id, signal_id=signal_id, made_of=None, kind=_kind(kind), title=_title(title),
        description=lines(description), assignee_id=assignee, manager_id=manager_id, region_code=region_code,
        author_id=actor.user_id, author_login=printable(actor.login, 64), priority=_priority(priority), due_at=due_at,
        remind_at=_reminder(remind_at, due_at), state=TaskState.OPEN, revision=1, created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    note(session, row, "created", actor, now, assignee=assignee, due=due_at.isoformat())
    _tell_assignee(session, row, actor, now)
    return task_info(session, row)


def change(
    session: Session, rights: Rights | None, task_id: int, actor: Actor, now: dt.datetime, *, base: int,
    title: str | None = None, description: str | None = None, kind: str | None = None,
    due_at: dt.datetime | None = None, remind_at: Any = KEEP, priority: str | None = None,
    assignee_id: str | None = None,
) -> TaskInfo:  # fmt: skip
    """Change what is given of an open task, based on the revision that the writer had before him (`remind_at` None
    takes the reminder away). Raises `CrmError`."""
    row = _open(session, rights, task_id)
    if row.revision != base:
        raise CrmError("task_changed", login=_last_login(session, row))
    wanted: dict[str, Any] = {}
    if title is not None:
        wanted["title"] = _title(title)
    if description is not None:
        wanted["description"] = lines(description)
    if kind is not None:
        wanted["kind"] = _kind(kind)
    if priority is not None:
        wanted["priority"] = _priority(priority)
    if due_at is not None:
        wanted["due_at"] = due_at
    if remind_at is not KEEP or due_at is not None:
        chosen = row.remind_at if remind_at is KEEP else remind_at
        wanted["remind_at"] = _reminder(chosen, due_at or row.due_at)
    if assignee_id is not None and assignee_id != row.assignee_id:
        _require_assignee(session, _may_write(rights), assignee_id)
        wanted["assignee_id"] = assignee_id
    changed = sorted(name for name, value in wanted.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, wanted[name])
    if changed:
        if "remind_at" in changed or "due_at" in changed:
            row.reminded_at = None
        _touch(row, now)
        note(session, row, "changed", actor, now, fields=changed)
        if "assignee_id" in changed:
            _tell_assignee(session, row, actor, now)
    return task_info(session, row)


def complete(
    session: Session, rights: Rights | None, task_id: int, result: str, actor: Actor, now: dt.datetime
) -> TaskInfo:
    """The task is done, and this came of it. Raises `CrmError`."""
    row, said = _open(session, rights, task_id), lines(result)
    if not said:
        raise CrmError("task_result")
    row.state, row.result, row.done_at = TaskState.DONE, said, now
    _touch(row, now)
    note(session, row, "done", actor, now)
    if row.author_id is not None and row.author_id != actor.user_id:
        values = {"login": actor.login, "title": row.title}
        notify(session, row.author_id, "task_done", values, _link(row), now, "low")
    return task_info(session, row)


def cancel(session: Session, rights: Rights | None, task_id: int, why: str, actor: Actor, now: dt.datetime) -> TaskInfo:
    """The task need not be done, for this reason. Raises `CrmError`."""
    row, said = _open(session, rights, task_id), lines(why)
    if not said:
        raise CrmError("reason_missing")
    row.state, row.result, row.done_at = TaskState.CANCELLED, said, now
    _touch(row, now)
    note(session, row, "cancelled", actor, now)
    for user_id in _others(session, row, actor, now):
        notify(session, user_id, "task_cancelled", {"login": actor.login, "title": row.title}, _link(row), now, "low")
    return task_info(session, row)


def reopen(session: Session, rights: Rights | None, task_id: int, actor: Actor, now: dt.datetime) -> TaskInfo:
    """A task that was done or cancelled is to be done after all. Raises `CrmError`."""
    row = _edited(session, rights, task_id)
    if row.state == TaskState.OPEN:
        raise CrmError("task_state", state=row.state)
    row.state, row.done_at = TaskState.OPEN, None
    _touch(row, now)
    note(session, row, "reopened", actor, now)
    return task_info(session, row)


def note(session: Session, row: Task, kind: str, actor: Actor, now: dt.datetime, **details: object) -> None:
    """Add to a task's history and to the audit log."""
    session.add(
        TaskEvent(
            task_id=row.task_id, kind=kind, actor_id=actor.user_id, actor_login=printable(actor.login, 64), at=now,
            details=details,
        )
    )  # fmt: skip
    session.flush()
    told = {"what": f"task_{kind}", "customer": row.customer_id, **details}
    record(session, actor, Entry(AuditKind.DATA_CHANGED, OBJECT, str(row.task_id), (), "", told), now)


def _may_write(rights: Rights | None) -> Reach:
    if rights is not None and rights.acting_for is not None:
        raise CrmError("viewing_only")
    reached = reach(rights, OBJECT)
    if not reached.edited.allowed:
        raise CrmError("task_out_of_reach")
    return reached


def _edited(session: Session, rights: Rights | None, task_id: int) -> Task:
    if rights is not None and rights.acting_for is not None:
        raise CrmError("viewing_only")
    row, reached = session.get(Task, task_id, with_for_update=True, populate_existing=True), reach(rights, OBJECT)
    about = (row.assignee_id, row.manager_id, row.region_code, row.author_id) if row else ()
    if row is None or not reached.viewed.holds(*about):
        raise CrmError("task_unknown")
    if not reached.edited.holds(*about):
        raise CrmError("task_out_of_reach")
    return row


def _open(session: Session, rights: Rights | None, task_id: int) -> Task:
    row = _edited(session, rights, task_id)
    if row.state != TaskState.OPEN:
        raise CrmError("task_state", state=row.state)
    return row


def _himself(rights: Rights | None, actor: Actor, session: Session) -> frozenset[str]:
    from crm.services.organisation import linked_employees

    return linked_employees(session, actor.user_id) if rights is not None and actor.user_id else frozenset()


def _require_assignee(session: Session, reached: Reach, employee_id: str | None) -> None:
    """Somebody who works here and whom the right reaches; a task of nobody is for those who may see its region."""
    if employee_id is None:
        return
    employee = session.get(Employee, employee_id)
    if employee is None or not employee.is_employed or not reached.edited.reaches(employee_id):
        raise CrmError("task_assignee", employee=employee_id[:64])


def _tell_assignee(session: Session, row: Task, actor: Actor, now: dt.datetime) -> None:
    values = {"login": actor.login, "title": row.title}
    for user_id in _others(session, row, actor, now):
        notify(session, user_id, "task_given", values, _link(row), now, row.priority)


def _others(session: Session, row: Task, actor: Actor, now: dt.datetime) -> list[int]:
    """Users of a task's assignee but for who acts."""
    told = users_of(session, row.assignee_id, now.date()) if row.assignee_id is not None else frozenset()
    return sorted(each for each in told if each != actor.user_id)


def _touch(row: Task, now: dt.datetime) -> None:
    row.revision += 1
    row.updated_at = now


def _last_login(session: Session, row: Task) -> str:
    query = session.query(TaskEvent.actor_login).filter(TaskEvent.task_id == row.task_id)
    last = query.order_by(TaskEvent.event_id.desc()).first()
    return last[0] if last else row.author_login


def _title(title: str) -> str:
    shown = printable(title.strip(), 200)
    if not shown:
        raise CrmError("task_title")
    return shown


def _kind(kind: str) -> str:
    if kind not in list(TaskKind):
        raise CrmError("task_kind", kind=str(kind)[:40])
    return str(kind)


def _priority(priority: str) -> str:
    if priority not in PRIORITIES:
        raise CrmError("task_priority", priority=str(priority)[:40])
    return priority


def _reminder(remind_at: dt.datetime | None, due_at: dt.datetime) -> dt.datetime | None:
    if remind_at is not None and remind_at > due_at:
        raise CrmError("task_reminder")
    return remind_at


def _link(row: Task) -> str:
    return f"/tasks?task={row.task_id}"
