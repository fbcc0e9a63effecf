"""The form of a route of approval."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from apps.campaign_settings.route_words import PARAMETERS, TESTS, value_name
from apps.language import t
from crm import campaign_messages as said
from crm.services.campaigns.route_reading import APPROVED_PARTS, LISTS, NUMBERS
from crm.services.campaigns.routes import RouteInfo


@dataclass(frozen=True)
class Form:
    """What the fields say."""

    name: str
    position: int
    is_active: bool
    condition: dict[str, Any]
    steps: list[dict[str, Any]]


def route_form(each: RouteInfo | None, roles: Mapping[str, str], people: Mapping[str, str]) -> Form:
    """The fields of a route (None: of a new one). `roles` are those that may approve."""
    key = each.key if each else "new"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        name = st.text_input(t("Name"), each.name if each else "", max_chars=200, key=f"route_name_{key}")
        position = st.number_input(
            t("Place in the order"),
            1,
            1000,
            each.position if each else 5,
            key=f"route_place_{key}",
            width=150,
            help=t("Routes are tried from the lowest number on."),
        )
        active = st.checkbox(t("In use"), each.is_active if each else True, key=f"route_active_{key}")
    condition = _condition(each.condition if each else {"all": []}, key)
    steps = _steps(each, key, roles, people)
    return Form(name or "", int(position), active, condition, steps)


def _condition(kept: Mapping[str, Any], key: str) -> dict[str, Any]:
    was: dict[str, list[Mapping[str, Any]]] = {}
    for test in kept.get("all", []):
        was.setdefault(test["parameter"], []).append(test)
    chosen = st.pills(
        t("For campaigns by"),
        list(PARAMETERS),
        selection_mode="multi",
        default=list(was),
        format_func=lambda code: t(PARAMETERS[code]),
        key=f"route_by_{key}",
        help=t("Nothing chosen: for all campaigns"),
    )
    tests = []
    for parameter in chosen:
        # A second test of one parameter has no fields here; it stays as it is.
        mine = was.get(parameter, [])
        tests += [_field(parameter, mine[0] if mine else None, key), *map(dict, mine[1:])]
    return {"all": [test for test in tests if test is not None]}


def _field(parameter: str, kept: Mapping[str, Any] | None, key: str) -> dict[str, Any] | None:
    ways = ["at_least", "below"] if parameter in NUMBERS else ["any_of", "none_of"]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        way = st.selectbox(
            t(PARAMETERS[parameter]),
            ways,
            index=ways.index(kept["is"]) if kept else 0,
            width=220,
            format_func=lambda code: t(TESTS[code]),
            key=f"route_way_{key}_{parameter}",
        )
        if parameter in NUMBERS:
            value: Any = st.number_input(
                t("Value"),
                min_value=0,
                value=int(kept["value"]) if kept else 0,
                width=220,
                key=f"route_value_{key}_{parameter}",
            )
        else:
            value = st.multiselect(
                t("Value"),
                LISTS[parameter],
                default=kept["value"] if kept else [],
                format_func=lambda code: value_name(parameter, code),
                placeholder=t("Choose"),
                key=f"route_value_{key}_{parameter}",
            )
    return {"parameter": parameter, "is": way, "value": value} if value or parameter in NUMBERS else None


def _steps(
    each: RouteInfo | None, key: str, roles: Mapping[str, str], people: Mapping[str, str]
) -> list[dict[str, Any]]:
    who = {
        **{f"role:{code}": name for code, name in roles.items()},
        **{f"employee:{code}": name for code, name in people.items()},
    }
    rows: list[dict[str, Any]] = [
        {
            "name": step.get("name", ""),
            "who": _who(step),
            "parts": list(step.get("parts", APPROVED_PARTS)),
            "days": step.get("days", 3),
        }
        for step in (each.steps if each else ())
    ]
    st.caption(t("Steps, one after another"))
    edited = st.data_editor(
        rows or [{"name": "", "who": None, "parts": list(APPROVED_PARTS), "days": 2}],
        key=f"route_steps_{key}",
        hide_index=True,
        num_rows="dynamic",
        width="stretch",
        column_order=("name", "who", "parts", "days"),
        column_config={
            "name": st.column_config.TextColumn(t("Step"), width=240, max_chars=200),
            "who": st.column_config.SelectboxColumn(
                t("Who agrees"), options=list(who), width=260, format_func=lambda code: who.get(str(code), str(code))
            ),
            "parts": st.column_config.MultiselectColumn(
                t("With what"), options=APPROVED_PARTS, width=320, format_func=lambda part: t(said.PARTS[part])
            ),
            "days": st.column_config.NumberColumn(t("Days"), min_value=1, max_value=60, step=1, width=70),
        },
    )
    return [_step(row, who) for row in edited if row.get("who")]


def _step(row: Mapping[str, Any], who: Mapping[str, str]) -> dict[str, Any]:
    kind, _, code = str(row["who"]).partition(":")
    return {
        "name": (row.get("name") or "").strip() or who.get(row["who"], code),
        "role": code if kind == "role" else "",
        "employee": code if kind == "employee" else "",
        "parts": list(row.get("parts") or APPROVED_PARTS),
        "days": int(row.get("days") or 3),
    }


def _who(step: Mapping[str, Any]) -> str | None:
    if step.get("employee"):
        return f"employee:{step['employee']}"
    return f"role:{step['role']}" if step.get("role") else None
