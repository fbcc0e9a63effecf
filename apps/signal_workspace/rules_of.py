"""The versions of rules that raised signals, for the sentences about them."""

from collections.abc import Iterable

import streamlit as st

from apps.services import services
from crm.services import signals as kept
from crm.services.signals import SignalInfo
from signals.definition import Rule, parse
from vitrina.errors import UserError

_KNOWN = "_signal_rules_known"
Versions = dict[tuple[str, int], Rule | None]


def rules_of(rows: Iterable[SignalInfo]) -> Versions:
    """Rules by key and version; a published version never changes, so it is read once a session."""
    known: Versions = st.session_state.setdefault(_KNOWN, {})
    missing = {(row.rule, row.rule_version) for row in rows} - known.keys()
    if missing:
        with services().database.read() as session:
            for key, version in missing:
                known[key, version] = _read(session, key, version)
    return known


def _read(session, key: str, version: int) -> Rule | None:  # type: ignore[no-untyped-def]
    try:
        return parse(kept.rule_version(session, key, version).document)
    except UserError:
        return None
