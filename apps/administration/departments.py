"""The tree of departments, and changing one."""

from typing import Any

import streamlit as st

from apps import identity
from apps.actions import attempt, changing_department, reason_field
from apps.language import t
from apps.services import services
from apps.ui import tables
from apps.ui.labels import LABELS, label
from apps.ui.layout import card, empty_state
from crm.services import organisation
from crm.services.reach import require_department_in_reach
from crm.services.tree import DepartmentInfo, children

Tree = dict[str, DepartmentInfo]


def departments_tab() -> None:
    """The tree on the left, the chosen department on the right."""
    with services().database.read() as session:
        tree = organisation.departments(session)
    left, right = st.columns([3, 2], gap="small")
    with left, card(t("Departments"), t("Select one to change it.")):
        chosen = _tree(tree)
    with right:
        if chosen is not None:
            _edit(chosen, tree)
        _add(tree)


def _tree(tree: Tree) -> DepartmentInfo | None:
    lines = _lines(tree)
    if not lines:
        empty_state("account_tree", t("No departments"), t("They come with the first load of the organisation."))
        return None
    picked = tables.selectable(
        [
            {
                "name": "\u2003" * depth + each.name, "kind": label("department_kind", each.kind),
                "region": label("region", each.region_code) if each.region_code else "",
                "state": "" if each.is_active else t("closed"),
                "edited": t("changed here") if each.edited_fields else "" if each.from_source else t("made here"),
            }
            for each, depth in lines
        ],
        {
            "name": tables.text(t("Department"), 235), "kind": tables.text(t("Kind"), 115),
            "region": tables.text(t("Region"), 130), "state": tables.text(t("State"), 75),
            "edited": tables.text(t("Origin"), 110),
        },
        key="departments",
        height=18 * tables.ROW_HEIGHT,
    )  # fmt: skip
    return lines[picked][0] if picked is not None else None


def _lines(tree: Tree) -> list[tuple[DepartmentInfo, int]]:
    """Departments in the order of the tree, with their depth."""
    below, lines, seen = children(tree.values()), [], set[str]()

    def walk(key: str, depth: int) -> None:
        if key not in seen:
            seen.add(key)
            lines.append((tree[key], depth))
            for child in below.get(key, []):
                walk(child, depth + 1)

    for key in (key for key, each in tree.items() if each.parent_id not in tree):
        walk(key, 0)
    return lines


def _edit(chosen: DepartmentInfo, tree: Tree) -> None:
    key = chosen.department_id
    with card(chosen.name, stretch=False), st.form(f"department_{key}", border=False):
        values = _fields(tree, f"department_{key}", chosen)
        values["is_active"] = st.checkbox(t("In use"), value=chosen.is_active)
        reason = reason_field(f"department_reason_{key}")
        if st.form_submit_button(t("Save"), type="primary"):
            wanted = {name: value for name, value in values.items() if value != getattr(chosen, name)}
            attempt(lambda: _save(key, wanted, reason))
    if chosen.edited_fields and st.button(t("Follow the source again"), key="department_follow"):
        attempt(lambda: _follow(key))


def _fields(tree: Tree, key: str, chosen: DepartmentInfo | None) -> dict[str, Any]:
    name = st.text_input(t("Name"), value=chosen.name if chosen else "", key=f"{key}_name", max_chars=200)
    kinds, parents = (
        list(LABELS["department_kind"]),
        [None, *(k for k in tree if not chosen or k != chosen.department_id)],
    )
    kind = st.selectbox(
        t("Kind"), kinds, index=kinds.index(chosen.kind) if chosen else len(kinds) - 1, key=f"{key}_kind",
        format_func=lambda code: label("department_kind", code),
    )  # fmt: skip
    parent = st.selectbox(
        t("Belongs to"), parents, index=_place(parents, chosen.parent_id if chosen else None),
        key=f"{key}_parent", format_func=lambda code: "—" if code is None else tree[code].name,
    )  # fmt: skip
    regions = [None, *LABELS["region"]]
    region = st.selectbox(
        t("Region"), regions, index=_place(regions, chosen.region_code if chosen else None),
        key=f"{key}_region", format_func=lambda code: "—" if code is None else label("region", code),
    )  # fmt: skip
    return {"name": name or "", "kind": kind, "parent_id": parent, "region_code": region}


def _place(options: list[str | None], value: str | None) -> int:
    return options.index(value) if value in options else 0


def _add(tree: Tree) -> None:
    with st.expander(t("New department")), st.form("new_department", border=False):
        key = st.text_input(t("Code"), max_chars=64, key="new_department_code")
        values = _fields(tree, "new_department", None)
        reason = reason_field("new_department_reason")
        if st.form_submit_button(t("Add")):
            attempt(lambda: _create(key or "", values, reason))


def _save(key: str, values: dict[str, Any], reason: str) -> str:
    with changing_department(key) as (session, actor, now):
        if "parent_id" in values:
            require_department_in_reach(session, identity.person().own_rights, "edit", values["parent_id"])
        organisation.edit_department(session, key, values, actor, now, reason)
    return t("The department is saved.")


def _follow(key: str) -> str:
    with changing_department(key) as (session, actor, now):
        organisation.follow_source(session, "department", key, actor, now, "follow the source")
    return t("The department follows the source again.")


def _create(key: str, values: dict[str, Any], reason: str) -> str:
    with changing_department(values["parent_id"]) as (session, actor, now):
        organisation.add_department(session, key.strip(), values, actor, now, reason)
    return t("The department is added.")
