"""The form of a contact policy: caps and pauses as rows, the rest as fields."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from apps.campaign_settings.policy_words import PERIODS, SETTINGS, SUBJECTS, WEEKDAYS, WINDOWS, segment_names
from apps.campaign_workspace.words import channel_name
from apps.language import t
from campaigns.policy.nodes import CATEGORIES, CHANNELS
from crm import campaign_messages as said


def policy_form(kept: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The fields, beginning with what is kept as version `number`; the document that they make. Settings without a
    field (zones of regions, what quiet hours bind) stay as they are."""
    document = {**kept, "version": 1}
    st.markdown(f"**{t(SETTINGS['caps'])}**")
    document["caps"] = _caps(kept.get("caps", ()), number)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{t(SETTINGS['gaps'])}**")
        document["gaps"] = _gaps(kept.get("gaps", ()), number)
        document |= _who(kept, number)
    with right:
        st.markdown(f"**{t(SETTINGS['quiet'])}**")
        document["quiet"] = _quiet(kept.get("quiet"), number)
        document |= _held_back(kept, number)
    return document


def _caps(kept: Sequence[Mapping[str, Any]], number: int) -> list[dict[str, Any]]:
    rows = [{**_scope_cells(each), "at_most": each["at_most"], "per": each["per"],
             "of": each.get("of", "customer"), "window": each.get("window", "calendar")} for each in kept]  # fmt: skip
    edited = st.data_editor(
        rows or [{"at_most": None, "per": None, "of": None, "window": None, "channels": None, "categories": None}],
        key=f"policy_caps_{number}", hide_index=True, num_rows="dynamic", width="stretch",
        column_order=("at_most", "per", "of", "channels", "categories", "window"),
        column_config={
            "at_most": st.column_config.NumberColumn(t("At most"), min_value=0, max_value=1000, step=1, width=80),
            "per": _choice(t("In what time"), PERIODS, 120), "of": _choice(t("Counted for"), SUBJECTS, 170),
            "window": _choice(t("How time is counted"), WINDOWS, 170), **_scope_columns(),
        },
    )  # fmt: skip
    return [
        {"per": row.get("per") or "week", "at_most": int(row["at_most"]), "of": row.get("of") or "customer",
         "window": row.get("window") or "calendar", **_scope(row)}
        for row in edited if row.get("at_most") is not None
    ]  # fmt: skip


def _gaps(kept: Sequence[Mapping[str, Any]], number: int) -> list[dict[str, Any]]:
    rows = [{**_scope_cells(each), "hours": each["minutes"] / 60, "of": each.get("of", "customer")} for each in kept]
    edited = st.data_editor(
        rows or [{"hours": None, "of": None, "channels": None, "categories": None}],
        key=f"policy_gaps_{number}", hide_index=True, num_rows="dynamic", width="stretch",
        column_order=("hours", "of", "channels", "categories"),
        column_config={
            "hours": st.column_config.NumberColumn(t("Hours"), min_value=0.25, max_value=2000.0, step=0.25, width=70),
            "of": _choice(t("Counted for"), SUBJECTS, 130), **_scope_columns(),
        },
    )  # fmt: skip
    return [{"minutes": round(60 * float(row["hours"])), "of": row.get("of") or "customer", **_scope(row)}
            for row in edited if row.get("hours") is not None]  # fmt: skip


def _quiet(kept: Mapping[str, Any] | None, number: int) -> dict[str, Any] | None:
    if not st.checkbox(t("There are hours without contacts"), value=kept is not None, key=f"policy_quiet_{number}"):
        return None
    was = kept or {"from": "21:00", "to": "09:00", "weekdays": [], "holidays": False}
    with st.container(horizontal=True, gap="small"):
        start = st.time_input(t("From"), dt.time.fromisoformat(was["from"]), key=f"policy_start_{number}", step=1800)
        end = st.time_input(t("To"), dt.time.fromisoformat(was["to"]), key=f"policy_end_{number}", step=1800)
    days = st.pills(t("Days without contacts"), list(WEEKDAYS), selection_mode="multi", default=was.get("weekdays", []),
                    format_func=lambda day: t(WEEKDAYS[day]), key=f"policy_days_{number}")  # fmt: skip
    holidays = st.checkbox(
        t("Not on public holidays"), value=bool(was.get("holidays")), key=f"policy_holidays_{number}"
    )
    return {**was, "from": f"{start:%H:%M}", "to": f"{end:%H:%M}", "weekdays": sorted(days), "holidays": holidays}


def _who(kept: Mapping[str, Any], number: int) -> dict[str, Any]:
    consent = st.pills(t(SETTINGS["consent"]), CATEGORIES, selection_mode="multi", key=f"policy_consent_{number}",
                       default=kept.get("consent", ["marketing"]), format_func=_category)  # fmt: skip
    names, was = segment_names(), list(kept.get("exclude_segments", ()))
    excluded = st.multiselect(
        t(SETTINGS["exclude_segments"]), sorted({*names, *was}, key=lambda key: names.get(key, key)), default=was,
        format_func=lambda key: names.get(key, key), key=f"policy_excluded_{number}", placeholder=t("None chosen"),
    )  # fmt: skip
    return {"consent": list(consent), "exclude_segments": excluded}


def _held_back(kept: Mapping[str, Any], number: int) -> dict[str, Any]:
    ways = {"defer": t("Waits until it may go"), "drop": t("Is dropped")}
    when = st.segmented_control(t(SETTINGS["when_capped"]), list(ways), default=kept.get("when_capped", "defer"),
                                required=True, format_func=ways.__getitem__, key=f"policy_when_{number}")  # fmt: skip
    days = int(kept.get("defer_days", 7))
    if when == "defer":
        days = int(st.number_input(t(SETTINGS["defer_days"]), 0, 60, days, key=f"policy_defer_{number}"))
    order = st.multiselect(t(SETTINGS["channel_priority"]), CHANNELS, default=kept.get("channel_priority", CHANNELS),
                           format_func=channel_name, key=f"policy_order_{number}")  # fmt: skip
    return {"when_capped": when, "defer_days": days, "channel_priority": order}


def _scope_columns() -> dict[str, Any]:
    return {
        "channels": st.column_config.MultiselectColumn(
            t("Channels"), options=CHANNELS, format_func=channel_name, width=180, help=t("Empty: all channels")),
        "categories": st.column_config.MultiselectColumn(
            t("Kind of messages"), options=CATEGORIES, format_func=_category, width=200, help=t("Empty: all messages")),
    }  # fmt: skip


def _scope_cells(each: Mapping[str, Any]) -> dict[str, Any]:
    return {"channels": list(each.get("channels") or []), "categories": list(each.get("categories") or [])}


def _scope(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "channels": list(row.get("channels") or []) or None,
        "categories": list(row.get("categories") or []) or None,
    }


def _choice(label: str, names: Mapping[str, str], width: int) -> Any:
    return st.column_config.SelectboxColumn(label, options=list(names), format_func=lambda code: t(names[str(code)]),
                                            width=width)  # fmt: skip


def _category(code: str) -> str:
    return t(said.CATEGORIES[code])
