"""All notices, newest first: by kind and priority, read, unread or taken off the list."""

from typing import Final

import streamlit as st

from apps import actions
from apps.identity import Person, person
from apps.language import speaker, t
from apps.services import services
from apps.ui import bell, tables
from apps.ui.layout import empty_state, escape
from crm import campaign_messages
from crm.messages import NOTICE_KINDS
from crm.services import notices as kept
from crm.services.notices import NoticeInfo
from crm.signal_messages import PRIORITIES

PAGE: Final = 20
_GROUPS: Final = {
    "signals": ("signals_raised", "signals_again", "signals_for_group", "signals_woken"),
    "tasks": ("task_given", "task_reminder", "task_overdue", "task_done", "task_cancelled"),
    "rules": ("rule_failed", "rule_overloaded"),
    "campaigns": tuple(campaign_messages.NOTICE_KINDS),
}  # fmt: skip


def listing(me: Person) -> None:
    """Filters, what is done with all of them, and the list."""
    unread, priority, kinds = _filters()
    page = int(st.session_state.get("notices_page") or 1)
    with services().database.read() as session:
        total = kept.count_notices(session, me.user_id, unread=unread, priority=priority, kinds=kinds)
        page = tables.page_of("notices", total, PAGE)
        rows = kept.notices(
            session, me.user_id, unread=unread, priority=priority, kinds=kinds, limit=PAGE, offset=(page - 1) * PAGE
        )
    if not rows:
        empty_state("notifications_none", t("No notices"), t("Signals, tasks and your segments are told of here."))
        return
    if not me.is_viewing_as:
        _with_all(total)
    for row in rows:
        _notice(row, me)
    tables.pages_control("notices", total, PAGE, page)


def groups() -> dict[str, tuple[str, ...]]:
    """Kinds of notices by what they are about; what is named nowhere is about segments and files."""
    named = {kind for kinds in _GROUPS.values() for kind in kinds}
    return {**_GROUPS, "segments": tuple(kind for kind in NOTICE_KINDS if kind not in named)}


def group_names() -> dict[str, str]:
    """What the groups are called."""
    return {
        "signals": t("Signals"), "tasks": t("Tasks"), "rules": t("Signal rules"),
        "campaigns": t("Campaigns"), "segments": t("Segments and files"),
    }  # fmt: skip


def _filters() -> tuple[bool, str, tuple[str, ...]]:
    names = group_names()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        unread = st.segmented_control(
            t("Shown"), [True, False], default=True, required=True, key="notices_unread", persist_state="session",
            format_func=lambda each: t("Unread") if each else t("All, notices"), label_visibility="collapsed",
        )  # fmt: skip
        about = st.pills(
            t("About"), list(names), format_func=names.__getitem__, selection_mode="multi", key="notices_about",
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
        priority = st.pills(
            t("Priority"), list(PRIORITIES), key="notices_priority", label_visibility="collapsed",
            format_func=lambda code: f":{bell.COLORS[code]}[●] {t(PRIORITIES[code])}",
        )  # fmt: skip
    found = groups()
    kinds = tuple(kind for name in about or () for kind in found[name])
    if st.session_state.get("notices_seen") != (unread, kinds, priority):
        st.session_state.notices_seen = (unread, kinds, priority)
        tables.first_page("notices")
    return bool(unread), str(priority or ""), kinds


def _with_all(total: int) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption(speaker().plural("{count} notice", "{count} notices", total))
        if st.button(
            t("Hide all"),
            icon=":material/done_all:",
            key="notices_read",
            type="tertiary",
            help=t("They stay in the list, as read."),
        ):
            actions.attempt(lambda: _read(None))
        with st.popover(t("Clear the list"), icon=":material/delete_sweep:", type="tertiary"):
            st.caption(t("All notices are taken off your list for good, unread ones as well."))
            if st.button(t("Clear the list"), key="notices_clear", type="primary"):
                actions.attempt(lambda: _remove(None))


def _notice(row: NoticeInfo, me: Person) -> None:
    text = escape(bell.sentence(row))
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f":{bell.COLORS[row.priority]}[●] {text if row.read_at else f'**{text}**'}  \n"
            f":gray[:small[{speaker().moment(row.created_at)} · {t(NOTICE_KINDS.get(row.kind, row.kind))}]]"
        )
        if me.is_viewing_as:
            return
        st.space("stretch")
        bell.follow(row, me, "notice")
        if row.read_at is None:
            if st.button(t("Read"), key=f"notice_read_{row.notice_id}", type="tertiary", icon=":material/done:"):
                actions.attempt(lambda: _read([row.notice_id]))
        elif st.button(t("Unread again"), key=f"notice_unread_{row.notice_id}", type="tertiary"):
            actions.attempt(lambda: _unread(row.notice_id))
        if st.button(t("Remove"), key=f"notice_remove_{row.notice_id}", type="tertiary", icon=":material/delete:"):
            actions.attempt(lambda: _remove([row.notice_id]))


def _read(ids: list[int] | None) -> str:
    with actions.changing() as (session, _actor, now):
        kept.read_notices(session, person().user_id, now, ids)
    return t("Marked as read")


def _unread(notice_id: int) -> str:
    with actions.changing() as (session, _actor, _now):
        kept.unread_notices(session, person().user_id, [notice_id])
    return t("Marked as unread")


def _remove(ids: list[int] | None) -> str:
    with actions.changing() as (session, _actor, _now):
        kept.remove_notices(session, person().user_id, ids)
    return t("Removed from the list")
