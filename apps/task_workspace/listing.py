"""The list of tasks: by when they are due, a card each, with what can be done with it."""

import datetime as dt
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo

import streamlit as st

from apps.identity import person, today
from apps.language import speaker, t
from apps.services import services
from apps.signal_workspace import customers
from apps.signal_workspace.opening import PAGE as SIGNALS
from apps.signal_workspace.words import COLORS
from apps.task_workspace.access import is_wide, may_write
from apps.task_workspace.ending import ending, menu
from apps.ui import tables
from apps.ui.colors import Color
from apps.ui.customer_list import CARD_PAGE
from apps.ui.layout import empty_state, escape
from crm.services import tasks as kept
from crm.services.tasks import TaskFilter, TaskInfo, TaskState, Window
from crm.signal_messages import PRIORITIES, TASK_KINDS, TASK_STATES

PAGE: Final = 25
ICONS: Final = {"call": "call", "meeting": "groups", "email": "mail", "offer": "request_quote", "other": "task_alt"}
_STATE_COLORS: Final[dict[str, Color]] = {"done": "green", "cancelled": "gray"}


def listing(wanted: TaskFilter) -> None:
    """One page of the tasks of a window, grouped by day."""
    shared, me = services(), person()
    with shared.database.read() as session:
        page = int(st.session_state.get("tasks_page") or 1)
        common: dict[str, Any] = {"timezone": shared.settings.timezone, "limit": PAGE}
        rows, total = kept.tasks(session, me.rights, shared.now(), wanted, offset=(page - 1) * PAGE, **common)
        if not rows and total:
            page = tables.page_of("tasks", total, PAGE)
            rows, total = kept.tasks(session, me.rights, shared.now(), wanted, offset=(page - 1) * PAGE, **common)
    if not rows:
        _nothing(wanted)
        return
    names = customers.names(each.customer_id for each in rows)
    for day, group in groupby(rows, key=lambda each: day_of(_moment(each, wanted))):
        st.markdown(f"**{day_name(day)}**")
        for each in group:
            task_card(each, names)
    tables.pages_control("tasks", total, PAGE, page)


def _moment(task: TaskInfo, wanted: TaskFilter) -> dt.datetime:
    return task.done_at if wanted.window is Window.DONE and task.done_at is not None else task.due_at


def day_of(moment: dt.datetime) -> dt.date:
    """The day of a moment by the clock of the installation."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return aware.astimezone(ZoneInfo(services().settings.timezone)).date()


def day_name(day: dt.date) -> str:
    """Today, tomorrow, yesterday, or the weekday with its date."""
    days = (day - today(services())).days
    near = {0: t("Today"), 1: t("Tomorrow"), -1: t("Yesterday")}
    return f"{near.get(days) or weekday(day)}, {speaker().date(day)}"


def weekdays() -> list[str]:
    """Their names in full, Monday first."""
    return [t("Monday"), t("Tuesday"), t("Wednesday"), t("Thursday"), t("Friday"), t("Saturday"), t("Sunday")]


def weekday(day: dt.date) -> str:
    """Its name in full."""
    return weekdays()[day.weekday()]


def task_card(task: TaskInfo, names: dict[int, str], key: str = "list") -> None:
    """What is to be done, about whom, by when and by whom."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(f":material/{ICONS[task.kind.value]}: **{escape(task.title)}**{_marks(task)}")
            st.markdown(f":gray[:small[{_about(task)}]]")
            if task.description:
                st.markdown(f":small[{escape(task.description)}]")
            if task.result:
                st.markdown(f":small[:material/subdirectory_arrow_right: {escape(task.result)}]")
        _links(task, names)
        if may_write(person()):
            if task.state is TaskState.OPEN:
                ending(task, key)
            menu(task, key)


def _marks(task: TaskInfo) -> str:
    marks = []
    if task.priority != "medium":
        marks.append(f":{COLORS[task.priority]}-badge[{t(PRIORITIES[task.priority])}]")
    if task.state is not TaskState.OPEN:
        marks.append(f":{_STATE_COLORS[task.state]}-badge[{t(TASK_STATES[task.state.value])}]")
    elif task.due_at < services().now():
        marks.append(f":red-badge[{t('overdue')}]")
    return "".join(f" {mark}" for mark in marks)


def _about(task: TaskInfo) -> str:
    say = speaker()
    parts = [say.moment(task.due_at), t(TASK_KINDS[task.kind.value])]
    if is_wide(person()):
        parts.append(escape(task.assignee_name or task.author_login))
    if task.remind_at is not None and task.state is TaskState.OPEN:
        parts.append(t("reminder {moment}", moment=say.moment(task.remind_at)))
    return " · ".join(parts)


def _links(task: TaskInfo, names: dict[int, str]) -> None:
    if task.customer_id is not None and task.customer_id in names:
        st.page_link(CARD_PAGE, label=escape(names[task.customer_id]), icon=":material/badge:",
                     query_params={"id": str(task.customer_id)})  # fmt: skip
    if task.signal_id is not None and person().may("signals", "view"):
        st.page_link(SIGNALS, label=t("Signal"), icon=":material/notifications_active:",
                     query_params={"signal": str(task.signal_id)})  # fmt: skip


def _nothing(wanted: TaskFilter) -> None:
    told = {
        Window.OVERDUE: (t("Nothing is overdue"), t("Everything was done in time.")),
        Window.TODAY: (t("Nothing is due today"), t("Plan a task, or look at what comes.")),
        Window.COMING: (
            t("Nothing is planned"), t("New tasks come from signals, from cards, or from the button above.")
        ),
        Window.DONE: (t("Nothing was done yet"), t("Tasks that are done or cancelled are kept here.")),
    }  # fmt: skip
    title, text = told.get(wanted.window, (t("No tasks"), t("No task fits the filters.")))
    empty_state("task_alt", title, text)
