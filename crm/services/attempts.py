"""Failed sign-ins in a row, per account and per address, and how long each must wait.

Names that do not exist are counted as those that do: nobody finds out which is which by being locked. A try is counted
before it is checked, so a hundred tries at once are no way around; `clear` takes the count back after a success.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.orm import Session

from crm.database import Database
from crm.models import SignInFailure
from crm.models.base import UtcDateTime
from crm.services.actor import printable
from vitrina.account_options import AccountOptions

# Two first tries of one name at once: one makes the row, both go on with it.
_INSERT = text(
    "INSERT INTO sign_in_failures (key, failures, last_at) VALUES (:key, 0, :now) ON CONFLICT (key) DO NOTHING"
).bindparams(bindparam("now", type_=UtcDateTime()))


@dataclass(frozen=True)
class Waits:
    """No try is taken for `seconds` more; `first` is True for the first try that this lock refused."""

    seconds: int
    first: bool


def reserve(database: Database, login: str, address: str, now: dt.datetime, options: AccountOptions) -> Waits | None:
    """Count a try for an account name and an address as failed; says how long to wait instead when it is too early."""
    with database.begin() as session:
        limits = {_account(login): options.attempts_per_account, _address(address): options.attempts_per_address}
        rows = {key: _row(session, key, now, options) for key in sorted(limits)}
        if locked := [row for row in rows.values() if row.locked_until and row.locked_until > now]:
            return _wait(locked, now)
        for key, row in rows.items():
            _count(row, limits[key], now, options)
        _forget_old(session, now, options)
    return None


def clear(session: Session, login: str) -> None:
    """The account's owner is in: his failures are forgotten. Those of the address stay, or one good account would
    free the way for guesses at all others; only the try itself is taken back by `release_address`."""
    session.execute(delete(SignInFailure).where(SignInFailure.key == _account(login)))


def release_address(session: Session, address: str, options: AccountOptions) -> None:
    """A success is no failure of its address: take back the one that `reserve` counted."""
    row = session.get(SignInFailure, _address(address), with_for_update=True)
    if row is not None:
        row.failures = max(0, row.failures - 1)
        if row.failures < options.attempts_per_address:
            row.locked_until = None


def succeeded(session: Session, login: str, address: str, options: AccountOptions) -> None:
    """What follows a right password, whoever checked it."""
    release_address(session, address, options)
    clear(session, login)


def lock_seconds(failures: int, limit: int, options: AccountOptions) -> int:
    """0 below the limit, then the first delay, doubled with every further failure up to the longest."""
    if failures < limit:
        return 0
    doubled = options.lockout_first_seconds * 2 ** min(failures - limit, 30)
    return int(min(doubled, options.lockout_longest_seconds))


def _row(session: Session, key: str, now: dt.datetime, options: AccountOptions) -> SignInFailure:
    session.execute(_INSERT, {"key": key, "now": now})
    row = session.scalars(select(SignInFailure).where(SignInFailure.key == key).with_for_update()).one()
    if row.last_at < now - dt.timedelta(hours=options.failures_forgotten_hours):
        row.failures, row.locked_until = 0, None
    return row


def _wait(locked: list[SignInFailure], now: dt.datetime) -> Waits:
    first = any(row.told_until != row.locked_until for row in locked)
    longest = max(row.locked_until - now for row in locked if row.locked_until)
    for row in locked:
        row.told_until = row.locked_until
    return Waits(max(1, round(longest.total_seconds())), first)


def _count(row: SignInFailure, limit: int, now: dt.datetime, options: AccountOptions) -> None:
    row.failures += 1
    row.last_at = now
    seconds = lock_seconds(row.failures, limit, options)
    row.locked_until = now + dt.timedelta(seconds=seconds) if seconds else None


def _forget_old(session: Session, now: dt.datetime, options: AccountOptions) -> None:
    old = now - dt.timedelta(hours=options.failures_forgotten_hours)
    # Rows that another try holds are left for the next time: waiting for them could end in a circle.
    stale = select(SignInFailure.key).where(SignInFailure.last_at < old).with_for_update(skip_locked=True)
    session.execute(delete(SignInFailure).where(SignInFailure.key.in_(stale)))


def _account(login: str) -> str:
    # Hashed: people type their password into the wrong field.
    return "login:" + hashlib.sha256(login.strip().casefold().encode()).hexdigest()


def _address(address: str) -> str:
    return "address:" + printable(address, 64)
