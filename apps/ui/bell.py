"""The bell in the sidebar: how many notices are unread, the newest of them, and the way to all."""

from typing import Final

import streamlit as st

from apps.identity import Person
from apps.language import speaker, t
from apps.services import services
from apps.ui.layout import escape
from crm.services import notices as kept
from crm.services.notices import NoticeInfo

PAGE: Final = "app_pages/notices.py"
COLORS: Final = {"high": "red", "medium": "orange", "low": "gray"}
_SHOWN: Final = 6
# Which page a link of a notice means; what it carries behind the question mark goes along.
_PAGES: Final = frozenset({
    "signals", "signal_rule", "tasks", "segment", "segments", "lists", "exports", "plans", "customer", "kpis",
})  # fmt: skip


def bell(person: Person) -> None:
    """The unread ones; looking through another's eyes one sees one's own."""
    with services().database.read() as session:
        count = kept.unread_count(session, person.user_id)
        urgent = kept.unread_count(session, person.user_id, "high") if count else 0
    icon = ":material/notifications_unread:" if count else ":material/notifications:"
    label = t("Notices")
    if count:
        color = "red" if urgent else "orange"
        label = f"{label} :{color}-badge[{speaker().number(count)}]"
    with st.popover(label, icon=icon, width="stretch", key="bell", on_change="rerun") as opened:
        if opened.open:
            _newest(person, count)


def _newest(person: Person, count: int) -> None:
    with services().database.read() as session:
        rows = kept.notices(session, person.user_id, unread=True, limit=_SHOWN)
    if not rows:
        st.caption(t("Nothing new."))
    for row in rows:
        st.markdown(f":{COLORS[row.priority]}[●] {escape(sentence(row))}  \n"
                    f":gray[:small[{speaker().moment(row.created_at)}]]")  # fmt: skip
        follow(row, person, "bell")
    with st.container(horizontal=True, gap="small"):
        if count and st.button(t("Hide all"), icon=":material/done_all:", key="bell_read", type="tertiary",
                               help=t("They stay in the list, as read.")):  # fmt: skip
            read(person, None)
            st.rerun()
        if st.button(t("All notices"), key="bell_all", type="tertiary"):
            st.switch_page(PAGE)


def sentence(row: NoticeInfo) -> str:
    """What a notice says in the reader's language."""
    return t(row.text, **row.values)


def follow(row: NoticeInfo, person: Person, key: str) -> None:
    """The button that goes where the notice points, and reads it."""
    target = target_of(row.link)
    if target is not None and st.button(t("Open"), key=f"{key}_open_{row.notice_id}", type="tertiary",
                                        icon=":material/open_in_new:"):  # fmt: skip
        read(person, [row.notice_id])
        st.switch_page(target[0], query_params=target[1])


def target_of(link: str) -> tuple[str, dict[str, str]] | None:
    """The page of a link such as ``/signals?rule=debt`` with its values; None for what is no page of ours."""
    path, _, query = link.partition("?")
    name = path.strip("/")
    if name not in _PAGES:
        return None
    pairs = (part.partition("=") for part in query.split("&") if part)
    return f"app_pages/{name}.py", {key: value for key, _, value in pairs}


def read(person: Person, notice_ids: list[int] | None) -> None:
    """Mark one's own notices as read."""
    shared = services()
    with shared.database.begin() as session:
        kept.read_notices(session, person.user_id, shared.now(), notice_ids)
