"""One segment: its conditions with the count that follows them, and everything that can be asked of it. `?key=` names a
saved one; without it a new one is built."""

import streamlit as st

from apps.actions import tell_done
from apps.identity import person
from apps.language import t
from apps.segment_workspace import bench as desks
from apps.segment_workspace.against_base import against_base
from apps.segment_workspace.audience import audience
from apps.segment_workspace.bench import Desk
from apps.segment_workspace.building import follow, workbench
from apps.segment_workspace.common import information, may_edit
from apps.segment_workspace.common_members import common_members
from apps.segment_workspace.findings import findings
from apps.segment_workspace.header import header
from apps.segment_workspace.past import past
from apps.segment_workspace.properties import properties
from apps.segment_workspace.reasons import reasons
from apps.segment_workspace.sql_text import sql_text
from apps.segment_workspace.taking import taking
from apps.segment_workspace.testing import testing
from apps.segment_workspace.timing import timing
from apps.segment_workspace.versions import versions
from apps.services import services
from crm.services import segments as kept
from crm.services.segments import SegmentInfo


def on_desk(key: str | None) -> tuple[Desk, SegmentInfo | None]:
    """The desk for the segment that the address names; what is being worked on stays. Raises `CrmError`."""
    info = information(key) if key is not None else None
    found = desks.desk()
    if found is not None and found.key == key:
        return found, info
    if info is None:
        return desks.put_on_desk(desks.EVERYBODY), None
    with services().database.read() as session:
        document = dict(kept.version(session, info.key).document)
    texts = {"name": info.name, "folder": info.folder, "tags": info.tags, "description": info.description}
    return desks.put_on_desk(document, key=info.key, base=info.revision, saved=document, texts=texts), info


def sections(found: Desk, info: SegmentInfo | None, editable: bool) -> None:
    """The tabs; one is computed when it is opened, and follows the conditions while it is."""
    figures = {
        t("Audience"): lambda: audience(found),
        t("Profile"): lambda: against_base(found),
        t("In the past"): lambda: past(found),
        t("Why"): lambda: reasons(found),
        t("Overlap"): lambda: common_members(found, found.texts.get("name") or t("This segment")),
        t("Check"): lambda: findings(found),
        t("Versions"): lambda: versions(found, editable),
        t("Publication"): lambda: testing(found, info, editable),
        t("Schedule"): lambda: timing(info, editable),
    }
    if person().may("segments", "export"):
        figures[t("Export")] = lambda: taking(found)
    figures[t("Properties")] = lambda: properties(found, info, editable)
    for tab, draw in zip(st.tabs(list(figures), key="segment_tab", on_change="rerun"), figures.values(), strict=True):
        if tab.open:
            with tab:
                draw()


st.page_link("app_pages/segments.py", label=t("All segments"), icon=":material/arrow_back:")
tell_done()
wanted = st.query_params.get("key") or None
on_it, known_as = on_desk(wanted)
editable = may_edit(wanted)
header(on_it, known_as, editable)
follow(True)
if on_it.is_sql:
    sql_text(on_it, editable)
else:
    workbench(editable)
sections(on_it, known_as, editable)
