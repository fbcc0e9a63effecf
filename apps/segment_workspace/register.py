"""The list of segments: its filters and its table."""

from typing import Any

import streamlit as st

from apps.identity import person
from apps.language import speaker, t
from apps.services import services
from apps.ui import tables
from apps.ui.labels import label
from apps.ui.layout import empty_state
from crm.services import segments as kept
from crm.services.segments import Filter, RunState, SegmentInfo, Status

PAGE = "app_pages/segment.py"
_CURVE = 30
_BELIEVED = (RunState.DONE, RunState.RELEASED, RunState.HELD)


def chosen_filter() -> Filter:
    """The search line and what narrows it; where there is nothing to find they are not shown."""
    with services().database.read() as session:
        me = person().rights
        if not any(kept.segments(session, me, Filter(archived=archived)) for archived in (False, True)):
            return Filter()
    text = st.text_input(
        t("Search"),
        key="segments_text",
        type="search",
        placeholder=t("Name, key, description or tag"),
        max_chars=200,
        label_visibility="collapsed",
    )
    with services().database.read() as session:
        folders, tags = kept.folders(session, me), kept.tags(session, me)
        owners = {each.owner_id: each.owner_name or each.owner_login for each in kept.segments(session, me)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        folder = _choice(
            t("Folder"), {name: f"{name} · {count}" for name, count in folders.items()}, "segments_folder", 230
        )
        tag = _choice(t("Tag"), {name: f"{name} · {count}" for name, count in tags.items()}, "segments_tag", 180)
        owner = _choice(t("Owner"), owners, "segments_owner", 230)
        states = {each.value: label("segment_status", each.value) for each in Status}
        state = _choice(t("State"), states, "segments_state", 170)
    return Filter(
        folder, tag or "", owner, text or "", Status(state) if state else None, archived=state == Status.ARCHIVED.value
    )


def _choice(title: str, named: dict[Any, str], key: str, width: int) -> Any:
    return st.selectbox(
        title,
        [None, *named],
        key=key,
        width=width,
        persist_state="session",
        format_func=lambda each: t("All") if each is None else named.get(each, str(each)),
    )


def segment_table(wanted: Filter) -> None:
    """The segments that fit; a row opens its segment."""
    with services().database.read() as session:
        found = kept.segments(session, person().rights, wanted)
        curves = {each.key: _curve(session, each.key) for each in found}
    if not found:
        _nothing(wanted)
        return
    st.caption(
        speaker().plural(
            "{count} segment. Select a row to open it.", "{count} segments. Select a row to open it.", len(found)
        )
    )
    picked = tables.selectable(
        [_line(each, curves[each.key]) for each in found], _columns(), key="segments", height=620
    )
    if picked is not None:
        st.switch_page(PAGE, query_params={"key": found[picked].key})


def _nothing(wanted: Filter) -> None:
    if wanted == Filter():
        empty_state("filter_alt", t("No segments yet"), t("Make the first one from a template or from nothing."))
    else:
        empty_state("filter_alt_off", t("No segment fits"), t("Loosen the filters."))


def _curve(session: Any, key: str) -> list[int]:
    history = kept.runs(session, key, _CURVE)
    return [each.members for each in reversed(history) if each.members is not None and each.state in _BELIEVED]


def _columns() -> dict[str, Any]:
    return {
        "name": tables.text(t("Name"), "medium"),
        "folder": tables.text(t("Folder"), 140),
        "state": tables.text(t("State"), 140),
        "size": tables.number(t("Customers"), 100),
        "curve": st.column_config.LineChartColumn(t("Size by runs"), width=130, y_min=0),
        "as_of": tables.text(t("As of"), 95),
        "owner": tables.text(t("Owner"), 150),
        "tags": st.column_config.ListColumn(t("Tags"), width=150),
        "updated": tables.text(t("Changed"), 130),
    }


def _line(each: SegmentInfo, curve: list[int]) -> dict[str, Any]:
    say, run = speaker(), each.last_run
    state = label("segment_status", each.status)
    if each.held is not None:
        state = t("held back")
    elif each.published is not None and each.open_version is not None:
        state = f"{state}, {label('version_state', each.open_state)}"
    return {
        "name": each.name,
        "folder": each.folder or "—",
        "state": state,
        "size": say.number(run.members if run else None),
        "curve": curve,
        "as_of": say.date(run.as_of if run else None),
        "owner": each.owner_name or each.owner_login or "—",
        "tags": list(each.tags),
        "updated": say.moment(each.updated_at),
    }
