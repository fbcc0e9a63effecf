"""Tasks: overdue, today, coming and done, as a list or a month. `?window=` chooses, `?task=` names one."""

import streamlit as st

from apps.actions import tell_done
from apps.identity import person
from apps.language import t
from apps.task_workspace.access import is_wide, may_write
from apps.task_workspace.calendar import asked_new, calendar
from apps.task_workspace.filters import chosen, window
from apps.task_workspace.form import new_task
from apps.task_workspace.listing import listing
from apps.task_workspace.one import one
from apps.ui.layout import page_header
from crm.services.tasks import TaskFilter

me = person()
with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    with st.container(width="stretch"):
        wide = is_wide(me)
        page_header(
            t("Tasks"), t("What you and your unit have to do, by when") if wide else t("What you have to do, by when")
        )
    if may_write(me) and st.button(t("New task"), icon=":material/add_task:", type="primary", key="task_new"):
        new_task()
tell_done()
asked_new()
one()
wanted = chosen()
views = {"list": t("List"), "calendar": t("Calendar")}
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    place = st.container(width="content")
    view = st.segmented_control(
        t("View"), list(views), key="tasks_view", default="list", required=True, format_func=views.__getitem__,
        label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
if view == "calendar":
    calendar(wanted)
else:
    with place:
        shown = window(wanted)
    listing(TaskFilter(**{**vars(wanted), "window": shown}))
