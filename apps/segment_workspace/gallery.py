"""Where a new segment begins: from nothing, from SQL, or from a template of a common case."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from apps.identity import person
from apps.language import speaker, t
from apps.segment_workspace import bench as desks
from apps.segment_workspace.register import PAGE
from apps.segment_workspace.sql_text import START
from crm.services import segments as kept
from segments.definition import parse
from segments.engine import compile_segment
from segments.errors import DefinitionError
from segments.templates import Template, templates


def gallery_dialog() -> None:
    """Choose the beginning; the builder opens with it."""

    @st.dialog(t("New segment"), width="large")
    def chosen() -> None:
        with st.grid(2, gap="small", min_column_width=260):
            _offer(t("From nothing"), t("Everybody is in it until the first condition."), "empty", desks.EVERYBODY, {})
            if person().own_rights.allows("sql", "query"):
                document = {"version": 1, "kind": "sql", "sql": START}
                _offer("SQL", t("A SELECT of your own, for what conditions cannot say."), "sql", document, {})
        st.markdown(f"**{t('Common cases')}**")
        language = speaker().language
        with st.grid(2, gap="small", min_column_width=260):
            for each in usable():
                texts = {"name": each.name[language], "description": each.description[language]}
                _offer(each.name[language], each.description[language], each.key, each.document, texts)

    chosen()


def usable() -> list[Template]:
    """Templates that this snapshot has everything for, and whose attributes the person sees as they are."""
    author = desks.author()
    found = []
    for each in templates():
        definition = parse(each.document)
        try:
            compile_segment(definition, author.catalogue, author.at)
        except DefinitionError:
            continue
        if not kept.hidden_in(definition, {}, author):
            found.append(each)
    return found


def _offer(name: str, text: str, key: str, document: Mapping[str, Any], texts: dict[str, Any]) -> None:
    with st.container(border=True, height="stretch", vertical_alignment="distribute"):
        st.markdown(f"**{name}**")
        st.caption(text)
        if st.button(t("Begin"), key=f"gallery_{key}", type="primary" if key == "empty" else "secondary"):
            desks.put_on_desk(document, texts=texts)
            st.switch_page(PAGE)
