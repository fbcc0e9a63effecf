"""The flow in work: what the browser drew last, beside what is kept."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from apps.components.flow_editor import drawn
from crm.services.campaigns.values import CampaignInfo

EDITOR: Final = "campaign_flow_editor"
_DESK, _SERIAL = "_flow_desk", "_flow_serial"
EMPTY: Final[Mapping[str, Any]] = {
    "version": 1, "nodes": [{"id": "audience", "kind": "audience", "position": {"x": 0, "y": 0}, "data": {}}],
    "edges": [],
}  # fmt: skip


@dataclass
class FlowDesk:
    """`revision` grows with every document that is put on the desk from here, `seen` is the last change of the browser
    that was taken over, `of` is which campaign, kept as of which revision and open to whom the document belongs to."""

    of: tuple[str, int, bool]
    document: dict[str, Any]
    saved: Mapping[str, Any] | None
    revision: int
    seen: int = 0

    @property
    def is_changed(self) -> bool:
        """Whether there is something to save."""
        return _plain(self.document) != _plain(self.saved or EMPTY)


def flow_desk(info: CampaignInfo, base: int, editable: bool) -> FlowDesk:
    """The desk of this campaign; what the browser drew since is on it. Unsaved work stays while somebody else saves,
    until the person takes what is kept now."""
    found: FlowDesk | None = st.session_state.get(_DESK)
    of = (info.key, base, editable)
    if found is None or found.of[0] != info.key or found.of[2] != editable or _is_stale(found, info, base):
        return put_on_desk(of, info.flow or EMPTY, info.flow)
    found.of = of
    _take_over(found)
    return found


def put_on_desk(of: tuple[str, int, bool], document: Mapping[str, Any], saved: Mapping[str, Any] | None) -> FlowDesk:
    """Begin to work on a document; unsaved work before it is gone."""
    st.session_state[_SERIAL] = serial = int(st.session_state.get(_SERIAL, 0)) + 1
    made = FlowDesk(of, copy.deepcopy(dict(document)), copy.deepcopy(saved), serial)
    st.session_state[_DESK] = made
    return made


def saved(found: FlowDesk, info: CampaignInfo, base: int) -> None:
    """What is on the desk is kept now."""
    found.saved, found.of = copy.deepcopy(info.flow), (info.key, base, found.of[2])


def _is_stale(found: FlowDesk, info: CampaignInfo, base: int) -> bool:
    """Whether something else is kept than what the work began with, and the person has it before him."""
    return base == info.revision and _plain(found.saved or EMPTY) != _plain(info.flow or EMPTY)


def _take_over(found: FlowDesk) -> None:
    sent = drawn(EDITOR)
    if sent.document is None or sent.revision != found.revision or sent.sequence <= found.seen:
        return
    found.seen = sent.sequence
    found.document = {"version": 1, "nodes": list(sent.document.get("nodes") or []),
                      "edges": list(sent.document.get("edges") or [])}  # fmt: skip


def _plain(document: Mapping[str, Any]) -> Any:
    nodes = sorted((dict(each) for each in document.get("nodes", [])), key=lambda each: str(each.get("id")))
    edges = sorted((dict(each) for each in document.get("edges", [])), key=str)
    return nodes, edges
