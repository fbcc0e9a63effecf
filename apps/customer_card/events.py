"""One line of the timeline for each kind of event: when, what, and the figures that belong to it."""

from typing import Any, Final

import streamlit as st

from apps.language import speaker, t
from apps.ui import phones
from apps.ui.colors import Color
from apps.ui.labels import label
from apps.ui.layout import escape

Row = dict[str, Any]
CHANNEL_ICONS: Final = {
    "call": "call", "sms": "sms", "email": "mail", "telegram": "send", "office": "storefront", "chat": "chat",
}  # fmt: skip
_ICONS: Final = {
    "payment": "payments", "invoice": "receipt_long", "subscription": "sim_card", "legal": "gavel",
    "signal": "notifications_active", "task": "task_alt",
}  # fmt: skip
RESULT_COLORS: Final[dict[str, Color]] = {
    "resolved": "green", "escalated": "orange", "refused": "red", "no_answer": "gray",
}  # fmt: skip
_CHANGE_COLORS: Final[dict[str, Color]] = {
    "activated": "green", "resumed": "green", "suspended": "orange", "terminated": "red",
}  # fmt: skip
_LEGAL_COLORS: Final[dict[str, Color]] = {"active": "green"}


def kind_names() -> dict[str, str]:
    """Kinds of events in the reader's words."""
    return {
        "interaction": t("Contacts"),
        "payment": t("Payments"),
        "invoice": t("Invoices"),
        "subscription": t("Changes of numbers"),
        "legal": t("Legal status"),
        "signal": t("Signals"),
        "task": t("Tasks"),
    }


def _names_of_one() -> dict[str, str]:
    return {
        "interaction": t("Contact"),
        "payment": t("Payment"),
        "invoice": t("Invoice"),
        "subscription": t("Number"),
        "legal": t("Legal status"),
        "signal": t("Signal"),
        "task": t("Task"),
    }


def line(row: Row) -> None:
    """One event."""
    say = speaker()
    at = say.moment(row["at"]) if row["has_time"] else say.date(row["at"].date())
    icon = CHANNEL_ICONS.get(row["a"], "forum") if row["kind"] == "interaction" else _ICONS[row["kind"]]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":gray[{at}]", width=130)
        st.markdown(f":material/{icon}: {_names_of_one()[row['kind']]}", width=160)
        _PARTS[row["kind"]](row)


def _interaction(row: Row) -> None:
    st.markdown(f"**{label('topic', row['b'])}**", width="content")
    if row["c"]:
        st.badge(label("result", row["c"]), color=RESULT_COLORS.get(row["c"], "gray"))
    details = [label("channel", row["a"]), label("direction", row["d"]).lower()]
    details += [escape(row["e"])] if row["e"] else []
    if row["n1"]:
        details.append(t("{minutes} min", minutes=speaker().number(row["n1"] / 60, 1)))
    if row["n2"] is not None:
        details.append(f"NPS {row['n2']}")
    _quiet(details)


def _payment(row: Row) -> None:
    st.markdown(f"**{speaker().money(row['amount'])}**", width="content")
    _quiet([label("method", row["a"]), *([t("account {number}", number=escape(row["e"]))] if row["e"] else [])])


def _invoice(row: Row) -> None:
    say = speaker()
    st.markdown(f"**{say.money(row['amount'])}**", width="content")
    _quiet([escape(row["e"] or ""), t("due {date}", date=say.date(row["due"]))])


def _subscription(row: Row) -> None:
    st.badge(label("started_by", row["a"]), color=_CHANGE_COLORS.get(row["a"], "blue"))
    st.markdown(f"**{escape(phones.phone(row['f']) or t('Number hidden'))}**", width="content")
    _quiet([escape(row["e"] or ""), *([label("started_reason", row["b"]).lower()] if row["b"] else [])])


def _legal(row: Row) -> None:
    st.badge(label("legal_status", row["a"]), color=_LEGAL_COLORS.get(row["a"], "red"))
    _quiet([t("Director: {name}", name=escape(row["e"]))] if row["e"] else [])


def _named(row: Row) -> None:
    st.markdown(f"**{escape(row['e'])}**", width="stretch")


def _quiet(parts: list[str]) -> None:
    st.markdown(f":gray[:small[{' · '.join(part for part in parts if part)}]]", width="stretch")


_PARTS: Final = {
    "interaction": _interaction, "payment": _payment, "invoice": _invoice, "subscription": _subscription,
    "legal": _legal, "signal": _named, "task": _named,
}  # fmt: skip
