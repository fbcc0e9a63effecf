"""When a segment runs, how its runs went, and the alarm that holds a strange size back."""

import datetime as dt
from concurrent.futures import Future
from typing import Any

import streamlit as st

from apps.actions import reason_field
from apps.data.segment_runs import begin_run
from apps.language import speaker, t
from apps.segment_workspace.common import attempt, changed, signed
from apps.services import services
from apps.ui import charts, drawing, tables
from apps.ui.labels import label
from apps.ui.layout import card, empty_state, escape
from crm.services import segments as kept
from crm.services.segments import Alarm, Held, Mode, RunInfo, Schedule, SegmentInfo

_RUNNING, _FAILED = "_segments_under_way", "_segment_run_failed"


def timing(info: SegmentInfo | None, may_edit: bool) -> None:
    """Schedule and alarm beside each other, the runs below."""
    if info is None:
        empty_state("schedule", t("Save the segment first"), t("Then it can be run on a schedule."))
        return
    if info.held is not None:
        _held(info, info.held, may_edit)
    left, right = st.columns(2, gap="small")
    with left, card(t("Schedule"), t("When the members are computed and kept.")):
        _schedule(info, may_edit)
    with right, card(t("Size alarm"), t("A run with a strange size is held back, and the owner is told.")):
        _alarm(info, may_edit)
    with services().database.read() as session:
        history = kept.runs(session, info.key)
    with card(t("Runs"), stretch=False):
        if may_edit and info.published is not None:
            _run_now(info.key)
        _runs(history)


def _schedule(info: SegmentInfo, may_edit: bool) -> None:
    now, modes = info.schedule, list(Mode)
    mode = st.selectbox(
        t("When"),
        modes,
        index=modes.index(now.mode),
        format_func=lambda each: label("schedule_mode", each),
        key=f"schedule_mode_{info.key}",
        disabled=not may_edit,
    )
    cron, days, time = now.cron, now.days, now.time
    if mode is Mode.CRON:
        cron = st.text_input(
            t("Cron line"),
            value=now.cron or "0 6 * * *",
            key="schedule_cron",
            max_chars=120,
            help=t("Five fields: minute, hour, day, month, weekday."),
            disabled=not may_edit,
        )
    elif mode is Mode.CALENDAR:
        text = st.text_input(
            t("Days"),
            value=", ".join(f"{day:%d.%m.%Y}" for day in now.days),
            key="schedule_days",
            placeholder="01.12.2026, 15.12.2026",
            disabled=not may_edit,
        )
        days = _days(text or "")
        time = st.text_input(t("Time"), value=now.time, key="schedule_time", max_chars=5, disabled=not may_edit)
    wanted = Schedule(Mode(mode), cron or "", days, time or "", now.timezone)
    st.caption(t("Clock of {timezone}", timezone=now.timezone) + _next(info))
    if may_edit and st.button(t("Save the schedule"), key="save_schedule"):
        attempt(lambda: _save_schedule(info.key, wanted))


def _days(text: str) -> tuple[dt.date, ...]:
    found = []
    for part in text.replace(";", ",").split(","):
        try:
            found.append(dt.datetime.strptime(part.strip(), "%d.%m.%Y").date())
        except ValueError:
            continue
    return tuple(found)


def _next(info: SegmentInfo) -> str:
    coming = kept.next_time(info.schedule, services().now())
    return "" if coming is None else " · " + t("next run {moment}", moment=speaker().moment(coming))


def _save_schedule(key: str, wanted: Schedule) -> str:
    changed(key, lambda session, actor, now: kept.set_schedule(session, key, wanted, actor, now))
    return t("The schedule is saved")


def _alarm(info: SegmentInfo, may_edit: bool) -> None:
    usual, own = services().settings.segments, info.alarm
    share = st.number_input(
        t("Least share of all customers, %"),
        min_value=0.0,
        max_value=100.0,
        value=own.min_share_pct,
        step=0.1,
        placeholder=speaker().number(usual.min_share_pct, 1),
        key=f"alarm_share_{info.key}",
        disabled=not may_edit,
    )
    change = st.number_input(
        t("Largest change between runs, %"),
        min_value=0.1,
        value=own.max_change_pct,
        step=5.0,
        placeholder=speaker().number(usual.max_change_pct),
        key=f"alarm_change_{info.key}",
        disabled=not may_edit,
    )
    st.caption(t("An empty field means the setting of the whole installation."))
    if may_edit and st.button(t("Save the limits"), key="save_alarm"):
        attempt(lambda: _save_alarm(info.key, Alarm(share, change)))


def _save_alarm(key: str, alarm: Alarm) -> str:
    changed(key, lambda session, actor, now: kept.set_alarm(session, key, alarm, actor, now))
    return t("The limits are saved")


def _held(info: SegmentInfo, held: Held, may_edit: bool) -> None:
    with st.container(border=True):
        st.markdown(":orange[:material/front_hand:] **" + escape(t(held.text, segment=info.name, **held.values)) + "**")
        st.caption(t("Until it is released, the members of the run before stay in use."))
        if may_edit:
            reason = reason_field("release_reason")
            if st.button(t("Release"), icon=":material/lock_open:", key="release"):
                attempt(lambda: _release(info.key, reason))


def _release(key: str, reason: str) -> str:
    changed(key, lambda session, actor, now: kept.release(session, key, actor, now, reason))
    return t("The segment is released")


def _run_now(key: str) -> None:
    under_way: dict[str, Future[None]] = st.session_state.setdefault(_RUNNING, {})
    if st.button(t("Run now"), icon=":material/play_arrow:", key="run_now", disabled=key in under_way):
        under_way[key] = begin_run(services(), key)
        st.rerun()
    if key in under_way:
        _waiting(key)
    elif st.session_state.pop(_FAILED, False):
        st.error(t("The segment could not be computed now. Try again in a few minutes."))


@st.fragment(run_every=1)
def _waiting(key: str) -> None:
    under_way: dict[str, Future[None]] = st.session_state.get(_RUNNING, {})
    if key in under_way and not under_way[key].done():
        st.caption(t("The members are being computed. You may go on working."))
        return
    done = under_way.pop(key, None)
    st.session_state[_FAILED] = done is not None and done.exception() is not None
    st.rerun()


def _runs(history: list[RunInfo]) -> None:
    if not history:
        empty_state(
            "update", t("It has not run yet"), t("A published segment runs with the next snapshot or by its schedule.")
        )
        return
    say = speaker()
    sizes = [
        {"at": say.date(each.as_of), "members": each.members} for each in reversed(history) if each.members is not None
    ]
    if len(sizes) > 1:
        drawing.chart(charts.trend(sizes, "at", {"members": t("Members")}), height=190, key="segment_sizes")
    tables.plain(
        [_line(each) for each in history],
        {
            "as_of": tables.text(t("As of"), 110),
            "state": tables.text(t("State"), 130),
            "version": tables.text(t("Version"), 80),
            "members": tables.number(t("Members"), 110),
            "entered": tables.number(t("Entered"), 100),
            "left": tables.number(t("Left"), 100),
            "at": tables.text(t("Run at"), 140),
        },
        key="segment_runs",
    )


def _line(each: RunInfo) -> dict[str, Any]:
    say = speaker()
    return {
        "as_of": say.date(each.as_of),
        "state": label("run_state", each.state),
        "version": str(each.version),
        "members": say.number(each.members),
        "entered": signed(each.entered) if each.entered else say.number(each.entered),
        "left": say.number(each.left),
        "at": say.moment(each.at),
    }
