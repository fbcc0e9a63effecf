"""What becomes of a task: done with a result, cancelled with a reason, changed, to be done after all."""

import streamlit as st

from apps.identity import person
from apps.language import speaker, t
from apps.services import services
from apps.task_workspace.access import change_tasks
from apps.task_workspace.form import change_task
from apps.ui.layout import escape
from crm.services import tasks as kept
from crm.services.tasks import TaskEventInfo, TaskInfo, TaskState


def ending(task: TaskInfo, key: str) -> None:
    """The button of who has done it: what came of it, and done."""
    with st.popover(t("Done"), icon=":material/check:", width="content"):
        result = st.text_area(t("What came of it"), key=f"task_result_{key}_{task.task_id}", max_chars=1000, height=90)
        if st.button(t("Mark as done"), key=f"task_done_{key}_{task.task_id}", type="primary"):

            def done(session, rights, actor, now) -> str:  # type: ignore[no-untyped-def]
                kept.complete(session, rights, task.task_id, result or "", actor, now)
                return t("The task is done")

            change_tasks(done)


def menu(task: TaskInfo, key: str) -> None:
    """The rest, behind three dots."""
    known = {"history": t("History of the task")}
    if task.state is TaskState.OPEN:
        known = {"change": t("Change"), "cancel": t("Cancel the task")} | known
    else:
        known = {"reopen": t("To be done after all")} | known
    chosen = st.menu_button(
        t("More"), list(known), format_func=known.__getitem__, key=f"task_menu_{key}_{task.task_id}",
        icon=":material/more_horiz:", type="tertiary",
    )  # fmt: skip
    if chosen == "change":
        change_task(task)
    elif chosen == "cancel":
        st.dialog(t("Cancel the task"))(_cancel)(task)
    elif chosen == "history":
        st.dialog(t("History of the task"))(_history)(task)
    elif chosen == "reopen":
        _reopen(task)


def _cancel(task: TaskInfo) -> None:
    st.markdown(f"**{escape(task.title)}**")
    why = st.text_input(t("Why"), key=f"task_cancel_why_{task.task_id}", max_chars=500)
    if st.button(t("Cancel the task"), key=f"task_cancel_{task.task_id}", type="primary"):

        def done(session, rights, actor, now) -> str:  # type: ignore[no-untyped-def]
            kept.cancel(session, rights, task.task_id, why or "", actor, now)
            return t("The task is cancelled")

        change_tasks(done)


def _reopen(task: TaskInfo) -> None:
    def done(session, rights, actor, now) -> str:  # type: ignore[no-untyped-def]
        kept.reopen(session, rights, task.task_id, actor, now)
        return t("The task is to be done again")

    change_tasks(done)


def _history(task: TaskInfo) -> None:
    with services().database.read() as session:
        events = kept.task_history(session, person().rights, task.task_id)
    st.markdown(f"**{escape(task.title)}**")
    st.markdown("  \n".join(_event(each) for each in events))


def _event(event: TaskEventInfo) -> str:
    names = {
        "created": t("Made"), "changed": t("Changed, event"), "done": t("Done"), "cancelled": t("Cancelled"),
        "reopened": t("Opened again"), "reminded": t("Reminded"),
    }  # fmt: skip
    told = f"{names.get(event.kind, event.kind)} · {escape(event.actor_login)}"
    return f":gray[:small[{speaker().moment(event.at)}]] {told}"
