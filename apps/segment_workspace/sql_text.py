"""Expert SQL instead of conditions, for those who may write their own."""

import streamlit as st

from apps.identity import person
from apps.language import speaker, t
from apps.segment_workspace.bench import Desk
from apps.segment_workspace.common import settled
from apps.ui.layout import told
from segments import questions
from vitrina.errors import UserError

START = "select customer_id\nfrom customer_profiles\nwhere region_code = '1726'"


def sql_text(found: Desk, may_edit: bool) -> None:
    """The text and, when it is asked for, how many customers it selects."""
    open_to_him = may_edit and person().own_rights.allows("sql", "query")
    text = st.text_area(
        t("SELECT of customer_id"),
        value=str(found.document.get("sql") or ""),
        key=f"segment_sql_{found.revision}",
        height=200,
        max_chars=20_000,
        disabled=not open_to_him,
    )
    found.document = {"version": 1, "kind": "sql", "sql": text or ""}
    st.caption(t("One SELECT with a column customer_id. It is checked like every query of your own."))
    known = settled(found)
    if known is None:
        return
    definition, bench = known
    try:
        count = bench.ask("count", definition, lambda: questions.count(bench.reader, bench.compiled(definition)))
    except UserError as error:
        st.error(told(error))
    else:
        st.metric(t("Customers"), speaker().number(count))
