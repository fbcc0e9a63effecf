"""Signing in with a password. Unknown, wrong and foreign accounts get one and the same answer after the same time."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.database import Database
from crm.models import User
from crm.models.accounts import LOCAL
from crm.services import attempts, passwords
from crm.services.accounts import canonical
from crm.services.actor import Actor
from crm.services.audit import AuditKind, Entry, record
from vitrina.account_options import AccountOptions


@dataclass(frozen=True)
class Authenticated:
    """The person is who he says. `must_change` is why he has to choose a password first: "" when he need not,
    `first_use` or `expired`."""

    user_id: int
    login: str
    must_change: str


@dataclass(frozen=True)
class Refused:
    """No entry. `code`: `wrong`, `locked` (try again after `retry_after` seconds), `disabled` (told only to who knows
    the password), `no_role` (an outside account none of whose groups has a role), `login_taken`."""

    code: str
    retry_after: int = 0


def authenticate(
    database: Database, login: str, password: str, address: str, now: dt.datetime, options: AccountOptions
) -> Authenticated | Refused:
    """Check a login and password of a local account; every outcome is counted and written to the audit log.

    Takes the database, not a session: a refusal must stay on record, and hashing must hold up no other writer.
    """
    waits = attempts.reserve(database, canonical(login), address, now, options)
    if waits is not None:
        refused = Refused("locked", waits.seconds)
        return _refused(database, login, address, now, refused) if waits.first else refused
    with database.read() as session:
        user = session.scalar(select(User).where(User.login == canonical(login), User.provider == LOCAL))
    if not passwords.matches(user.password_hash if user else None, password) or user is None:
        return _refused(database, login, address, now, Refused("wrong"))
    if not user.is_active:
        return _refused(database, login, address, now, Refused("disabled"))
    with database.begin() as session:
        present = session.get_one(User, user.user_id, with_for_update=True)
        # Disabled, or given another password, while this one was being checked.
        if present.is_active and present.password_hash == user.password_hash:
            return _let_in(session, present, password, address, now, options)
    return _refused(database, login, address, now, Refused("wrong"))


def record_refusal(database: Database, login: str, address: str, now: dt.datetime, refused: Refused) -> Refused:
    """Write a refusal of a sign-in to the audit log; also for those that a directory checks."""
    return _refused(database, login, address, now, refused)


def _let_in(
    session: Session, user: User, password: str, address: str, now: dt.datetime, options: AccountOptions
) -> Authenticated:
    attempts.succeeded(session, user.login, address, options)
    user.last_sign_in_at = now
    if user.password_hash and passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hashed(password)
    record(session, Actor(user.user_id, user.login, address), Entry(AuditKind.SIGN_IN, "sessions"), now)
    return Authenticated(user.user_id, user.login, passwords.why_change(user, now, options))


def _refused(database: Database, login: str, address: str, now: dt.datetime, refused: Refused) -> Refused:
    with database.begin() as session:
        known = session.scalar(select(User).where(User.login == canonical(login)))
        # A name that is nobody's may be a password in the wrong field: it is not written down.
        actor = Actor(known.user_id, known.login, address) if known else Actor(None, "", address)
        record(session, actor, Entry(AuditKind.REFUSED, "sessions", details={"code": refused.code}), now)
    return refused
