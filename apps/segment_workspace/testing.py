"""Before a segment counts: tests by named customers, a look by somebody else, publication."""

from typing import Any

import pandas as pd
import streamlit as st

from apps.actions import reason_field
from apps.data.segments import Bench
from apps.identity import person
from apps.language import speaker, t
from apps.segment_workspace import bench as desks
from apps.segment_workspace.bench import Desk
from apps.segment_workspace.common import attempt, changed, settled, show_problems
from apps.segment_workspace.versions import show_difference
from apps.services import services
from apps.ui.labels import label
from apps.ui.layout import card, empty_state, escape
from crm.services import segments as kept
from crm.services.segments import Fixture, SegmentInfo, Verdict, VersionInfo, VersionState
from segments import questions
from segments.definition import Definition, fingerprint, parse
from segments.errors import DefinitionError


def testing(found: Desk, info: SegmentInfo | None, may_edit: bool) -> None:
    """Tests, what the draft changes, and the steps to its publication."""
    if found.key is None or info is None:
        empty_state("rule", t("Save the segment first"), t("Then its tests, review and publication are here."))
        return
    known = settled(found)
    if known is None:
        return
    definition, bench = known
    left, right = st.columns(2, gap="small")
    with left, card(t("Tests"), t("Customers who have to be in the segment, or out of it.")):
        _tests(found.key, definition, bench, may_edit)
    with right, card(t("Publication"), t("The published version is the one that counts from the next run on.")):
        _publication(found, info, bench, may_edit)


def _tests(key: str, definition: Definition, bench: Bench, may_edit: bool) -> None:
    with services().database.read() as session:
        fixtures = kept.fixtures(session, key)
    inside = members_of(definition, bench, [each.customer_id for each in fixtures])
    wrong = [each for each in fixtures if each.expected_in != (each.customer_id in inside)]
    if fixtures:
        text = t("{count} of {total} tests pass", count=len(fixtures) - len(wrong), total=len(fixtures))
        st.markdown((":red[:material/cancel:] " if wrong else ":green[:material/check_circle:] ") + text)
    frame = pd.DataFrame(
        [
            {
                "customer": each.customer_id,
                "expected": each.expected_in,
                "now": t("in it") if each.customer_id in inside else t("not in it"),
                "note": each.note,
            }
            for each in fixtures
        ],
        columns=["customer", "expected", "now", "note"],
    ).astype({"customer": "Int64", "expected": "boolean", "now": "string", "note": "string"})
    edited = st.data_editor(
        frame,
        key=f"fixtures_{key}_{len(fixtures)}",
        num_rows="dynamic" if may_edit else "fixed",
        hide_index=True,
        disabled=not may_edit,
        column_config={
            "customer": st.column_config.NumberColumn(
                t("Customer No."), format="%d", min_value=1, required=True, width=110
            ),
            "expected": st.column_config.CheckboxColumn(t("Has to be in"), default=True, width=110),
            "now": st.column_config.TextColumn(t("Now"), disabled=True, width=70),
            "note": st.column_config.TextColumn(t("Note"), width="medium", max_chars=500),
        },
    )
    if may_edit and st.button(t("Save the tests"), key="save_fixtures"):
        attempt(lambda: _save_tests(key, edited))


def _save_tests(key: str, frame: Any) -> str:
    rows = [row for row in frame.to_dict("records") if not pd.isna(row["customer"])]
    wanted = [
        Fixture(
            int(row["customer"]),
            bool(row["expected"]) if not pd.isna(row["expected"]) else True,
            str(row["note"]) if not pd.isna(row["note"]) else "",
        )
        for row in rows
    ]
    changed(key, lambda session, actor, now: kept.set_fixtures(session, key, wanted, actor, now))
    return t("The tests are saved")


def members_of(definition: Definition, bench: Bench, ids: list[int]) -> frozenset[int]:
    """Those of the customers who are in the segment."""
    if not ids or definition.kind == "sql":
        return frozenset()
    found = [questions.why(bench.reader, definition, bench.catalogue, bench.at, bench.others, each) for each in ids]
    return frozenset(each.customer_id for each in found if each.holds)


