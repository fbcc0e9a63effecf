"""What its owner does with an uploaded list: shares it, and puts it away."""

from typing import Any

import streamlit as st

from apps.actions import changing, reason_field
from apps.identity import person
from apps.language import t
from apps.segment_workspace.common import attempt
from apps.ui.labels import label
from crm.services import segments as kept
from crm.services.segments import ListInfo, Sharing


def list_life(chosen: ListInfo) -> None:
    """Who sees the list, and its end."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            t("Shown to"),
            [Sharing.PRIVATE, Sharing.ALL],
            default=chosen.sharing if chosen.sharing is not Sharing.ROLES else None,
            format_func=lambda each: label("sharing", each),
            key=f"list_sharing_{chosen.key}",
        )
        if kind is not None and kind != chosen.sharing and st.button(t("Save who sees it"), key="share_list"):
            attempt(lambda: _changed(chosen.key, t("Saved"), kept.share_list, str(kind), []))
    with st.expander(t("Put into the archive"), icon=":material/archive:"):
        reason = reason_field("list_archive_reason")
        if st.button(t("Put into the archive"), key="archive_list"):
            said = t("“{name}” is in the archive", name=chosen.name)
            attempt(lambda: _changed(chosen.key, said, kept.archive_list, reason=reason))


def _changed(key: str, said: str, change: Any, *values: Any, **more: Any) -> str:
    with changing("segments", "edit") as (session, actor, now):
        kept.require_list_edit(session, person().own_rights, key)
        change(session, key, *values, actor=actor, now=now, **more)
    return said
