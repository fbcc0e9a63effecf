"""The contact policy: what is in force in plain sentences, a form for another one, what it would have changed."""

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from apps.campaign_settings.policy_form import policy_form
from apps.campaign_settings.policy_past import what_if
from apps.campaign_settings.policy_words import changed_settings, sentences
from apps.campaign_settings.saving import administered
from apps.campaign_workspace.access import may_administer
from apps.language import speaker, t
from apps.segment_workspace.common import attempt, show_problems
from apps.services import services
from apps.ui.layout import card, empty_state, escape
from campaigns.policy import Policy, parse
from campaigns.policy import fingerprint as print_of
from crm.services.campaigns import policies
from crm.services.campaigns.clock import local_day
from crm.services.campaigns.policies import PolicyInfo
from segments.errors import DefinitionError


def policy() -> None:
    """The policy in force beside its versions; under it, for administrators, the form and the what-if."""
    with services().database.read() as session:
        versions = policies.policies(session)
    today = local_day(services().now())
    current = _in_force(versions, today)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _present(current)
    with right:
        _versions(versions, current)
    if may_administer():
        _another(current, today)


def _in_force(versions: list[PolicyInfo], day: dt.date) -> PolicyInfo | None:
    begun = [each for each in versions if each.valid_from <= day]
    return max(begun, key=lambda each: (each.valid_from, each.number), default=None)


def _present(current: PolicyInfo | None) -> None:
    with card(t("In force now"), t("Every message passes these rules, whatever put it on its way.")):
        if current is None:
            empty_state("block", t("There is no policy"), t("Nothing is sent until one is saved."))
            return
        for line in sentences(parse(current.document)):
            st.markdown(f"- {escape(line)}")


def _versions(versions: list[PolicyInfo], current: PolicyInfo | None) -> None:
    say = speaker()
    with card(t("Versions")):
        for each in versions[:8]:
            mark = f" :green-badge[{t('in force')}]" if current and each.number == current.number else ""
            title = t("Version {number} from {day}", number=each.number, day=say.date(each.valid_from))
            st.markdown(f"**{escape(title)}**{mark}")
            st.caption(f"{escape(each.author_login)}, {say.moment(each.at)} · {escape(each.reason)}")
            if each.number > 1:
                for line in changed_settings(each.changes):
                    st.caption(f"· {escape(line)}")


def _another(current: PolicyInfo | None, today: dt.date) -> None:
    with st.expander(t("Change the policy"), icon=":material/edit:", expanded=current is None):
        document = policy_form(current.document if current else {}, current.number if current else 0)
        try:
            wanted = parse(document)
        except DefinitionError as error:
            show_problems(error.problems)
            return
        same = current is not None and print_of(parse(current.document)) == print_of(wanted)
        if same:
            st.caption(t("Change something above: what it means and would have done is told here."))
            return
        st.markdown(f"**{t('It would say')}**")
        for line in sentences(wanted):
            st.markdown(f"- {escape(line)}")
        what_if(parse(current.document) if current else Policy(), wanted)
        _save(document, today)


def _save(document: Mapping[str, Any], today: dt.date) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        day = st.date_input(
            t("In force from"), today, min_value=today, format="DD.MM.YYYY", key="policy_from", width=170
        )
        reason = st.text_input(
            t("Reason"), key="policy_reason", max_chars=500, placeholder=t("Why; kept in the audit log")
        )
        if st.button(t("Save policy"), type="primary", icon=":material/save:", key="policy_save",
                     disabled=not (reason or "").strip()):  # fmt: skip
            attempt(partial(_saved, document, day, reason or ""))


def _saved(document: Mapping[str, Any], day: dt.date, reason: str) -> str:
    made: PolicyInfo = administered(
        lambda session, actor, now: policies.save_policy(session, document, day, actor, now, reason)
    )
    return t("The policy is in force from {day}", day=speaker().date(made.valid_from))
