"""One campaign from its concept to its conclusions. `?key=` names it."""

from collections.abc import Callable

import streamlit as st

from apps.actions import tell_done
from apps.campaign_workspace.access import information
from apps.campaign_workspace.analysis import analysis
from apps.campaign_workspace.approval import approval
from apps.campaign_workspace.budget import budget
from apps.campaign_workspace.concept import concept
from apps.campaign_workspace.flow import flow
from apps.campaign_workspace.header import header
from apps.campaign_workspace.history import history
from apps.campaign_workspace.responses import responses
from apps.campaign_workspace.running import running
from apps.campaign_workspace.texts import texts
from apps.language import t
from crm.services.campaigns.values import CampaignInfo, Kind, Stage

BEGUN = (Stage.RUNNING, Stage.PAUSED, Stage.COMPLETED, Stage.ANALYSED, Stage.STOPPED)


def sections(info: CampaignInfo) -> dict[str, Callable[[CampaignInfo], None]]:
    """The tabs of this campaign, in the order in which one goes through them."""
    found: dict[str, Callable[[CampaignInfo], None]] = {t("Concept"): concept}
    if info.kind is not Kind.MASS:
        found |= {t("Flow"): flow, t("Messages"): texts}
    found |= {t("Budget"): budget, t("Approval"): approval}
    if info.stage in BEGUN and info.kind is not Kind.MASS:
        found |= {t("Live figures"): running, t("Responses"): responses, t("Analysis"): analysis}
    return found | {t("History"): history}


st.page_link("app_pages/campaigns.py", label=t("All campaigns"), icon=":material/arrow_back:")
tell_done()
if not (wanted := st.query_params.get("key")):
    st.switch_page("app_pages/campaigns.py")
campaign = information(wanted)
header(campaign)
tabs = sections(campaign)
for tab, draw in zip(st.tabs(list(tabs), key="campaign_tab", on_change="rerun"), tabs.values(), strict=True):
    if tab.open:
        with tab:
            draw(campaign)
