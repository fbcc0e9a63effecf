"""What a campaign may cost: its need by channel and month, what is set aside, spent and free; and its media plan."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

import streamlit as st

from apps.campaign_workspace.access import base, changed, may_write
from apps.campaign_workspace.agency import agency
from apps.campaign_workspace.ledger import ledger
from apps.campaign_workspace.media_plan import media_plan
from apps.campaign_workspace.words import channel_name
from apps.language import speaker, t
from apps.segment_workspace.common import attempt
from apps.services import services
from apps.ui import tables
from apps.ui.layout import card, empty_state
from crm.services.campaigns import budgets, costs, media
from crm.services.campaigns.budgets import BudgetNeed, LineInfo
from crm.services.campaigns.flow_reading import used
from crm.services.campaigns.months import months_between
from crm.services.campaigns.values import CampaignInfo, Kind

Needs = dict[tuple[str, dt.date], Decimal]


def budget(info: CampaignInfo) -> None:
    """Figures in a row, the lines, and for writers the fields of the need."""
    with services().database.read() as session:
        lines = budgets.budget(session, info.key)
        plan = media.media_plan(session, info.key)
    _figures(lines)
    if info.kind is Kind.MASS or plan:
        media_plan(info, may_write(info))
        agency(info)
    with card(t("Budget by channel and month"), stretch=False):
        if info.starts_on is None or info.ends_on is None:
            empty_state("payments", t("The campaign has no days yet"), t("Set first and last day in the concept."))
        elif may_write(info):
            _fields(info, info.starts_on, info.ends_on, lines, {each.channel for each in plan})
        elif lines:
            _table(lines)
        else:
            empty_state("payments", t("No budget is planned"), t("This campaign spends nothing."))
    if lines:
        with st.expander(t("Ledger"), icon=":material/receipt_long:"):
            ledger(info.key)


def _figures(lines: list[LineInfo]) -> None:
    say = speaker()
    with st.container(horizontal=True, gap="small"):
        for title, value in (
            (t("Needed"), sum(each.need for each in lines)), (t("Set aside"), sum(each.reserved for each in lines)),
            (t("Promised"), sum(each.committed for each in lines)), (t("Spent"), sum(each.spent for each in lines)),
            (t("Free"), sum(each.free for each in lines)),
        ):  # fmt: skip
            st.metric(title, say.compact_money(value), border=True)


def _table(lines: list[LineInfo]) -> None:
    say = speaker()
    tables.plain(
        [
            {
                "channel": channel_name(each.channel),
                "month": say.month(each.month),
                "contacts": say.number(each.contacts),
                "need": say.number(each.need),
                "reserved": say.number(each.reserved),
                "committed": say.number(each.committed),
                "spent": say.number(each.spent),
                "invoiced": say.number(each.invoiced),
                "free": say.number(each.free),
            }
            for each in lines
        ],
        {
            "channel": tables.text(t("Channel"), 190),
            "month": tables.text(t("Month"), 130),
            "contacts": tables.number(t("Contacts"), 100),
            "need": tables.number(t("Needed"), 120),
            "reserved": tables.number(t("Set aside"), 120),
            "committed": tables.number(t("Promised"), 110),
            "spent": tables.number(t("Spent"), 110),
            "invoiced": tables.number(t("Invoiced"), 110),
            "free": tables.number(t("Free"), 110),
        },
        key="campaign_budget",
    )


def _fields(
    info: CampaignInfo, first: dt.date, last: dt.date, lines: list[LineInfo], bought: set[str]
) -> None:  # fmt: skip
    """A line a channel, a column a month; what is planned already stands in them."""
    months = [month for month, _ in months_between(first, last)]
    channels = sorted({*used(info.flow).channels, *bought, *(each.channel for each in lines)})
    if not channels:
        st.caption(t("Channels come from the flow and the media plan; there are none yet."))
        return
    with services().database.read() as session:
        priced = costs.prices(session, first)
    key = f"budget_{info.campaign_id}_{base(info)}"
    kept = {(each.channel, each.month): each.need for each in lines}
    needs: Needs = {}
    for channel in channels:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            price = priced.get(channel)
            note = t("{price} a contact", price=speaker().money(price, 2)) if price else t("no price of a contact")
            st.markdown(f"**{channel_name(channel)}**  \n:gray[:small[{note}]]", width=230)
            for month in months[:12]:
                given = st.number_input(
                    speaker().month(month), 0.0, None, float(kept.get((channel, month), 0)),
                    key=f"{key}_{channel}_{month}", step=None, format="%.10g", width=160,
                )  # fmt: skip
                needs[channel, month] = Decimal(str(given))
    with st.container(horizontal=True, gap="small"):
        if st.button(t("Save budget"), icon=":material/save:", type="primary", key="budget_save"):
            attempt(partial(_save, info, needs))
        if st.button(
            t("Fill in the most it can be"),
            icon=":material/calculate:",
            key="budget_suggest",
            disabled=not info.audience_size,
            help=t("As if everybody of the audience got every message, at the prices of the first day."),
        ):
            attempt(partial(_suggest, info, needs))


def _save(info: CampaignInfo, needs: Mapping[tuple[str, dt.date], Decimal]) -> str:
    _write(info, [BudgetNeed(channel, month, need) for (channel, month), need in needs.items() if need > 0])
    return t("The budget is saved")


def _suggest(info: CampaignInfo, needs: Mapping[tuple[str, dt.date], Decimal]) -> str:
    personal = used(info.flow).channels
    with services().database.read() as session:
        most = budgets.suggested_need(session, info.key)
    others = [
        BudgetNeed(channel, month, need)
        for (channel, month), need in needs.items()
        if need > 0 and channel not in personal
    ]
    _write(info, [*(each for each in most if each.need > 0), *others])
    return t("The budget is filled in: see whether it is right")


def _write(info: CampaignInfo, needs: list[BudgetNeed]) -> None:
    def made(session: Any, actor: Any, now: Any) -> None:
        budgets.set_budget(session, info.key, needs, actor, now, base=base(info))

    changed(info, made)
