"""The form of a rule: whom it watches, what must have happened, and what becomes of it. Every field says at its place
what is wrong with it."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from apps.identity import person
from apps.language import t
from apps.rule_workspace.audience import audience
from apps.rule_workspace.condition import condition, new_condition
from apps.rule_workspace.consequences import consequences
from apps.rule_workspace.desk import RuleDesk, judged
from apps.rule_workspace.said import problem_line, rule_said
from apps.ui.layout import card
from segments.errors import Problem
from signals.definition import Rule

Places = dict[tuple[Any, ...], Any]


def form(found: RuleDesk, may_edit: bool) -> Rule | None:
    """Draw the fields, take over what they say, and tell the rule in a sentence; the rule when it can be used."""
    said = st.container(border=True, key="rule_sentence")
    places: Places = {(): said}
    with card(t("Whom it watches"), stretch=False):
        found.document["audience"] = audience(found, may_edit)
        places["audience",] = st.container()
    if found.document.get("kind") == "sql":
        _sql(found, may_edit, places)
    else:
        _conditions(found, may_edit, places)
    with card(t("What becomes of it"), stretch=False):
        consequences(found, may_edit, places)
    rule, problems = judged(found.document)
    with said:
        rule_said(rule)
    tell(problems, places)
    return rule if not problems else None


def tell(problems: Sequence[Problem], places: Places) -> None:
    """Each problem at the innermost place that is known on its path."""
    for place, problem in enumerate(problems):
        if problem in problems[:place]:
            continue
        path = tuple(problem.path)
        while path and path not in places:
            path = path[:-1]
        with places[path]:
            problem_line(problem)


def _conditions(found: RuleDesk, may_edit: bool, places: Places) -> None:
    group = found.document.setdefault("conditions", {"combinator": "and", "rules": []})
    rules: list[dict[str, Any]] = group.setdefault("rules", [])
    with card(t("What must have happened"), stretch=False):
        if len(rules) > 1:
            names = {"and": t("All of these"), "or": t("One of these")}
            group["combinator"] = st.segmented_control(
                t("How many of the conditions"), list(names), default=group.get("combinator", "and"), required=True,
                format_func=names.__getitem__, key=f"rule_{found.serial}_join", disabled=not may_edit,
                label_visibility="collapsed",
            )  # fmt: skip
        removed = None
        for place, each in enumerate(rules):
            with st.container(border=True, gap="small"):
                rules[place], is_removed = condition(each, _condition_key(found, each), may_edit and len(rules) > 1,
                                                     may_edit)  # fmt: skip
                places["conditions", "rules", place] = st.container()
            removed = place if is_removed else removed
        places["conditions",] = st.container()
        if removed is not None:
            rules.pop(removed)
            st.rerun()
        if may_edit and st.button(t("Add a condition"), icon=":material/add:", key=f"rule_{found.serial}_add"):
            rules.append(new_condition())
            st.rerun()


def _condition_key(found: RuleDesk, each: dict[str, Any]) -> str:
    """Fields belong to a condition, not to its place: one before it may go."""
    import secrets

    each.setdefault("id", f"c{secrets.token_hex(4)}")
    return f"rule_{found.serial}_{each['id']}"


def _sql(found: RuleDesk, may_edit: bool, places: Places) -> None:
    open_to_him = may_edit and person().own_rights.allows("sql", "query")
    with card(t("What must have happened"), stretch=False):
        text = st.text_area(
            t("SELECT of customer_id, value and severity for a day"), value=str(found.document.get("sql") or ""),
            key=f"rule_{found.serial}_sql", height=180, max_chars=20_000, disabled=not open_to_him,
        )  # fmt: skip
        found.document["sql"] = text or ""
        st.caption(t("$day is the day that is looked at; facts after it must not be read. It is checked like every "
                     "query of your own."))  # fmt: skip
        places["sql",] = st.container()
