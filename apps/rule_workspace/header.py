"""The top of a rule's page: its name, its state, and the button that saves."""

from typing import Any

import streamlit as st

from apps.actions import changing
from apps.identity import person
from apps.language import t
from apps.rule_workspace.desk import RuleDesk, author, bare, put_on_desk
from apps.segment_workspace.common import attempt
from crm.services import signals as kept
from crm.services.signals import RuleInfo
from crm.signal_messages import RULE_STATES

COLORS = {"draft": "gray", "shadow": "violet", "live": "green", "paused": "orange", "archived": "gray"}


def header(found: RuleDesk, info: RuleInfo | None, may_edit: bool, usable: bool) -> None:
    """Name, save, and one line of state; `usable` is whether the document can be kept as it stands."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        name = st.text_input(
            t("Name"), value=found.name, key=f"rule_name_{found.key or 'new'}_{found.serial}", max_chars=200,
            label_visibility="collapsed", placeholder=t("Name of the rule"), disabled=not may_edit,
        )  # fmt: skip
        found.name = (name or "").strip()
        if may_edit and st.button(
            t("Save"), icon=":material/save:", type="primary", key="rule_save", disabled=not usable
        ):
            attempt(lambda: save(found))
        if (
            found.key is not None
            and may_copy()
            and st.button(t("Make a copy of my own"), icon=":material/content_copy:", key="rule_copy")
        ):
            st.query_params.pop("key", None)
            put_on_desk(bare(found.document), name=t("{name} (copy)", name=found.name), description=found.description,
                        template=found.template)  # fmt: skip
            st.rerun()
    st.caption(" · ".join(_state(found, info)))


def may_copy() -> bool:
    """Whether he writes rules at all."""
    me = person()
    return not me.is_viewing_as and me.own_rights.allows("signal_rules", "edit")


def _state(found: RuleDesk, info: RuleInfo | None) -> list[str]:
    if info is None:
        return [t("New, not saved yet")]
    told = [f":{COLORS[info.status.value]}-badge[{t(RULE_STATES[info.status.value])}]"]
    if info.published is not None:
        told.append(t("version {number} counts", number=info.published))
    if info.open_version is not None:
        told.append(t("version {number} is being written", number=info.open_version))
    told.append(t("owner {name}", name=info.owner_name or info.owner_login or "—"))
    if found.is_changed:
        told.append(f":blue-badge[{t('changed, not saved')}]")
    if info.last_error:
        told.append(f":red-badge[{t('the last run failed')}]")
    return told


def save(found: RuleDesk, reason: str = "") -> str:
    """Save what is on the desk. Raises `CrmError`, `DefinitionError`."""
    common: dict[str, Any] = {"author": author(), "description": found.description}
    with changing("signal_rules", "edit") as (session, actor, now):
        if found.key is None:
            info = kept.create_rule(
                session, found.name, bare(found.document), actor, now, template=found.template, **common
            )  # fmt: skip
        else:
            kept.require_rule_edit(session, person().own_rights, found.key)
            info = kept.save_rule(
                session, found.key, actor, now, base=found.base, document=bare(found.document), name=found.name,
                reason=reason, **common,
            )  # fmt: skip
    found.key, found.base, found.saved = info.key, info.revision, dict(info.document)
    found.texts_saved = (found.name, found.description)
    st.query_params["key"] = info.key
    return t("“{name}” is saved", name=info.name)
