"""Words and colours of campaigns that several of their screens use."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from apps.language import speaker, t
from apps.services import services
from apps.ui.colors import Color
from apps.ui.layout import escape
from crm import campaign_messages as said
from crm.services import segments as kept_segments
from crm.services.campaigns.values import CampaignInfo, Stage
from crm.services.organisation import departments
from vitrina.errors import UserError

STAGE_COLORS: Final[Mapping[Stage, Color]] = {
    Stage.CONCEPT: "gray", Stage.DESIGN: "blue", Stage.APPROVAL: "violet", Stage.READY: "primary",
    Stage.RUNNING: "green", Stage.PAUSED: "orange", Stage.COMPLETED: "gray", Stage.ANALYSED: "gray",
    Stage.STOPPED: "red",
}  # fmt: skip
CHART_COLORS: Final[Mapping[Stage, str]] = {
    Stage.CONCEPT: "#a9b8c0", Stage.DESIGN: "#5a8fd0", Stage.APPROVAL: "#8f6bbf", Stage.READY: "#0f6e84",
    Stage.RUNNING: "#2b8a57", Stage.PAUSED: "#e08a2b", Stage.COMPLETED: "#8aa0ab", Stage.ANALYSED: "#5f717b",
    Stage.STOPPED: "#c4423a",
}  # fmt: skip


def stage_name(stage: Stage) -> str:
    """What a stage is called."""
    return t(said.STAGES[stage.value])


def stage_badge(stage: Stage) -> str:
    """A stage as a coloured mark in Markdown."""
    return f":{STAGE_COLORS[stage]}-badge[{escape(stage_name(stage))}]"


def kind_name(kind: str) -> str:
    """What a kind of campaign is called."""
    return t(said.KINDS[kind])


def channel_name(channel: str) -> str:
    """What a channel is called."""
    return t(said.CHANNELS[channel]) if channel in said.CHANNELS else channel


def channel_names(info: CampaignInfo) -> str:
    """A campaign's channels in one line."""
    return ", ".join(channel_name(each) for each in info.channels)


def days(first: dt.date | None, last: dt.date | None) -> str:
    """From when to when."""
    if first is None and last is None:
        return "—"
    return f"{speaker().date(first)} – {speaker().date(last)}"


def audience_name(info: CampaignInfo) -> str:
    """Whom a campaign is for, in a few words."""
    if "segment" in info.audience:
        try:
            with services().database.read() as session:
                return kept_segments.info(session, str(info.audience["segment"])).name
        except UserError:
            return str(info.audience["segment"])
    return t("Conditions of its own") if info.audience else ""


def department_names() -> dict[str, str]:
    """Names of departments by their ids, sorted by name."""
    with services().database.read() as session:
        found = departments(session)
    return dict(sorted(((key, each.name) for key, each in found.items()), key=lambda item: item[1]))
