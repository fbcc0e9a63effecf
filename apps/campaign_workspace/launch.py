"""Starting a campaign and leading it while it runs: the audience is frozen, what is queued goes with the campaign."""

import datetime as dt

import streamlit as st

from apps.actions import NO_RIGHT, VIEWING_ONLY, NotAllowed, changing
from apps.campaign_workspace.access import take_newest
from apps.identity import person
from apps.language import speaker, t
from apps.services import services
from crm.delivery.opening import open_channels
from crm.services.campaign_runs import steering
from crm.services.campaign_runs.keeper import CampaignKeeper
from crm.services.campaigns import access, register, stages
from crm.services.campaigns.values import CampaignInfo, Stage
from ingest.health import sources
from vitrina.campaign_runs.run import start


def launch(info: CampaignInfo, in_spite_of: str = "") -> str:
    """Check that it is ready, freeze the audience with its groups, let it run. Raises `DefinitionError` with everything
    that is not ready, and `CrmError`."""
    me, shared, settings = person(), services(), services().settings
    if me.is_viewing_as:
        raise NotAllowed(VIEWING_ONLY)
    if not me.own_rights.allows("campaigns", "edit"):
        raise NotAllowed(NO_RIGHT)
    with shared.database.read() as session:
        access.require_edit(session, me.own_rights, info.key)
    now = shared.now()
    keeper = CampaignKeeper(shared.database, me.actor, tuple(open_channels(settings.channels)), settings.timezone)
    with st.spinner(t("The audience is being frozen with its groups ...")):
        kept = start(settings, keeper, info.key, now, sources(settings, now), in_spite_of)
    _begin_from_kept(info, now)
    contacted = kept.counts.get("contacted", 0)
    return t("The campaign runs: {count} customers are to be contacted", count=speaker().number(contacted))


def steer(info: CampaignInfo, name: str, reason: str, base: int) -> None:
    """Pause, resume, complete or stop; of a campaign that has begun also what is queued."""
    with changing("campaigns", "edit") as (session, actor, now):
        access.require_edit(session, person().own_rights, info.key)
        if info.stage in (Stage.RUNNING, Stage.PAUSED):
            steering.lead(session, info.key, name, actor, now, reason)
        else:
            stages.transit(session, info.key, name, actor, now, reason=reason, base=base)
    _begin_from_kept(info, services().now())


def _begin_from_kept(info: CampaignInfo, now: dt.datetime) -> None:
    with services().database.read() as session:
        take_newest(register.campaign(session, None, info.key, now))
