"""Sessions on the server: the cookie holds a random token, the database its SHA-256.

`resolve` is asked for every request and writes nothing; `touch` is called for what a person does (not for what the
page does by itself), so that an idle screen ends.
"""

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import User, UserSession
from crm.services.actor import Actor, printable
from crm.services.audit import AuditKind, Entry, record
from crm.services.passwords import why_change
from vitrina.account_options import AccountOptions

# Activity is noted at most this often, so that a busy person is not a write per click.
TOUCH_SECONDS = 30


@dataclass(frozen=True)
class SignedIn:
    """Who a live session belongs to. `must_change` is not "": only the page that changes the password is open to him.

    `view_as_user_id` is whose eyes he looks through, if anybody's.
    """

    session_id: int
    user_id: int
    login: str
    display_name: str
    language: str
    provider: str
    must_change: str
    view_as_user_id: int | None
    last_seen_at: dt.datetime
    expires_at: dt.datetime


@dataclass(frozen=True)
class SessionInfo:
    """A live session as administrators see it."""

    session_id: int
    user_id: int
    login: str
    display_name: str
    created_at: dt.datetime
    last_seen_at: dt.datetime
    expires_at: dt.datetime
    address: str
    agent: str
    view_as_user_id: int | None


def create(
    session: Session, user_id: int, address: str, agent: str, now: dt.datetime, options: AccountOptions
) -> tuple[str, int]:
    """A new session after a sign-in: its token (for the cookie, kept nowhere else) and its id."""
    token = secrets.token_urlsafe(32)
    row = UserSession(
        token_hash=token_hash(token), user_id=user_id, created_at=now, last_seen_at=now,
        expires_at=now + dt.timedelta(hours=options.session_longest_hours),
        address=printable(address, 64), agent=printable(agent, 300), end_reason="",
    )  # fmt: skip
    session.add(row)
    session.flush()
    return token, row.session_id


def resolve(session: Session, token: str, now: dt.datetime, options: AccountOptions) -> SignedIn | None:
    """Whose session a token is; None when it is unknown, ended, over time, or its user is disabled."""
    query = _live(now, options).where(UserSession.token_hash == token_hash(token))
    return _signed_in(session, query, now, options)


def is_live(session: Session, session_id: int, now: dt.datetime, options: AccountOptions) -> bool:
    """Whether an open connection may go on: for websockets, asked every few seconds."""
    return session.execute(_live(now, options).where(UserSession.session_id == session_id)).first() is not None


def touch(session: Session, session_id: int, now: dt.datetime) -> None:
    """The person did something: the idle time begins anew. Never revives a session that has ended."""
    stale = now - dt.timedelta(seconds=TOUCH_SECONDS)
    session.execute(
        update(UserSession)
        .where(UserSession.session_id == session_id, UserSession.ended_at.is_(None), UserSession.last_seen_at < stale)
        .values(last_seen_at=now)
    )


def needs_touch(last_seen_at: dt.datetime, now: dt.datetime) -> bool:
    """Whether `touch` would write, so that callers open no transaction for nothing."""
    return last_seen_at < now - dt.timedelta(seconds=TOUCH_SECONDS)


def sign_out(session: Session, session_id: int, actor: Actor, now: dt.datetime) -> None:
    """The person leaves."""
    if _end(session, now, "signed_out", UserSession.session_id == session_id):
        record(session, actor, Entry(AuditKind.SIGN_OUT, "sessions", str(session_id)), now)


def left_by(session: Session, token: str) -> str | None:
    """How the person whose session this was signs in (local, ldap, oidc), if he has ended it himself; else None."""
    query = select(User.provider).join(UserSession, UserSession.user_id == User.user_id)
    return session.scalar(
        query.where(UserSession.token_hash == token_hash(token), UserSession.end_reason == "signed_out")
    )


def revoke(session: Session, session_id: int, actor: Actor, now: dt.datetime, reason: str) -> None:
    """An administrator, or the person on another device, ends a session at once. Raises `CrmError` if it has ended."""
    user_id = session.scalar(select(UserSession.user_id).where(UserSession.session_id == session_id))
    if not _end(session, now, "revoked", UserSession.session_id == session_id):
        raise CrmError("session_unknown")
    details = {"what": "revoke", "session": session_id}
    record(session, actor, Entry(AuditKind.SIGN_OUT, "sessions", str(user_id), (), reason, details), now)


def revoke_user(
    session: Session, user_id: int, actor: Actor, now: dt.datetime, reason: str, but: int | None = None
) -> int:
    """End all sessions of a user, `but` one (the present one of its owner); returns how many."""
    ended = end_all(session, user_id, now, "revoked", but)
    details = {"what": "revoke_all", "ended": ended}
    record(session, actor, Entry(AuditKind.SIGN_OUT, "sessions", str(user_id), (), reason, details), now)
    return ended


def end_all(session: Session, user_id: int, now: dt.datetime, why: str, but: int | None = None) -> int:
    """Part of another change (a disabled account, a new password): end sessions without an entry of their own."""
    conditions = [UserSession.user_id == user_id]
    if but is not None:
        conditions.append(UserSession.session_id != but)
    return _end(session, now, why, *conditions)


def live_sessions(
    session: Session, now: dt.datetime, options: AccountOptions, user_id: int | None = None
) -> list[SessionInfo]:
    """Everybody who is signed in, latest activity first; or one user's own."""
    query = _live(now, options).order_by(UserSession.last_seen_at.desc())
    if user_id is not None:
        query = query.where(UserSession.user_id == user_id)
    return [_info(row, user) for row, user in session.execute(query)]


def token_hash(token: str) -> str:
    """What is kept of a token: it has 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _live(now: dt.datetime, options: AccountOptions) -> Select[UserSession, User]:
    idle = now - dt.timedelta(minutes=options.session_idle_minutes)
    return (
        select(UserSession, User)
        .join(User, User.user_id == UserSession.user_id)
        .where(
            UserSession.ended_at.is_(None),
            UserSession.expires_at > now,
            UserSession.last_seen_at > idle,
            User.is_active.is_(True),
        )
    )


def _signed_in(
    session: Session, query: Select[UserSession, User], now: dt.datetime, options: AccountOptions
) -> SignedIn | None:
    found = session.execute(query).first()
    if found is None:
        return None
    row, user = found
    return SignedIn(
        row.session_id, user.user_id, user.login, user.display_name, user.language, user.provider,
        why_change(user, now, options), row.view_as_user_id, row.last_seen_at, row.expires_at,
    )  # fmt: skip


def _end(session: Session, now: dt.datetime, why: str, *conditions: object) -> int:
    ending = update(UserSession).where(UserSession.ended_at.is_(None), *conditions)  # type: ignore[arg-type]
    return session.execute(ending.values(ended_at=now, end_reason=why)).rowcount  # type: ignore[attr-defined]


def _info(row: UserSession, user: User) -> SessionInfo:
    return SessionInfo(
        row.session_id, row.user_id, user.login, user.display_name, row.created_at, row.last_seen_at, row.expires_at,
        row.address, row.agent, row.view_as_user_id,
    )  # fmt: skip
