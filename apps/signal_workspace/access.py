"""What the person before the page may do with signals, and changing them safely."""

from collections.abc import Callable, Iterable
from typing import Any

from apps.actions import attempt, changing
from apps.identity import Person, person
from crm.services.signals import SignalInfo, State
from vitrina.access.rights import Scope

FINISHED = (State.DECIDED, State.CLOSED)


def may_decide(me: Person) -> bool:
    """Whether decisions are his; through another's eyes nothing is."""
    return not me.is_viewing_as and me.own_rights.allows("signals", "edit")


def may_plan(me: Person) -> bool:
    """Whether he makes tasks."""
    return not me.is_viewing_as and me.own_rights.allows("tasks", "edit")


def is_wide(me: Person) -> bool:
    """Whether he sees signals of others: then they carry the name of who has to act."""
    return me.rights.scope("signals", "view") not in (None, Scope.OWN)


def is_head(me: Person) -> bool:
    """Whether signals of others are his to give to somebody."""
    return may_decide(me) and me.own_rights.scope("signals", "edit") not in (None, Scope.OWN)


def change_signals(done: Callable[..., str], signal_ids: Iterable[int], after: Callable[[], Any] | None = None) -> bool:
    """Make a change of signals, `done(session, rights, ids, actor, now)`, and say what it says."""
    ids = list(signal_ids)

    def change() -> str:
        with changing("signals", "edit") as (session, actor, now):
            said = done(session, person().own_rights, ids, actor, now)
        if after is not None:
            after()
        return said

    return attempt(change)


def is_waiting(signal: SignalInfo) -> bool:
    """Whether a decision is still to come."""
    return signal.state not in FINISHED
