"""Agreeing with a campaign: its route, the step that is open, what was said; who may decide does it here."""

from functools import partial
from typing import Any, Final

import streamlit as st

from apps.campaign_workspace.access import changed, may_administer
from apps.campaign_workspace.figures import figure_name, figure_value
from apps.campaign_workspace.words import audience_name, channel_name, days
from apps.identity import person
from apps.language import speaker, t
from apps.segment_workspace.common import attempt
from apps.services import services
from apps.ui.colors import Color
from apps.ui.layout import card, empty_state, escape, facts
from crm import campaign_messages as said
from crm.services.campaigns import access, approvals, kpis, register, routes, talking
from crm.services.campaigns.approvers import writers
from crm.services.campaigns.stored import version_row
from crm.services.campaigns.values import CampaignInfo, Part, Stage, StepInfo, StepState
from crm.services.matrix import matrix
from crm.services.organisation import employees

_COLORS: Final[dict[StepState, Color]] = {
    StepState.WAITING: "gray",
    StepState.OPEN: "violet",
    StepState.APPROVED: "green",
    StepState.RETURNED: "red",
    StepState.WITHDRAWN: "gray",
}


def approval(info: CampaignInfo) -> None:
    """Route and decision beside what it is about and what people say."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        if info.stage is Stage.APPROVAL:
            _decide(info)
        _route(info)
        _summary(info)
    with right:
        _comments(info)


def _decide(info: CampaignInfo) -> None:
    with card(t("Your decision"), stretch=False):
        if (why := _barred(info)) is not None:
            st.caption(why)
            return
        st.markdown(t("You agree with what is shown on these tabs, and with nothing that is changed afterwards."))
        comment = st.text_area(
            t("Comment"),
            key=f"approval_comment_{info.revision}",
            max_chars=2000,
            height=80,
            placeholder=t("Needed when you return it"),
        )
        with st.container(horizontal=True, gap="small"):
            if st.button(t("Approve"), icon=":material/check:", type="primary", key="approval_yes"):
                attempt(partial(_approve, info, comment or ""))
            is_empty = not (comment or "").strip()
            if st.button(t("Return to the design"), icon=":material/undo:", key="approval_no", disabled=is_empty):
                attempt(partial(_return, info, comment or "", Stage.DESIGN))
            if st.button(t("Return to the concept"), icon=":material/undo:", key="approval_far", disabled=is_empty):
                attempt(partial(_return, info, comment or "", Stage.CONCEPT))


def _barred(info: CampaignInfo) -> str | None:
    """Why this person does not decide; None when he may try."""
    if not may_administer():
        return t("Your role does not approve campaigns. Who does is told by the route below.")
    with services().database.read() as session:
        row = access.require_view(session, person().rights, info.key)
        if person().login in writers(row, version_row(session, row)):
            return t("You wrote a part of this campaign: somebody else has to decide.")
    return None


def _approve(info: CampaignInfo, comment: str) -> str:
    changed(
        info,
        lambda session, actor, now: approvals.approve(
            session, info.key, actor, now, seen=info.fingerprint, comment=comment, rights=person().own_rights
        ),
        "administer",
    )
    return t("You have approved the campaign")


def _return(info: CampaignInfo, comment: str, to: Stage) -> str:
    changed(
        info,
        lambda session, actor, now: approvals.return_campaign(
            session, info.key, actor, now, comment, to=to, rights=person().own_rights
        ),
        "administer",
    )
    return t("You have returned the campaign")


def _route(info: CampaignInfo) -> None:
    with services().database.read() as session:
        taken = approvals.steps(session, info.key)
        row = access.require_view(session, person().rights, info.key)
        ahead = None if taken else routes.route_of(session, routes.parameters_of(session, row))
        roles = {code: role.name(speaker().language) for code, role in matrix(session).roles.items()}
        people = {each.employee_id: each.full_name for each in employees(session)}
    with card(t("Route of approval"), stretch=False):
        if ahead is not None:
            st.caption(t("When approval is asked for, it goes this way:") + f" {ahead.name}".rstrip())
            for number, step in enumerate(ahead.steps, 1):
                who = people.get(step["employee"]) if step.get("employee") else roles.get(step["role"])
                who = who or ", ".join(roles.get(code, code) for code in step.get("any_of", ()))
                _step_line(f"{number}. {step['name']}", who, tuple(step.get("parts", ())), "")
            return
        last = max(each.round for each in taken)
        for each in taken:
            if each.round == last:
                _step(each, roles, people)
        earlier = [each for each in taken if each.round < last and each.decided_at is not None]
        if earlier:
            with st.expander(t("Earlier rounds")):
                for each in earlier:
                    _step(each, roles, people)


def _step(each: StepInfo, roles: dict[str, str], people: dict[str, str]) -> None:
    say = speaker()
    who = people.get(each.employee_id or "") or roles.get(each.role_code, each.role_code)
    told = f":{_COLORS[each.state]}-badge[{t(said.STEP_STATES[each.state.value])}]"
    if each.decided_at is not None:
        told += f" {escape(each.decided_login)}, {say.moment(each.decided_at)}"
        if each.on_behalf_of:
            told += " " + t("(standing in)")
    elif each.due_at is not None:
        told += " " + t("until {moment}", moment=say.moment(each.due_at))
        if each.due_at < services().now():
            told += f" :red-badge[{t('overdue')}]"
    _step_line(f"{each.step}. {each.name}", who, each.parts, told)
    if each.comment:
        st.markdown(f"> {escape(each.comment)}")


def _step_line(title: str, who: str, parts: tuple[str, ...], told: str) -> None:
    # A step is often called after the role that takes it.
    whose = f" · {escape(who)}" if who and not title.endswith(who) else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{escape(title)}**{whose}", width="content")
        if told:
            st.markdown(told, width="content")
    if parts:
        st.caption(", ".join(t(said.PARTS[part]) for part in parts if part in said.PARTS))


def _summary(info: CampaignInfo) -> None:
    say = speaker()
    with services().database.read() as session:
        wanted = kpis.kpis(session, info.key)
        version = register.version(session, info.key)
        need = routes.parameters_of(session, access.require_view(session, person().rights, info.key))["budget"]
    with card(t("What is agreed with"), stretch=False):
        if info.goal:
            st.markdown(escape(info.goal))
        facts(
            {
                t("Audience"): audience_name(info),
                t("Customers"): say.number(info.audience_size) if info.audience_size is not None else None,
                t("Days of the campaign"): days(info.starts_on, info.ends_on),
                t("Channels"): ", ".join(channel_name(each) for each in info.channels),
                t("Budget"): say.money(need) if need else t("nothing planned"),
                t("Figures to reach"): "; ".join(
                    f"{figure_name(each.code, each)} {'≥' if each.direction == 'at_least' else '≤'} "
                    f"{figure_value(each.target, each.unit)}"
                    for each in wanted
                ),
            },
            columns=3,
        )
        st.caption(t("Version {number}, hash of the content {hash}", number=version.number, hash=info.fingerprint[:16]))


def _comments(info: CampaignInfo) -> None:
    with services().database.read() as session:
        found = talking.comments(session, info.key)
    with card(t("Comments"), stretch=False):
        if not found:
            empty_state("forum", t("Nobody has said anything yet"), t("Comments are seen by all who see the campaign."))
        for each in found:
            st.markdown(
                f"**{escape(each.author_login)}** :gray[{speaker().moment(each.at)} · {t(said.PARTS[each.part])}]"
            )
            st.markdown(escape(each.text))
        if person().is_viewing_as:
            return
        with st.form("campaign_comment", border=False, clear_on_submit=True):
            part = st.selectbox(
                t("About"),
                [each.value for each in Part],
                format_func=lambda code: t(said.PARTS[code]),
                key="comment_part",
            )
            text = st.text_area(
                t("Comment"),
                key="comment_text",
                max_chars=2000,
                height=80,
                label_visibility="collapsed",
                placeholder=t("What do you think?"),
            )
            if st.form_submit_button(t("Say it"), icon=":material/send:") and (text or "").strip():
                attempt(partial(_say, info, str(part), text))


def _say(info: CampaignInfo, part: str, text: str) -> str:
    def made(session: Any, actor: Any, now: Any) -> None:
        talking.add_comment(session, info.key, text, actor, now, part=part)

    changed(info, made, "view")
    return t("Your comment is kept")
