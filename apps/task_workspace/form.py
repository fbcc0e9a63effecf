"""The form of a task: a new one, one about a signal, or a change of one that is open."""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from apps.identity import person, today
from apps.language import t
from apps.services import services
from apps.signal_workspace import customers
from apps.task_workspace.access import change_tasks, is_wide
from apps.task_workspace.people import colleagues
from apps.ui.layout import escape
from crm.services import signals as desk
from crm.services import tasks as kept
from crm.services.signals import SignalInfo
from crm.services.tasks import TaskInfo, TaskKind
from crm.signal_messages import PRIORITIES, TASK_KINDS

REMINDERS: Final = (None, 15, 60, 24 * 60)
_FIRST_HOUR: Final = dt.time(10)


def new_task(due: dt.date | None = None) -> None:
    """An empty form."""
    st.dialog(t("New task"), width="medium")(_new)(None, due)


def task_of_signal(signal_id: int) -> None:
    """A form about a signal, whose customer is given."""
    with services().database.read() as session:
        signal = desk.signal(session, person().rights, signal_id)
    st.dialog(t("New task"), width="medium")(_new)(signal, None)


def change_task(task: TaskInfo) -> None:
    """The form of a task that is still to be done."""
    st.dialog(t("Change the task"), width="medium")(_change)(task)


def _new(signal: SignalInfo | None, due: dt.date | None) -> None:
    key = f"task_new_{signal.signal_id if signal else ''}"
    customer_id = signal.customer_id if signal is not None else _customer(key)
    if signal is not None:
        name = customers.names([signal.customer_id]).get(signal.customer_id) or customers.number(signal.customer_id)
        st.caption(f"{escape(name)} · {escape(signal.rule_name)}")
    kind = _kind("call" if signal is not None else "other", key)
    title = st.text_input(
        t("What is to be done"), key=f"{key}_title", max_chars=200,
        value=t("Call: {rule}", rule=signal.rule_name) if signal is not None else "",
    )  # fmt: skip
    day = due or today(services()) + dt.timedelta(days=1)
    at, remind = _when(day, _FIRST_HOUR, 60, key)
    priority = _priority(signal.priority.value if signal is not None else "medium", key)
    assignee = _assignee(None, key)
    text = st.text_area(t("Details"), key=f"{key}_text", max_chars=2000, height=90)
    if st.button(t("Save the task"), type="primary", key=f"{key}_save", disabled=at is None) and at:
        known = customers.known([customer_id]).get(customer_id or 0, {}) if signal is None else {}

        def done(session, rights, actor, now) -> str:  # type: ignore[no-untyped-def]
            kept.create(
                session, rights, title or "", at, actor, now, kind=kind, description=text or "",
                customer_id=customer_id if known or signal else None, manager_id=known.get("manager_id"),
                region_code=known.get("region_code"), signal_id=signal.signal_id if signal else None,
                assignee_id=assignee, remind_at=remind, priority=priority,
            )  # fmt: skip
            return t("The task is saved")

        change_tasks(done)


def _change(task: TaskInfo) -> None:
    key, zone = f"task_{task.task_id}_{task.revision}", ZoneInfo(services().settings.timezone)
    kind = _kind(task.kind.value, key)
    title = st.text_input(t("What is to be done"), value=task.title, key=f"{key}_title", max_chars=200)
    here = task.due_at.astimezone(zone)
    before = None if task.remind_at is None else round((task.due_at - task.remind_at).total_seconds() / 60)
    at, remind = _when(here.date(), here.time(), before, key)
    priority = _priority(task.priority, key)
    assignee = _assignee(task.assignee_id, key)
    text = st.text_area(t("Details"), value=task.description, key=f"{key}_text", max_chars=2000, height=90)
    if st.button(t("Save the task"), type="primary", key=f"{key}_save", disabled=at is None):

        def done(session, rights, actor, now) -> str:  # type: ignore[no-untyped-def]
            kept.change(
                session, rights, task.task_id, actor, now, base=task.revision, title=title or "", kind=kind, due_at=at,
                remind_at=remind, priority=priority, assignee_id=assignee, description=text or "",
            )  # fmt: skip
            return t("The task is saved")

        change_tasks(done)


def _kind(value: str, key: str) -> str:
    picked = st.segmented_control(
        t("Kind of task"), [each.value for each in TaskKind], default=value, required=True, key=f"{key}_kind",
        format_func=lambda code: t(TASK_KINDS[code]),
    )  # fmt: skip
    return str(picked or value)


def _when(day: dt.date, time: dt.time, before: int | None, key: str) -> tuple[dt.datetime | None, dt.datetime | None]:
    """When it is due and when to remind, in UTC; the first is None while the date is not written to its end."""
    with st.container(horizontal=True, gap="small"):
        on = st.date_input(t("Due on"), value=day, format="DD.MM.YYYY", key=f"{key}_day")
        at = st.time_input(t("Time"), value=time.replace(second=0, microsecond=0), key=f"{key}_time", step=1800)
        choices = list(REMINDERS) if before in REMINDERS else [*REMINDERS, before]
        minutes = st.selectbox(
            t("Remind"), choices, index=choices.index(before), key=f"{key}_remind", format_func=_reminder
        )
    if not isinstance(on, dt.date) or at is None:
        return None, None
    due = dt.datetime.combine(on, at, ZoneInfo(services().settings.timezone)).astimezone(dt.UTC)
    return due, None if minutes is None else due - dt.timedelta(minutes=minutes)


def _reminder(minutes: int | None) -> str:
    if minutes is None:
        return t("No reminder")
    if minutes % 1440 == 0:
        return t("A day before") if minutes == 1440 else t("{days} days before", days=minutes // 1440)
    return t("An hour before") if minutes == 60 else t("{minutes} minutes before", minutes=minutes)


def _priority(value: str, key: str) -> str:
    picked = st.segmented_control(
        t("Priority"), list(PRIORITIES), default=value, required=True, key=f"{key}_priority",
        format_func=lambda code: t(PRIORITIES[code]),
    )  # fmt: skip
    return str(picked or value)


def _assignee(present: str | None, key: str) -> str | None:
    """Heads choose who does it; everybody else keeps it. None leaves it as it is, or with the author."""
    if not is_wide(person()):
        return None
    people = colleagues("tasks")
    if len(people) < 2:
        return None
    choices = [None, *people]
    return st.selectbox(
        t("Who does it"), choices, index=choices.index(present) if present in people else 0, key=f"{key}_assignee",
        format_func=lambda each: t("As it is") if each is None and present else people.get(each or "", t("I myself")),
    )  # fmt: skip


def _customer(key: str) -> int | None:
    """A customer found by name or number, if the task is about one."""
    if not person().may("customers", "view"):
        return None
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        text = st.text_input(
            t("Customer, if it is about one"), key=f"{key}_search", max_chars=100, type="search",
            placeholder=t("Name, INN or customer number"),
        )  # fmt: skip
        found = customers.offered(text or "")
        if text and not found:
            st.caption(t("Nobody found"))
        if not found:
            return None
        return st.selectbox(t("Which one"), list(found), format_func=found.__getitem__, key=f"{key}_customer")
