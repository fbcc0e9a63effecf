"""The top of a campaign's page: its name and stage, what is missing, and the step that comes next."""

from collections.abc import Sequence
from functools import partial
from typing import Final, Literal

import streamlit as st

from apps.campaign_workspace.access import base, changed, may_lead, take_newest
from apps.campaign_workspace.flow_said import problem_said
from apps.campaign_workspace.flow_words import KINDS
from apps.campaign_workspace.launch import launch, steer
from apps.campaign_workspace.words import audience_name, channel_names, days, kind_name, stage_badge
from apps.identity import person
from apps.language import speaker, t
from apps.segment_workspace.common import attempt
from apps.services import services
from apps.ui.layout import escape, page_header
from crm import campaign_messages as said
from crm.services.campaigns import access, approvals, stages
from crm.services.campaigns.completeness import concept_missing
from crm.services.campaigns.completeness import missing as all_missing
from crm.services.campaigns.transitions import Transition, following
from crm.services.campaigns.values import CampaignInfo, Stage
from segments.errors import Problem

# What the one prominent button of a stage does.
NEXT: Final = {
    Stage.CONCEPT: "design",
    Stage.DESIGN: "submit",
    Stage.READY: "start",
    Stage.RUNNING: "pause",
    Stage.PAUSED: "resume",
    Stage.COMPLETED: "analyse",
}
_ICONS: Final = {
    "design": "design_services",
    "submit": "approval",
    "start": "play_arrow",
    "pause": "pause",
    "resume": "play_arrow",
    "analyse": "task_alt",
    "stop": "stop_circle",
    "withdraw": "undo",
    "rethink": "undo",
    "redesign": "edit",
    "complete": "flag",
}
# These are done elsewhere: approvers decide in the approval, a change drops what was agreed with by itself.
_ELSEWHERE: Final = {"approved", "return_to_design", "return_to_concept", "approval_dropped"}


def header(info: CampaignInfo) -> None:
    """Name, facts in a line, the next step, and what keeps it from being made."""
    problems = missing(info) if info.stage in (Stage.CONCEPT, Stage.DESIGN) else []
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        with st.container(width="stretch"):
            page_header(info.name)
        if may_lead(info):
            _steps(info, len(problems))
    st.markdown(" · ".join(_facts(info)))
    if info.revision != base(info):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(t("{login} saved this campaign after you had opened it.", login=info.updated_by))
            if st.button(t("Show what is kept now"), key="campaign_newest"):
                take_newest(info)
                st.rerun()
    if info.stage in (Stage.CONCEPT, Stage.DESIGN):
        _missing(info, problems)


def _facts(info: CampaignInfo) -> list[str]:
    say, told = speaker(), [stage_badge(info.stage), kind_name(info.kind.value)]
    if info.starts_on or info.ends_on:
        told.append(days(info.starts_on, info.ends_on))
    if audience := audience_name(info):
        size = f" ({say.number(info.audience_size)})" if info.audience_size is not None else ""
        told.append(f"{escape(audience)}{size}")
    if channels := channel_names(info):
        told.append(escape(channels))
    told.append(t("responsible: {name}", name=escape(info.responsible_name or info.owner_name or "—")))
    if info.open_step:
        told.append(t("waits for: {step}", step=escape(info.open_step)))
    if info.is_overdue:
        told.append(f":red-badge[{t('overdue')}]")
    return told


def missing(info: CampaignInfo) -> list[Problem]:
    """What the campaign still lacks for its next step."""
    with services().database.read() as session:
        row = access.require_view(session, person().rights, info.key)
        found = concept_missing if info.stage is Stage.CONCEPT else all_missing
        return list(found(session, row))


def _missing(info: CampaignInfo, problems: Sequence[Problem]) -> None:
    if not problems:
        st.markdown(f":green[:material/check_circle: {t('Everything is there for the next step.')}]")
        return
    lines = list(dict.fromkeys(_line(info, each) for each in problems))
    title = speaker().plural(
        "{count} point is open before the next step", "{count} points are open before the next step", len(lines)
    )  # fmt: skip
    with st.expander(title, icon=":material/checklist:", expanded=len(lines) <= 4):
        for line in lines:
            st.markdown(f":material/radio_button_unchecked: {escape(line)}")


def _line(info: CampaignInfo, problem: Problem) -> str:
    """What is missing, and of which step of the flow."""
    text = problem_said(problem)
    if len(problem.path) > 1 and problem.path[0] == "nodes":
        kinds = {node.get("id"): node.get("kind") for node in (info.flow or {}).get("nodes", [])}
        if (kind := kinds.get(problem.path[1])) in KINDS:
            return f"{t('Flow')}, {t(KINDS[kind][0])}: {text}"
    return text


def _steps(info: CampaignInfo, open_points: int) -> None:
    ways = [each for each in following(info.stage) if each.name not in _ELSEWHERE]
    first = NEXT.get(info.stage)
    main, others = [each for each in ways if each.name == first], [each for each in ways if each.name != first]
    # While something is open, saving it is what the page is for.
    kind: Literal["primary", "secondary"] = "secondary" if open_points else "primary"
    with st.container(horizontal=True, width="content", gap="small"):
        _others(info, others)
        for way in main:
            if way.needs_reason or way.name == "start":
                with st.popover(_name(way), icon=f":material/{_ICONS[way.name]}:", type="primary"):
                    _with_reason(info, [way], "main")
            elif st.button(_name(way), icon=f":material/{_ICONS[way.name]}:", type=kind, key=f"step_{way.name}"):
                attempt(partial(lead, info, way.name, ""))


def _others(info: CampaignInfo, ways: Sequence[Transition]) -> None:
    if ways:
        with st.popover(t("Other steps"), icon=":material/more_horiz:"):
            _with_reason(info, ways, "more")


def _with_reason(info: CampaignInfo, ways: Sequence[Transition], place: str) -> None:
    starts = any(way.name == "start" for way in ways)
    if starts:
        st.caption(t("The audience is frozen with its control group, and messages begin to go out."))
    label = t("Only when the data is not in order: why it starts all the same") if starts else t("Reason")
    reason = st.text_input(
        label,
        key=f"campaign_reason_{place}_{info.revision}",
        max_chars=500,
        placeholder=t("Why; kept in the audit log"),
    )
    for way in ways:
        if st.button(
            _name(way),
            icon=f":material/{_ICONS[way.name]}:",
            key=f"step_{way.name}",
            width="stretch",
            disabled=way.needs_reason and not (reason or "").strip(),
        ):
            attempt(partial(lead, info, way.name, reason or ""))


def _name(way: Transition) -> str:
    return t(said.TRANSITIONS[way.name])


def lead(info: CampaignInfo, name: str, reason: str) -> str:
    """Make one step. Raises `CrmError`, and `DefinitionError` with what is missing."""
    match name:
        case "submit":
            changed(
                info,
                lambda session, actor, now: stages.submit(
                    session, info.key, actor, now, base=base(info), comment=reason
                ),
            )
        case "start":
            return launch(info, reason)
        case "pause" | "resume" | "complete" | "stop":
            steer(info, name, reason, base(info))
        case "withdraw":
            changed(info, lambda session, actor, now: approvals.withdraw(session, info.key, actor, now, reason))
        case _:
            changed(
                info,
                lambda session, actor, now: stages.transit(
                    session, info.key, name, actor, now, reason=reason, base=base(info)
                ),
            )
    return t("Done: {step}", step=t(said.TRANSITIONS[name]))
