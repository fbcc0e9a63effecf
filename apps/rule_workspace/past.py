"""The past of a rule before it goes live: how many signals it would have raised and for whom, how they overlap with
those of other rules, and what they were worth."""

import datetime as dt
from typing import Final

import streamlit as st

from apps.actions import changing
from apps.data import segment_catalogue
from apps.identity import person
from apps.language import speaker, t
from apps.rule_workspace.desk import RuleDesk, judged, others
from apps.rule_workspace.replay_told import figures, told_replay
from apps.rule_workspace.replaying import STAGES, Replaying, Wanted
from apps.rule_workspace.said import problem_line
from apps.services import services
from apps.snapshot import manifest, reader
from apps.ui.layout import card, empty_state, escape, told
from crm.services import signals as kept
from crm.services.signals import RuleInfo, RuleStatus
from crm.services.signals.owners import staff
from segments.errors import DefinitionError
from segments.questions import stored_month_ends
from signals.definition import Rule, fingerprint, parse
from vitrina.errors import UserError

_JOB: Final = "_rule_replay"
_MONTHS: Final = (3, 6, 12)
_MOST_BESIDE: Final = 5


def past(found: RuleDesk, info: RuleInfo | None) -> None:
    """What to replay, how far it is, and what came of it."""
    rule, problems = judged(found.document)
    if rule is None or problems:
        empty_state("history", t("The rule cannot be used yet"), t("Finish its fields first."))
        for problem in problems:
            problem_line(problem)
        return
    with card(t("Replay on the stored past"), t("Exactly what the rule would have raised, from what was known on each "
                                                "day. Counted among the customers that are open to you."),
              stretch=False):  # fmt: skip
        wanted = _asked(rule, found)
    job: Replaying | None = st.session_state.get(_JOB, (None, None))[1]
    if job is None:
        return
    if not job.is_over:
        _waiting()
        return
    _over(found, info, rule, wanted, job)


def _asked(rule: Rule, found: RuleDesk) -> tuple[Wanted, tuple[object, ...]]:
    with services().database.read() as session:
        known = kept.rules(session, person().rights)
    used = {each.key: each for each in known if each.status is RuleStatus.LIVE and each.key != found.key}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        months = st.segmented_control(
            t("How far back"), _MONTHS, default=_MONTHS[1], required=True, key="rule_past_months",
            format_func=lambda count: speaker().plural("{count} month", "{count} months", count),
        )  # fmt: skip
        beside = st.multiselect(
            t("Compare with rules in use"), list(used), max_selections=_MOST_BESIDE, key="rule_past_beside", width=420,
            format_func=lambda key: used[key].name, placeholder=t("None"),
        )  # fmt: skip
        pressed = st.button(t("Replay"), icon=":material/history:", type="primary", key="rule_past_run")
    as_of = manifest().as_of
    with reader().cursor() as source:
        earliest = min(stored_month_ends(source), default=as_of)
    first = max(as_of - dt.timedelta(days=30 * int(months or 6)), earliest)
    wanted = Wanted(rule, {key: parse(used[key].document) for key in beside}, first, as_of, as_of)
    key = (reader().fingerprint, fingerprint(rule), first, as_of, tuple(beside))
    if pressed:
        _begin(wanted, key)
    return wanted, key


def _begin(wanted: Wanted, key: tuple[object, ...]) -> None:
    before = st.session_state.get(_JOB)
    if before is not None and not before[1].is_over:
        before[1].stop()
    own = reader()
    job = Replaying(own, wanted, segment_catalogue.catalogue(own), others(), _owners(wanted))
    st.session_state[_JOB] = (key, job)


def _owners(wanted: Wanted):  # type: ignore[no-untyped-def]
    """Whose signals they would be, as the live run decides; by today's managers, as nobody kept those of then."""
    rows = reader().query("select customer_id, manager_id, region_code from customer_profiles", []).to_pylist()
    places = {row["customer_id"]: (row["manager_id"], row["region_code"]) for row in rows}
    with services().database.read() as session:
        company = staff(session, services().settings.signals.heads)
    rules = {"rule": wanted.rule, **wanted.others}
    known: dict[tuple[str, str | None, str | None], str | None] = {}

    def owner_of(key: str, customer_id: int) -> str | None:
        manager, region = places.get(customer_id, (None, None))
        place = (key, manager, region)
        if place not in known:
            known[place] = company.owner(rules[key].owner, manager, region)
        return known[place]

    return owner_of


@st.fragment(run_every=1.0)
def _waiting() -> None:
    """How far it is, with the way out; the page is drawn anew when it is over."""
    _, job = st.session_state.get(_JOB, (None, None))
    if job is None or job.is_over:
        st.rerun()
    stages = (t("Looking at every day of the past…"), t("Looking at what came of it…"),
              t("Comparing with other rules…"))  # fmt: skip
    stage = min(job.stage, STAGES - 1)
    st.progress((stage + 0.5) / STAGES, text=f"{stages[stage]} {t('{seconds} s', seconds=round(job.seconds))}")
    if st.button(t("Stop"), icon=":material/stop_circle:", key="rule_past_stop"):
        job.stop()
        st.session_state.pop(_JOB, None)
        st.rerun()


def _over(
    found: RuleDesk, info: RuleInfo | None, rule: Rule, wanted: tuple[Wanted, tuple[object, ...]], job: Replaying
) -> None:
    if isinstance(job.error, DefinitionError):
        for problem in job.error.problems:
            problem_line(problem)
        return
    if job.error is not None:
        st.error(escape(told(job.error)))
        return
    if job.found is None:
        return
    if st.session_state[_JOB][0] != wanted[1]:
        st.info(t("The rule or the choice above has changed since: replay it again."))
    else:
        _keep(found, info, rule, job)
    told_replay(job.found, rule)


def _keep(found: RuleDesk, info: RuleInfo | None, rule: Rule, job: Replaying) -> None:
    """The figures belong to the version that was replayed, when that is what is saved and his to change."""
    if info is None or found.is_changed or job.found is None or person().is_viewing_as:
        return
    with services().database.read() as session:
        version = kept.rule_version(session, info.key)
        allowed = kept.may_edit_rule(session, person().own_rights, info.key)
    if not allowed or version.backtest == figures(job.found) or version.fingerprint != fingerprint(rule):
        return
    try:
        with changing("signal_rules", "edit") as (session, actor, now):
            kept.record_backtest(
                session, info.key, version.number, figures(job.found), version.fingerprint, actor, now
            )  # fmt: skip
    except UserError as error:
        st.caption(escape(told(error)))
        return
    st.caption(t("These figures are kept with version {number}.", number=version.number))
