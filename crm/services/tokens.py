"""Personal tokens of API clients: shown once, kept as SHA-256, with scopes and an end."""

import datetime as dt
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import ApiToken, User
from crm.services.actor import Actor, printable
from crm.services.audit import AuditKind, Entry, record
from crm.services.sessions import token_hash
from vitrina.account_options import AccountOptions

PREFIX = "vitrina_"
_SHOWN = len(PREFIX) + 6
# The last use is noted at most this often.
TOUCH_SECONDS = 60


class TokenScope(StrEnum):
    """What a client may use of the API; the owner's own rights bound it as well."""

    CUSTOMERS = "customers"
    TABLES = "tables"
    SQL = "sql"
    EXPORTS = "exports"
    SEGMENTS = "segments"
    SIGNALS = "signals"
    TASKS = "tasks"
    CAMPAIGNS = "campaigns"


@dataclass(frozen=True)
class TokenInfo:
    """A token as its owner sees it later: recognisable by `prefix`, never usable."""

    token_id: int
    user_id: int
    name: str
    prefix: str
    scopes: frozenset[TokenScope]
    created_at: dt.datetime
    expires_at: dt.datetime
    last_used_at: dt.datetime | None
    revoked_at: dt.datetime | None


@dataclass(frozen=True)
class TokenOwner:
    """Who a client acts for, and within which scopes."""

    token_id: int
    user_id: int
    login: str
    scopes: frozenset[TokenScope]
    last_used_at: dt.datetime | None


def create_token(
    session: Session, name: str, scopes: Iterable[str], expires_at: dt.datetime, actor: Actor, now: dt.datetime,
    options: AccountOptions,
) -> tuple[str, TokenInfo]:  # fmt: skip
    """A new token of the acting user: the text, told only here, and what is kept. Raises `CrmError`."""
    wanted = _scopes(scopes)
    if not name.strip():
        raise CrmError("token_name_missing")
    if not now < expires_at <= now + dt.timedelta(days=options.token_longest_days):
        raise CrmError("token_expiry", days=options.token_longest_days)
    if actor.user_id is None:
        raise CrmError("user_unknown", login=actor.login)
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        user_id=actor.user_id, name=printable(name.strip(), 200), prefix=token[:_SHOWN], token_hash=token_hash(token),
        scopes=sorted(wanted), created_at=now, expires_at=expires_at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    record(session, actor, _about(row, "token_created"), now)
    return token, _info(row)


def resolve_token(session: Session, token: str, now: dt.datetime) -> TokenOwner | None:
    """Whose token it is; None when it is unknown, revoked, over, or its owner is disabled or has to change his
    password first (an administrator's reset would otherwise leave the old way in open)."""
    query = (
        select(ApiToken, User)
        .join(User, User.user_id == ApiToken.user_id)
        .where(
            ApiToken.token_hash == token_hash(token),
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > now,
            User.is_active.is_(True),
            User.must_change.is_(False),
        )
    )
    found = session.execute(query).first()
    if found is None:
        return None
    row, user = found
    return TokenOwner(row.token_id, user.user_id, user.login, _scopes(row.scopes), row.last_used_at)


def needs_touch(last_used_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether `touch_token` would write."""
    return last_used_at is None or last_used_at < now - dt.timedelta(seconds=TOUCH_SECONDS)


def touch_token(session: Session, token_id: int, now: dt.datetime) -> None:
    """Note the use of a token."""
    session.execute(update(ApiToken).where(ApiToken.token_id == token_id).values(last_used_at=now))


def tokens_of(session: Session, user_id: int) -> list[TokenInfo]:
    """All tokens of a user, newest first, revoked and past ones too."""
    query = select(ApiToken).where(ApiToken.user_id == user_id).order_by(ApiToken.token_id.desc())
    return [_info(row) for row in session.scalars(query)]


def revoke_token(session: Session, token_id: int, owner_id: int, actor: Actor, now: dt.datetime) -> None:
    """End a token of `owner_id` at once. Raises `CrmError` when he has no such token in force."""
    row = session.get(ApiToken, token_id, with_for_update=True)
    if row is None or row.user_id != owner_id or row.revoked_at is not None:
        raise CrmError("token_unknown")
    row.revoked_at = now
    record(session, actor, _about(row, "token_revoked"), now)


def revoke_all(session: Session, user_id: int, now: dt.datetime) -> None:
    """Part of disabling an account: end all its tokens."""
    ending = update(ApiToken).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    session.execute(ending.values(revoked_at=now))


def _scopes(scopes: Iterable[str]) -> frozenset[TokenScope]:
    try:
        wanted = frozenset(TokenScope(scope) for scope in scopes)
    except ValueError:
        wanted = frozenset()
    if not wanted:
        raise CrmError("token_scopes", scopes=", ".join(TokenScope))
    return wanted


def _about(row: ApiToken, what: str) -> Entry:
    details = {"what": what, "token": row.prefix, "scopes": row.scopes}
    return Entry(AuditKind.RIGHTS_CHANGED, "api", str(row.user_id), details=details)


def _info(row: ApiToken) -> TokenInfo:
    return TokenInfo(
        row.token_id, row.user_id, row.name, row.prefix, _scopes(row.scopes), row.created_at, row.expires_at,
        row.last_used_at, row.revoked_at,
    )  # fmt: skip
