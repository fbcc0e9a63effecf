"""What the data health views share: the ledger, the contracts' promises, the clock, and words for codes."""

import datetime as dt
from typing import Any

import streamlit as st

from apps.data import health as data
from apps.data.health import Ledger, promises
from apps.language import speaker, t
from apps.ui.colors import Color
from apps.ui.labels import label
from data_contracts.checks import compile_checks
from data_contracts.messages import CATALOGUE, fault_text
from data_contracts.model import Contract
from ingest.messages import template
from vitrina.settings import get_settings

STATE_COLORS: dict[str, Color] = {
    "fresh": "green", "late": "orange", "failing": "red", "never": "gray", "idle": "gray",
}  # fmt: skip


def ledger() -> Ledger:
    """The ingestion ledger of this installation."""
    return Ledger(get_settings().ledger_path)


@st.cache_resource(ttl=300, show_spinner=False)
def contracts() -> list[Contract]:
    """All enabled contracts, read again every five minutes."""
    return promises(get_settings())


def now() -> dt.datetime:
    """The clock of the views."""
    return dt.datetime.now(dt.UTC)


@st.cache_data(ttl=20, show_spinner=False)
def _sources(home: str) -> list[data.Row]:
    return data.sources(get_settings(), contracts(), now())


@st.cache_data(ttl=20, show_spinner=False)
def _balance(home: str) -> list[data.Row]:
    return data.balance(get_settings())


def sources() -> list[data.Row]:
    """State of every entity, at most twenty seconds old."""
    return _sources(str(get_settings().home))


def balance() -> list[data.Row]:
    """Row balance of every entity, at most twenty seconds old."""
    return _balance(str(get_settings().home))


def hours(value: float | None) -> str:
    """A span in hours or days."""
    if value is None:
        return speaker().date(None)
    if value < 1:
        return t("less than an hour")
    if value < 48:
        return t("{hours} h", hours=speaker().number(value))
    return t("{days} d", days=speaker().number(value / 24))


def sentence(code: str | None, values: dict[str, Any] | None) -> str:
    """The reason of a rejection or a warning, in words: contracts and ingestion each bring their own."""
    if not code:
        return ""
    own = CATALOGUE.get(f"delivery.{code}", {}).get(speaker().language)
    text = own[:1].upper() + own[1:] + "." if own else t(template(code))
    try:
        return text.format(**(values or {}))
    except (KeyError, IndexError, ValueError):
        return text


def contract_of(source: str, entity: str) -> Contract | None:
    """The contract of an entity, if its source is still enabled."""
    return next((c for c in contracts() if (c.source, c.entity) == (source, entity)), None)


def field_name(source: str, entity: str, field: str | None) -> str:
    """A column as people call it, by its contract."""
    contract = contract_of(source, entity)
    if contract is None or field not in contract.names:
        return field or speaker().date(None)
    return contract.column(field).label(speaker().language)


def rule_words(message_key: str | None, rule: str) -> str:
    """A rule of the contract in a few words, for a list; an unknown one by its name."""
    return label("rule", message_key) if message_key else rule


def fault(source: str, entity: str, row: dict[str, Any], value: str) -> str:
    """What is wrong with one row, as a sentence."""
    contract = contract_of(source, entity)
    if contract is None or row["rule"] not in {check.rule_id for check in compile_checks(contract)}:
        return rule_words(row["message_key"], row["rule"])
    text = fault_text(contract, row["rule"], speaker().language, value or None, row["line"])
    return text[:1].upper() + text[1:] + "."
