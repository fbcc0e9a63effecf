"""Employees: where they work, and moving them."""

from typing import Any

import streamlit as st

from apps import identity
from apps.actions import attempt, changing_department, reason_field
from apps.language import t
from apps.services import services
from apps.ui import tables
from apps.ui.layout import card, empty_state
from crm.services import organisation
from crm.services.accounts import users
from crm.services.organisation import EmployeeInfo
from crm.services.reach import require_department_in_reach
from crm.services.tree import DepartmentInfo


def employees_tab() -> None:
    """A search line, the list, the chosen employee."""
    with services().database.read() as session:
        tree, staff = organisation.departments(session), organisation.employees(session)
        logins = {user.user_id: user.login for user in users(session)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(t("Search"), key="employees_search", live=True, type="search", width=340, max_chars=100)
        place = st.selectbox(
            t("Department"), [None, *tree], key="employees_place", width=340,
            format_func=lambda code: t("Any") if code is None else tree[code].name,
        )  # fmt: skip
    wanted = (text or "").casefold()
    found = [
        each
        for each in staff
        if wanted in f"{each.full_name} {each.employee_id} {each.position}".casefold()
        and place in (None, each.department_id)
    ]
    left, right = st.columns([3, 2], gap="small")
    with left, card(t("Employees"), t("Select one to change where he works.")):
        chosen = _list(found, tree, logins)
    if chosen is not None:
        with right:
            _edit(chosen, tree)


def _list(found: list[EmployeeInfo], tree: dict[str, DepartmentInfo], logins: dict[int, str]) -> EmployeeInfo | None:
    if not found:
        empty_state("person_off", t("Nobody found"), t("Try another part of the name."))
        return None
    picked = tables.selectable(
        [
            {
                "name": each.full_name, "code": each.employee_id, "position": each.position,
                "department": tree[each.department_id].name if each.department_id in tree else "",
                "login": logins.get(each.user_id, "") if each.user_id else "",
                "state": "" if each.is_employed else t("left"),
            }
            for each in found
        ],
        {
            "name": tables.text(t("Full name"), 190), "code": tables.text(t("Code"), 60),
            "position": tables.text(t("Position"), 130), "department": tables.text(t("Department"), 150),
            "login": tables.text(t("Login"), 110), "state": tables.text(t("State"), 60),
        },
        key=f"employees_{hash(tuple(each.employee_id for each in found))}",
        height=16 * tables.ROW_HEIGHT,
    )  # fmt: skip
    return found[picked] if picked is not None else None


def _edit(chosen: EmployeeInfo, tree: dict[str, DepartmentInfo]) -> None:
    key = chosen.employee_id
    places = [None, *tree]
    with card(chosen.full_name, stretch=False), st.form(f"employee_{key}", border=False):
        place = st.selectbox(
            t("Department"), places, index=places.index(chosen.department_id) if chosen.department_id in places else 0,
            format_func=lambda code: "—" if code is None else tree[code].name,
        )  # fmt: skip
        position = st.text_input(t("Position"), value=chosen.position, max_chars=200)
        employed = st.checkbox(t("Works here"), value=chosen.is_employed)
        reason = reason_field(f"employee_reason_{key}")
        if st.form_submit_button(t("Save"), type="primary"):
            values = {"department_id": place, "position": position or "", "is_employed": employed}
            wanted = {name: value for name, value in values.items() if value != getattr(chosen, name)}
            attempt(lambda: _save(chosen, wanted, reason))
    if chosen.edited_fields and st.button(t("Follow the source again"), key="employee_follow"):
        attempt(lambda: _follow(chosen))


def _save(employee: EmployeeInfo, values: dict[str, Any], reason: str) -> str:
    with changing_department(employee.department_id) as (session, actor, now):
        if "department_id" in values:
            require_department_in_reach(session, identity.person().own_rights, "edit", values["department_id"])
        organisation.edit_employee(session, employee.employee_id, values, actor, now, reason)
    return t("The employee is saved.")


def _follow(employee: EmployeeInfo) -> str:
    with changing_department(employee.department_id) as (session, actor, now):
        organisation.follow_source(session, "employee", employee.employee_id, actor, now, "follow the source")
    return t("The employee follows the source again.")
