"""Where a new rule begins: from a template of a common case, from nothing, or from SQL."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from apps.identity import person
from apps.language import speaker, t
from apps.rule_workspace.desk import EMPTY, SQL, judged, put_on_desk
from apps.rule_workspace.register import PAGE
from apps.signal_workspace.words import dot
from signals.templates import Template, templates


@st.cache_data(max_entries=50, show_spinner=False)
def _usable(fingerprint: str, language: str, _found: tuple[Template, ...]) -> list[str]:
    """Templates that this snapshot has everything for, on figures that the person sees as they are."""
    say = speaker()
    return [each.key for each in _found if not judged(each.document(say.text))[1]]


def gallery_dialog() -> None:
    """Choose the beginning; the form opens with it."""

    @st.dialog(t("New signal rule"), width="large")
    def chosen() -> None:
        from apps.snapshot import reader

        with st.grid(2, gap="small", min_column_width=260):
            _offer(t("From nothing"), t("A measure, by how much, and what becomes of it."), "empty", EMPTY, {})
            if person().own_rights.allows("sql", "query"):
                document = {**{name: each for name, each in EMPTY.items() if name != "conditions"}, "kind": "sql",
                            "sql": SQL}  # fmt: skip
                _offer("SQL", t("A SELECT of your own, for what conditions cannot say."), "sql", document, {})
        st.markdown(f"**{t('Common cases')}**")
        usable = set(_usable(reader().fingerprint, speaker().language, templates()))
        with st.grid(2, gap="small", min_column_width=260):
            for each in templates():
                if each.key in usable:
                    document = each.document(speaker().text)
                    texts = {"name": t(each.name), "description": t(each.description), "template": each.key}
                    mark = dot(str(document.get("priority", "medium")))
                    _offer(t(each.name), t(each.description), each.key, document, texts, mark)

    chosen()


def _offer(name: str, text: str, key: str, document: Mapping[str, Any], texts: dict[str, Any], mark: str = "") -> None:
    with st.container(border=True, height="stretch", vertical_alignment="distribute"):
        st.markdown(f"{mark} **{name}**" if mark else f"**{name}**")
        st.caption(text)
        if st.button(t("Begin"), key=f"rule_gallery_{key}", type="primary" if key == "empty" else "secondary"):
            put_on_desk(document, **texts)
            st.switch_page(PAGE)
