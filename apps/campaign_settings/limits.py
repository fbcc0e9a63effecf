"""Budgets: how much campaigns may set aside in a period, who has it, and the entries of the ledger behind it."""

import datetime as dt
from functools import partial
from typing import Any, Final

import streamlit as st

from apps.campaign_settings.saving import administered
from apps.campaign_workspace.access import may_administer
from apps.campaign_workspace.ledger import ledger
from apps.campaign_workspace.words import channel_name
from apps.identity import person
from apps.language import speaker, t
from apps.segment_workspace.common import attempt
from apps.services import services
from apps.ui import tables
from apps.ui.layout import card, empty_state
from crm.services.campaigns import figures, limits
from crm.services.campaigns.clock import local_day
from crm.services.campaigns.limits import LimitInfo
from crm.services.campaigns.months import MONTHS, months_of
from crm.services.campaigns.values import CHANNELS


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


PERIOD_KINDS: Final = {"month": _("Month, period"), "quarter": _("Quarter, period"), "year": _("Year, period")}


def budgets() -> None:
    """The limits of a year; a row opens who has the money, a campaign there its ledger."""
    today = local_day(services().now())
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        year = st.segmented_control(
            t("Year"),
            [today.year - 1, today.year, today.year + 1],
            default=today.year,
            required=True,
            key="limits_year",
            label_visibility="collapsed",
        )
        if may_administer():
            with st.popover(t("Set a limit"), icon=":material/add:", type="primary"):
                _form(today)
    with services().database.read() as session:
        found = limits.limits(session, int(year))
    if not found:
        empty_state(
            "account_balance_wallet",
            t("No budget is set for this year"),
            t("Campaigns cannot set money aside until there is one."),
        )
        return
    picked = tables.selectable([_line(each) for each in found], _columns(), key=f"limits_{year}", height=420)
    if picked is not None:
        _behind(found[picked])
    else:
        st.caption(t("Choose a row to see which campaigns have the money."))


def period_name(kind: str, start: dt.date) -> str:
    """A period as people say it."""
    if kind == "month":
        return speaker().month(start)
    if kind == "quarter":
        return t("{number} quarter of {year}", number=(start.month + 2) // 3, year=start.year)
    return t("the year {year}", year=start.year)


def _columns() -> dict[str, Any]:
    names = {
        "amount": t("Limit"),
        "reserved": t("Set aside"),
        "committed": t("Promised"),
        "spent": t("Spent"),
        "invoiced": t("Invoiced"),
        "free": t("Free"),
    }
    return {
        "period": tables.text(t("Period"), 190),
        "channel": tables.text(t("Channel"), 190),
        **{name: tables.number(label, 130) for name, label in names.items()},
        "used": st.column_config.ProgressColumn(
            t("Share set aside"), format="%d %%", min_value=0, max_value=100, width=150
        ),
    }


def _line(each: LimitInfo) -> dict[str, Any]:
    number = speaker().number
    return {
        "period": period_name(each.period_kind, each.period_start),
        "channel": channel_name(each.channel) if each.channel else t("All channels"),
        **{
            name: number(getattr(each, name))
            for name in ("amount", "reserved", "committed", "spent", "invoiced", "free")
        },
        "used": float(100 * each.reserved / each.amount) if each.amount else 0.0,
    }


def _behind(each: LimitInfo) -> None:
    months = months_of(each.period_kind, each.period_start)
    with services().database.read() as session:
        found = figures.campaigns_under(session, person().rights, months[0], months[-1], each.channel)
    number = speaker().number
    with card(t("Whose money it is: {period}", period=period_name(each.period_kind, each.period_start)), stretch=False):
        if not found:
            st.caption(t("No campaign that you see has money of this budget."))
            return
        rows = [
            {
                "name": one.name,
                **{name: number(getattr(one, name)) for name in ("reserved", "committed", "spent", "invoiced")},
            }
            for one in found
        ]
        picked = tables.selectable(
            rows,
            {
                "name": tables.text(t("Campaign"), 380),
                "reserved": tables.number(t("Set aside"), 140),
                "committed": tables.number(t("Promised"), 140),
                "spent": tables.number(t("Spent"), 140),
                "invoiced": tables.number(t("Invoiced"), 140),
            },
            key=f"limit_campaigns_{each.limit_id}",
            height=380,
        )
        if picked is not None:
            st.page_link(
                "app_pages/campaign.py",
                label=found[picked].name,
                icon=":material/campaign:",
                query_params={"key": found[picked].key},
            )
            ledger(found[picked].key)


def _form(today: dt.date) -> None:
    kind = st.segmented_control(
        t("Period"),
        list(MONTHS),
        default="month",
        required=True,
        key="limit_kind",
        format_func=lambda code: t(PERIOD_KINDS[code]),
    )
    starts = _starts(str(kind), today)
    start = st.selectbox(
        t("Which one"), starts, key=f"limit_start_{kind}", format_func=lambda day: period_name(str(kind), day)
    )
    channel = st.selectbox(
        t("Channel"),
        ["", *CHANNELS],
        key="limit_channel",
        format_func=lambda code: channel_name(code) if code else t("All channels"),
    )
    with services().database.read() as session:
        kept = next(
            (
                each
                for each in limits.limits(session)
                if (each.period_kind, each.period_start, each.channel) == (kind, start, channel)
            ),
            None,
        )
    if kept is not None:
        st.caption(
            t(
                "Now: {amount}, of it set aside: {reserved}",
                amount=speaker().money(kept.amount),
                reserved=speaker().money(kept.reserved),
            )
        )
    amount = st.number_input(
        t("Limit, soʻm"),
        min_value=0,
        step=1_000_000,
        key=f"limit_amount_{kind}_{start}_{channel}",
        value=int(kept.amount) if kept else None,
    )
    reason = st.text_input(t("Reason"), key="limit_reason", max_chars=500, placeholder=t("Why; kept in the audit log"))
    if st.button(t("Save"), type="primary", key="limit_save", disabled=amount is None or not (reason or "").strip()):
        attempt(partial(_save, str(kind), start, int(amount or 0), channel, reason or "", kept))


def _save(kind: str, start: dt.date, amount: int, channel: str, reason: str, kept: LimitInfo | None) -> str:
    base = kept.revision if kept else None
    administered(
        lambda session, actor, now: limits.set_limit(
            session, kind, start, amount, actor, now, reason, channel=channel, base=base
        )
    )
    return t("The limit is set")


def _starts(kind: str, today: dt.date) -> list[dt.date]:
    step = MONTHS[kind]
    first = dt.date(today.year, today.month - (today.month - 1) % step, 1)
    count = {"month": 14, "quarter": 6, "year": 3}[kind]
    places = (first.year * 12 + first.month - 1 + step * each for each in range(count))
    return [dt.date(place // 12, place % 12 + 1, 1) for place in places]
