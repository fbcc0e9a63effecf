"""The list as a file, for who may take customers out: the same filters, within the rights of the door for exports."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from apps.data.clients import Wanted
from apps.identity import Person
from apps.language import speaker, t

# Column of the list → columns of the profile that a file has of it.
FILE_COLUMNS: Final = {
    "inn": ("inn",), "manager_name": ("manager_name",), "health": ("health",),
    "numbers": ("subscriptions_active_count", "subscriptions_active_change_3m"),
    "charges": ("charges_amount_last_month",), "charges_trend": ("charges_trend_pct",),
    "data_curve": ("data_mb_last_month", "data_mb_trend_pct"),
    "data_trend": ("data_mb_last_month", "data_mb_trend_pct"),
    "voice_curve": ("voice_out_minutes_last_month", "voice_out_minutes_trend_pct"),
    "voice_trend": ("voice_out_minutes_last_month", "voice_out_minutes_trend_pct"),
    "charges_curve": ("charges_amount_last_month", "charges_trend_pct"), "overdue": ("debt_overdue_amount",),
    "overdue_days": ("overdue_days_max",), "contract_end": ("agreement_next_end_date",),
    "last_contact": ("last_interaction_date",), "segment": ("segment",), "region": ("region_code",),
    "status": ("lifecycle_status",), "legal": ("legal_status",),
}  # fmt: skip


def may_take(me: Person, subject: str) -> bool:
    """Whether his role takes files of these rows out; who looks through another's eyes takes nothing."""
    return not me.is_viewing_as and me.may("exports", "export") and me.may(subject, "export")


def taking(me: Person, wanted: Wanted, shown: Sequence[str]) -> None:
    """The links to the file, in two formats."""
    if not may_take(me, "customers"):
        return
    with st.popover(t("Download"), icon=":material/download:", width="content"):
        st.caption(t("All rows of the list with the columns shown; the file is recorded in the audit log."))
        with st.container(horizontal=True, gap="small"):
            for kind, name in (("csv", "CSV"), ("xlsx", "XLSX")):
                st.link_button(name, f"/api/v1/clients/export?{address(wanted, shown, kind)}", type="primary")


def address(wanted: Wanted, shown: Sequence[str], kind: str) -> str:
    """The list in the words of the route that makes its file."""
    single = {
        "q": wanted.query.text, "type": wanted.customer_type, "region": wanted.region, "segment": wanted.segment,
        "status": wanted.status, "band": wanted.band, "order": wanted.order,
        "reverse": "true" if wanted.is_reversed else None, "format": kind, "lang": speaker().language,
    }  # fmt: skip
    pairs = [(name, value) for name, value in single.items() if value]
    pairs += [("manager", each) for each in wanted.managers or ()]
    # Who takes a file away joins it with others by the INN, shown on the screen or not.
    columns = dict.fromkeys(column for name in ("inn", *shown) for column in FILE_COLUMNS.get(name, ()))
    return urlencode(pairs + [("column", each) for each in columns])
