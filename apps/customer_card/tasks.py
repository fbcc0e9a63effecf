"""Tasks about the customer: what is to be done and by when, a new one, and what came of it."""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from apps.actions import attempt, changing
from apps.customer_card.header import Profile
from apps.identity import person, today
from apps.language import speaker, t
from apps.services import services
from apps.ui.colors import Color
from apps.ui.layout import card, empty_state, escape
from crm.services import tasks as kept
from crm.services.tasks import TaskInfo, TaskKind, TaskState
from crm.signal_messages import PRIORITIES, TASK_KINDS, TASK_STATES

ICONS: Final = {"call": "call", "meeting": "groups", "email": "mail", "offer": "request_quote", "other": "task_alt"}
_TURN: Final = "_card_task_turn"
_STATE_COLORS: Final[dict[str, Color]] = {"open": "blue", "done": "green", "cancelled": "gray"}


def may_write() -> bool:
    """Whether this person makes tasks here."""
    me = person()
    return not me.is_viewing_as and me.own_rights.allows("tasks", "edit")


def new_task(profile: Profile) -> None:
    """The form of a new task, open from every tab of the card."""
    if may_write():
        with st.popover(t("New task"), icon=":material/add_task:", type="primary", width="content"):
            _form(profile)


def tasks(customer_id: int) -> None:
    """Open ones first, by when they are due."""
    shared = services()
    with shared.database.read() as session:
        found = kept.tasks_of_customer(session, person().rights, customer_id)
    with card(t("Tasks"), stretch=False):
        if not found:
            empty_state("task", t("No tasks"), t("Nothing is planned with this customer."))
        for each in found:
            _task(each, shared.now())


def _task(task: TaskInfo, now: dt.datetime) -> None:
    say, is_open = speaker(), task.state is TaskState.OPEN
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":material/{ICONS[task.kind.value]}: **{escape(task.title)}**", width="content")
            st.badge(t(TASK_STATES[task.state.value]), color=_STATE_COLORS[task.state.value])
            if is_open and task.due_at < now:
                st.badge(t("overdue"), color="red")
            due = t("due {date}", date=say.moment(task.due_at))
            st.markdown(f":gray[:small[{' · '.join([due, escape(task.assignee_name or '—')])}]]", width="stretch")
            if is_open and may_write():
                _ending(task)
        if task.description:
            st.markdown(escape(task.description))
        if task.result:
            st.caption(escape(task.result))


def _ending(task: TaskInfo) -> None:
    with st.popover(t("Done"), width="content"):
        result = st.text_area(t("What came of it"), key=f"task_result_{task.task_id}", max_chars=1000)
        if st.button(t("Mark as done"), key=f"task_done_{task.task_id}", type="primary"):
            _finish(task, result or "")


def _finish(task: TaskInfo, result: str) -> None:
    def change() -> str:
        with changing("tasks", "edit") as (session, actor, now):
            kept.complete(session, person().own_rights, task.task_id, result, actor, now)
        return t("The task is done")

    attempt(change)


def _form(profile: Profile) -> None:
    shared = services()
    zone = ZoneInfo(shared.settings.timezone)
    # A saved task leaves an empty form: the fields of the next one have other keys.
    turn = f"{profile['customer_id']}_{st.session_state.get(_TURN, 0)}"
    kinds = {each.value: t(TASK_KINDS[each.value]) for each in TaskKind}
    priorities = {code: t(name) for code, name in PRIORITIES.items()}
    kind = st.segmented_control(
        t("Kind"), list(kinds), default="call", required=True, key=f"task_kind_{turn}",
        format_func=kinds.__getitem__,
    )  # fmt: skip
    title = st.text_input(t("Title"), key=f"task_title_{turn}", max_chars=200)
    with st.container(horizontal=True, gap="small"):
        tomorrow = today(shared) + dt.timedelta(days=1)
        day = st.date_input(t("Due"), value=tomorrow, format="DD.MM.YYYY", key=f"task_day_{turn}", width=140)
        hour = st.time_input(t("Time"), value=dt.time(10), key=f"task_time_{turn}", step=1800, width=100)
        priority = st.selectbox(
            t("Priority"), list(priorities), index=1, key=f"task_priority_{turn}", width=170,
            format_func=priorities.__getitem__,
        )  # fmt: skip
    description = st.text_area(t("Description"), key=f"task_description_{turn}", max_chars=2000, height=80)
    if st.button(t("Save the task"), type="primary", key="task_save") and isinstance(day, dt.date):
        due = dt.datetime.combine(day, hour or dt.time(10), zone).astimezone(dt.UTC)
        _create(profile, str(kind), title or "", due, str(priority), description or "")


def _create(profile: Profile, kind: str, title: str, due: dt.datetime, priority: str, description: str) -> None:
    def change() -> str:
        with changing("tasks", "edit") as (session, actor, now):
            kept.create(
                session, person().own_rights, title, due, actor, now, kind=kind, description=description,
                customer_id=profile["customer_id"], manager_id=profile["manager_id"],
                region_code=profile["region_code"], priority=priority,
            )  # fmt: skip
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
        return t("The task is saved")

    attempt(change)
