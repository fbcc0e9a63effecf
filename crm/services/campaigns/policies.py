"""Contact policies: versions with their reasons and differences, one in force on any day."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.policy import dump, fingerprint, parse
from crm.database import CAMPAIGN_ROUTES, one_at_a_time
from crm.errors import CrmError
from crm.models import ContactPolicy
from crm.services.accounts import required
from crm.services.actor import Actor, printable
from crm.services.campaigns.clock import local_day
from crm.services.versioned import note


@dataclass(frozen=True)
class PolicyInfo:
    """One version of the policy. `changes` tells how it differs from the one that was in force on its first day:
    {setting: {"before": …, "after": …}}."""

    number: int
    document: Mapping[str, Any] = field(hash=False)
    fingerprint: str
    valid_from: dt.date
    changes: Mapping[str, Any] = field(hash=False)
    author_login: str
    reason: str
    at: dt.datetime


def save_policy(
    session: Session, document: Mapping[str, Any] | str, valid_from: dt.date, actor: Actor, now: dt.datetime,
    reason: str,
) -> PolicyInfo:  # fmt: skip
    """A new version, in force from a day on (today at the earliest) until a later one begins. Raises `CrmError`, and
    `DefinitionError` with every place to mend."""
    policy = parse(document)
    one_at_a_time(session, CAMPAIGN_ROUTES)
    before = _row_on(session, valid_from)
    newest = session.scalar(select(ContactPolicy.number).order_by(ContactPolicy.number.desc()).limit(1))
    # The very first policy may begin in the past: earlier contacts are judged by it, since there was none.
    if newest is not None and valid_from < local_day(now):
        raise CrmError("policy_past")
    if before is not None and before.fingerprint == fingerprint(policy):
        raise CrmError("policy_same")
    full = dump(policy)
    row = ContactPolicy(
        number=(newest or 0) + 1, document=full, fingerprint=fingerprint(policy), valid_from=valid_from,
        changes=difference(before.document if before else {}, full), author_login=printable(actor.login, 64),
        reason=required(reason), at=now,
    )  # fmt: skip
    session.add(row)
    note(session, row, actor, now, "policy_saved", reason, valid_from=str(valid_from), fingerprint=row.fingerprint)
    return _info(row)


def policy_in_force(session: Session, day: dt.date) -> PolicyInfo:
    """The version in force on a day. Raises `CrmError` when there is none: nothing may be sent then."""
    row = _row_on(session, day)
    if row is None:
        raise CrmError("policy_none", day=day)
    return _info(row)


def policies(session: Session) -> list[PolicyInfo]:
    """All versions, newest first."""
    return [_info(row) for row in session.scalars(select(ContactPolicy).order_by(ContactPolicy.number.desc()))]


def policy(session: Session, number: int) -> PolicyInfo:
    """One version. Raises `CrmError`."""
    row = session.get(ContactPolicy, number)
    if row is None:
        raise CrmError("policy_unknown", version=number)
    return _info(row)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that differ, with both values."""
    return {
        name: {"before": before.get(name), "after": after.get(name)}
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def install_policy(session: Session, actor: Actor, now: dt.datetime, since: dt.date | None = None) -> int:
    """Put the delivered policy in force in a database that has none; how many were added. It can be changed at once:
    two marketing messages a week and one a day to a customer, twelve hours between any two, nothing at night."""
    if session.scalar(select(ContactPolicy.number).limit(1)) is not None:
        return 0
    save_policy(session, DELIVERED, since or local_day(now), actor, now, "delivered policy")
    return 1


DELIVERED: dict[str, Any] = {
    "version": 1,
    "timezone": "Asia/Tashkent",
    "caps": [
        {"per": "day", "at_most": 1, "channels": None, "categories": ["marketing"], "of": "customer"},
        {"per": "week", "at_most": 2, "channels": None, "categories": ["marketing"], "of": "customer"},
        {"per": "month", "at_most": 8, "channels": None, "categories": ["marketing"], "of": "cluster"},
        {"per": "week", "at_most": 1, "channels": ["call"], "categories": None, "of": "customer"},
    ],
    "gaps": [{"minutes": 720, "channels": None, "categories": ["marketing"], "of": "customer"}],
    "quiet": {"from": "21:00", "to": "09:00", "weekdays": [7], "holidays": True},
    "consent": ["marketing"],
    "exclude_segments": [],
    "channel_priority": ["push", "telegram", "sms", "email", "call"],
    "when_capped": "defer",
    "defer_days": 7,
}


def _row_on(session: Session, day: dt.date) -> ContactPolicy | None:
    """Of versions that began by then the latest; of two for one day the one that was written later."""
    query = select(ContactPolicy).where(ContactPolicy.valid_from <= day)
    return session.scalar(query.order_by(ContactPolicy.valid_from.desc(), ContactPolicy.number.desc()).limit(1))


def _info(row: ContactPolicy) -> PolicyInfo:
    return PolicyInfo(
        row.number, row.document, row.fingerprint, row.valid_from, row.changes, row.author_login, row.reason, row.at
    )  # fmt: skip
