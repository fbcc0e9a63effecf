"""One signal: who, what happened, whom to call, the decision; below it the evidence and what was before."""

import streamlit as st

from apps.identity import person
from apps.language import speaker, t
from apps.services import services
from apps.signal_workspace import customers, deciding
from apps.signal_workspace.access import is_head, is_waiting, may_decide
from apps.signal_workspace.before import before
from apps.signal_workspace.calling import calling
from apps.signal_workspace.evidence import evidence
from apps.signal_workspace.happened import happened
from apps.signal_workspace.opening import open_signal
from apps.signal_workspace.rules_of import rules_of
from apps.signal_workspace.words import COLORS, STATE_COLORS, decided, priority_name, state_name
from apps.ui.customer_list import CARD_PAGE
from apps.ui.layout import escape, facts
from crm.services import signals as kept
from crm.services import tasks
from crm.services.signals import SignalInfo, State
from crm.services.tasks import TaskFilter, Window


def opened(signal: SignalInfo) -> None:
    """The whole signal, beside the list."""
    rule = rules_of([signal]).get((signal.rule, signal.rule_version))
    known = customers.known([signal.customer_id]).get(signal.customer_id)
    with st.container(border=True, gap="small", key="signal_opened"):
        _head(signal, str(known["name"]) if known else customers.number(signal.customer_id))
        st.markdown(f"#### {escape(happened(signal, rule)) or escape(signal.rule_name)}")
        _facts(signal)
        if known:
            calling(signal.customer_id, known)
        _decision(signal)
        _planned(signal)


def beside(signal: SignalInfo) -> None:
    """What stands behind it; drawn last, since one may decide while it is still computed."""
    before(signal)
    evidence(signal, rules_of([signal]).get((signal.rule, signal.rule_version)))


def see(signal: SignalInfo) -> SignalInfo:
    """Opening is seeing: written down for who may decide, and told anew."""
    me = person()
    if signal.state is not State.OPEN or not may_decide(me):
        return signal
    shared = services()
    with shared.database.begin() as session:
        kept.see(session, me.own_rights, [signal.signal_id], me.actor, shared.now())
        return kept.signal(session, me.rights, signal.signal_id)


def _head(signal: SignalInfo, name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(
            CARD_PAGE, label=f"**{escape(name)}**", icon=":material/badge:",
            query_params={"id": str(signal.customer_id)}, help=t("Open the card"),
        )  # fmt: skip
        st.badge(
            t("{priority} priority", priority=priority_name(signal.priority)), color=COLORS.get(signal.priority, "gray")
        )
        st.badge(state_name(signal.state), color=STATE_COLORS.get(signal.state, "gray"))
        st.space("stretch")
        if st.button(t("Close the signal view"), icon=":material/close:", type="tertiary", key="signal_view_close"):
            open_signal(None)
            st.rerun()
    st.caption(escape(signal.rule_name))


def _facts(signal: SignalInfo) -> None:
    say = speaker()
    since = say.date(signal.day)
    if signal.times > 1:
        since = t("{date}, worse on {again}", date=since, again=say.date(signal.last_day))
    facts(
        {
            t("Pays a month on average"): say.money(signal.customer_value),
            t("Since"): since,
            t("Has to act"): signal.owner_name or t("nobody has to act"),
        },
        columns=3,
    )  # fmt: skip


def _decision(signal: SignalInfo) -> None:
    if signal.decision is not None:
        st.markdown(f":material/task_alt: {decided(signal)}")
    elif signal.state is State.SNOOZED:
        st.markdown(":material/snooze: " + t("Asleep until {date}", date=speaker().date(signal.snoozed_until)))
    elif signal.state is State.CLOSED:
        st.markdown(":material/check: " + t("The cause was gone on {date}", date=speaker().date(signal.closed_at)))
    if signal.outcome is not None:
        _outcome(signal)
    if signal.state is State.CLOSED or not may_decide(person()):
        return
    deciding.actions(
        [signal.signal_id], str(signal.signal_id), waiting=is_waiting(signal), plan=True, hand_over=is_head(person())
    )


def _outcome(signal: SignalInfo) -> None:
    from crm.signal_messages import OUTCOMES

    what = t(OUTCOMES.get(signal.outcome_kind, signal.outcome_kind))
    if signal.outcome:
        st.markdown(":material/flag: " + t("It came true: {outcome}", outcome=what.lower()))
    else:
        st.markdown(":material/flag: " + t("It did not come true: {outcome}", outcome=what.lower()))


def _planned(signal: SignalInfo) -> None:
    """What is planned because of this signal."""
    me, shared = person(), services()
    if not me.may("tasks", "view"):
        return
    with shared.database.read() as session:
        found, _ = tasks.tasks(
            session, me.rights, shared.now(), TaskFilter(window=Window.OPEN, signal_id=signal.signal_id), limit=5
        )
    for each in found:
        st.markdown(
            ":material/event: " + t("{moment}: {title}", moment=speaker().moment(each.due_at), title=escape(each.title))
        )
