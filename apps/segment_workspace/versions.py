"""The versions of a segment, what each says, and what would change in the audience from one to another."""

from typing import Any

import streamlit as st

from apps.data.segments import Bench
from apps.language import speaker, t
from apps.segment_workspace import bench as desks
from apps.segment_workspace.bench import Desk
from apps.segment_workspace.common import attempt, changed, settled, show_problems
from apps.segment_workspace.sentences import sentence
from apps.services import services
from apps.snapshot import reader
from apps.ui import tables
from apps.ui.labels import label
from apps.ui.layout import empty_state, escape
from crm.services import segments as kept
from crm.services.segments import VersionInfo
from segments import questions
from segments.definition import Definition, fingerprint, parse
from segments.errors import DefinitionError
from segments.questions import Changed, Side

VALUE = "arpu_3m"


def versions(found: Desk, may_edit: bool) -> None:
    """The history; a chosen version is compared with what is on the desk."""
    if found.key is None:
        empty_state("history", t("No versions yet"), t("Save the segment, and its history begins."))
        return
    with services().database.read() as session:
        history = kept.versions(session, found.key)
    picked = tables.selectable([_line(each) for each in history], _columns(), key="segment_versions", height=320)
    if picked is None:
        st.caption(t("Select a version to compare it with the conditions above."))
        return
    chosen = history[picked]
    known = settled(found)
    if known is None:
        return
    definition, bench = known
    older = parse(chosen.document)
    with st.container(border=True):
        st.markdown(f"**{t('Version {number}', number=chosen.number)}**")
        st.markdown(escape(sentence(older, bench)))
        _actions(found, chosen, older, may_edit)
        show_difference(older, definition, bench)


def _columns() -> dict[str, Any]:
    return {
        "number": tables.text(t("No."), 60),
        "state": tables.text(t("State"), 130),
        "author": tables.text(t("Author"), 150),
        "at": tables.text(t("Changed"), 140),
        "published": tables.text(t("Published"), 140),
        "reason": tables.text(t("Reason"), "medium"),
        "reviewer": tables.text(t("Reviewer"), 130),
    }


def _line(each: VersionInfo) -> dict[str, Any]:
    say = speaker()
    return {
        "number": str(each.number),
        "state": label("version_state", each.state),
        "author": ", ".join(each.editors),
        "at": say.moment(each.at),
        "published": say.moment(each.published_at),
        "reason": each.reason or each.comment or "—",
        "reviewer": each.reviewer_login or "—",
    }


def _actions(found: Desk, chosen: VersionInfo, older: Definition, may_edit: bool) -> None:
    with st.container(horizontal=True):
        if st.button(t("Open in the builder"), icon=":material/edit:", key="version_open"):
            desks.load_into(found, dict(chosen.document))
            st.rerun()
        if may_edit and st.button(t("Make it the draft"), icon=":material/restore:", key="version_restore"):
            attempt(lambda: _restore(found, chosen))


def _restore(found: Desk, chosen: VersionInfo) -> str:
    key = str(found.key)
    info = changed(
        key,
        lambda session, actor, now: kept.restore(
            session, key, chosen.number, actor, now, base=found.base, author=desks.author()
        ),
    )
    found.base, found.saved = info.revision, dict(chosen.document)
    desks.load_into(found, dict(chosen.document))
    return t("Version {number} is the draft again", number=chosen.number)


def show_difference(old: Definition, new: Definition, bench: Bench) -> Changed | None:
    """Who enters and leaves when `new` takes the place of `old`, and what they are worth."""
    if fingerprint(old) == fingerprint(new):
        st.caption(t("The conditions are the same."))
        return None
    if "sql" in (old.kind, new.kind):
        st.caption(t("SQL is compared by its text alone."))
        return None
    try:
        desks.require_open(old, bench)
        told: Changed = bench.ask(
            "difference",
            new,
            lambda: questions.difference(bench.reader, bench.compiled(old), bench.compiled(new), VALUE, movers=20),
            fingerprint(old),
        )
    except DefinitionError as error:
        show_problems(error.problems)
        return None
    _sides(told)
    _movers(told)
    return told


def _sides(told: Changed) -> None:
    parts = {
        t("Before"): told.before,
        t("Enter"): told.entered,
        t("Leave"): told.left,
        t("Stay"): told.kept,
        t("After"): told.after,
    }
    with st.grid(5, gap="small", min_column_width=130):
        for name, side in parts.items():
            st.metric(name, speaker().number(side.customers), help=_worth(side), border=True)


def _worth(side: Side) -> str:
    return t(
        "ARPU for 3 months: {total} in all, {average} on average",
        total=speaker().compact_money(side.value),
        average=speaker().money(side.average),
    )


def _movers(told: Changed) -> None:
    if not told.movers:
        return
    names = _names([each.customer_id for each in told.movers])
    st.caption(t("The most valuable of those who enter or leave"))
    tables.plain(
        [
            {
                "name": names.get(each.customer_id, f"№ {each.customer_id}"),
                "move": t("enters") if each.entered else t("leaves"),
                "value": speaker().money(each.value),
            }
            for each in told.movers
        ],
        {
            "name": tables.text(t("Customer"), "medium"),
            "move": tables.text("", 110),
            "value": tables.number(t("ARPU, 3 months"), 150),
        },
        key="difference_movers",
    )


def _names(ids: list[int]) -> dict[int, str]:
    rows = reader().query(
        f"""select customer_id, coalesce(short_name, full_name) as name from customer_profiles
            where customer_id in ({", ".join("?" * len(ids))})""",
        ids,
    )
    return {row["customer_id"]: row["name"] or f"№ {row['customer_id']}" for row in rows.to_pylist()}
