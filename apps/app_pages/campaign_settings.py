"""Settings of all campaigns: how often people may be contacted, money, who approves."""

import streamlit as st

from apps.actions import tell_done
from apps.campaign_settings.limits import budgets
from apps.campaign_settings.policy import policy
from apps.campaign_settings.prices import prices
from apps.campaign_settings.routes import routes
from apps.language import t
from apps.ui.layout import page_header

page_header(t("Rules of campaigns"), t("How often people may be contacted, what it may cost, who agrees"))
tell_done()
drawn = {t("Contact policy"): policy, t("Budgets"): budgets, t("Prices of channels"): prices,
         t("Approval routes"): routes}  # fmt: skip
for tab, draw in zip(st.tabs(list(drawn), key="rules_tab", on_change="rerun"), drawn.values(), strict=True):
    if tab.open:
        with tab:
            draw()
