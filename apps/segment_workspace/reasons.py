"""Why one customer is in the segment, or why not, on any day: condition by condition, with what was found."""

import datetime as dt
from typing import Any

import streamlit as st

from apps.data import customers
from apps.data.customers import Filter
from apps.data.search import parse
from apps.data.segments import Bench
from apps.identity import person
from apps.language import speaker, t
from apps.segment_workspace.bench import Desk
from apps.segment_workspace.common import settled, show_problems
from apps.segment_workspace.payload import value_label
from apps.segment_workspace.sentences import phrases
from apps.snapshot import reader
from apps.ui.layout import empty_state, escape
from segments import questions
from segments.definition import AttributeRule, Definition, EventRule, Group, RelatedRule
from segments.engine import at_date
from segments.errors import DefinitionError
from segments.questions import Explained, Why

_FOUND = 10


def reasons(found: Desk) -> None:
    """Search for a customer, then the answer."""
    known = settled(found)
    if known is None:
        return
    definition, bench = known
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            t("Customer"),
            key="why_text",
            placeholder=t("Name, phone, INN, PINFL, agreement or account number"),
            max_chars=200,
        )
        day = st.date_input(
            t("On the day"), value=bench.at.date, max_value=bench.at.date, format="DD.MM.YYYY", key="why_day", width=170
        )
    if not text:
        empty_state("person_search", t("Whose case?"), t("Find a customer: each condition is shown with his value."))
        return
    customer = _chosen(text)
    if customer is not None:
        _explain(definition, bench, customer, day if isinstance(day, dt.date) else bench.at.date)


def _chosen(text: str) -> dict[str, Any] | None:
    query = parse(text)
    wanted = Filter(query, order="name", owners=customers.owners(reader(), person().rights, query))
    rows = customers.page(reader(), wanted, _FOUND, 0).to_pylist()
    if not rows:
        empty_state("person_off", t("Nobody found"), t("Check the spelling, or search by number."))
        return None
    named = {row["customer_id"]: f"{row['full_name'] or '—'} · № {row['customer_id']}" for row in rows}
    picked = rows[0]["customer_id"]
    if len(rows) > 1:
        picked = st.selectbox(t("Found"), list(named), format_func=named.__getitem__, key="why_who")
    return next(row for row in rows if row["customer_id"] == picked)


def _explain(definition: Definition, bench: Bench, customer: dict[str, Any], day: dt.date) -> None:
    try:
        month_ends = questions.stored_month_ends(bench.reader) if day != bench.at.date else ()
        at = at_date(bench.at.date, month_ends, day)
        told = questions.why(bench.reader, definition, bench.catalogue, at, bench.others, customer["customer_id"])
    except DefinitionError as error:
        show_problems(error.problems)
        return
    with st.container(border=True):
        st.markdown(_verdict(told, str(customer["full_name"] or "—")))
        if told.root is not None:
            for line in lines(told.root, definition, bench):
                st.markdown(line)


def _verdict(told: Why, name: str) -> str:
    date = speaker().date(told.at.date)
    if not told.known:
        return ":gray[:material/help:] " + escape(t("{name} was no customer on {date}.", name=name, date=date))
    if told.holds:
        return (
            ":green[:material/check_circle:] **"
            + escape(t("{name} is in the segment on {date}.", name=name, date=date))
            + "**"
        )
    return (
        ":red[:material/cancel:] **" + escape(t("{name} is not in the segment on {date}.", name=name, date=date)) + "**"
    )


def lines(root: Explained, definition: Definition, bench: Bench, depth: int = 0) -> list[str]:
    """The tree as lines of Markdown, a deeper part further in."""
    said_at = phrases(definition, bench)

    def told(explained: Explained, node: Any, depth: int) -> list[str]:
        mark = ":green[:material/check:]" if explained.holds else ":red[:material/close:]"
        indent = "&emsp;" * (2 * depth)
        if explained.kind == "group":
            head = [] if explained is root else [f"{indent}{mark} {escape(_joined(node))}"]
            inside = zip(explained.of, _present(list(node.rules)), strict=False)
            return head + [line for part, each in inside for line in told(part, each, depth + (explained is not root))]
        text, value = said_at(explained.path) or "SQL", _value(explained, node)
        found = f" — :gray[{escape(t('found'))}:] **{escape(value)}**" if value else ""
        below: list[str] = []
        other = bench.others.get(explained.segment or "")
        if other is not None:
            for part in explained.of:
                below += lines(part, other, bench, depth + 1)
        return [f"{indent}{mark} {escape(text)}{found}", *below]

    return told(root, definition.root, depth)


def _present(nodes: list[Any]) -> list[Any]:
    """Nodes that count: what is switched off and empty groups are as if they were not there."""
    return [
        each for each in nodes if not each.disabled and not (isinstance(each, Group) and not _present(list(each.rules)))
    ]


def _joined(node: Any) -> str:
    text = t("All conditions") if getattr(node, "combinator", "and") == "and" else t("Any condition")
    return f"{t('Not')}: {text}" if getattr(node, "negated", False) else text


def _value(explained: Explained, node: Any) -> str:
    if explained.kind in ("segment", "list", "sql", "group"):
        return ""
    name = node.field if isinstance(node, AttributeRule) else ""
    values = explained.value if isinstance(explained.value, tuple) else (explained.value,)
    if isinstance(node, EventRule | RelatedRule) and explained.value is None:
        return ""
    return " / ".join(_shown(name, each) for each in values)


def _shown(field: str, value: Any) -> str:
    say = speaker()
    if value is None:
        return t("unknown")
    if isinstance(value, dt.date):
        return say.date(value)
    if isinstance(value, bool):
        return t("Yes") if value else t("No")
    if isinstance(value, str):
        return value_label(field, value)
    return say.number(value, 0 if value == int(value) else 2)
