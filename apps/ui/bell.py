"""The bell: how many notices are unread, what one says, and where it leads."""

from typing import Final

import streamlit as st

from apps.identity import Person
from apps.language import speaker, t
from apps.services import services
from crm.services import notices as kept
from crm.services.notices import NoticeInfo

COLORS: Final = {"high": "red", "medium": "orange", "low": "gray"}
# Which page a link of a notice means; what it carries behind the question mark goes along.
_PAGES: Final = frozenset({
    "signals", "signal_rule", "tasks", "segment", "segments", "lists", "exports", "plans", "customer", "kpis",
})  # fmt: skip


def bell_title(person: Person) -> str:
    """The name of the page of notices with the number of unread ones; it stands in the navigation of every page.

    Looking through another's eyes one is still told of one's own."""
    with services().database.read() as session:
        count = kept.unread_count(session, person.user_id)
    return f"{t('Notices')} · {speaker().number(count)}" if count else t("Notices")


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
