"""A month of tasks as a wall calendar; a day opens with what is due on it."""

import calendar as calendars
import datetime as dt
from typing import Final

import streamlit as st

from apps.identity import person, today
from apps.language import speaker, t
from apps.services import services
from apps.signal_workspace import customers
from apps.task_workspace.access import may_write
from apps.task_workspace.form import new_task
from apps.task_workspace.listing import ICONS, day_of, task_card, weekday
from apps.ui.layout import escape
from crm.services import tasks as kept
from crm.services.tasks import TaskFilter, TaskInfo, TaskState

# What a cell of a narrow screen holds without being scrolled: lines, and letters on each.
_SHOWN: Final = 3
_LETTERS: Final = 13
_MONTH: Final = "tasks_month"


def calendar(wanted: TaskFilter) -> None:
    """The month that was turned to, Mondays first."""
    month = _turned()
    shared = services()
    with shared.database.read() as session:
        days = kept.calendar(session, person().rights, month, wanted, timezone=shared.settings.timezone)
    by_day = {each.day: each.tasks for each in days}
    for column, name in zip(st.columns(7, gap="xxsmall"), range(7), strict=True):
        day = dt.date(2024, 1, 1) + dt.timedelta(days=name)
        column.markdown(f":gray[:small[{weekday(day)}]]", text_alignment="center")
    for week in calendars.Calendar().monthdatescalendar(month.year, month.month):
        for column, day in zip(st.columns(7, gap="xxsmall"), week, strict=True):
            with column:
                _cell(day, by_day.get(day, ()), day.month == month.month)


def _turned() -> dt.date:
    now = today(services()).replace(day=1)
    month: dt.date = st.session_state.get(_MONTH) or now
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button(t("Month before"), icon=":material/chevron_left:", key="tasks_before"):
            month = (month - dt.timedelta(days=1)).replace(day=1)
        st.markdown(f"**{speaker().month(month).capitalize()}**", width="content")
        if st.button(t("Month after"), icon=":material/chevron_right:", icon_position="right", key="tasks_after"):
            month = (month + dt.timedelta(days=32)).replace(day=1)
        if month != now and st.button(t("Today"), key="tasks_now", type="tertiary"):
            month = now
    if month != (st.session_state.get(_MONTH) or now):
        st.session_state[_MONTH] = month
        st.rerun()
    return month


def _cell(day: dt.date, tasks: tuple[TaskInfo, ...], is_inside: bool) -> None:
    with st.container(border=True, height=132, gap="xxsmall"):
        number = f"{day.day}"
        if not is_inside:
            st.markdown(f":gray[:small[{number}]]")
            return
        is_today = day == today(services())
        told = f":primary-badge[{number}]" if is_today else f":small[{number}]"
        if st.button(told, key=f"day_{day}", type="tertiary", help=t("Tasks of the day")):
            st.dialog(speaker().date(day), width="large")(_day)(day, tasks)
        lines = _lines(tasks)
        shown = lines if len(lines) <= _SHOWN else lines[: _SHOWN - 1]
        for line, _count in shown:
            st.markdown(line)
        if rest := len(tasks) - sum(count for _line, count in shown):
            st.markdown(f":gray[:small[{t('and {count} more', count=speaker().number(rest))}]]")


def _lines(tasks: tuple[TaskInfo, ...]) -> list[tuple[str, int]]:
    """A line for each sort of task of a day, and how many tasks it stands for: a rule gives many of the same."""
    counts: dict[tuple[str, str, str], int] = {}
    for task in tasks:
        color = "gray"
        if task.state is TaskState.OPEN:
            color = "red" if task.due_at < services().now() else "primary"
        sort = (color, task.kind.value, task.title)
        counts[sort] = counts.get(sort, 0) + 1
    return [(_line(*sort, count), count) for sort, count in counts.items()]


def _line(color: str, kind: str, title: str, count: int) -> str:
    times = f"\u00a0×{speaker().number(count)}" if count > 1 else ""
    room = _LETTERS - len(times)
    short = title if len(title) <= room else title[: room - 1].rstrip() + "…"
    return f":{color}[:small[:material/{ICONS[kind]}: {escape(short + times)}]]"


def _day(day: dt.date, tasks: tuple[TaskInfo, ...]) -> None:
    names = customers.names(each.customer_id for each in tasks)
    if not tasks:
        st.caption(t("Nothing is due on this day."))
    for each in tasks:
        task_card(each, names, key=f"day{day_of(each.due_at)}")
    if may_write(person()) and st.button(t("New task on this day"), icon=":material/add_task:", key=f"day_new_{day}"):
        st.session_state["_task_new_on"] = day
        st.rerun()


def asked_new() -> None:
    """Open the form that a day's window asked for: one window cannot open another."""
    day = st.session_state.pop("_task_new_on", None)
    if day is not None:
        new_task(day)
