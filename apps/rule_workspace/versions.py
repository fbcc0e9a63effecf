"""The versions of a rule: what each says, who wrote it and why, and what changed from one to the other."""

from typing import Any, Final

import streamlit as st

from apps.actions import changing
from apps.identity import person
from apps.language import speaker, t
from apps.rule_workspace.desk import RuleDesk, author, of_info
from apps.rule_workspace.difference import differences
from apps.rule_workspace.said import sentence
from apps.segment_workspace.common import attempt
from apps.services import services
from apps.ui import tables
from apps.ui.layout import card, empty_state, escape
from crm.services import signals as kept
from crm.services.signals import RuleVersion
from segments.errors import DefinitionError
from signals.definition import parse

# Room for sentences of three lines.
_ROW: Final = 72


def versions(found: RuleDesk, may_edit: bool) -> None:
    """The list; one that is chosen is compared with the one before it."""
    if found.key is None:
        empty_state("history", t("Save the rule first"), t("Every saved state becomes a version."))
        return
    with services().database.read() as session:
        known = kept.rule_versions(session, found.key)
    with card(t("Versions"), t("Select a version to see what changed in it."), stretch=False):
        picked = tables.selectable([_line(each) for each in known], _columns(), key=f"rule_versions_{found.key}")
    if picked is None:
        return
    chosen = known[picked]
    before = known[picked + 1] if picked + 1 < len(known) else None
    with card(t("Version {number}", number=chosen.number), stretch=False):
        st.markdown(escape(_said(chosen)))
        if before is not None:
            _difference(before, chosen)
        if may_edit and picked > 0 and st.button(t("Make it the draft"), icon=":material/restore:", key="rule_restore"):
            attempt(lambda: _restore(found, chosen))


def _difference(before: RuleVersion, after: RuleVersion) -> None:
    try:
        rows = differences(parse(before.document), parse(after.document))
    except DefinitionError:
        st.caption(t("One of the two versions is not finished: there are no words for what differs."))
        return
    if not rows:
        st.caption(t("It says the same as version {number}.", number=before.number))
        return
    tables.plain(
        rows,
        {
            "what": tables.text(t("What changed"), 220), "old": tables.text(t("Version {number}", number=before.number),
            380), "new": tables.text(t("Version {number}", number=after.number), 380),
        },
        key=f"rule_difference_{after.number}", row_height=_ROW,
    )  # fmt: skip


def _said(version: RuleVersion) -> str:
    try:
        return sentence(parse(version.document)) + "."
    except DefinitionError:
        return ""


def _line(each: RuleVersion) -> dict[str, Any]:
    say = speaker()
    return {
        "number": str(each.number), "state": t("Draft of a rule") if each.published_at is None else t("Published"),
        "author": ", ".join(each.editors) or each.author_login, "at": say.moment(each.at),
        "published": say.moment(each.published_at), "by": each.published_by or "—", "reason": each.reason or "—",
        "replay": say.moment(each.backtest_at),
    }  # fmt: skip


def _columns() -> dict[str, Any]:
    return {
        "number": tables.text(t("Version"), 70), "state": tables.text(t("State"), 120),
        "author": tables.text(t("Written by"), 150), "at": tables.text(t("Changed"), 130),
        "published": tables.text(t("Published"), 130), "by": tables.text(t("By whom"), 110),
        "replay": tables.text(t("Replayed"), 130), "reason": tables.text(t("Reason"), 200),
    }  # fmt: skip


def _restore(found: RuleDesk, chosen: RuleVersion) -> str:
    with changing("signal_rules", "edit") as (session, actor, now):
        kept.require_rule_edit(session, person().own_rights, str(found.key))
        info = kept.restore_rule(
            session, str(found.key), chosen.number, actor, now, base=found.base, author=author()
        )  # fmt: skip
    of_info(info)
    return t("Version {number} is the draft again", number=chosen.number)
