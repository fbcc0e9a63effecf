"""The concept of a campaign: what for, for whom, when, by whom, and by which figures it will be judged."""

from functools import partial
from typing import Any, Final

import streamlit as st

from apps.campaign_workspace.access import base, changed, may_write
from apps.campaign_workspace.figures import figures, targets
from apps.identity import person
from apps.language import t
from apps.segment_workspace.building import size_note
from apps.segment_workspace.common import attempt
from apps.services import services
from apps.ui.layout import card
from crm import campaign_messages as said
from crm.services import accounts
from crm.services import segments as kept_segments
from crm.services.campaigns import kpis, writing
from crm.services.campaigns.values import CUSTOMER_TYPES, CampaignInfo, Category, Kind, Kpi
from crm.services.matrix import matrix
from crm.services.segments import SegmentInfo

_AUDIENCES: Final = ("once", "each_run")


def concept(info: CampaignInfo) -> None:
    """The form, and the button that saves all of it."""
    off, key = not may_write(info), f"concept_{info.campaign_id}_{base(info)}"
    fields: dict[str, Any] = {}
    left, right = st.columns([3, 2], gap="medium")
    with left:
        with card(t("What it is for"), stretch=False):
            fields |= _purpose(info, key, off)
        if info.kind is not Kind.MASS:
            with card(t("For whom"), stretch=False):
                fields |= _audience(info, key, off)
    with right:
        with card(t("When and by whom"), stretch=False):
            fields |= _frame(info, key, off)
        with card(t("Figures to reach"), t("The analysis will set what was reached beside them."), stretch=False):
            wanted = figures(info, key, off)
    if not off and st.button(t("Save concept"), icon=":material/save:", type="primary", key="concept_save"):
        attempt(partial(_save, info, fields, wanted))


def _purpose(info: CampaignInfo, key: str, off: bool) -> dict[str, Any]:
    name = st.text_input(t("Name"), info.name, key=f"{key}_name", max_chars=200, disabled=off)
    goal = st.text_area(
        t("Goal"), info.goal, key=f"{key}_goal", max_chars=2000, height=90, disabled=off,
        placeholder=t("What should be different afterwards, and for whom"),
    )  # fmt: skip
    description = st.text_area(
        t("Offer and idea"), info.description, key=f"{key}_description", max_chars=4000, height=90, disabled=off,
        placeholder=t("What customers are offered, and why now"),
    )  # fmt: skip
    category = st.segmented_control(
        t("Kind of messages"), [each.value for each in Category], default=info.category.value, required=True,
        format_func=lambda code: t(said.CATEGORIES[code]), key=f"{key}_category", disabled=off,
        help=t("Limits on contacts and consents go by it."),
    )  # fmt: skip
    return {"name": name, "goal": goal, "description": description, "category": category}


def _audience(info: CampaignInfo, key: str, off: bool) -> dict[str, Any]:
    known = published_segments()
    now = info.audience.get("segment")
    if now is not None and now not in known:
        known = {str(now): None, **known}
    own = "definition" in info.audience
    segment = st.selectbox(
        t("Segment of customers"), list(known), index=list(known).index(now) if now in known else None,
        key=f"{key}_segment", disabled=off, format_func=lambda each: _segment_name(each, known[each]),
        placeholder=t("Conditions of its own") if own else t("Choose a published segment"),
    )  # fmt: skip
    names = {"": t("persons and organisations"), "person": t("persons only"), "organisation": t("organisations only")}
    customer_type = st.selectbox(
        t("Customers"), list(CUSTOMER_TYPES), index=CUSTOMER_TYPES.index(info.customer_type), key=f"{key}_type",
        format_func=names.__getitem__, disabled=off,
    )  # fmt: skip
    enters = {"once": t("once, when the campaign starts or he comes into the segment"),
              "each_run": t("again with every run")}  # fmt: skip
    enter = st.radio(
        t("A customer enters"), list(_AUDIENCES), index=_AUDIENCES.index(str(info.audience.get("enter", "once"))),
        format_func=enters.__getitem__, key=f"{key}_enter", disabled=off,
    )  # fmt: skip
    if person().may("segments", "view"):
        st.page_link("app_pages/segments.py", label=t("Segments are built here"), icon=":material/filter_alt:")
    if segment is None:
        return {"customer_type": customer_type, **({} if own else {"audience": {}})}
    run = known[segment].last_run if known[segment] is not None else None  # type: ignore[union-attr]
    return {
        "customer_type": customer_type, "audience": {"segment": segment, "enter": enter},
        "audience_size": run.members if run is not None else info.audience_size,
    }  # fmt: skip


def _segment_name(key: str, found: SegmentInfo | None) -> str:
    if found is None:
        return key
    note = size_note(found)
    return f"{found.name} · {note}" if note else found.name


def published_segments() -> dict[str, SegmentInfo | None]:
    """Segments that the person sees and campaigns may stand on, by key."""
    with services().database.read() as session:
        found = kept_segments.segments(session, person().rights)
    return {each.key: each for each in found if each.published is not None}


def _frame(info: CampaignInfo, key: str, off: bool) -> dict[str, Any]:
    with st.container(horizontal=True, gap="small"):
        starts = st.date_input(t("First day"), info.starts_on, key=f"{key}_starts", format="DD.MM.YYYY", disabled=off)
        ends = st.date_input(t("Last day"), info.ends_on, key=f"{key}_ends", format="DD.MM.YYYY", disabled=off)
    people = marketers()
    login = info.responsible_login
    if login and login not in people:
        people = {login: info.responsible_name or login, **people}
    responsible = st.selectbox(
        t("Responsible"), list(people), index=list(people).index(login) if login in people else None,
        key=f"{key}_responsible", format_func=people.__getitem__, disabled=off, placeholder=t("Choose"),
    )  # fmt: skip
    priority = st.slider(
        t("Priority"), 1, 100, info.priority, key=f"{key}_priority", disabled=off,
        help=t("When two campaigns want the same customer, the higher one goes first."),
    )  # fmt: skip
    return {"starts_on": starts, "ends_on": ends, "responsible_login": responsible or "", "priority": priority}


def marketers() -> dict[str, str]:
    """Who may lead campaigns: names by login."""
    with services().database.read() as session:
        roles = {code for code, role in matrix(session).roles.items() if ("campaigns", "edit") in role.grants}
        found = accounts.users(session)
    named = {each.login: each.display_name for each in found if each.is_active and each.roles & roles}
    return dict(sorted(named.items(), key=lambda item: item[1]))


def _save(info: CampaignInfo, fields: dict[str, Any], wanted: list[Kpi]) -> str:
    def made(session: Any, actor: Any, now: Any) -> None:
        after = writing.save_campaign(session, info.key, actor, now, base=base(info), **fields)
        if targets(wanted) != targets(kpis.kpis(session, info.key)):
            kpis.set_kpis(session, info.key, wanted, actor, now, base=after.revision)

    changed(info, made)
    return t("“{name}” is saved", name=fields["name"])
