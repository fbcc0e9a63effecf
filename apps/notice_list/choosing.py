"""What a person is told of, and whether he gets an e-mail with what waits for him."""

import streamlit as st

from apps import actions
from apps.identity import Person, person
from apps.language import t
from apps.notice_list.listing import group_names, groups
from apps.services import services
from apps.task_workspace.listing import weekdays
from apps.ui.layout import card
from crm.messages import NOTICE_KINDS
from crm.services import notice_settings as kept
from crm.services.notice_settings import CHOICES, NoticeChoice
from crm.signal_messages import DIGEST_CHOICES


def choosing(me: Person) -> None:
    """Kinds that are told, by what they are about, and the digest."""
    with services().database.read() as session:
        present = kept.notice_settings(session, me.user_id)
    muted = _kinds(present, me)
    digest, hour, weekday = _digest(present, me)
    if me.is_viewing_as:
        return
    wanted = NoticeChoice(frozenset(muted), digest, hour, weekday)
    if st.button(t("Save"), key="notices_save", type="primary", icon=":material/save:", disabled=wanted == present):
        actions.attempt(lambda: _save(wanted))


def _kinds(present: NoticeChoice, me: Person) -> list[str]:
    names, muted = group_names(), list[str]()
    with card(t("What I am told of"), stretch=False), st.grid(2, gap="medium", min_column_width=280):
        for group, kinds in groups().items():
            with st.container(gap="xsmall"):
                st.markdown(f"**{names[group]}**")
                for kind in kinds:
                    told = st.toggle(
                        t(NOTICE_KINDS[kind]), value=kind not in present.muted, key=f"notice_kind_{kind}",
                        disabled=me.is_viewing_as,
                    )  # fmt: skip
                    if not told:
                        muted.append(kind)
    return muted


def _digest(present: NoticeChoice, me: Person) -> tuple[str, int, int]:
    with card(t("E-mail with what waits for me"), stretch=False):
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            digest = st.segmented_control(
                t("How often"), list(CHOICES), default=present.digest, required=True, key="notice_digest",
                format_func=lambda code: t(DIGEST_CHOICES[code]), disabled=me.is_viewing_as,
            )  # fmt: skip
            hour, weekday = present.hour, present.weekday
            if digest == "weekly":
                names = weekdays()
                weekday = 1 + st.selectbox(
                    t("On"), range(7), index=present.weekday - 1, format_func=names.__getitem__, key="notice_weekday",
                    width=180,
                )  # fmt: skip
            if digest != "off":
                hour = st.selectbox(
                    t("At"), range(24), index=present.hour, format_func=lambda each: f"{each:02d}:00",
                    key="notice_hour", width=120,
                )  # fmt: skip
        if not services().settings.mail.is_set:
            st.caption(t("No mail server is set yet: e-mails begin when the administrator sets one."))
    return str(digest or present.digest), int(hour), int(weekday)


def _save(wanted: NoticeChoice) -> str:
    with actions.changing() as (session, actor, now):
        kept.choose_notices(
            session, person().user_id, actor, now, muted=wanted.muted, digest=wanted.digest, hour=wanted.hour,
            weekday=wanted.weekday,
        )  # fmt: skip
    return t("Your choice is kept")
