"""Signing in with an account of a directory (LDAP, OpenID Connect) that has already checked who it is."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.database import Database
from crm.models import User
from crm.services.accounts import canonical
from crm.services.actor import Actor, printable
from crm.services.audit import AuditKind, Entry, record
from crm.services.rights_version import rights_changed
from crm.services.sessions import end_all
from crm.services.sign_in import Authenticated, Refused, record_refusal
from crm.services.user_roles import FROM_GROUP, replace_roles, roles_of_groups


@dataclass(frozen=True)
class ExternalPerson:
    """What a directory says: `subject` is its own lasting id of the person, `groups` their full names."""

    provider: str
    subject: str
    login: str
    display_name: str
    email: str
    groups: tuple[str, ...]


def sign_in_external(
    database: Database, person: ExternalPerson, address: str, now: dt.datetime
) -> Authenticated | Refused:
    """Let a directory's person in with the roles of his groups as they are now; an account is made at the first time.

    Refused: `no_role` when no group of his has a role (then his open sessions end too), `disabled`, `login_taken` when
    the login belongs to somebody else here.
    """
    with database.begin() as session:
        outcome = _entered(session, person, address, now)
    return (
        outcome if isinstance(outcome, Authenticated) else record_refusal(database, person.login, address, now, outcome)
    )


def _entered(session: Session, person: ExternalPerson, address: str, now: dt.datetime) -> Authenticated | Refused:
    known = session.scalar(
        select(User).where(User.provider == person.provider, User.subject == person.subject).with_for_update()
    )
    roles = roles_of_groups(session, person.provider, person.groups)
    if known is not None and replace_roles(session, known.user_id, roles, FROM_GROUP):
        _note_roles(session, known, roles, address, now)
    if not roles:
        if known is not None:
            end_all(session, known.user_id, now, "no_role")
        return Refused("no_role")
    user = known or _new_user(session, person, roles, address, now)
    if user is None:
        return Refused("login_taken")
    if not user.is_active:
        return Refused("disabled")
    _refresh(session, user, person, now)
    record(session, Actor(user.user_id, user.login, address), Entry(AuditKind.SIGN_IN, "sessions"), now)
    return Authenticated(user.user_id, user.login, "")


def _new_user(
    session: Session, person: ExternalPerson, roles: Iterable[str], address: str, now: dt.datetime
) -> User | None:
    login = printable(canonical(person.login), 64)
    # A directory must never take over an account that somebody else has here.
    if not login or session.scalar(select(User.user_id).where(User.login == login)):
        return None
    user = User(
        login=login, display_name=printable(person.display_name, 200) or login, email=printable(person.email, 254),
        language="ru", provider=person.provider, subject=person.subject, is_active=True, created_at=now,
    )  # fmt: skip
    session.add(user)
    session.flush()
    replace_roles(session, user.user_id, set(roles), FROM_GROUP)
    _note_roles(session, user, set(roles), address, now)
    return user


def _refresh(session: Session, user: User, person: ExternalPerson, now: dt.datetime) -> None:
    name, email = printable(person.display_name, 200) or user.login, printable(person.email, 254)
    if (user.display_name, user.email) != (name, email):
        user.display_name, user.email = name, email
        rights_changed(session)
    user.last_sign_in_at = now


def _note_roles(session: Session, user: User, roles: set[str], address: str, now: dt.datetime) -> None:
    details = {"what": "roles_of_groups", "roles": sorted(roles)}
    actor = Actor(None, user.provider, address)
    record(session, actor, Entry(AuditKind.RIGHTS_CHANGED, "users", str(user.user_id), details=details), now)
