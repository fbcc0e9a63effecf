"""Signals about the customer: what happened in a sentence, the numbers behind it, and a decision in two clicks."""

import streamlit as st

from apps.actions import changing
from apps.identity import person
from apps.language import speaker, t
from apps.services import services
from apps.signal_workspace.access import is_waiting, may_decide
from apps.signal_workspace.deciding import actions
from apps.signal_workspace.evidence import evidence
from apps.signal_workspace.happened import happened
from apps.signal_workspace.rules_of import rules_of
from apps.signal_workspace.words import COLORS, STATE_COLORS, decided, priority_name, state_name
from apps.ui.layout import card, empty_state, escape
from crm.services import signals as kept
from crm.services.signals import SignalInfo, State
from crm.signal_messages import CLOSED_BECAUSE
from signals.definition import Rule


def signals(customer_id: int) -> None:
    """Those that wait for a decision first, then the rest."""
    with services().database.read() as session:
        found = kept.signals_of_customer(session, person().rights, customer_id)
    rules = rules_of(found)
    with card(t("Signals"), stretch=False):
        if not found:
            empty_state("notifications_off", t("No signals"), t("No rule has raised a signal about this customer."))
        for signal in sorted(found, key=lambda each: not is_waiting(each)):
            _signal(signal, rules.get((signal.rule, signal.rule_version)))
    _mark_seen(found)


def _mark_seen(found: list[SignalInfo]) -> None:
    """Who may decide has now seen them; a look through another's eyes leaves no mark."""
    opened = [each.signal_id for each in found if each.state is State.OPEN]
    if opened and may_decide(person()):
        with changing("signals", "edit") as (session, actor, now):
            kept.see(session, person().own_rights, opened, actor, now)


def _signal(signal: SignalInfo, rule: Rule | None) -> None:
    say = speaker()
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(priority_name(signal.priority), color=COLORS[signal.priority])
            st.markdown(f"**{escape(signal.rule_name)}**", width="content")
            st.badge(state_name(signal.state), color=STATE_COLORS[signal.state])
            told = [say.date(signal.last_day), *([escape(signal.owner_name)] if signal.owner_name else [])]
            st.markdown(f":gray[:small[{' · '.join(told)}]]", width="stretch")
        if sentence := happened(signal, rule):
            st.markdown(escape(sentence))
        if ended := _ended(signal):
            st.caption(ended)
        if is_waiting(signal):
            if may_decide(person()):
                actions([signal.signal_id], f"card_{signal.signal_id}", waiting=True, plan=True)
            if st.toggle(t("Show the numbers"), key=f"card_evidence_{signal.signal_id}"):
                evidence(signal, rule)


def _ended(signal: SignalInfo) -> str:
    """What became of it: the decision with its reason, or why it was closed."""
    say = speaker()
    if signal.state is State.SNOOZED:
        return t("Sleeps until {date}", date=say.date(signal.snoozed_until))
    if signal.decision is not None:
        return decided(signal)
    if signal.state is State.CLOSED and signal.closed_why in CLOSED_BECAUSE:
        return f"{t(CLOSED_BECAUSE[signal.closed_why])} · {say.moment(signal.closed_at)}"
    return ""
