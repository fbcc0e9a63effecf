"""What becomes of a rule's signals: when it is looked at, how urgent they are, what is done, whose they are, how often
and how many, and what is taken for coming true."""

from typing import Any

import streamlit as st

from apps.identity import person
from apps.language import t
from apps.rule_workspace.desk import RuleDesk
from apps.services import services
from apps.signal_workspace.words import COLORS, priority_name
from apps.task_workspace.listing import weekdays
from crm.services import segments as kept_segments
from crm.services.organisation import departments, employees
from crm.signal_messages import OUTCOMES
from signals.definition.nodes import REVENUE_DAYS


def consequences(found: RuleDesk, may_edit: bool, places: dict[tuple[Any, ...], Any]) -> None:
    """The fields, and the places for what is wrong with each."""
    document, off = found.document, not may_edit
    key = f"rule_{found.serial}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        document["check"] = _check(document.get("check") or {}, key, off)
        document["priority"] = st.segmented_control(
            t("Priority"), ["high", "medium", "low"], default=document.get("priority", "medium"), required=True,
            format_func=lambda code: f":{COLORS[code]}[●] {priority_name(code)}", key=f"{key}_priority", disabled=off,
        )  # fmt: skip
    places["check",] = places["priority",] = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        document["action"] = _action(document.get("action") or {}, key, off)
    places["action",] = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        document["owner"] = _owner(document.get("owner") or {}, key, off)
    places["owner",] = st.container()
    st.markdown(f"**{t('Not too often, not too many')}**")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        _repetition(document, key, off)
    places["cool_down_days",] = places["worsens_by_pct",] = places["limits",] = st.container()
    st.markdown(f"**{t('What counts as having come true')}**")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        document["outcome"] = _outcome(document.get("outcome") or {}, key, off)
    places["outcome",] = st.container()


def _check(found: dict[str, Any], key: str, off: bool) -> dict[str, Any]:
    names = {"day": t("Every day"), "week": t("Every week"), "month": t("Every month")}
    every = st.segmented_control(
        t("How often it is looked at"), list(names), default=found.get("every", "day"), required=True,
        format_func=names.__getitem__, key=f"{key}_every", disabled=off,
    )  # fmt: skip
    if every == "week":
        days = weekdays()
        day = st.selectbox(t("Weekday"), range(1, 8), index=int(found.get("weekday", 1)) - 1, key=f"{key}_weekday",
                           format_func=lambda number: days[number - 1], width=170, disabled=off)  # fmt: skip
        return {"every": every, "weekday": day}
    if every == "month":
        return {"every": every, "day": _whole(t("Day of the month"), found.get("day", 1), f"{key}_day", 1, 28, off)}
    return {"every": every}


def _action(found: dict[str, Any], key: str, off: bool) -> dict[str, Any]:
    names = {
        "inform": t("Tell the owner"), "task": t("Give the owner a task"), "notify_group": t("Tell a department"),
        "list": t("Put the customer on a list"),
    }  # fmt: skip
    kind = _choice(t("What is done"), names, found.get("kind", "inform"), f"{key}_action", 250, off)
    if kind == "task":
        title = st.text_input(t("Task"), value=found.get("title", ""), key=f"{key}_task", max_chars=200, width=330,
                              disabled=off)  # fmt: skip
        days = _whole(t("Due in days"), found.get("due_days", 3), f"{key}_due", 0, 365, off)
        return {"kind": kind, "title": title or "", "due_days": days}
    if kind == "notify_group":
        return {"kind": kind, "department_id": _department(found.get("department_id"), f"{key}_group", off)}
    if kind == "list":
        with services().database.read() as session:
            lists = {each.key: each.name for each in kept_segments.lists(session, person().rights)}
        return {"kind": kind, "list": _choice(t("List"), lists, found.get("list"), f"{key}_list", 300, off)}
    return {"kind": kind}


def _owner(found: dict[str, Any], key: str, off: bool) -> dict[str, Any]:
    names = {
        "manager": t("The customer's manager"), "head": t("The head of his department"),
        "department": t("The head of one department"), "employee": t("One employee"),
    }  # fmt: skip
    kind = _choice(t("Who has to act"), names, found.get("kind", "manager"), f"{key}_owner", 250, off)
    if kind == "department":
        return {"kind": kind, "department_id": _department(found.get("department_id"), f"{key}_owner_department", off)}
    if kind == "employee":
        with services().database.read() as session:
            people = {each.employee_id: each.full_name for each in employees(session) if each.is_employed}
        people = dict(sorted(people.items(), key=lambda item: item[1]))
        chosen = _choice(t("Employee"), people, found.get("employee_id"), f"{key}_owner_employee", 320, off)
        return {"kind": kind, "employee_id": chosen}
    return {"kind": kind}


def _department(value: Any, key: str, off: bool) -> str:
    with services().database.read() as session:
        known = {each.department_id: each.name for each in departments(session).values() if each.is_active}
    return _choice(t("Department"), dict(sorted(known.items(), key=lambda item: item[1])), value, key, 320, off)


def _repetition(document: dict[str, Any], key: str, off: bool) -> None:
    limits = document.get("limits") or {}
    document["cool_down_days"] = _whole(
        t("Silent after a signal, days"), document.get("cool_down_days", 28), f"{key}_cool", 0, 365, off
    )
    document["worsens_by_pct"] = _optional(
        t("Again when worse by, %"), document.get("worsens_by_pct"), f"{key}_worse", off
    )
    document["limits"] = {
        "per_owner_a_day": _optional(t("For one person a day"), limits.get("per_owner_a_day"), f"{key}_per_owner", off),
        "a_day": _optional(t("In all a day"), limits.get("a_day"), f"{key}_a_day", off),
    }
    document["closes"] = st.toggle(
        t("Closes by itself when the cause is gone"), value=bool(document.get("closes", True)), key=f"{key}_closes",
        disabled=off,
    )  # fmt: skip


def _outcome(found: dict[str, Any], key: str, off: bool) -> dict[str, Any]:
    names = {code: t(name) for code, name in OUTCOMES.items()}
    kind = _choice(t("The customer"), names, found.get("kind", "churn"), f"{key}_outcome", 250, off)
    least = REVENUE_DAYS if kind == "revenue_fall" else 1
    days = max(least, found.get("within_days", 60))
    # A field of its own: what was typed for another outcome may be too few days for this one.
    within = _whole(t("Within so many days"), days, f"{key}_within_{least}", least, 730, off)
    return {"kind": kind, "within_days": within}


def _choice(title: str, names: dict[str, str], value: Any, key: str, width: int, off: bool) -> str:
    options = list(names)
    picked = st.selectbox(title, options, index=options.index(value) if value in options else 0, key=key, width=width,
                          format_func=names.__getitem__, disabled=off) if options else None  # fmt: skip
    return str(picked or "")


def _whole(title: str, value: Any, key: str, least: int, most: int, off: bool) -> int:
    return int(st.number_input(title, least, most, int(value), 1, key=key, width=170, disabled=off))


def _optional(title: str, value: Any, key: str, off: bool) -> int | None:
    given = st.number_input(title, 1, 10_000, None if value is None else int(value), 1, key=key, width=170,
                            disabled=off, placeholder=t("no limit"))  # fmt: skip
    return None if given is None else int(given)
