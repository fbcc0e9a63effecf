"""The ledger of a campaign's budget, down to its rows."""

from typing import Final

import streamlit as st

from apps.campaign_workspace.words import channel_name
from apps.identity import person
from apps.language import speaker, t
from apps.services import services
from apps.ui import tables
from crm import campaign_messages as said
from crm.services.campaigns import access
from crm.services.campaigns import budgets as kept

_ROWS: Final = 50


def ledger(campaign: str, line_id: int | None = None) -> None:
    """Entries of a campaign, or of one line of its budget, newest first; the person must see the campaign."""
    say = speaker()
    kinds = st.pills(
        t("Entries"),
        list(said.LEDGER),
        selection_mode="multi",
        key=f"ledger_kinds_{campaign}_{line_id}",
        format_func=lambda code: t(said.LEDGER[code]),
        label_visibility="collapsed",
    )
    with services().database.read() as session:
        access.require_view(session, person().rights, campaign)
        found = kept.entries(session, campaign, line_id=line_id, kinds=kinds or (), limit=_ROWS + 1)
    rows = [
        {
            "at": say.moment(each.at),
            "kind": t(said.LEDGER[each.kind]),
            "channel": channel_name(each.channel),
            "amount": say.number(each.amount, 2),
            "key": each.key or "—",
            "who": each.actor_login,
            "why": each.reason,
        }
        for each in found[:_ROWS]
    ]
    columns = {
        "at": tables.text(t("When"), 140),
        "kind": tables.text(t("Entry"), 150),
        "channel": tables.text(t("Channel"), 140),
        "amount": tables.number(t("Sum, soʻm"), 120),
        "who": tables.text(t("Who"), 150),
        "why": tables.text(t("Reason"), 230),
        "key": tables.text(t("Message or document"), 260),
    }
    tables.plain(rows, columns, key=f"ledger_{campaign}_{line_id}")
    if len(found) > _ROWS:
        st.caption(t("The latest {count} entries are shown.", count=_ROWS))
