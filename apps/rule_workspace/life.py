"""A rule's life: on trial, in use, paused, put away; who changed what and why."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from apps.actions import changing
from apps.identity import person
from apps.language import speaker, t
from apps.rule_workspace.desk import RuleDesk, of_info
from apps.segment_workspace.common import attempt
from apps.services import services
from apps.ui.layout import card, empty_state, facts
from crm.services import signals as kept
from crm.services.signals import RuleInfo, RuleStatus


def life(found: RuleDesk, info: RuleInfo | None, may_edit: bool) -> None:
    """What may be done now, and what was before."""
    if info is None:
        empty_state("published_with_changes", t("Save the rule first"), t("Then it can be tried and put in use."))
        return
    _steps(found, info)
    with card(t("Purpose"), stretch=False):
        text = st.text_area(
            t("What it is for, and what one does about its signals"), value=found.description, max_chars=2000,
            key=f"rule_description_{found.serial}", disabled=not may_edit, height=90,
        )  # fmt: skip
        found.description = text or ""
        facts(
            {
                t("Key"): info.key, t("Owner"): info.owner_name or info.owner_login,
                t("Made"): speaker().moment(info.created_at),
                t("Last changed"): f"{speaker().moment(info.updated_at)} · {info.updated_by}",
            },
            columns=4,
        )  # fmt: skip


def _steps(found: RuleDesk, info: RuleInfo) -> None:
    with services().database.read() as session:
        allowed = not person().is_viewing_as and kept.may_release_rule(session, person().own_rights, info.key)
    told = {
        RuleStatus.DRAFT: t("Nobody is told yet. Replay it on the past, then put it on trial or in use."),
        RuleStatus.SHADOW: t("On trial: every run notes what it would raise, and nobody is told."),
        RuleStatus.LIVE: t("In use: its signals come to those who have to act."),
        RuleStatus.PAUSED: t("Paused: it is not looked at; its signals stay as they are."),
        RuleStatus.ARCHIVED: t("Put away. It can be brought back."),
    }[info.status]
    with card(t("Where it stands"), told, stretch=False):
        if found.is_changed:
            st.caption(t("There are changes that are not saved; what is put in use is what was saved last."))
        if not allowed:
            st.caption(t("Your role does not let you put rules on trial or in use."))
            return
        reason = st.text_input(t("Reason"), key=f"rule_reason_{info.key}", max_chars=500,
                               placeholder=t("Why; kept in the audit log"))  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            for key, title, icon, change, said in _possible(info):
                is_first = key == "live"
                if st.button(title, icon=f":material/{icon}:", key=f"rule_step_{key}",
                             type="primary" if is_first else "secondary"):  # fmt: skip
                    attempt(partial(_do, info, change, reason or "", said))


def _possible(info: RuleInfo) -> list[tuple[str, str, str, Callable[..., Any], str]]:
    trial = ("shadow", t("Put on trial"), "visibility", kept.put_in_shadow, t("The rule is on trial"))
    live = ("live", t("Put in use"), "play_arrow", kept.put_live, t("The rule is in use"))
    stop = ("pause", t("Pause"), "pause", kept.pause, t("The rule is paused"))
    away = ("archive", t("Put away"), "archive", kept.archive_rule, t("The rule is in the archive"))
    back = ("back", t("Bring back"), "unarchive", kept.bring_rule_back, t("The rule is back"))
    has_draft = info.open_version is not None
    match info.status:
        case RuleStatus.ARCHIVED:
            return [back]
        case RuleStatus.LIVE:
            return [*([live] if has_draft else []), trial, stop, away]
        case RuleStatus.SHADOW:
            return [live, *([trial] if has_draft else []), stop, away]
    return [live, trial, away]


def _do(info: RuleInfo, change: Callable[..., Any], reason: str, said: str) -> str:
    more = {"options": services().settings.signals} if change is kept.put_live else {}
    with changing("signal_rules", "administer") as (session, actor, now):
        kept.require_rule_release(session, person().own_rights, info.key)
        after = change(session, info.key, actor, now, reason, **more)
    of_info(after)
    return said
