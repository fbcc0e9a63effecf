"""Rows of segments read and turned into values. Who may see them is `access`."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.messages import ALARMS
from crm.models import Segment, SegmentRun, SegmentVersion, User
from crm.services.segments.values import (
    Alarm,
    Held,
    Mode,
    RunInfo,
    RunState,
    Schedule,
    SegmentInfo,
    Sharing,
    Status,
    VersionInfo,
    VersionState,
)
from segments.definition import Definition, parse


def locked(session: Session, key: str) -> Segment:
    """The row of a segment that is not put away, locked against other writers. Raises `CrmError`."""
    # Read anew: who asked for the rights before may have read it before somebody else's change.
    row = session.get(Segment, key, with_for_update=True, populate_existing=True)
    if row is None:
        raise CrmError("segment_unknown", segment=key)
    if row.status == Status.ARCHIVED:
        raise CrmError("segment_archived", segment=row.name)
    return row


def newest(session: Session, key: str) -> SegmentVersion:
    """The version with the highest number."""
    query = select(SegmentVersion).where(SegmentVersion.segment_key == key)
    return session.scalars(query.order_by(SegmentVersion.number.desc()).limit(1)).one()


def open_version(session: Session, key: str) -> SegmentVersion | None:
    """The version that is still being changed, if any: the newest, unless it is published."""
    row = newest(session, key)
    return None if row.state == VersionState.PUBLISHED else row


def documents(session: Session) -> dict[str, Mapping[str, Any]]:
    """What every segment that is not put away means now: its published version, else its newest."""
    query = (
        select(Segment.key, Segment.published, SegmentVersion.number, SegmentVersion.document)
        .join(SegmentVersion, SegmentVersion.segment_key == Segment.key)
        .where(Segment.status != Status.ARCHIVED)
        .order_by(Segment.key, SegmentVersion.number)
    )
    found: dict[str, Mapping[str, Any]] = {}
    for key, published, number, document in session.execute(query).tuples():
        if published is None or number == published:
            found[str(key)] = document
    return found


def definitions(session: Session) -> dict[str, Definition]:
    """The same, read: what conditions on other segments stand for."""
    return {key: parse(document) for key, document in documents(session).items()}


def info(session: Session, key: str) -> SegmentInfo:
    """One segment. Raises `CrmError`."""
    row = session.get(Segment, key)
    if row is None:
        raise CrmError("segment_unknown", segment=key)
    return infos(session, [row])[0]


def infos(session: Session, rows: Iterable[Segment]) -> list[SegmentInfo]:
    """Segments with their owners, open versions and last runs, by a fixed number of queries."""
    wanted = list(rows)
    owners = {user.user_id: user for user in session.scalars(select(User))} if wanted else {}
    opened, runs = _open_versions(session), _last_runs(session)
    return [_info(row, owners.get(row.owner_id or 0), opened.get(row.key), runs.get(row.key)) for row in wanted]


def _open_versions(session: Session) -> dict[str, tuple[int, str]]:
    last = select(SegmentVersion.segment_key, func.max(SegmentVersion.number).label("number"))
    last_of = last.group_by(SegmentVersion.segment_key).subquery()
    query = select(SegmentVersion.segment_key, SegmentVersion.number, SegmentVersion.state).join(
        last_of,
        (last_of.c.segment_key == SegmentVersion.segment_key) & (last_of.c.number == SegmentVersion.number),
    )
    found = session.execute(query.where(SegmentVersion.state != VersionState.PUBLISHED))
    return {key: (number, state) for key, number, state in found}


def _last_runs(session: Session) -> dict[str, SegmentRun]:
    last = select(func.max(SegmentRun.run_id)).group_by(SegmentRun.segment_key)
    return {row.segment_key: row for row in session.scalars(select(SegmentRun).where(SegmentRun.run_id.in_(last)))}


def _info(row: Segment, owner: User | None, opened: tuple[int, str] | None, run: SegmentRun | None) -> SegmentInfo:
    number, state = opened or (None, None)
    held = Held(row.held_kind, ALARMS[row.held_kind], row.held_values) if row.held else None
    return SegmentInfo(
        key=row.key, name=row.name, description=row.description, folder=row.folder, tags=tuple(row.tags),
        owner_id=row.owner_id, owner_login=owner.login if owner else "",
        owner_name=owner.display_name if owner else "", sharing=Sharing(row.sharing),
        shared_roles=tuple(row.shared_roles), status=Status(row.status), published=row.published,
        open_version=number, open_state=VersionState(state) if state else None, revision=row.revision, held=held,
        schedule=schedule_of(row), alarm=Alarm(row.alarm_min_share_pct, row.alarm_max_change_pct),
        created_at=row.created_at, updated_at=row.updated_at, updated_by=row.updated_by,
        last_run=run_info(run) if run else None,
    )  # fmt: skip


def schedule_of(row: Segment) -> Schedule:
    """When a segment runs."""
    days = tuple(dt.date.fromisoformat(day) for day in row.schedule_days)
    return Schedule(Mode(row.schedule_mode), row.schedule_cron, days, row.schedule_time, row.schedule_timezone)


def run_info(row: SegmentRun) -> RunInfo:
    """The plain value of a run."""
    return RunInfo(
        row.run_id, row.segment_key, row.version, row.snapshot_version, row.as_of, row.members, row.base, row.entered,
        row.left, RunState(row.state), row.message, row.at,
    )  # fmt: skip


def version_info(row: SegmentVersion) -> VersionInfo:
    """The plain value of a version."""
    return VersionInfo(
        segment=row.segment_key, number=row.number, document=row.document, fingerprint=row.fingerprint,
        state=VersionState(row.state), author_login=row.author_login, editors=tuple(row.editors), reason=row.reason,
        at=row.at, restored_from=row.restored_from, reviewer_login=row.reviewer_login, reviewed_at=row.reviewed_at,
        comment=row.comment, verdict=row.verdict, published_at=row.published_at, published_by=row.published_by,
    )  # fmt: skip
