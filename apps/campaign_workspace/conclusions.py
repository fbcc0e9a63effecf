"""What people learnt from a campaign, kept with the figures that they had before them."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import streamlit as st

from apps.campaign_workspace.access import changed, may_lead
from apps.language import speaker, t
from apps.segment_workspace.common import attempt
from apps.services import services
from apps.ui.colors import Color
from apps.ui.layout import card, escape
from crm import campaign_messages as said
from crm.services.campaigns import talking
from crm.services.campaigns.transitions import OVER
from crm.services.campaigns.values import CampaignInfo

_COLORS: Final[Mapping[str, Color]] = {"effective": "green", "mixed": "blue", "ineffective": "red", "unclear": "gray"}


def conclusions(info: CampaignInfo, figures: Mapping[str, Any]) -> None:
    """All conclusions, newest first; once the campaign is over, the form of another."""
    with services().database.read() as session:
        found = talking.conclusions(session, info.key)
    say = speaker()
    with card(t("Conclusions"), stretch=False):
        for each in found:
            st.markdown(f":{_COLORS.get(each.verdict, 'gray')}-badge[{escape(t(said.VERDICTS[each.verdict]))}] "
                        f"{escape(each.text)}")  # fmt: skip
            if each.proposals:
                st.markdown(f":material/lightbulb: {escape(each.proposals)}")
            st.caption(f"{escape(each.author_login)}, {say.moment(each.at)}")
        if info.stage in OVER and may_lead(info):
            _form(info, figures, len(found))
        elif not found:
            st.caption(t("Conclusions are written when the campaign is over."))


def _form(info: CampaignInfo, figures: Mapping[str, Any], number: int) -> None:
    verdict = st.pills(t("Your verdict"), list(said.VERDICTS), format_func=lambda code: t(said.VERDICTS[code]),
                       key=f"conclusion_verdict_{number}")  # fmt: skip
    text = st.text_area(t("What was learnt"), key=f"conclusion_text_{number}", max_chars=4000, height=90)
    proposals = st.text_area(t("What to do another time"), key=f"conclusion_next_{number}", max_chars=4000, height=70)
    if st.button(t("Keep the conclusion"), type="primary", key="conclusion_save",
                 disabled=not verdict or not (text or "").strip()):  # fmt: skip
        attempt(partial(_kept, info, str(verdict), text or "", proposals or "", figures))


def _kept(info: CampaignInfo, verdict: str, text: str, proposals: str, figures: Mapping[str, Any]) -> str:
    changed(info, lambda session, actor, now: talking.conclude(
        session, info.key, verdict, text, actor, now, proposals=proposals, figures=figures))  # fmt: skip
    return t("The conclusion is kept with the campaign")
