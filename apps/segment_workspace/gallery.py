"""Where a new segment begins: from nothing, from SQL, or from a template of a common case."""

import streamlit as st

from apps.identity import person
from apps.language import t
from apps.segment_workspace import bench as desks
from apps.segment_workspace.register import PAGE
from apps.segment_workspace.sql_text import START


def gallery_dialog() -> None:
    """Choose the beginning; the builder opens with it."""

    @st.dialog(t("New segment"), width="large")
    def chosen() -> None:
        with st.grid(2, gap="small", min_column_width=260):
            with st.container(border=True):
                st.markdown(f"**{t('From nothing')}**")
                st.caption(t("Everybody is in it until the first condition."))
                if st.button(t("Begin"), key="gallery_empty", type="primary"):
                    _begin(desks.EVERYBODY, {})
            if person().own_rights.allows("sql", "query"):
                with st.container(border=True):
                    st.markdown("**SQL**")
                    st.caption(t("A SELECT of your own, for what conditions cannot say."))
                    if st.button(t("Begin"), key="gallery_sql"):
                        _begin({"version": 1, "kind": "sql", "sql": START}, {})

    chosen()


def _begin(document: object, texts: dict[str, object]) -> None:
    desks.put_on_desk(dict(document), texts=texts)  # type: ignore[call-overload]
    st.switch_page(PAGE)
