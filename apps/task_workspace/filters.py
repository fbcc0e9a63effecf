"""Which tasks are listed: when they are due, whose, of what kind, and a search."""

from typing import Final

import streamlit as st

from apps.identity import person
from apps.language import speaker, t
from apps.services import services
from apps.signal_workspace import customers
from apps.task_workspace.access import is_wide
from apps.task_workspace.people import colleagues
from apps.ui import tables
from crm.services import tasks as kept
from crm.services.tasks import TaskFilter, TaskKind, Window
from crm.signal_messages import TASK_KINDS

MINE: Final = "mine"
_WINDOWS: Final = (Window.OVERDUE, Window.TODAY, Window.COMING, Window.DONE)


def chosen() -> TaskFilter:
    """What the person has set; the window is chosen below, with its counts."""
    me = person()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            t("Search"), key="tasks_text", type="search", max_chars=100, width=280, label_visibility="collapsed",
            placeholder=t("Customer, title or details"), persist_state="session",
        )  # fmt: skip
        mine, assignees = True, tuple[str, ...]()
        if is_wide(me):
            people = colleagues("tasks")
            own: dict[str | None, str] = {MINE: t("My own tasks"), None: t("Tasks of everybody")}
            names = own | dict(people)
            whose = st.selectbox(
                t("Whose"), list(names), key="tasks_whose", width=260, label_visibility="collapsed",
                format_func=names.__getitem__, persist_state="session",
            )  # fmt: skip
            mine, assignees = whose == MINE, (whose,) if whose in people else ()
        kinds = st.pills(
            t("Kind of task"), [each.value for each in TaskKind], selection_mode="multi", key="tasks_kinds",
            format_func=lambda code: t(TASK_KINDS[code]), label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
    found = customers.found(text or "")
    return TaskFilter(Window.ALL, assignees, mine, tuple(TaskKind(each) for each in kinds or ()), customers=found,
                      text=text or "")  # fmt: skip


def window(wanted: TaskFilter) -> Window:
    """When the tasks are due; where something is overdue, that is shown first."""
    shared = services()
    with shared.database.read() as session:
        counts = kept.task_counts(
            session, person().rights, shared.now(), wanted, timezone=shared.settings.timezone
        )  # fmt: skip
    names = {
        Window.OVERDUE: t("Overdue, tasks"), Window.TODAY: t("Today"), Window.COMING: t("Coming"),
        Window.DONE: t("Done and cancelled"),
    }  # fmt: skip
    asked = st.query_params.get("window")
    first = next((each for each in _WINDOWS[:3] if counts[each]), Window.TODAY)
    if "tasks_window" not in st.session_state:
        st.session_state["tasks_window"] = asked if asked in list(_WINDOWS) else first.value

    def told(code: str) -> str:
        count = counts[Window(code)]
        name = names[Window(code)]
        if code == Window.OVERDUE and count:
            return f":red[{name} · {speaker().number(count)}]"
        return f"{name} · {speaker().number(count)}" if count else name

    picked = st.segmented_control(
        t("When"), [each.value for each in _WINDOWS], key="tasks_window", required=True, format_func=told,
        label_visibility="collapsed",
    )  # fmt: skip
    found = Window(str(picked or first.value))
    if st.session_state.get("tasks_seen") != (wanted, found):
        st.session_state.tasks_seen = (wanted, found)
        tables.first_page("tasks")
    return found
