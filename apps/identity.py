"""Who sits before the page that is being drawn, and what he may see: asked of the database at every run.

The wall puts the session under a header of ours, which Streamlit hands on as `st.user`; a page learns of it only here.
"""

import datetime as dt
from dataclasses import dataclass, replace
from functools import lru_cache
from zoneinfo import ZoneInfo

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from apps.services import Services, services
from apps.web.ownership import owners
from crm.database import Database
from crm.services import sessions
from crm.services.actor import Actor
from crm.services.rights import RightsCache, seen_through
from vitrina.access.rights import Rights
from vitrina.errors import UserError

_KEY, _OWNER = "_person", "_owner"


class NotSignedIn(UserError):
    """The session of this page has ended."""


@dataclass(frozen=True)
class Person:
    """The signed-in user. `rights` are those that count now: another's, read-only, while he looks through his eyes."""

    user_id: int
    session_id: int
    login: str
    display_name: str
    address: str
    rights: Rights
    own_rights: Rights

    @property
    def is_viewing_as(self) -> bool:
        """Whether he looks through somebody else's eyes."""
        return self.rights.acting_for is not None

    @property
    def actor(self) -> Actor:
        """Who does what he does, for the audit log."""
        viewed = self.rights.user_id if self.is_viewing_as else None
        return Actor(self.user_id, self.login, self.address, viewed)

    def may(self, subject: str, action: str) -> bool:
        """Whether he may do this to the object, in any scope."""
        return self.rights.allows(subject, action)


def begin() -> Person:
    """Find out who this is; the router calls it first. Raises `NotSignedIn`."""
    person = _look()
    ctx = get_script_run_ctx()
    if ctx is not None and not owners.claim(ctx.session_id, person.session_id):
        raise NotSignedIn("this page belongs to another sign-in")
    if st.session_state.get(_OWNER, person.session_id) != person.session_id:
        # What a page remembers for one person is nothing for the next on the same screen.
        st.session_state.clear()
    st.session_state[_OWNER] = person.session_id
    st.session_state[_KEY] = person
    return person


def person() -> Person:
    """The person of this run, with the rights of this very moment: a fragment that runs alone asks anew, too.

    Raises `NotSignedIn`.
    """
    known = st.session_state.get(_KEY)
    if not isinstance(known, Person):
        raise NotSignedIn("nobody has signed in")
    shared = services()
    own = _rights(shared.database).of(known.user_id, today(shared))
    if own.version == known.own_rights.version and not known.is_viewing_as:
        return replace(known, rights=own, own_rights=own)
    return _look()


def today(shared: Services) -> dt.date:
    """The operator's day, which day-bound rights go by."""
    return shared.now().astimezone(ZoneInfo(shared.settings.timezone)).date()


def rights_of(shared: Services, user_id: int, view_as: int | None = None) -> tuple[Rights, Rights]:
    """The rights that count and the person's own: the same unless he looks through another's eyes, which takes a right
    of his own at every look."""
    known, day = _rights(shared.database), today(shared)
    own = known.of(user_id, day)
    if view_as is None or not own.allows("users", "administer"):
        return own, own
    return seen_through(known.of(view_as, day), own), own


def _look() -> Person:
    shared = services()
    user_id, session_id = _number("user_id"), _number("session_id")
    with shared.database.read() as session:
        live = sessions.live_sessions(session, shared.now(), shared.settings.accounts, user_id)
    found = next((info for info in live if info.session_id == session_id), None)
    if found is None:
        raise NotSignedIn("the session has ended")
    rights, own = rights_of(shared, found.user_id, found.view_as_user_id)
    return Person(found.user_id, found.session_id, found.login, found.display_name, found.address, rights, own)


def _number(name: str) -> int:
    value = st.user.get(name)
    if not isinstance(value, str) or not value.isdigit():
        raise NotSignedIn("nobody has signed in")
    return int(value)


@lru_cache(maxsize=8)
def _rights(database: Database) -> RightsCache:
    return RightsCache(database)
