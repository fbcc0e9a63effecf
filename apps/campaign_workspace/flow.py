"""The flow of a campaign: the editor, and under it the button that saves what was drawn."""

from functools import partial
from typing import Any

import streamlit as st

from apps.campaign_workspace import flow_desk, flow_words
from apps.campaign_workspace.access import base, changed, information, may_lead, may_write
from apps.campaign_workspace.flow_desk import FlowDesk
from apps.campaign_workspace.flow_said import Told, choices, told
from apps.components.flow_editor import flow_editor, is_built
from apps.language import t
from apps.segment_workspace.common import attempt
from apps.ui.layout import empty_state
from crm.services.campaigns import writing
from crm.services.campaigns.values import CampaignInfo, Stage


@st.fragment
def flow(info: CampaignInfo) -> None:
    """Editor, state and save. Runs alone at every change."""
    info = information(info.key)
    editable = may_write(info)
    found = flow_desk.flow_desk(info, base(info), editable)
    known = choices()
    said = told(found.document, known)
    if not is_built():
        empty_state("build", t("The editor is not there"), t("Run make setup on the server; it builds the editor."))
        return
    _line(info, found, said, editable)
    flow_editor(
        {
            "texts": flow_words.texts(), "kinds": flow_words.kinds(), "choices": known.payload(),
            "document": found.document, "revision": found.revision, "readOnly": not editable,
            "problems": said.problems, "phrases": said.phrases, "figures": {}, "edgeFigures": {},
        },
        flow_desk.EDITOR,
    )  # fmt: skip


def _line(info: CampaignInfo, found: FlowDesk, said: Told, editable: bool) -> None:
    """What state the flow is in, and what can be done with it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        count = sum(map(len, said.problems.values()))
        state = t("Nothing is missing in the flow") if not count else t("To be mended: {count}", count=count)
        st.markdown(f":{'green' if not count else 'red'}-badge[{state}]", width="content")
        if found.is_changed:
            st.markdown(f":blue-badge[{t('changed, not saved')}]", width="content")
        if not editable:
            st.caption(_why_closed(info))
        st.space("stretch")
        if editable and st.button(t("Save flow"), icon=":material/save:", type="primary", key="flow_save",
                                  disabled=not found.is_changed or said.flow is None):  # fmt: skip
            attempt(partial(_save, info, found))


def _why_closed(info: CampaignInfo) -> str:
    if info.stage in (Stage.READY, Stage.PAUSED) and may_lead(info):
        return t("This flow is agreed with. To change it, take “{step}” under Other steps.",
                 step=t("Change what was approved"))  # fmt: skip
    if info.stage is Stage.APPROVAL:
        return t("While others decide on it, the flow stays as it is.")
    return t("The flow can be looked at, but not changed.")


def _save(info: CampaignInfo, found: FlowDesk) -> str:
    def made(session: Any, actor: Any, now: Any) -> CampaignInfo:
        return writing.save_campaign(session, info.key, actor, now, base=base(info), flow=found.document)

    after = changed(info, made)
    flow_desk.saved(found, after, after.revision)
    return t("The flow is saved")
