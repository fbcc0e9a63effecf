"""Accounts that an administrator keeps. Not here: signing in (`sign_in`), roles (`user_roles`)."""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import PasswordHistory, User, UserRole
from crm.models.accounts import LOCAL
from crm.services import attempts, passwords
from crm.services.actor import Actor, printable
from crm.services.administrators import require_administrator, require_strength
from crm.services.audit import AuditKind, Entry, record
from crm.services.rights_version import rights_changed
from crm.services.sessions import end_all
from crm.services.tokens import revoke_all
from vitrina.account_options import AccountOptions

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]")


@dataclass(frozen=True)
class UserInfo:
    """An account as administrators see it; `roles` are codes. Moments are in UTC."""

    user_id: int
    login: str
    display_name: str
    email: str
    language: str
    provider: str
    is_active: bool
    must_change: bool
    roles: frozenset[str]
    created_at: dt.datetime
    last_sign_in_at: dt.datetime | None
    disabled_reason: str


@dataclass(frozen=True)
class NewUser:
    """What an administrator types for a local account. Its password is `temporary`, to be changed at first use,
    unless its owner alone was told it."""

    login: str
    display_name: str
    email: str = ""
    language: str = "ru"
    temporary: bool = True


def create_user(
    session: Session, new: NewUser, password: str, actor: Actor, now: dt.datetime, options: AccountOptions
) -> UserInfo:
    """A local account with its first password. Raises `CrmError` for a taken or wrong login."""
    login = checked_login(new.login)
    if not new.display_name.strip():
        raise CrmError("display_name_missing")
    if session.scalar(select(User.user_id).where(User.login == login)):
        raise CrmError("login_taken", login=login)
    passwords.check(password, login, new.display_name, options)
    user = User(
        login=login, display_name=printable(new.display_name.strip(), 200), email=printable(new.email.strip(), 254),
        language=new.language, provider=LOCAL, password_hash=passwords.hashed(password), password_set_at=now,
        must_change=new.temporary, is_active=True, created_at=now,
    )  # fmt: skip
    session.add(user)
    session.flush()
    record(session, actor, _about(user, "create"), now)
    return info(session, user)


def disable_user(session: Session, user_id: int, actor: Actor, now: dt.datetime, reason: str) -> UserInfo:
    """Nobody signs in with it any more; its sessions and tokens end at once."""
    user = found(session, user_id)
    if user_id == actor.user_id:
        raise CrmError("own_account")
    _require_strength(session, user, actor)
    user.is_active, user.disabled_at, user.disabled_reason = False, now, required(reason)
    session.flush()
    require_administrator(session)
    end_all(session, user_id, now, "disabled")
    revoke_all(session, user_id, now)
    rights_changed(session)
    record(session, actor, _about(user, "disable", reason), now)
    return info(session, user)


def enable_user(session: Session, user_id: int, actor: Actor, now: dt.datetime, reason: str) -> UserInfo:
    """Take a disabled account back into use."""
    user = found(session, user_id)
    _require_strength(session, user, actor)
    user.is_active, user.disabled_at, user.disabled_reason = True, None, ""
    rights_changed(session)
    record(session, actor, _about(user, "enable", required(reason)), now)
    return info(session, user)


def edit_user(
    session: Session, user_id: int, actor: Actor, now: dt.datetime, *, display_name: str, email: str, language: str
) -> UserInfo:
    """Change what the account is called and written to."""
    user = found(session, user_id)
    if not display_name.strip():
        raise CrmError("display_name_missing")
    user.display_name, user.email = printable(display_name.strip(), 200), printable(email.strip(), 254)
    user.language = language
    rights_changed(session)
    record(session, actor, _about(user, "edit"), now)
    return info(session, user)


def change_password(
    session: Session, user_id: int, old: str, new: str, actor: Actor, now: dt.datetime, options: AccountOptions
) -> None:
    """The owner's own change; his other sessions end. Raises `CrmError` when `old` is wrong or `new` is refused."""
    user = _local(session, user_id)
    if not passwords.matches(user.password_hash, old):
        raise CrmError("password_wrong")
    _set_password(session, user, new, now, options)
    user.must_change = False
    record(session, actor, _about(user, "change_password"), now)


