"""What the person before the page may do with tasks, and changing them safely."""

from collections.abc import Callable

from apps.actions import attempt, changing
from apps.identity import Person, person
from vitrina.access.rights import Scope


def may_write(me: Person) -> bool:
    """Whether he makes and ends tasks; through another's eyes nobody does."""
    return not me.is_viewing_as and me.own_rights.allows("tasks", "edit")


def is_wide(me: Person) -> bool:
    """Whether he sees tasks of others: a head, a group."""
    return me.rights.scope("tasks", "view") not in (None, Scope.OWN)


def change_tasks(done: Callable[..., str]) -> bool:
    """Make a change of tasks, `done(session, rights, actor, now)`, and say what it says."""

    def change() -> str:
        with changing("tasks", "edit") as (session, actor, now):
            return done(session, person().own_rights, actor, now)

    return attempt(change)
