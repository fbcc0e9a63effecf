"""The task that the address names, as notices do."""

import streamlit as st

from apps.identity import person
from apps.language import t
from apps.services import services
from apps.signal_workspace import customers
from apps.task_workspace.listing import task_card
from crm.errors import CrmError
from crm.services import tasks as kept


def one() -> None:
    """That task above the list, until it is closed."""
    asked = st.query_params.get("task", "")
    if not (asked.isdigit() and len(asked) < 18):
        return
    try:
        with services().database.read() as session:
            found = kept.task(session, person().rights, int(asked))
    except CrmError:
        st.info(t("There is no such task, or you may not see it."))
        return
    task_card(found, customers.names([found.customer_id]), key="one")
    if st.button(t("All tasks"), icon=":material/arrow_back:", type="tertiary", key="task_one_close"):
        st.query_params.pop("task", None)
        st.rerun()
