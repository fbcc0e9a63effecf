"""Tasks by HTTP: lists, the calendar, changes; what one chose to be told. Token scope `tasks`.

Notices themselves are `segment_orders`.
"""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, Field

from apps.api.access import Client, Known
from apps.api.problems import Problem, _
from apps.api.segment_forms import Body, Customer, Name, Text, plain
from apps.api.signal_access import VIEWING, changing, looking
from crm.services import notice_settings, tasks
from crm.services.tasks import TaskFilter, TaskInfo, TaskKind, Window
from crm.services.tasks.writing import KEEP
from vitrina.access.looks import Purpose

router = APIRouter(tags=["tasks"])
SUBJECT = "tasks"
Form = dict[str, Any]
Employee = Annotated[str, Field(max_length=64)]


class NewTask(Body):
    """A task about a customer or a signal that you see, or about neither; without an assignee it is yours."""

    title: Name
    due_at: AwareDatetime
    kind: TaskKind = TaskKind.OTHER
    description: Text = ""
    customer: Customer | None = None
    signal: Customer | None = None
    assignee: Employee | None = None
    remind_at: AwareDatetime | None = None
    priority: Name = "medium"


class Changes(Body):
    """What is given is changed. `base` is the revision that the caller had before him; `remind_at` null takes the
    reminder away."""

    base: int
    title: Name | None = None
    description: Text | None = None
    kind: TaskKind | None = None
    due_at: AwareDatetime | None = None
    remind_at: AwareDatetime | None = None
    priority: Name | None = None
    assignee: Employee | None = None


class Said(Body):
    """What came of it, or why it need not be done."""

    text: Text


class Choice(Body):
    """What one is told: kinds switched off, and a digest by e-mail (off, daily, weekly)."""

    muted: Annotated[list[Name], Field(max_length=100)] | None = None
    digest: Name | None = None
    hour: int | None = None
    weekday: int | None = None


def _filter(
    window: Window = Window.OPEN, assignee: Annotated[list[str] | None, Query()] = None, mine: bool = False,
    kind: Annotated[list[TaskKind] | None, Query()] = None, priority: Annotated[list[str] | None, Query()] = None,
    customer: Annotated[list[int] | None, Query()] = None, signal: int | None = None,
    text: Annotated[str, Query(max_length=200)] = "",
) -> TaskFilter:  # fmt: skip
    return TaskFilter(
        window, tuple(assignee or ()), mine, tuple(kind or ()), tuple(priority or ()), customer, signal, text
    )


Wanted = Annotated[TaskFilter, Depends(_filter)]


@router.get("/tasks")
def listed(
    client: Known, wanted: Wanted, limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Form:  # fmt: skip
    """Tasks that you see in a window (overdue, today, coming, open, done, all), with counts of every window."""
    looking(client, SUBJECT)
    now, zone = client.services.now(), client.services.settings.timezone
    with client.services.database.read() as session:
        rows, total = tasks.tasks(session, client.rights, now, wanted, timezone=zone, limit=limit, offset=offset)
        counts = tasks.task_counts(session, client.rights, now, wanted, timezone=zone)
    return {"total": total, "tasks": plain(rows), "counts": {window.value: count for window, count in counts.items()}}


@router.get("/task-calendar")
def calendar(client: Known, month: dt.date, wanted: Wanted) -> list[Form]:
    """The days of a month (any day of it) with the tasks due on each."""
    looking(client, SUBJECT)
    zone = client.services.settings.timezone
    with client.services.database.read() as session:
        return [plain(each) for each in tasks.calendar(session, client.rights, month, wanted, timezone=zone)]


@router.post("/tasks", status_code=201)
def create(client: Known, body: NewTask) -> Form:
    """A new task."""
    manager, region = _customer(client, body.customer) if body.customer is not None else (None, None)
    with changing(client, SUBJECT) as change:
        made = tasks.create(
            change.session, client.rights, body.title, body.due_at, change.actor, change.now, kind=body.kind,
            description=body.description, customer_id=body.customer, manager_id=manager, region_code=region,
            signal_id=body.signal, assignee_id=body.assignee, remind_at=body.remind_at, priority=body.priority,
        )  # fmt: skip
        return _told(made)


@router.get("/tasks/{number}")
def one(client: Known, number: int) -> Form:
    """A task with its history."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        found = tasks.task(session, client.rights, number)
        told = tasks.task_history(session, client.rights, number)
    return {**_told(found), "history": plain(told)}


@router.patch("/tasks/{number}")
def change_task(client: Known, number: int, body: Changes) -> Form:
    """Change an open task. 409 when somebody changed it since your `base`."""
    remind_at = body.remind_at if "remind_at" in body.model_fields_set else KEEP
    with changing(client, SUBJECT) as change:
        changed = tasks.change(
            change.session, client.rights, number, change.actor, change.now, base=body.base, title=body.title,
            description=body.description, kind=body.kind, due_at=body.due_at, remind_at=remind_at,
            priority=body.priority, assignee_id=body.assignee,
        )  # fmt: skip
        return _told(changed)


@router.post("/tasks/{number}/complete")
def complete(client: Known, number: int, body: Said) -> Form:
    """The task is done, and this came of it."""
    with changing(client, SUBJECT) as change:
        return _told(tasks.complete(change.session, client.rights, number, body.text, change.actor, change.now))


@router.post("/tasks/{number}/cancel")
def cancel(client: Known, number: int, body: Said) -> Form:
    """The task need not be done, for this reason."""
    with changing(client, SUBJECT) as change:
        return _told(tasks.cancel(change.session, client.rights, number, body.text, change.actor, change.now))


@router.post("/tasks/{number}/reopen")
def reopen(client: Known, number: int) -> Form:
    """To be done after all."""
    with changing(client, SUBJECT) as change:
        return _told(tasks.reopen(change.session, client.rights, number, change.actor, change.now))


@router.get("/notice-settings")
def settings(client: Known) -> Form:
    """What you are told, and how."""
    client.needs(SUBJECT)
    with client.services.database.read() as session:
        return plain(notice_settings.notice_settings(session, client.rights.user_id))  # type: ignore[no-any-return]


@router.put("/notice-settings")
def choose(client: Known, body: Choice) -> Form:
    """Choose what you are told, and how."""
    _himself(client)
    with client.services.database.begin() as session:
        chosen = notice_settings.choose_notices(
            session, client.rights.user_id, client.actor, client.services.now(), muted=body.muted, digest=body.digest,
            hour=body.hour, weekday=body.weekday,
        )  # fmt: skip
    return plain(chosen)  # type: ignore[no-any-return]


def _himself(client: Client) -> None:
    client.needs(SUBJECT)
    if client.rights.acting_for is not None:
        raise Problem(403, "viewing_only", VIEWING)


def _customer(client: Client, customer_id: int) -> tuple[str | None, str | None]:
    """Manager and region of a customer whom the caller sees. Raises `Problem`, `Refused`."""
    query = "select manager_id, region_code from dim_customers where customer_id = $customer"
    found = client.reader(Purpose.API).query(query, {"customer": customer_id}).to_pylist()
    if not found:
        raise Problem(404, "customer_unknown", _("There is no customer {id} in this snapshot."), id=customer_id)
    return found[0]["manager_id"], found[0]["region_code"]


def _told(found: TaskInfo) -> Form:
    return plain(found)  # type: ignore[no-any-return]
