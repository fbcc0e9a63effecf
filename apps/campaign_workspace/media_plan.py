"""The media plan of a campaign: placements from the agency's file, beside what the agency reported."""

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from apps.campaign_workspace.access import base, changed
from apps.campaign_workspace.words import channel_name, days
from apps.language import speaker, t
from apps.segment_workspace.common import attempt
from apps.services import services
from apps.ui import tables
from apps.ui.layout import card, empty_state
from crm import campaign_messages as said
from crm.services.campaigns import media
from crm.services.campaigns.values import CampaignInfo
from vitrina.lists.reading import form_of, rows


def media_plan(info: CampaignInfo, editable: bool) -> None:
    """Plan and fact by line; where to load the file."""
    with services().database.read() as session:
        found = media.plan_fact(session, info.key)
    with card(t("Media plan"), stretch=False):
        if not found:
            empty_state("tv", t("There is no media plan yet"), t("Load the agency's file: a row for every placement."))
        else:
            _table(found)
        if editable:
            _load(info)


def _table(found: list[media.PlanFact]) -> None:
    say = speaker()
    tables.plain(
        [
            {
                "code": each.line.code,
                "channel": channel_name(each.line.channel),
                "format": each.line.format or "—",
                "days": days(each.line.starts_on, each.line.ends_on),
                "region": each.line.region_code or "—",
                "model": t(said.PRICE_MODELS[each.line.price_model]),
                "reach": say.number(each.line.reach),
                "cost": say.number(each.line.cost),
                "reached": say.number(each.reach) if each.days_reported else "—",
                "spent": say.number(each.cost) if each.days_reported else "—",
            }
            for each in found
        ],
        {
            "code": tables.text(t("Code"), 80),
            "channel": tables.text(t("Channel"), 160),
            "format": tables.text(t("Format"), 130),
            "days": tables.text(t("Days of the campaign"), 180),
            "region": tables.text(t("Region"), 80),
            "model": tables.text(t("Price model"), 150),
            "reach": tables.number(t("Reach, plan"), 100),
            "cost": tables.number(t("Cost, plan"), 120),
            "reached": tables.number(t("Reach, fact"), 100),
            "spent": tables.number(t("Cost, fact"), 120),
        },
        key="campaign_media",
    )


def _load(info: CampaignInfo) -> None:
    given = st.file_uploader(t("File of the media plan (CSV or XLSX)"), type=["csv", "xlsx"], key="media_file")
    if given is not None and st.button(t("Load the plan"), icon=":material/upload:", key="media_load"):
        attempt(partial(_take, info, given.name, given.getvalue()))


def _take(info: CampaignInfo, name: str, content: bytes) -> str | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan"
        path.write_bytes(content)
        found = list(rows(form_of(path)))

    def made(session: Any, actor: Any, now: Any) -> Any:
        return media.load_media_plan(session, info.key, name, found, actor, now, base=base(info))

    lines, refused = changed(info, made)
    if refused:
        for each in refused[:20]:
            st.error(f"{t('Row {row}', row=each.row)}: {t(said.ROW_PROBLEMS[each.problem], **each.values)}")
        return None
    return t("{count} placements are loaded", count=len(lines))
