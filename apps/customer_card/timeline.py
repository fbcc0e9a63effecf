"""Everything that happened with the customer, the latest first: by kind, days and words, one page at a time."""

import datetime as dt
from typing import Any, Final
from zoneinfo import ZoneInfo

import streamlit as st

from apps import identity
from apps.customer_card import events
from apps.data import timeline as data
from apps.data.timeline import KINDS, Added, Looked
from apps.language import speaker, t
from apps.services import Services, services
from apps.snapshot import reader
from apps.ui.labels import LABELS, label
from apps.ui.layout import card, empty_state
from apps.ui.tables import first_page, page_of, pages_control
from crm.services.signals import signals_of_customer
from crm.services.tasks import tasks_of_customer

PAGE: Final = 20
# Vocabularies whose words a person may look for.
_SPOKEN: Final = ("channel", "topic", "result", "direction", "method", "started_by", "started_reason", "legal_status")


def timeline(customer_id: int) -> None:
    """The filters, and one page of lines."""
    kinds = [kind for kind, subject in KINDS.items() if identity.person().may(subject, "view")]
    added = _added(customer_id, kinds)
    with card(t("Everything that happened"), stretch=False):
        looked = _looked(kinds)
        if st.session_state.get("card_timeline_seen") != (customer_id, looked):
            st.session_state.card_timeline_seen = (customer_id, looked)
            first_page("card_timeline")
        total = data.count(reader(), customer_id, looked, added)
        if not total:
            empty_state("history", t("Nothing found"), t("Choose more kinds, a longer period or other words."))
            return
        page = page_of("card_timeline", total, PAGE)
        for row in data.page(reader(), customer_id, looked, added, PAGE, (page - 1) * PAGE):
            events.line(row)
        pages_control("card_timeline", total, PAGE, page)


def _looked(kinds: list[str]) -> Looked:
    names, say = events.kind_names(), speaker()
    picked = st.pills(
        t("Kinds"), kinds, selection_mode="multi", key="card_timeline_kinds", format_func=names.__getitem__
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        days = st.date_input(
            t("Days"), value=[], key="card_timeline_days", format="DD.MM.YYYY", width=230,
            help=t("First and last day; empty means all"),
        )  # fmt: skip
        words = st.text_input(
            t("Words"), key="card_timeline_words", max_chars=100, type="search", width=320,
            placeholder=t("Topic, product, number, employee"),
        )  # fmt: skip
    chosen = list(days) if isinstance(days, (tuple, list)) else [days]
    since, until = (chosen[0] if chosen else None), (chosen[1] if len(chosen) > 1 else None)
    text = " ".join((words or "").split())
    shared = services()
    return Looked(
        tuple(picked) or tuple(kinds), since, until, text, _codes(text) if text else (), say.language, _offset(shared)
    )


def _offset(shared: Services) -> int:
    ahead = shared.now().astimezone(ZoneInfo(shared.settings.timezone)).utcoffset()
    return int(ahead.total_seconds() // 3600) if ahead else 0


def _codes(text: str) -> tuple[str, ...]:
    """Codes whose words in the reader's language hold the text."""
    wanted = text.lower()
    found = {code for kind in _SPOKEN for code in LABELS[kind] if wanted in label(kind, code).lower()}
    found |= {kind for kind, name in events.kind_names().items() if wanted in name.lower()}
    return tuple(sorted(found))


def _added(customer_id: int, kinds: list[str]) -> list[Added]:
    rights, found = identity.person().rights, list[Added]()
    with services().database.read() as session:
        if "signal" in kinds:
            for signal in signals_of_customer(session, rights, customer_id):
                # Its day is that of the data; the run that raised it may have come later.
                day = dt.datetime.combine(signal.day, dt.time())
                found.append(Added("signal", signal.signal_id, day, signal.rule_name, has_time=False))
        if "task" in kinds:
            for task in tasks_of_customer(session, rights, customer_id):
                found.append(Added("task", task.task_id, _plain(task.created_at), task.title))
    return found


def _plain(moment: Any) -> Any:
    """UTC without a zone, as the marts keep moments."""
    return moment.astimezone(ZoneInfo("UTC")).replace(tzinfo=None) if moment.tzinfo else moment
