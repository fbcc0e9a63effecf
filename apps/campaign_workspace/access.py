"""Reading and changing a campaign on its page: the person's rights, and the revision that he had before him."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from apps.actions import changing
from apps.identity import person
from apps.services import services
from crm.services.campaigns import access, register
from crm.services.campaigns.transitions import WRITING
from crm.services.campaigns.values import CampaignInfo

_BASE = "_campaign_base"


def information(key: str) -> CampaignInfo:
    """The campaign as the person may see it. Raises `CrmError`."""
    with services().database.read() as session:
        return register.campaign(session, person().rights, key, services().now())


def base(info: CampaignInfo) -> int:
    """The revision that the person has before him: the one that he opened, or made himself since."""
    kept = st.session_state.get(_BASE)
    if kept is None or kept[0] != info.key:
        st.session_state[_BASE] = kept = (info.key, info.revision)
    return int(kept[1])


def take_newest(info: CampaignInfo) -> None:
    """Go on from what is kept now; what was typed and not saved is gone."""
    st.session_state[_BASE] = (info.key, info.revision)


def may_lead(info: CampaignInfo) -> bool:
    """Whether the person may change it and lead it from stage to stage."""
    me = person()
    if me.is_viewing_as:
        return False
    with services().database.read() as session:
        return access.may_edit(session, me.own_rights, info.key)


def may_write(info: CampaignInfo) -> bool:
    """Whether its content is open to the person now: what is agreed with, or running, is changed by a step back."""
    return info.stage in WRITING and may_lead(info)


def may_administer() -> bool:
    """Whether the person may approve, and change routes, policies, budgets and prices."""
    me = person()
    return not me.is_viewing_as and me.own_rights.allows("campaigns", "administer")


def changed(info: CampaignInfo, change: Callable[..., Any], action: str = "edit") -> Any:
    """Make a change of the campaign: `change(session, actor, now)`; the right on it is asked in the same transaction.
    Raises `CrmError`, `DefinitionError`."""
    require = {"edit": access.require_edit, "administer": access.require_approve, "view": access.require_view}[action]
    was = base(info)
    with changing("campaigns", action) as (session, actor, now):
        require(session, person().own_rights, info.key)
        made = change(session, actor, now)
        after = register.campaign(session, None, info.key, now)
    if was == info.revision:
        st.session_state[_BASE] = (info.key, after.revision)
    return made
