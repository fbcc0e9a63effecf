"""Whom a rule watches: everybody, a saved segment, or conditions built on the spot with the builder of segments."""

from typing import Any, Final

import streamlit as st

from apps.identity import person
from apps.language import t
from apps.rule_workspace.desk import RuleDesk
from apps.segment_workspace import bench as segment_desks
from apps.segment_workspace.building import follow, workbench
from apps.services import services
from crm.services import segments as kept

_TYPES: Final = ("organisation", "person", "")


def audience(found: RuleDesk, may_edit: bool) -> dict[str, Any]:
    """The audience as the fields say now."""
    present: dict[str, Any] = dict(found.document.get("audience") or {"kind": "everyone"})
    kinds = {"everyone": t("Everybody"), "segment": t("A saved segment"), "definition": t("Own conditions")}
    types = {"organisation": t("Organisations"), "person": t("Private persons"), "": t("Both")}
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        kind = st.segmented_control(
            t("Audience"), list(kinds), default=present.get("kind", "everyone"), required=True, disabled=not may_edit,
            format_func=kinds.__getitem__, key=f"rule_{found.serial}_audience", label_visibility="collapsed",
        )  # fmt: skip
        customer_type = st.segmented_control(
            t("Type"), _TYPES, default=present.get("customer_type") or "", required=True, disabled=not may_edit,
            format_func=types.__getitem__, key=f"rule_{found.serial}_type", label_visibility="collapsed",
        )  # fmt: skip
    made: dict[str, Any] = {"kind": kind}
    if kind == "segment":
        made["segment"] = _segment(found, present, may_edit)
    elif kind == "definition":
        made["root"] = _root(found, present, may_edit)
    if customer_type:
        made["customer_type"] = customer_type
    return made


def _segment(found: RuleDesk, present: dict[str, Any], may_edit: bool) -> str:
    with services().database.read() as session:
        known = {each.key: each.name for each in kept.segments(session, person().rights)}
    before = present.get("segment")
    if before and before not in known:
        known[before] = before
    if not known:
        st.caption(t("There is no segment yet that you see."))
        return ""
    options = list(known)
    return str(
        st.selectbox(
            t("Segment"), options, index=options.index(before) if before in options else 0, width=420,
            format_func=known.__getitem__, key=f"rule_{found.serial}_segment", disabled=not may_edit,
        )
    )  # fmt: skip


def _root(found: RuleDesk, present: dict[str, Any], may_edit: bool) -> dict[str, Any]:
    """The builder works on its own desk; what is unfinished there does not count yet."""
    place = f"rule-{found.serial}"
    on_it = segment_desks.desk()
    if on_it is None or on_it.key != place:
        root = present.get("root") or {"combinator": "and", "rules": []}
        on_it = segment_desks.put_on_desk({"version": 1, "kind": "rules", "root": root}, key=place)
    follow(True)
    workbench(may_edit)
    done = segment_desks.finished((segment_desks.desk() or on_it).document)
    return dict(done.get("root") or {"combinator": "and", "rules": []})
