"""Signals about the customer, and what was decided: a decision takes two clicks, the kind of it and the reason."""

from typing import Final

import streamlit as st

from apps.actions import attempt, changing
from apps.identity import person
from apps.language import speaker, t
from apps.services import services
from apps.ui.layout import card, empty_state, escape
from crm.services import signals as kept
from crm.services.signals import Decision, SignalInfo, State
from crm.signal_messages import IGNORES, PRIORITIES, REACTIONS, SIGNAL_STATES

PRIORITY_COLORS: Final = {"high": "red", "medium": "orange", "low": "gray"}
STATE_COLORS: Final = {"open": "orange", "seen": "blue", "decided": "green", "snoozed": "violet", "closed": "gray"}
_WAITING: Final = (State.OPEN, State.SEEN, State.SNOOZED)


def signals(customer_id: int) -> None:
    """Those that wait for a decision first, then the rest."""
    with services().database.read() as session:
        found = kept.signals_of_customer(session, person().rights, customer_id)
    with card(t("Signals"), stretch=False):
        if not found:
            empty_state("notifications_off", t("No signals"), t("No rule has raised a signal about this customer."))
        for signal in sorted(found, key=lambda each: each.state not in _WAITING):
            _signal(signal)
    _mark_seen(found)


def _mark_seen(found: list[SignalInfo]) -> None:
    """Who may decide has now seen them; a look through another's eyes leaves no mark."""
    opened = [each.signal_id for each in found if each.state is State.OPEN]
    me = person()
    if opened and not me.is_viewing_as and me.own_rights.allows("signals", "edit"):
        with changing("signals", "edit") as (session, actor, now):
            kept.see(session, me.own_rights, opened, actor, now)


def _signal(signal: SignalInfo) -> None:
    say = speaker()
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(t(PRIORITIES[signal.priority.value]), color=PRIORITY_COLORS[signal.priority.value])
            st.markdown(f"**{escape(signal.rule_name)}**", width="content")
            st.badge(t(SIGNAL_STATES[signal.state.value]), color=STATE_COLORS[signal.state.value])
            st.markdown(f":gray[:small[{_about(signal)}]]", width="stretch")
        if signal.state is State.DECIDED and signal.decision is not None:
            st.caption(_decided(signal))
        elif signal.state is State.SNOOZED:
            st.caption(t("Sleeps until {date}", date=say.date(signal.snoozed_until)))
        if signal.state in _WAITING and _may_decide():
            with st.container(horizontal=True, gap="small"):
                _choice(signal, Decision.REACTED, t("React"), REACTIONS)
                _choice(signal, Decision.IGNORED, t("Ignore"), IGNORES)


def _about(signal: SignalInfo) -> str:
    say = speaker()
    parts = [say.date(signal.last_day)]
    if signal.value is not None and signal.baseline is not None:
        parts.append(f"{say.number(signal.value, 1)} ← {say.number(signal.baseline, 1)}")
    if signal.change_pct is not None:
        sign = "−" if signal.change_pct < 0 else "+"
        parts.append(sign + say.percent(abs(signal.change_pct), 0))
    if signal.owner_name:
        parts.append(escape(signal.owner_name))
    return " · ".join(parts)


def _decided(signal: SignalInfo) -> str:
    reasons = REACTIONS if signal.decision is Decision.REACTED else IGNORES
    said = t(reasons[signal.decision_reason]) if signal.decision_reason in reasons else ""
    word = t("Reacted") if signal.decision is Decision.REACTED else t("Ignored")
    parts = [word, said, escape(signal.comment), signal.decided_login]
    return " · ".join([*(part for part in parts if part), speaker().moment(signal.decided_at)])


def _may_decide() -> bool:
    me = person()
    return not me.is_viewing_as and me.own_rights.allows("signals", "edit")


def _choice(signal: SignalInfo, decision: Decision, title: str, reasons: dict[str, str]) -> None:
    with st.popover(title, width="content"):
        comment = st.text_input(
            t("Comment"), key=f"signal_comment_{decision}_{signal.signal_id}", max_chars=500,
            placeholder=t("Needed for another reason"),
        )  # fmt: skip
        for code, message in reasons.items():
            if st.button(t(message), key=f"signal_{decision}_{code}_{signal.signal_id}", width="stretch"):
                _decide(signal, decision, code, comment or "")


def _decide(signal: SignalInfo, decision: Decision, reason: str, comment: str) -> None:
    def change() -> str:
        with changing("signals", "edit") as (session, actor, now):
            rights = person().own_rights
            kept.decide(session, rights, [signal.signal_id], str(decision), reason, actor, now, comment)
        return t("Decision kept")

    attempt(change)
