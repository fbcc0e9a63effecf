"""Editing one role of the matrix: a cell is how far an action on an object reaches; every save is a new version."""

from collections.abc import Collection
from typing import Any

import pandas as pd
import streamlit as st

from apps.account.rights import ACTIONS
from apps.actions import attempt, changing, reason_field
from apps.administration.role_choice import role_titles, version_reason
from apps.identity import Person
from apps.language import speaker, t
from apps.services import services
from apps.ui.labels import LABELS, label
from apps.ui.layout import card
from apps.ui.tables import ROW_HEIGHT
from crm.services.matrix import Matrix, matrix, save_matrix
from crm.services.matrix_changes import Change, GrantChange, MaskChange
from crm.services.role_file import Role, delivered
from vitrina.access.rights import Mask, Scope

NONE = "none"


def matrix_editor(me: Person) -> None:
    """Choose a role, change cells, say why, save."""
    with services().database.read() as session:
        present = matrix(session)
    names, say = role_titles(), speaker()
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        code = st.selectbox(t("Which role"), list(names), format_func=names.__getitem__, key="matrix_role", width=340)
        st.caption(
            t("Version {version}, {moment}, {login}: {reason}", version=present.version, login=present.info.actor_login,
              moment=say.moment(present.info.created_at), reason=version_reason(present.info.reason))
        )  # fmt: skip
    if code is None:
        return
    role, editable = present.roles[code], me.may("roles", "administer") and not me.is_viewing_as
    left, right = st.columns([3, 1], gap="small")
    with left, card(t("What is allowed"), t("A dash: not allowed. An empty cell: there is no such right.")):
        grants = _edited_grants(role, present.version, editable)
    with right:
        with card(t("How protected columns are shown"), stretch=False):
            masks = _edited_masks(role, present.version, editable)
        if editable:
            changes = [*_grant_changes(role, grants), *_mask_changes(role, masks)]
            _save_card(present, changes)


def _edited_grants(role: Role, version: int, editable: bool) -> pd.DataFrame:
    possible = delivered().actions
    objects = [name for name in LABELS["object"] if name in possible]
    rows: list[dict[str, str | None]] = [
        {"code": name, "object": label("object", name), **_cells(role, name, possible[name])} for name in objects
    ]
    words = {NONE: "—"} | {scope: label("scope", scope) for scope in LABELS["scope"]}
    columns: dict[str, Any] = {
        "code": None,
        "object": st.column_config.TextColumn(t("Object"), disabled=True, width=178),
    } | {
        action: st.column_config.SelectboxColumn(
            label("action", action),
            options=[NONE, *LABELS["scope"]],
            format_func=lambda code: words.get(str(code), str(code)),
            width=118,
        )
        for action in ACTIONS
    }
    return st.data_editor(
        pd.DataFrame(rows),
        column_config=columns,
        hide_index=True,
        key=f"grants_{role.code}_{version}",
        disabled=not editable,
        row_height=ROW_HEIGHT,
        height="content",
        placeholder="",
    )


def _cells(role: Role, name: str, possible: Collection[str]) -> dict[str, str | None]:
    return {action: _cell(role, name, action, action in possible) for action in ACTIONS}


def _cell(role: Role, name: str, action: str, exists: bool) -> str | None:
    if not exists:
        return None
    scope = role.grants.get((name, action))
    return str(scope) if scope else NONE


def _edited_masks(role: Role, version: int, editable: bool) -> dict[str, str]:
    chosen = {}
    for name in LABELS["column_class"]:
        if name == "open":
            continue
        present = str(role.masks.get(name, Mask.ABSENT))
        chosen[name] = st.selectbox(
            label("column_class", name), list(LABELS["mask"]), index=list(LABELS["mask"]).index(present),
            format_func=lambda code: label("mask", code), key=f"mask_{role.code}_{name}_{version}",
            disabled=not editable,
        )  # fmt: skip
    return chosen


def _grant_changes(role: Role, edited: pd.DataFrame) -> list[Change]:
    changes: list[Change] = []
    for row in edited.to_dict("records"):
        for action in ACTIONS:
            wanted = row[action] if row[action] in LABELS["scope"] else None
            present = role.grants.get((row["code"], action))
            if wanted != (str(present) if present else None):
                scope = Scope(wanted) if wanted else None
                changes.append(GrantChange(role.code, row["code"], action, scope))
    return changes


def _mask_changes(role: Role, chosen: dict[str, str]) -> list[Change]:
    return [
        MaskChange(role.code, name, Mask(mask))
        for name, mask in chosen.items()
        if Mask(mask) is not role.masks.get(name, Mask.ABSENT)
    ]


def _save_card(present: Matrix, changes: list[Change]) -> None:
    with card(t("Save as a new version"), stretch=False):
        st.caption(speaker().plural("{count} change", "{count} changes", len(changes)))
        reason = reason_field("matrix_reason")
        if st.button(t("Save the matrix"), type="primary", disabled=not changes, key="matrix_save"):
            attempt(lambda: _save(present.version, changes, reason))


def _save(base: int, changes: list[Change], reason: str) -> str:
    with changing("roles") as (session, actor, now):
        saved = save_matrix(session, changes, base, actor, now, reason)
    return t("Version {version} is saved and counts at once.", version=saved.version)
