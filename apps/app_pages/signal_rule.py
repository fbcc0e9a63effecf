"""One rule: its form with the sentence that follows it, the past it would have had, its signals, versions and life.
`?key=` names a saved one; without it a new one is written."""

import streamlit as st

from apps.actions import tell_done
from apps.identity import person
from apps.language import t
from apps.rule_workspace.desk import EMPTY, RuleDesk, desk, information, of_info, put_on_desk
from apps.rule_workspace.form import form
from apps.rule_workspace.header import header
from apps.rule_workspace.life import life
from apps.rule_workspace.past import past
from apps.rule_workspace.trial import trial
from apps.rule_workspace.versions import versions
from apps.services import services
from crm.services import signals as kept
from crm.services.signals import RuleInfo, RuleStatus


def on_desk(key: str | None) -> tuple[RuleDesk, RuleInfo | None]:
    """The desk for the rule that the address names; what is being worked on stays. Raises `CrmError`."""
    info = information(key) if key is not None else None
    found = desk()
    if found is not None and found.key == key:
        return found, info
    return (of_info(info) if info is not None else put_on_desk(EMPTY)), info


def may_write(info: RuleInfo | None) -> bool:
    """Whether the person may change it, or make a new one."""
    me = person()
    if me.is_viewing_as or not me.own_rights.allows("signal_rules", "edit"):
        return False
    if info is None:
        return True
    with services().database.read() as session:
        return info.status is not RuleStatus.ARCHIVED and kept.may_edit_rule(session, me.own_rights, info.key)


st.page_link("app_pages/signal_rules.py", label=t("All signal rules"), icon=":material/arrow_back:")
tell_done()
on_it, known_as = on_desk(st.query_params.get("key") or None)
editable = may_write(known_as)
top = st.container()
titles = [t("Rule"), t("In the past"), t("Signals"), t("Versions"), t("State and purpose")]
tabs = st.tabs(titles, key="rule_tab", on_change="rerun")
usable = on_it.key is not None
if tabs[0].open:
    with tabs[0]:
        usable = form(on_it, editable) is not None
for tab, draw in zip(
    tabs[1:],
    (
        lambda: past(on_it, known_as),
        lambda: trial(known_as),
        lambda: versions(on_it, editable),
        lambda: life(on_it, known_as, editable),
    ),
    strict=True,
):
    if tab.open:
        with tab:
            draw()
with top:
    header(on_it, known_as, editable, usable)
