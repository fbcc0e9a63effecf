"""Deciding in two clicks: what to do, then how or why. The comment stands beside; some reasons need one."""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from apps.identity import person, today
from apps.language import speaker, t
from apps.services import services
from apps.signal_workspace.access import change_signals, is_waiting, may_plan
from apps.signal_workspace.opening import advance
from apps.task_workspace.form import task_of_signal
from apps.task_workspace.people import colleagues
from crm.services import signals as kept
from crm.services import tasks
from crm.services.signals import Decision
from crm.signal_messages import IGNORES, REACTIONS

_CALL_AT = dt.time(10)
_SNOOZES: Final = (1, 3, 7, 14, 30)
_OTHER: Final = -1


def actions(ids: list[int], key: str, *, waiting: bool, plan: bool = False, hand_over: bool = False) -> None:
    """The buttons of a decision about these signals. `waiting` is whether none was made yet, `plan` adds the call,
    `hand_over` the choice of another to act."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        comment = st.text_input(
            t("Comment"), key=f"signal_comment_{key}", max_chars=500, label_visibility="collapsed",
            placeholder=t("Comment, if you like; “Something else” needs one"), width="stretch",
        )  # fmt: skip
        if hand_over:
            reassign(ids, key)
    with st.container(horizontal=True, gap="xsmall"):
        _decide(ids, key, comment or "")
        if waiting:
            _snooze(ids, key, comment or "")
        if plan and may_plan(person()):
            _plan(ids[0], key)
        if not waiting and st.button(t("Open again"), icon=":material/undo:", key=f"signal_reopen_{key}"):
            _reopen(ids)


def _decide(ids: list[int], key: str, comment: str) -> None:
    how = st.menu_button(
        t("React"), list(REACTIONS), format_func=lambda code: t(REACTIONS[code]), key=f"signal_react_{key}",
        icon=":material/done_all:", type="primary",
    )  # fmt: skip
    why = st.menu_button(
        t("Ignore"), list(IGNORES), format_func=lambda code: t(IGNORES[code]), key=f"signal_ignore_{key}",
    )  # fmt: skip
    decision, reason = (Decision.REACTED, how) if how else (Decision.IGNORED, why)
    if not reason:
        return

    def done(session, rights, signal_ids, actor, now) -> str:  # type: ignore[no-untyped-def]
        kept.decide(session, rights, signal_ids, decision.value, reason, actor, now, comment)
        return t("Decision kept")

    change_signals(done, ids, advance)


def _snooze(ids: list[int], key: str, comment: str) -> None:
    say, day = speaker(), today(services())
    days = st.menu_button(
        t("Later"), _SNOOZES, key=f"signal_snooze_{key}",
        format_func=lambda count: t("in {days}, on {date}", days=say.plural("{count} day", "{count} days", count),
                                    date=say.date(day + dt.timedelta(days=count))),
    )  # fmt: skip
    if not days:
        return
    until = day + dt.timedelta(days=days)

    def done(session, rights, signal_ids, actor, now) -> str:  # type: ignore[no-untyped-def]
        kept.snooze(session, rights, signal_ids, until, actor, now, today=day, comment=comment,
                    options=services().settings.signals)  # fmt: skip
        return t("Asleep until {date}", date=say.date(until))

    change_signals(done, ids, advance)


def _reopen(ids: list[int]) -> None:
    def done(session, rights, signal_ids, actor, now) -> str:  # type: ignore[no-untyped-def]
        kept.reopen(session, rights, signal_ids, actor, now)
        return t("Open again, plural")

    change_signals(done, ids)


def _plan(signal_id: int, key: str) -> None:
    """A call in two clicks; another day, or another kind of task, through the form."""
    say, moments = speaker(), call_moments()
    picked = st.menu_button(
        t("Call, plan"), [*range(len(moments)), _OTHER], key=f"signal_plan_{key}", icon=":material/call:",
        format_func=lambda each: t("Another day or task…") if each == _OTHER else say.moment(moments[each]),
    )  # fmt: skip
    if picked == _OTHER:
        task_of_signal(signal_id)
    elif picked is not None:
        plan_call(signal_id, moments[picked])


def call_moments() -> list[dt.datetime]:
    """When one calls: in an hour while the day lasts, else at ten on the next working days."""
    shared = services()
    zone = ZoneInfo(shared.settings.timezone)
    here = shared.now().astimezone(zone)
    soon = (here + dt.timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    found = [soon] if 9 <= soon.hour <= 17 and soon.date() == here.date() and here.weekday() < 5 else []
    day = here.date()
    while len(found) < 4:
        day += dt.timedelta(days=1)
        if day.weekday() < 5:
            found.append(dt.datetime.combine(day, _CALL_AT, zone))
    return found


def plan_call(signal_id: int, at: dt.datetime) -> None:
    """A task of one's own to call the signal's customer; it is what was done about a signal that still waits."""

    def done(session, rights, signal_ids, actor, now) -> str:  # type: ignore[no-untyped-def]
        info = kept.signal(session, rights, signal_ids[0])
        tasks.create(session, rights, t("Call: {rule}", rule=info.rule_name)[:200], at.astimezone(dt.UTC), actor, now,
                     kind="call", signal_id=info.signal_id, priority=info.priority.value)  # fmt: skip
        if is_waiting(info):
            kept.decide(session, rights, signal_ids, Decision.REACTED.value, "task_planned", actor, now)
        return t("A call is planned: {moment}", moment=speaker().moment(at))

    change_signals(done, [signal_id], advance)


def reassign(ids: list[int], key: str) -> None:
    """Give signals to another employee whom the head's right reaches."""
    people = colleagues("signals")
    with st.popover(t("Hand over"), icon=":material/person_edit:", width="content"):
        to = st.selectbox(
            t("To whom"), list(people), index=None, format_func=people.__getitem__, key=f"signal_to_{key}",
            placeholder=t("Choose a colleague"),
        )  # fmt: skip
        why = st.text_input(t("Why"), key=f"signal_to_why_{key}", max_chars=300)
        if st.button(t("Hand over"), key=f"signal_give_{key}", type="primary", disabled=to is None):

            def done(session, rights, signal_ids, actor, now) -> str:  # type: ignore[no-untyped-def]
                kept.assign(session, rights, signal_ids, str(to), actor, now, why or "")
                return t("Handed over to {name}", name=people[str(to)])

            change_signals(done, ids)
