"""Who this is: name, status, where he belongs, and the figures one looks at first."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from apps.identity import person
from apps.language import speaker, t
from apps.ui import phones
from apps.ui.colors import Color
from apps.ui.labels import label
from apps.ui.layout import escape, facts

Profile = dict[str, Any]
STATUS_COLORS: dict[str, Color] = {
    "new": "blue", "active": "green", "suspended": "orange", "left": "red", "never_active": "gray",
}  # fmt: skip


def header(profile: Profile) -> None:
    """Name, badges and the row of key figures."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(escape(profile["short_name"] or profile["full_name"] or "—"), anchor=False, width="content")
        st.badge(
            label("lifecycle", profile["lifecycle_status"]),
            color=STATUS_COLORS.get(profile["lifecycle_status"], "gray"),
        )
        st.badge(label("customer_type", profile["customer_type"]), color="gray")
        if profile["segment"]:
            st.badge(label("segment", profile["segment"]), color="primary")
        if profile["rfm_group"]:
            st.badge("RFM: " + label("rfm_group", profile["rfm_group"]), color="violet")
        if profile["legal_status"] not in (None, "active"):
            st.badge(label("legal_status", profile["legal_status"]), color="red", icon=":material/warning:")
    names = [
        name
        for name in (profile["full_name"], profile["name_uz"])
        if name and name != (profile["short_name"] or profile["full_name"])
    ]
    st.caption(escape(" · ".join([*dict.fromkeys(names), t("Customer {id}", id=profile["customer_id"])])))


def key_figures(profile: Profile, months: list[dict[str, Any]]) -> None:
    """Numbers in use, charges, payments, debt and traffic, as far as they are open, with their course by month."""
    say = speaker()
    course = {
        key: [float(row[key] or 0) for row in months]
        for key in ("active_numbers", "charges", "payments", "debt", "data_mb")
    }

    def figure(title: str, value: str, key: str, **further: Any) -> None:
        chart = course[key] if len(course[key]) > 1 else None
        st.metric(title, value, border=True, chart_data=chart, height="stretch", **further)

    me = person()
    with st.grid(5, gap="small", min_column_width=170):
        if me.may("services", "view"):
            change = _delta(_change(say, profile["subscriptions_active_change_3m"]), t("in 3 months"))
            figure(t("Active numbers"), say.number(profile["subscriptions_active_count"]), "active_numbers", **change)
        if me.may("finance", "view"):
            _money_figures(profile, figure)
        if me.may("usage", "view"):
            change = _delta(_percent(say, profile["data_mb_trend_pct"]), t("trend"))
            figure(t("Internet, MB last month"), say.number(profile["data_mb_last_month"]), "data_mb", **change)


def _money_figures(profile: Profile, figure: Callable[..., None]) -> None:
    say = speaker()
    change = _delta(_percent(say, profile["charges_trend_pct"]), t("trend"))
    figure(t("Charges last month"), say.compact_money(profile["charges_amount_last_month"]), "charges", **change)
    figure(
        t("ARPU, 3 months"), say.compact_money(profile["arpu_3m"]), "payments",
        chart_type="bar", help=t("The chart shows payments by month."),
    )  # fmt: skip
    figure(
        t("Overdue debt"), say.compact_money(profile["debt_overdue_amount"]), "debt",
        delta_color="inverse", help=t("The chart shows all debt at month ends."),
    )  # fmt: skip


def _delta(value: str | None, of: str) -> dict[str, Any]:
    """The change under a figure; nothing at all when there is none."""
    return {"delta": value, "delta_description": of} if value else {}


def _change(say: Any, value: int | None) -> str | None:
    return None if value is None or value == 0 else ("+" if value > 0 else "-") + say.number(abs(value))


def _percent(say: Any, value: float | None) -> str | None:
    return None if value is None else ("-" if value < 0 else "+") + say.percent(abs(value))


def requisites(profile: Profile) -> None:
    """Identity and contacts, as much of them as the gate shows."""
    say = speaker()
    person = profile["customer_type"] == "person"
    common = {
        t("INN"): profile["inn"],
        t("Region"): label("region", profile["region_code"]),
        t("District"): profile["district"],
        t("Address"): profile["address"],
        t("Contact phone"): phones.phone(profile["contact_phone"]),
        t("E-mail"): profile["email"],
        t("Language of contact"): label("language", profile["language"]),
        t("Marketing consent"): label("boolean", profile["has_marketing_consent"]),
        t("Account manager"): profile["manager_name"],
        t("Customer since"): say.date(profile["created_date"]),
    }
    own = (
        {
            t("PINFL"): profile["pinfl"],
            t("Passport"): profile["passport"],
            t("Birth date"): say.date(profile["birth_date"]),
            t("Sex"): label("sex", profile["sex"]),
        }
        if person
        else {
            t("Legal status"): label("legal_status", profile["legal_status"]),
            t("Industry"): label("industry", profile["industry"]),
            t("Headcount"): say.number(profile["headcount"]),
            t("Group of companies"): say.number(profile["group_customers_count"]) if profile["group_id"] else None,
        }
    )
    facts(own | common)
