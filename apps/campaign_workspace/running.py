"""A campaign while it runs: numbers of this moment by step and channel, what did not go and why, stopping a step.

`running(info)` draws the whole tab; without a run it says so. Figures are read anew every two seconds while it runs.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import streamlit as st

from apps.campaign_workspace import flow_said
from apps.campaign_workspace.access import changed, may_lead
from apps.campaign_workspace.running_words import not_sent
from apps.campaign_workspace.words import channel_name
from apps.language import speaker, t
from apps.segment_workspace.common import attempt
from apps.services import services
from apps.ui import tables
from apps.ui.layout import card, empty_state, escape
from campaigns.flow import parse
from crm.services.campaign_runs import figures as kept
from crm.services.campaign_runs import steering
from crm.services.campaign_runs.figures import Figures, NodeFigures
from crm.services.campaigns.values import CampaignInfo, Stage

EVERY: Final = 2
"""Seconds between two readings: with five a reader waits longer than five now and then."""
_SENDING: Final = ("message", "fallback", "call_register")


def running(info: CampaignInfo) -> None:
    """Figures, steps, errors, receipts."""
    with services().database.read() as session:
        found = kept.figures_or_none(session, info.key, services().now())
    if found is None:
        empty_state(
            "play_circle",
            t("The campaign has not begun"),
            t("After the start its numbers stand here, never older than a few seconds."),
        )
        return
    names = flow_said.phrases(parse(found.run.flow), flow_said.choices())
    is_live = info.stage is Stage.RUNNING
    st.fragment(_numbers, run_every=EVERY if is_live else None)(info.key, names)
    if may_lead(info) and info.stage in (Stage.RUNNING, Stage.PAUSED):
        _steering(info, found, names)
    _receipts(found)


def _numbers(key: str, names: Mapping[str, str]) -> None:
    with services().database.read() as session:
        found = kept.figures(session, key, services().now())
    _glance(found)
    _steps(found, names)
    left, right = st.columns(2, gap="small")
    with left:
        _channels(found)
    with right:
        _held(found, names)


def _glance(found: Figures) -> None:
    say = speaker()
    sent = sum(each.sent for each in found.nodes)
    delivered, failed = sum(each.delivered for each in found.nodes), sum(each.failed for each in found.nodes)
    waiting = sum(each.queued + each.deferred for each in found.nodes)
    with st.grid(4, gap="small", min_column_width=150):
        st.metric(t("Take part"), say.number(found.arms.get("contacted", 0)), border=True, help=_plan(found))
        st.metric(
            t("Control group"), say.number(found.arms.get("control", 0) + found.arms.get("universal", 0)), border=True
        )
        st.metric(t("Wait to be sent"), say.number(waiting), border=True)
        st.metric(t("Messages sent"), say.number(sent), border=True)
        st.metric(t("Delivered"), _with_share(delivered, sent + failed), border=True)
        st.metric(t("Errors"), _with_share(failed, sent + failed), border=True)
        st.metric(t("Interested"), say.number(found.responses.get(2, 0)), border=True)
        st.metric(t("Conversions"), say.number(found.responses.get(3, 0)), border=True)
    told = [t("As of {moment}", moment=f"{say.moment(found.at)}")] if found.at else []
    told += (
        [t("last step of the engine {moment}", moment=say.moment(found.run.ticked_at))] if found.run.ticked_at else []
    )
    if found.is_paused:
        told.append(f":orange-badge[{t('Sending is paused')}]")
    if found.run.trouble:
        told.append(f":red-badge[{escape(found.run.trouble)}]")
    st.caption(" · ".join(told))


def _plan(found: Figures) -> str | None:
    entered = sum(found.arms.values())
    if not found.expected:
        return None
    say = speaker()
    return t(
        "{count} in the audience, {expected} were expected at the approval",
        count=say.number(entered),
        expected=say.number(found.expected),
    )


def _steps(found: Figures, names: Mapping[str, str]) -> None:
    number = speaker().number
    rows = [
        {
            "step": names.get(each.node_id, each.node_id) + (f" ({t('paused, step')})" if each.is_paused else ""),
            "entered": number(each.entered),
            "here": number(each.here),
            "sent": number(each.sent) if _sends(each) else "—",
            "delivered": number(each.delivered) if _sends(each) else "—",
            "failed": number(each.failed) if _sends(each) else "—",
            "held": number(each.refused + each.deferred) if _sends(each) else "—",
            "interest": number(each.responses.get(2, 0)) if _sends(each) else "—",
            "conversion": number(each.responses.get(3, 0)) if _sends(each) else "—",
        }
        for each in found.nodes
    ]
    columns = {
        "step": tables.text(t("Step"), 225),
        "entered": tables.number(t("Came to the step"), 85),
        "here": tables.number(t("Are here"), 85),
        "sent": tables.number(t("Messages sent"), 90),
        "delivered": tables.number(t("Delivered"), 105),
        "failed": tables.number(t("Errors"), 80),
        "held": tables.number(t("Held back"), 100),
        "interest": tables.number(t("Interested"), 110),
        "conversion": tables.number(t("Conversions"), 110),
    }
    with card(t("Step by step"), stretch=False):
        tables.plain(rows, columns, key="running_steps")


def _channels(found: Figures) -> None:
    with card(t("By channel"), stretch=False):
        by: dict[str, dict[str, int]] = {}
        for (channel, state), count in found.channels.items():
            by.setdefault(channel, {})[state] = count
        number = speaker().number
        rows = [
            {
                "channel": channel_name(channel),
                "waits": number(sum(states.get(each, 0) for each in ("queued", "deferred", "claimed", "handing"))),
                "sent": number(sum(states.get(each, 0) for each in ("sent", "delivered", "uncertain"))),
                "delivered": number(states.get("delivered", 0)),
                "failed": number(states.get("failed", 0) + states.get("expired", 0)),
            }
            for channel, states in sorted(by.items())
        ]
        columns = {
            "channel": tables.text(t("Channel"), 120),
            "waits": tables.number(t("Wait"), 70),
            "sent": tables.number(t("Messages sent"), 90),
            "delivered": tables.number(t("Delivered"), 100),
            "failed": tables.number(t("Errors"), 80),
        }
        tables.plain(rows, columns, key="running_channels")


def _held(found: Figures, names: Mapping[str, str]) -> None:
    with card(t("What did not go, and why"), stretch=False):
        rows: list[dict[str, Any]] = [
            {"step": names.get(each.node_id, each.node_id), "why": not_sent(state, reason), "count": count}
            for each in found.nodes
            for (state, reason), count in each.reasons.items()
        ]
        if not rows:
            st.caption(t("Nothing is held back, nothing has failed."))
            return
        rows.sort(key=lambda row: -row["count"])
        shown = [{**row, "count": speaker().number(row["count"])} for row in rows]
        tables.plain(
            shown,
            {
                "why": tables.text(t("Reason"), 230),
                "count": tables.number(t("Messages"), 95),
                "step": tables.text(t("Step"), 140),
            },
            key="running_held",
        )


def _steering(info: CampaignInfo, found: Figures, names: Mapping[str, str]) -> None:
    """Stop one step or let it go on; the whole campaign is led by the buttons at the top."""
    steps = {each.node_id: each for each in found.nodes if _sends(each)}
    if not steps:
        return
    with (
        card(t("Stop one step"), t("Everybody waits where he is; the rest of the campaign goes on."), stretch=False),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        node = st.selectbox(t("Step"), list(steps), format_func=lambda each: names.get(each, each), key="running_step")
        reason = st.text_input(
            t("Reason"), key="running_reason", max_chars=500, placeholder=t("Why; kept in the audit log")
        )
        is_paused = steps[node].is_paused
        title, icon = (t("Let the step go on"), "play_arrow") if is_paused else (t("Stop the step"), "pause")
        if st.button(title, icon=f":material/{icon}:", key="running_pause", disabled=not (reason or "").strip()):
            attempt(partial(_steered, info, node, is_paused, reason or ""))


def _steered(info: CampaignInfo, node: str, is_paused: bool, reason: str) -> str:
    change = steering.resume_step if is_paused else steering.pause_step
    changed(info, lambda session, actor, now: change(session, info.key, node, reason, actor, now))
    return t("The step goes on") if is_paused else t("The step is stopped")


def _receipts(found: Figures) -> None:
    """From what the audience was taken, and who of it is left out."""
    say = speaker()
    with st.expander(t("How the audience was taken"), icon=":material/receipt_long:"):
        for each in found.freezes:
            counts = each.counts
            st.markdown(
                t(
                    "{moment}, data of {day} (snapshot {number}): {members} customers, {contacted} take part",
                    moment=say.moment(each.frozen_at),
                    day=say.date(each.as_of),
                    number=each.snapshot,
                    members=say.number(counts.get("members", 0)),
                    contacted=say.number(counts.get("contacted", 0)),
                )
            )
            left_out = [
                f"{not_sent('', name.removeprefix('excluded:'))}: {say.number(count)}"
                for name, count in counts.items()
                if name.startswith("excluded:") and count
            ]
            if left_out:
                st.caption(t("Left out: {list}", list=escape("; ".join(left_out))))
            st.caption(
                t("Receipt {hash}, control group {share} %", hash=each.digest[:16], share=say.number(each.share_pct, 1))
            )


def _sends(each: NodeFigures) -> bool:
    return each.kind in _SENDING


def _with_share(count: int, of: int) -> str:
    say = speaker()
    return f"{say.number(count)} ({say.percent(100 * count / of, 1)})" if of else say.number(count)
