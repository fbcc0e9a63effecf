"""What the data health views share: the ledger, the contracts' promises, the clock, and words for codes."""

import datetime as dt
from typing import Any

import streamlit as st

from apps.data.health import Ledger, Promise, promises
from apps.language import speaker, t
from apps.ui.labels import label
from ingest.messages import template
from vitrina.settings import get_settings

STATE_COLORS = {"fresh": "green", "late": "orange", "failing": "red", "never": "gray"}


def ledger() -> Ledger:
    """The ingestion ledger of this installation."""
    return Ledger(get_settings().ledger_path)


@st.cache_resource(ttl=300, show_spinner=False)
def contracts() -> list[Promise]:
    """Promises of all enabled contracts, read again every five minutes."""
    return promises(get_settings())


def now() -> dt.datetime:
    """The clock of the views."""
    return dt.datetime.now(dt.UTC)


def hours(value: float | None) -> str:
    """A span in hours or days."""
    if value is None:
        return speaker().date(None)
    if value < 48:
        return t("{hours} h", hours=speaker().number(value))
    return t("{days} d", days=speaker().number(value / 24))


def sentence(code: str | None, values: dict[str, Any] | None) -> str:
    """The reason of a rejection or a warning, in words."""
    if not code:
        return ""
    try:
        return t(template(code)).format(**(values or {}))
    except (KeyError, IndexError, ValueError):
        return t(template(code))


def field_name(source: str, entity: str, field: str | None) -> str:
    """A column as people call it, by its contract."""
    for promise in contracts():
        if (promise.source, promise.entity) == (source, entity) and field in promise.labels:
            return promise.labels[field].get(speaker().language) or field
    return field or speaker().date(None)


def rule_words(message_key: str | None, rule: str) -> str:
    """A rule of the contract in words; an unknown one by its name."""
    return label("rule", message_key) if message_key else rule
