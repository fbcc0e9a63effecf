"""The list of rules: their state, whose they are, what they raised last and how it is answered."""

import datetime as dt
from typing import Any, Final

import streamlit as st

from apps.identity import person, today
from apps.language import speaker, t
from apps.services import services
from apps.signal_workspace.words import priority_name
from apps.ui import tables
from apps.ui.layout import empty_state
from crm.services import signals as kept
from crm.services.signals import RuleInfo, RuleStatus
from crm.services.signals.rule_answers import RuleAnswers, rule_answers
from crm.signal_messages import RULE_STATES

PAGE: Final = "app_pages/signal_rule.py"
_DAYS: Final = 30
_NONE: Final = RuleAnswers(0, 0, 0, 0)


def register() -> None:
    """Pills of states, a search, and the table; a row opens its rule."""
    with services().database.read() as session:
        rights = person().rights
        every = [*kept.rules(session, rights), *kept.rules(session, rights, archived=True)]
        answers = rule_answers(session, rights, today(services()) - dt.timedelta(days=_DAYS))
    wanted, text = _filters(every)
    found = [each for each in every if _fits(each, wanted, text)]
    if not found:
        empty_state("rule", t("No rule fits"), t("Take a template with the button above, or loosen the filters."))
        return
    rows = [_line(each, answers.get(each.key, _NONE)) for each in found]
    st.caption(speaker().plural("{count} rule. Select a row to open it.", "{count} rules. Select a row to open it.",
                                len(found)))  # fmt: skip
    picked = tables.selectable(rows, _columns(), key="signal_rules", height=680)
    if picked is not None:
        st.switch_page(PAGE, query_params={"key": found[picked].key})


def _filters(every: list[RuleInfo]) -> tuple[str | None, str]:
    counts = {status: sum(each.status is status for each in every) for status in RuleStatus}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        text = st.text_input(
            t("Search"), key="rules_text", type="search", max_chars=100, width=280, label_visibility="collapsed",
            placeholder=t("Name or key of a rule"),
        )  # fmt: skip
        picked = st.pills(
            t("State"), [each.value for each in RuleStatus if counts[each]], key="rules_state",
            label_visibility="collapsed",
            format_func=lambda code: f"{t(RULE_STATES[code])} · {counts[RuleStatus(code)]}",
        )  # fmt: skip
    return picked, text or ""


def _fits(each: RuleInfo, wanted: str | None, text: str) -> bool:
    if wanted is None and each.status is RuleStatus.ARCHIVED:
        return False
    is_named = text.strip().lower() in f"{each.name} {each.key}".lower()
    return is_named and (wanted is None or each.status == wanted)


def _columns() -> dict[str, Any]:
    return {
        "name": tables.text(t("Rule"), 315),
        "state": tables.text(t("State"), 95),
        "priority": tables.text(t("Priority"), 85),
        "owner": tables.text(t("Owner"), 90),
        "until": tables.text(t("Looked at until"), 105),
        "last": tables.number(t("In the last run"), 130),
        "open": tables.number(t("To decide"), 100),
        "decided": tables.number(t("Decided, plural"), 75),
    }


def _line(each: RuleInfo, answers: RuleAnswers) -> dict[str, Any]:
    say = speaker()
    state = t(RULE_STATES[each.status.value])
    if each.open_version is not None and each.published is not None:
        state += t(", draft begun")
    return {
        "name": each.name if not each.last_error else f"{each.name} ({t('failed')})",
        "state": state,
        "priority": priority_name(str(each.document.get("priority", "medium"))),
        "owner": each.owner_name or each.owner_login or "—",
        "until": say.date(each.evaluated_until),
        "last": say.number(answers.last),
        "open": say.number(each.open_signals),
        "decided": say.percent(100 * answers.decided / answers.raised, 0) if answers.raised else "—",
    }
