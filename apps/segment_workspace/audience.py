"""Who is in the segment: its members by pages, with the masks of the reader's rights."""

import streamlit as st

from apps.language import speaker, t
from apps.segment_workspace.bench import Desk
from apps.segment_workspace.common import settled
from apps.ui import tables
from apps.ui.customer_list import customer_columns, open_card, readable
from apps.ui.layout import empty_state
from segments import questions

_COLUMNS = (
    "full_name",
    "short_name",
    "customer_type",
    "segment",
    "lifecycle_status",
    "main_msisdn",
    "subscriptions_active_count",
    "charges_amount_last_month",
    "debt_amount",
    "rfm_group",
    "region_code",
)


def audience(found: Desk) -> None:
    """A page of the members; a row leads to the customer's card."""
    known = settled(found)
    if known is None:
        return
    definition, bench = known
    compiled = bench.compiled(definition)
    total = bench.ask("count", definition, lambda: questions.count(bench.reader, compiled))
    if not total:
        empty_state("group_off", t("Nobody is in the segment"), t("Loosen a condition or switch one off."))
        return
    st.caption(
        speaker().plural(
            "{count} customer. Select a row to open the card.",
            "{count} customers. Select a row to open the card.",
            total,
        )
    )
    columns = [name for name in _COLUMNS if name in bench.catalogue.attributes]
    picked = tables.paged(
        "segment_members",
        total,
        lambda limit, offset: questions.members(bench.reader, compiled, columns, limit, offset),
        customer_columns("search"),
        selectable=True,
        prepare=readable,
        page_size=25,
    )
    open_card(picked)
