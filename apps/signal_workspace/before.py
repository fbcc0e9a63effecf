"""What was before: the history of this signal, and earlier signals about the customer with what was decided."""

import streamlit as st

from apps.identity import person
from apps.language import speaker, t
from apps.services import services
from apps.signal_workspace.words import decided, dot, state_name
from apps.ui.layout import card, escape
from crm.services import signals as kept
from crm.services.signals import EventInfo, SignalInfo
from crm.signal_messages import CLOSED_BECAUSE, IGNORES, REACTIONS

_SHOWN = 8


def before(signal: SignalInfo) -> None:
    """Both lists, newest first."""
    with services().database.read() as session:
        rights = person().rights
        others = kept.signals_of_customer(session, rights, signal.customer_id)
        events = kept.history(session, rights, signal.signal_id)
    others = [each for each in others if each.signal_id != signal.signal_id]
    with card(t("What was before"), stretch=False):
        lines = [_event(each) for each in reversed(events)]
        st.markdown("  \n".join(lines[:_SHOWN]))
        if not others:
            st.caption(t("No other signal about this customer."))
            return
        st.markdown(f"**{t('Other signals about the customer')}**")
        st.markdown("  \n".join(_other(each) for each in others[:_SHOWN]))


def _event(event: EventInfo) -> str:
    reasons = {**REACTIONS, **IGNORES, **CLOSED_BECAUSE}
    parts = [_events().get(event.kind, event.kind)]
    if event.reason in reasons:
        parts.append(t(reasons[event.reason]))
    if comment := event.details.get("comment") or event.details.get("why"):
        parts.append(escape(str(comment)))
    if event.actor_login and event.actor_login != "signals":
        parts.append(escape(event.actor_login))
    return f":gray[:small[{speaker().moment(event.at)}]] {' · '.join(parts)}"


def _events() -> dict[str, str]:
    return {
        "raised": t("Raised"), "raised_again": t("Became worse"), "assigned": t("Handed over, event"),
        "seen": t("Seen"), "reacted": t("Reacted"), "ignored": t("Ignored"), "snoozed": t("Put to sleep"),
        "woken": t("Woke up"), "reopened": t("Opened again"), "closed": t("Closed"),
        "held_back": t("Held back, event"), "outcome": t("Outcome known"),
    }  # fmt: skip


def _other(each: SignalInfo) -> str:
    told = decided(each) or state_name(each.state)
    return f"{dot(each.priority)} {speaker().date(each.day)} · {escape(each.rule_name)} · {told}"
