"""A segment's life outside of its definition: shared, handed over, put away and brought back."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.database import SEGMENT_GRAPH, one_at_a_time
from crm.errors import CrmError
from crm.models import Segment, SegmentVersion
from crm.services.accounts import UserInfo, required, user_by_id, users
from crm.services.actor import Actor
from crm.services.matrix import matrix
from crm.services.notices import notify
from crm.services.segments.stored import definitions, info, locked, newest
from crm.services.segments.values import Mode, SegmentInfo, Sharing, Status, VersionState
from crm.services.versioned import note, touch
from segments.definition import parse, used_lists, used_segments


def share(
    session: Session, key: str, sharing: str, roles: Iterable[str], actor: Actor, now: dt.datetime, reason: str = ""
) -> SegmentInfo:
    """Show a segment to nobody else (private), to people of roles, or to all. Raises `CrmError`."""
    row, (kind, codes) = locked(session, key), checked_sharing(session, sharing, roles)
    if (row.sharing, row.shared_roles) != (kind, codes):
        row.sharing, row.shared_roles = kind, codes
        note(session, row, actor, now, "sharing", reason, sharing=kind, roles=codes)
    return info(session, key)


def checked_sharing(session: Session, sharing: str, roles: Iterable[str]) -> tuple[str, list[str]]:
    """Sharing in its stored form. Raises `CrmError` for a kind or a role that does not exist."""
    if sharing not in list(Sharing):
        raise CrmError("segment_sharing", sharing=str(sharing)[:40])
    codes = sorted(set(roles)) if sharing == Sharing.ROLES else []
    known = matrix(session).roles
    for code in codes:
        if code not in known:
            raise CrmError("role_unknown", role=code)
    if sharing == Sharing.ROLES and not codes:
        raise CrmError("segment_sharing_roles")
    return str(sharing), codes


def hand_over(session: Session, key: str, owner_id: int, actor: Actor, now: dt.datetime, reason: str) -> SegmentInfo:
    """Give a segment to another owner, who is told of it and of its alarms from now on.

    Raises `CrmError` for somebody who may not change segments, or whose account is closed.
    """
    row, owner = locked(session, key), user_by_id(session, owner_id)
    if owner.user_id not in {each.user_id for each in possible_owners(session)}:
        raise CrmError("segment_owner", user=owner.display_name or owner.login)
    before, row.owner_id = row.owner_id, owner.user_id
    note(session, row, actor, now, "owner", required(reason), before=before, owner=owner.user_id)
    notify(session, owner.user_id, "segment_yours", {"segment": row.name}, f"/segment?key={key}", now)
    return info(session, key)


def possible_owners(session: Session) -> list[UserInfo]:
    """Who may own a segment, by login: people with open accounts and a right to change segments."""
    may = {code for code, role in matrix(session).roles.items() if ("segments", "edit") in role.grants}
    return [each for each in users(session) if each.is_active and each.roles & may]


def archive(session: Session, key: str, actor: Actor, now: dt.datetime, reason: str) -> SegmentInfo:
    """Put a segment away; its versions and receipts stay. Raises `CrmError` while something stands on it."""
    one_at_a_time(session, SEGMENT_GRAPH)
    row = locked(session, key)
    if users := used_by(session, key):
        raise CrmError("segment_used", segments=", ".join(users))
    if row.status == Status.ACTIVE and row.schedule_mode in (Mode.CRON, Mode.CALENDAR):
        raise CrmError("segment_scheduled")
    row.status = Status.ARCHIVED
    touch(row, actor, now)
    note(session, row, actor, now, "segment_archived", required(reason))
    return info(session, key)


def bring_back(session: Session, key: str, actor: Actor, now: dt.datetime, reason: str) -> SegmentInfo:
    """Take a segment out of the archive. Raises `CrmError` when a segment that it names is still there."""
    one_at_a_time(session, SEGMENT_GRAPH)
    row = session.get(Segment, key, with_for_update=True, populate_existing=True)
    if row is None or row.status != Status.ARCHIVED:
        raise CrmError("segment_unknown", segment=key)
    version = newest(session, key) if row.published is None else session.get_one(SegmentVersion, (key, row.published))
    if absent := sorted(used_segments(parse(version.document)) - definitions(session).keys()):
        raise CrmError("segment_archived", segment=", ".join(absent))
    row.status = Status.DRAFT if row.published is None else Status.ACTIVE
    touch(row, actor, now)
    note(session, row, actor, now, "segment_brought_back", required(reason))
    return info(session, key)


def used_by(session: Session, key: str) -> list[str]:
    """Names of the segments whose published or open version names this one."""
    return _users(session, lambda document: key in used_segments(parse(document)))


def list_used_by(session: Session, key: str) -> list[str]:
    """Names of the segments whose published or open version names this list."""
    return _users(session, lambda document: key in used_lists(parse(document)))


def _users(session: Session, names_it: Callable[[Mapping[str, Any]], bool]) -> list[str]:
    query = (
        select(Segment, SegmentVersion)
        .join(SegmentVersion, SegmentVersion.segment_key == Segment.key)
        .where(Segment.status != Status.ARCHIVED)
        .order_by(Segment.name, SegmentVersion.number.desc())
    )
    found: dict[str, str] = {}
    seen: set[str] = set()
    for row, version in session.execute(query):
        is_open = row.key not in seen and version.state != VersionState.PUBLISHED
        seen.add(row.key)
        if (is_open or version.number == row.published) and names_it(version.document):
            found[row.key] = row.name
    return list(found.values())