def reset_password(
    session: Session, user_id: int, actor: Actor, now: dt.datetime, reason: str, options: AccountOptions
) -> str:
    """A generated password, told once; it must be changed at first use. Ends all sessions and the lock-out."""
    user = _local(session, user_id)
    _require_strength(session, user, actor)
    password = passwords.generated(max(16, options.password_min_length))
    _set_password(session, user, password, now, options)
    user.must_change = True
    end_all(session, user_id, now, "password_reset")
    attempts.clear(session, user.login)
    record(session, actor, _about(user, "reset_password", required(reason)), now)
    return password


def users(session: Session, *, search: str = "") -> list[UserInfo]:
    """All accounts by login; `search` is a part of login or name."""
    rows = session.scalars(select(User).order_by(User.login)).all()
    roles: dict[int, set[str]] = {}
    for user_id, code in session.execute(select(UserRole.user_id, UserRole.role_code)):
        roles.setdefault(user_id, set()).add(code)
    # Here and not in SQL: SQLite knows large and small letters of English alone.
    part = search.casefold()
    wanted = (user for user in rows if part in user.login or part in user.display_name.casefold())
    return [_info(user, frozenset(roles.get(user.user_id, ()))) for user in wanted]


def user_by_id(session: Session, user_id: int) -> UserInfo:
    """Raises `CrmError` for an unknown id."""
    user = session.get(User, user_id)
    if user is None:
        raise CrmError("user_unknown", login=user_id)
    return info(session, user)


def user_by_login(session: Session, login: str) -> UserInfo:
    """Raises `CrmError` for an unknown login."""
    user = session.scalar(select(User).where(User.login == canonical(login)))
    if user is None:
        raise CrmError("user_unknown", login=login)
    return info(session, user)


def canonical(login: str) -> str:
    """The one spelling of a login."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def checked_login(login: str) -> str:
    """The canonical login. Raises `CrmError` when it holds other signs than Latin letters, digits, ``.``, ``-``, ``_``
    (so that no two logins look alike)."""
    name = canonical(login)
    if not _LOGIN.fullmatch(name):
        raise CrmError("login_wrong", login=login)
    return name


def required(reason: str) -> str:
    """The reason without blanks around it. Raises `CrmError` when there is none."""
    if not reason.strip():
        raise CrmError("reason_missing")
    return reason.strip()


def found(session: Session, user_id: int) -> User:
    """The row of a user, locked against other writers. Raises `CrmError`."""
    user = session.get(User, user_id, with_for_update=True)
    if user is None:
        raise CrmError("user_unknown", login=user_id)
    return user


def info(session: Session, user: User) -> UserInfo:
    """The plain value of a row."""
    codes = session.scalars(select(UserRole.role_code).where(UserRole.user_id == user.user_id))
    return _info(user, frozenset(codes))


def _require_strength(session: Session, user: User, actor: Actor) -> None:
    if user.user_id != actor.user_id:
        require_strength(session, actor, session.scalars(select(UserRole.role_code).filter_by(user_id=user.user_id)))


def _info(user: User, roles: frozenset[str]) -> UserInfo:
    return UserInfo(
        user.user_id, user.login, user.display_name, user.email, user.language, user.provider, user.is_active,
        user.must_change, roles, user.created_at, user.last_sign_in_at, user.disabled_reason,
    )  # fmt: skip


def _local(session: Session, user_id: int) -> User:
    user = found(session, user_id)
    if user.provider != LOCAL:
        raise CrmError("external_account", login=user.login)
    return user


def _set_password(session: Session, user: User, new: str, now: dt.datetime, options: AccountOptions) -> None:
    passwords.check(new, user.login, user.display_name, options)
    earlier = select(PasswordHistory).where(PasswordHistory.user_id == user.user_id)
    history = list(session.scalars(earlier.order_by(PasswordHistory.entry_id.desc())))
    # The present one counts as the first of the history.
    kept = history[: max(0, options.password_history - 1)]
    hashes = [user.password_hash, *(entry.password_hash for entry in kept)] if options.password_history else []
    if any(passwords.matches(one, new) for one in hashes):
        raise CrmError("password_used", count=options.password_history)
    session.add(
        PasswordHistory(user_id=user.user_id, password_hash=str(user.password_hash), set_at=user.password_set_at or now)
    )
    dropped = [entry.entry_id for entry in history[options.password_history :]]
    session.execute(delete(PasswordHistory).where(PasswordHistory.entry_id.in_(dropped)))
    user.password_hash, user.password_set_at = passwords.hashed(new), now


def _about(user: User, what: str, reason: str = "") -> Entry:
    return Entry(AuditKind.DATA_CHANGED, "users", str(user.user_id), reason=reason, details={"what": what})
