"""Changes that people make on pages: the right is asked again at the moment of the change, and the outcome is told."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st
from sqlalchemy.orm import Session

from apps import identity
from apps.language import t
from apps.services import services
from apps.ui.layout import told
from crm.errors import CrmError
from crm.services.actor import Actor
from crm.services.reach import require_department_in_reach, require_user_in_reach
from vitrina.access.rights import Rights, Scope
from vitrina.errors import UserError

_DONE = "_done"


class NotAllowed(UserError):
    """The person has not the right, or only looks through somebody else's eyes."""

    def __init__(self, message: str) -> None:
        self.message, self.values = message, dict[str, object]()
        super().__init__(message)


@contextmanager
def changing(subject: str | None = None, action: str = "administer") -> Iterator[tuple[Session, Actor, dt.datetime]]:
    """A transaction for a change that needs a right on `subject` (None: everybody's own matters).

    Raises `NotAllowed`, and whatever the services refuse.
    """
    person = identity.person()
    if person.is_viewing_as:
        raise NotAllowed(VIEWING_ONLY)
    if subject is not None and not person.own_rights.allows(subject, action):
        raise NotAllowed(NO_RIGHT)
    shared = services()
    with shared.database.begin() as session:
        yield session, person.actor, shared.now()


@contextmanager
def changing_user(user_id: int, subject: str = "users") -> Iterator[tuple[Session, Actor, dt.datetime]]:
    """A change of somebody's account or sessions: the right has to reach him, and nobody is his own administrator."""
    with changing(subject) as (session, actor, now):
        if subject == "users" and user_id == actor.user_id:
            raise CrmError("own_account")
        require_user_in_reach(session, identity.person().own_rights, subject, "administer", user_id)
        yield session, actor, now


def require_employees_in_reach(rights: Rights, employee_ids: set[str]) -> None:
    """Raises `CrmError` when an administrator of a part of the company links employees of another part."""
    scope = rights.scope("users", "administer")
    if scope is not Scope.ALL and (scope is None or not employee_ids <= rights.employees_in(scope)):
        raise CrmError("out_of_reach")


@contextmanager
def changing_department(department_id: str | None) -> Iterator[tuple[Session, Actor, dt.datetime]]:
    """A change in a department (None: the company itself): the right has to reach it."""
    with changing("organisation", "edit") as (session, actor, now):
        require_department_in_reach(session, identity.person().own_rights, "edit", department_id)
        yield session, actor, now


def attempt(change: Callable[[], str | None], *, rerun: bool = True) -> bool:
    """Make a change; tell what it said when it worked, or why it was refused. With `rerun` the page is drawn anew."""
    try:
        message = change()
    except UserError as error:
        st.error(told(error))
        return False
    if message and rerun:
        st.session_state[_DONE] = message
    if rerun:
        st.rerun()
    return True


def tell_done() -> None:
    """What the last change on this page said; pages call it once at their top."""
    if message := st.session_state.pop(_DONE, None):
        st.toast(message, icon=":material/check_circle:")


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


VIEWING_ONLY = _("You are looking through another person's eyes: nothing can be changed.")
NO_RIGHT = _("Your role does not allow this.")


def reason_field(key: str) -> str:
    """The line in which a person says why; kept with the change."""
    return st.text_input(t("Reason"), key=key, max_chars=500, placeholder=t("Why; kept in the audit log")) or ""
