"""Messages to the person about his segments: an alarm, a review, a file that is ready."""

import streamlit as st

from apps import actions
from apps.identity import person
from apps.language import speaker, t
from apps.services import services
from apps.ui.layout import escape
from crm.messages import NOTICES
from crm.services import notices

_SHOWN = 5
_KINDS = tuple(kind for kind in NOTICES if kind.startswith(("segment_", "review_", "list_", "export_")))


def messages_card() -> None:
    """What he has not read yet; nothing when there is nothing."""
    me = person()
    if me.is_viewing_as:
        return
    with services().database.read() as session:
        unread = notices.notices(session, me.user_id, unread=True, kinds=_KINDS, limit=50)
    if not unread:
        return
    with st.container(border=True, key="segment_messages"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{t('Messages')}** · {len(unread)}")
            if st.button(t("All read"), key="read_messages", type="tertiary"):
                actions.attempt(_read)
        for each in unread[:_SHOWN]:
            text = escape(t(each.text, **each.values))
            link = f" [{t('open')}]({each.link})" if each.link.startswith("/") else ""
            st.markdown(f":gray[{speaker().moment(each.created_at)}] {text}{link}")


def _read() -> str:
    with actions.changing() as (session, actor, now):
        user_id = int(actor.user_id or 0)
        read = notices.notices(session, user_id, unread=True, kinds=_KINDS, limit=10_000)
        notices.read_notices(session, user_id, now, [each.notice_id for each in read])
    return t("Messages are marked as read")
