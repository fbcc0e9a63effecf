"""What a unit of each channel costs, from when on."""

import datetime as dt
from decimal import Decimal
from functools import partial

import streamlit as st

from apps.campaign_settings.saving import administered
from apps.campaign_workspace.access import may_administer
from apps.campaign_workspace.words import channel_name
from apps.language import speaker, t
from apps.segment_workspace.common import attempt
from apps.services import services
from apps.ui import tables
from apps.ui.layout import card, empty_state
from crm.services.campaigns import costs
from crm.services.campaigns.clock import local_day
from crm.services.campaigns.values import CHANNELS


def prices() -> None:
    """The prices in force, the form for another one, every price that ever was."""
    today = local_day(services().now())
    with services().database.read() as session:
        now_, every = costs.prices(session, today), costs.costs(session)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _now(dict(now_))
        if may_administer():
            _another(today, dict(now_))
    with right, card(t("All prices"), stretch=False):
        say = speaker()
        rows = [
            {
                "channel": channel_name(each.channel),
                "price": say.number(each.price, 2),
                "from": say.date(each.valid_from),
                "who": each.author_login,
                "why": each.reason,
            }
            for each in every
        ]
        columns = {
            "channel": tables.text(t("Channel"), 170),
            "from": tables.text(t("From"), 100),
            "price": tables.number(t("Price, soʻm"), 110),
            "who": tables.text(t("Who"), 130),
            "why": tables.text(t("Reason"), "medium"),
        }
        tables.plain(rows, columns, key="prices_every")


def _now(found: dict[str, Decimal]) -> None:
    with card(t("Prices today"), t("For a part of an SMS, one e-mail, one push, one call."), stretch=False):
        if not found:
            empty_state("sell", t("No price is set"), t("Without a price nothing that costs money can be planned."))
            return
        rows = [
            {"channel": channel_name(each), "price": speaker().number(found[each], 2)}
            for each in CHANNELS
            if each in found
        ]
        columns = {"channel": tables.text(t("Channel"), "medium"), "price": tables.number(t("Price, soʻm"), 130)}
        tables.plain(rows, columns, key="prices_now")


def _another(today: dt.date, found: dict[str, Decimal]) -> None:
    with card(t("Another price"), stretch=False):
        channel = st.selectbox(t("Channel"), CHANNELS, format_func=channel_name, key="price_channel")
        with st.container(horizontal=True, gap="small"):
            price = st.number_input(
                t("Price, soʻm"),
                min_value=0.0,
                step=1.0,
                key="price_amount",
                format="%.10g",
                value=float(found[channel]) if channel in found else None,
            )
            first = today.replace(day=1) if channel in found else None
            day = st.date_input(t("In force from"), today, min_value=first, format="DD.MM.YYYY", key="price_from")
        reason = st.text_input(
            t("Reason"), key="price_reason", max_chars=500, placeholder=t("Why; kept in the audit log")
        )
        if st.button(
            t("Set the price"), type="primary", key="price_save", disabled=price is None or not (reason or "").strip()
        ):
            attempt(partial(_save, channel, Decimal(str(price)), day, reason or ""))


def _save(channel: str, price: Decimal, day: dt.date, reason: str) -> str:
    administered(lambda session, actor, now: costs.set_cost(session, channel, price, day, actor, now, reason))
    return t("The price is set")
