"""The top of a segment's page: its name and state, saving, and what else can be done with it."""

import json
from typing import Any

import streamlit as st

from apps.actions import changing
from apps.identity import person
from apps.language import t
from apps.segment_workspace import bench as desks
from apps.segment_workspace.bench import Desk
from apps.segment_workspace.common import attempt, changed
from apps.segment_workspace.interchange import import_dialog, show_json
from apps.ui.labels import label
from crm.services import segments as kept
from crm.services.segments import SegmentInfo
from vitrina.errors import UserError


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


class Unfinished(UserError):
    """Some conditions are not written to their end."""

    def __init__(self) -> None:
        self.message, self.values = (
            _("Finish or remove the conditions in dashed frames, then save."),
            dict[str, object](),
        )
        super().__init__(self.message)


def header(found: Desk, info: SegmentInfo | None, may_edit: bool) -> None:
    """Name, state, the button that saves, and a menu."""
    with st.container(horizontal=True, vertical_alignment="center", key="segment_header"):
        name = st.text_input(
            t("Name"),
            value=found.texts.get("name", ""),
            key=f"segment_name_{found.key or 'new'}",
            label_visibility="collapsed",
            placeholder=t("Name of the segment"),
            max_chars=200,
            disabled=not may_edit,
        )
        found.texts["name"] = (name or "").strip()
        if may_edit and st.button(t("Save"), icon=":material/save:", type="primary", key="save_segment"):
            attempt(lambda: save(found))
        _menu(found, may_edit)
    st.caption(" · ".join(_state(found, info)))


def _state(found: Desk, info: SegmentInfo | None) -> list[str]:
    if info is None:
        return [t("New, not saved yet")]
    told = [label("segment_status", info.status)]
    if info.published is not None:
        told.append(t("version {number} published", number=info.published))
    if info.open_version is not None:
        told.append(
            t("version {number}: {state}", number=info.open_version, state=label("version_state", info.open_state))
        )
    if info.held is not None:
        told.append(f":orange-badge[{t('held back')}]")
    told.append(label("sharing", info.sharing))
    if found.is_changed:
        told.append(f":blue-badge[{t('changed, not saved')}]")
    return told


def save(found: Desk) -> str:
    """Save what is on the desk. Raises `Unfinished`, `CrmError`, `DefinitionError`."""
    if desks.finished(found.document) != found.document:
        raise Unfinished
    document, texts, author = dict(found.document), found.texts, desks.author()
    common: dict[str, Any] = {
        "folder": texts.get("folder", ""),
        "tags": texts.get("tags", ()),
        "description": texts.get("description", ""),
    }
    if found.key is None:
        with changing("segments", "edit") as (session, actor, now):
            info = kept.create_draft(session, texts.get("name", ""), document, actor, now, author=author, **common)
    else:
        key = found.key
        info = changed(
            key,
            lambda session, actor, now: kept.save_draft(
                session,
                key,
                actor,
                now,
                base=found.base,
                author=author,
                document=document,
                name=texts.get("name", ""),
                **common,
            ),
        )
    found.key, found.base, found.saved = info.key, info.revision, document
    st.query_params["key"] = info.key
    return t("“{name}” is saved", name=info.name)


def _menu(found: Desk, may_edit: bool) -> None:
    options = {"json": t("Show as JSON and JsonLogic")}
    if may_edit:
        options["import"] = t("Take over JSON or JsonLogic")
    if person().own_rights.allows("segments", "edit") and found.key is not None:
        options["copy"] = t("Make a copy of my own")
    chosen = st.menu_button(
        t("More"), list(options), format_func=options.__getitem__, key="segment_menu", icon=":material/more_horiz:"
    )
    if chosen == "json":
        show_json(found)
    elif chosen == "import":
        import_dialog(found)
    elif chosen == "copy":
        texts = {**found.texts, "name": t("{name} (copy)", name=found.texts.get("name", ""))}
        st.query_params.pop("key", None)
        desks.put_on_desk(json.loads(json.dumps(found.document)), texts=texts)
        st.rerun()