def verdict_on(definition: Definition, bench: Bench, key: str, told: Any) -> Verdict:
    """What is known of a definition before it goes on."""
    with services().database.read() as session:
        ids = [each.customer_id for each in kept.fixtures(session, key)]
    difference = (
        {}
        if told is None
        else {
            "before": told.before.customers,
            "after": told.after.customers,
            "entered": told.entered.customers,
            "left": told.left.customers,
        }
    )
    return Verdict(fingerprint(definition), members_of(definition, bench, ids), difference)


def _publication(found: Desk, info: SegmentInfo, bench: Bench, may_edit: bool) -> None:
    key = str(found.key)
    with services().database.read() as session:
        newest, published = kept.version(session, key), kept.published_version(session, key)
    _where_it_stands(info, newest)
    if info.open_version is None:
        return
    try:
        draft = parse(newest.document)
        desks.require_open(draft, bench)
        told = show_difference(parse(published.document), draft, bench) if published is not None else None
    except DefinitionError as error:
        show_problems(error.problems)
        return
    if found.is_changed:
        st.caption(t("The conditions above are changed and not saved: what is published is the saved draft."))
    if not may_edit:
        return
    reason = reason_field("publish_reason")
    verdict = verdict_on(draft, bench, key, told)
    with st.container(horizontal=True):
        _steps(found, info, newest, verdict, reason)


def _where_it_stands(info: SegmentInfo, newest: VersionInfo) -> None:
    say = speaker()
    if info.published is not None:
        st.caption(t("Version {number} is published.", number=info.published))
    if info.open_version is None:
        st.caption(t("There is no draft: everything is published."))
        return
    st.caption(t("Version {number}: {state}", number=newest.number, state=label("version_state", newest.state)))
    if newest.comment:
        st.caption(escape(f"{newest.reviewer_login}, {say.moment(newest.reviewed_at)}: {newest.comment}"))


def _steps(found: Desk, info: SegmentInfo, newest: VersionInfo, verdict: Verdict, reason: str) -> None:
    """The buttons that the state of the draft and the person's part in it allow."""
    options, me = services().settings.segments, person()
    in_review = newest.state is VersionState.IN_REVIEW
    if in_review and me.login not in newest.editors:
        if st.button(t("Approve"), icon=":material/check:", type="primary", key="review_approve"):
            attempt(lambda: _reviewed(found, "approve", reason))
        if st.button(t("Return"), icon=":material/undo:", key="review_return"):
            attempt(lambda: _reviewed(found, "return", reason))
    may_ask = newest.state is VersionState.DRAFT
    if may_ask and st.button(t("Ask for a review"), icon=":material/rate_review:", key="review_ask"):
        attempt(lambda: _ask(found, verdict, reason))
    agreed = newest.state is VersionState.APPROVED or not options.four_eyes
    may_publish = agreed and newest.state is not VersionState.RETURNED
    if may_publish and st.button(t("Publish"), icon=":material/publish:", type="primary", key="publish"):
        attempt(lambda: _publish(found, verdict, reason))


def _ask(found: Desk, verdict: Verdict, reason: str) -> str:
    key = str(found.key)
    changed(key, lambda session, actor, now: kept.request_review(session, key, actor, now, verdict, reason=reason))
    _refreshed(found)
    return t("The review is asked for")


def _reviewed(found: Desk, what: str, comment: str) -> str:
    key = str(found.key)

    def change(session: Any, actor: Any, now: Any) -> Any:
        if what == "approve":
            return kept.approve(session, key, actor, now, comment)
        return kept.return_review(session, key, actor, now, comment)

    changed(key, change)
    _refreshed(found)
    return t("The version is approved") if what == "approve" else t("The version is returned to its author")


def _publish(found: Desk, verdict: Verdict, reason: str) -> str:
    key, options = str(found.key), services().settings.segments
    info = changed(
        key,
        lambda session, actor, now: kept.publish_version(
            session, key, actor, now, reason, author=desks.author(), verdict=verdict, options=options
        ),
    )
    found.base = info.revision
    return t("Version {number} is published.", number=info.published)


def _refreshed(found: Desk) -> None:
    with services().database.read() as session:
        found.base = kept.info(session, str(found.key)).revision
