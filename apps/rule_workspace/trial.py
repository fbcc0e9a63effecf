"""What a rule found: on trial those that nobody was told of, in use those of the inbox; and what limits held back."""

from typing import Any

import streamlit as st

from apps.identity import person
from apps.language import speaker, t
from apps.services import services
from apps.signal_workspace import customers
from apps.signal_workspace.happened import happened
from apps.signal_workspace.opening import PAGE as INBOX
from apps.signal_workspace.rules_of import rules_of
from apps.signal_workspace.words import state_name
from apps.ui import tables
from apps.ui.layout import card, empty_state
from crm.services import signals as kept
from crm.services.signals import Filter, RuleInfo, RuleStatus, SignalInfo, Sort, State

_SHOWN = 100


def trial(info: RuleInfo | None) -> None:
    """The newest ones about customers whom the person sees, as a table."""
    if info is None:
        empty_state("notifications", t("Save the rule first"), t("Then it can be tried and put in use."))
        return
    is_trial = info.status is RuleStatus.SHADOW
    with services().database.read() as session:
        if is_trial:
            rows, total = kept.trial(session, info.key, limit=_SHOWN)
        else:
            wanted = Filter(rules=(info.key,), states=tuple(State))
            rows, total = kept.inbox(session, person().rights, wanted, sort=Sort.NEWEST, limit=_SHOWN)
        held = kept.held_back(session, info.key, limit=_SHOWN)
    names = customers.names(row.customer_id for row in rows)
    rows = [row for row in rows if not is_trial or row.customer_id in names]
    title = t("Found on trial, nobody was told") if is_trial else t("Signals of this rule")
    with card(title, t("In all: {count}", count=speaker().number(total)), stretch=False):
        if not rows:
            empty_state("notifications_off", t("No signals"), t("The next run of the pipeline looks for them."))
        else:
            _table(rows, names, is_trial)
        if held:
            st.caption(
                speaker().plural(
                    "{count} was held back by limits lately.", "{count} were held back by limits lately.", len(held)
                )
            )


def _table(rows: list[SignalInfo], names: dict[int, str], is_trial: bool) -> None:
    rules = rules_of(rows)
    lines: list[dict[str, Any]] = [
        {
            "day": speaker().date(row.last_day),
            "name": names.get(row.customer_id) or customers.number(row.customer_id),
            "what": happened(row, rules.get((row.rule, row.rule_version))), "owner": row.owner_name or "—",
            "state": state_name(row.state.value),
        }
        for row in rows
    ]  # fmt: skip
    columns = {
        "day": tables.text(t("Day"), 95), "name": tables.text(t("Customer"), 210), "what": tables.text(t("What"), 430),
        "owner": tables.text(t("Has to act"), 170), "state": tables.text(t("State"), 100),
    }  # fmt: skip
    if is_trial:
        tables.plain(lines, columns, key="rule_trial")
        return
    picked = tables.selectable(lines, columns, key="rule_signals", height=520)
    if picked is not None:
        st.switch_page(INBOX, query_params={"signal": str(rows[picked].signal_id)})
