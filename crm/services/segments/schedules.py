"""When segments run: on every new snapshot, by a cron line, on days of a calendar. What is missed runs once, late."""

import datetime as dt
from collections.abc import Iterable
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Segment, SegmentRun
from crm.services.actor import Actor
from crm.services.segments.stored import info, locked, schedule_of
from crm.services.segments.values import Due, Mode, RunState, Schedule, SegmentInfo, Status
from crm.services.versioned import note
from vitrina.segment_options import SegmentOptions

_OFTEN = dt.timedelta(minutes=15)
_MOST_DAYS = 400


def set_schedule(
    session: Session, key: str, schedule: Schedule, actor: Actor, now: dt.datetime, reason: str = ""
) -> SegmentInfo:
    """Make a segment run so from now on. Raises `CrmError` for a schedule that never comes or comes too often."""
    row, wanted = locked(session, key), checked_schedule(schedule, now)
    if wanted != schedule_of(row):
        row.schedule_mode, row.schedule_cron, row.schedule_time = wanted.mode, wanted.cron, wanted.time
        row.schedule_days, row.schedule_timezone = [day.isoformat() for day in wanted.days], wanted.timezone
        row.scheduled_at = now
        details = {"mode": wanted.mode, "cron": wanted.cron, "days": row.schedule_days, "timezone": wanted.timezone}
        note(session, row, actor, now, "schedule", reason, **details)
    return info(session, key)


def checked_schedule(schedule: Schedule, now: dt.datetime) -> Schedule:
    """The schedule in its stored form, with only what its mode needs. Raises `CrmError`."""
    if schedule.mode not in list(Mode):
        raise CrmError("segment_schedule_mode", mode=str(schedule.mode)[:40])
    zone = _zone(schedule.timezone)
    plain = Schedule(Mode(schedule.mode), timezone=schedule.timezone)
    if schedule.mode == Mode.CRON:
        cron = " ".join(schedule.cron.split())
        _require_cron(cron, now.astimezone(zone))
        return Schedule(Mode.CRON, cron, timezone=schedule.timezone)
    if schedule.mode == Mode.CALENDAR:
        days = tuple(sorted(set(schedule.days)))
        wanted = Schedule(Mode.CALENDAR, "", days, schedule.time, schedule.timezone)
        _require_days(wanted, now)
        return wanted
    return plain


def next_time(schedule: Schedule, after: dt.datetime) -> dt.datetime | None:
    """When the clock next starts a run after a moment (UTC); None when only people or snapshots do."""
    if schedule.mode == Mode.CRON:
        return next(CronSim(schedule.cron, after.astimezone(_zone(schedule.timezone)))).astimezone(dt.UTC)
    times = _calendar(schedule) if schedule.mode == Mode.CALENDAR else []
    return next((each for each in times if each > after), None)


def due(
    session: Session, now: dt.datetime, last_snapshot: int | None, options: SegmentOptions | None = None
) -> list[Due]:
    """Published segments that have to run now, by key: those of a newer snapshot than their last run's, and those whose
    time has come since. A run that failed is tried again on the same snapshot, a few times."""
    attempts = (options or SegmentOptions()).attempts_per_snapshot
    query = select(Segment).where(Segment.status == Status.ACTIVE, Segment.published.is_not(None))
    found = []
    for row in session.scalars(query.order_by(Segment.key)):
        schedule = schedule_of(row)
        if schedule.mode == Mode.ON_SNAPSHOT:
            wanted = last_snapshot is not None and _wants(session, row, last_snapshot, attempts)
            since = None
        else:
            since = _last_time(schedule, now)
            wanted = since is not None and since > max(
                row.scheduled_at, _last_run(session, row.key) or row.scheduled_at
            )
        if wanted:
            found.append(Due(row.key, row.published or 0, schedule.mode, since))
    return found


def _wants(session: Session, row: Segment, snapshot: int, attempts: int) -> bool:
    query = select(SegmentRun.state, SegmentRun.version).where(
        SegmentRun.segment_key == row.key, SegmentRun.snapshot_version == snapshot, SegmentRun.version == row.published
    )
    states = [state for state, _ in session.execute(query)]
    return all(state == RunState.FAILED for state in states) and len(states) < attempts


def _last_run(session: Session, key: str) -> dt.datetime | None:
    return session.scalar(select(func.max(SegmentRun.at)).where(SegmentRun.segment_key == key))


def _last_time(schedule: Schedule, now: dt.datetime) -> dt.datetime | None:
    if schedule.mode == Mode.CRON:
        # The library looks strictly back, and the present minute counts.
        start = now.astimezone(_zone(schedule.timezone)) + dt.timedelta(minutes=1)
        found = next(CronSim(schedule.cron, start.replace(second=0, microsecond=0), reverse=True), None)
        return found.astimezone(dt.UTC) if found is not None else None
    times = _calendar(schedule) if schedule.mode == Mode.CALENDAR else []
    return max((each for each in times if each <= now), default=None)


def _calendar(schedule: Schedule) -> list[dt.datetime]:
    time = dt.time.fromisoformat(schedule.time)
    return [dt.datetime.combine(day, time, _zone(schedule.timezone)).astimezone(dt.UTC) for day in schedule.days]


def _require_cron(cron: str, now: dt.datetime) -> None:
    try:
        times = list(islice(CronSim(cron, now), 100)) if len(cron.split()) == 5 and len(cron) <= 120 else []
    except CronSimError:
        times = []
    if not times:
        raise CrmError("segment_cron", cron=cron[:120])
    if _shortest(times) < _OFTEN:
        raise CrmError("segment_cron_often", minutes=int(_OFTEN.total_seconds() // 60))


def _shortest(times: Iterable[dt.datetime]) -> dt.timedelta:
    return min((later - earlier for earlier, later in pairwise(times)), default=_OFTEN)


def _require_days(schedule: Schedule, now: dt.datetime) -> None:
    try:
        times = _calendar(schedule) if len(schedule.time) == 5 else []
    except ValueError:
        times = []
    if not times or max(times) <= now or len(times) > _MOST_DAYS:
        raise CrmError("segment_calendar", limit=_MOST_DAYS)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError):
        # `ZoneInfoNotFoundError` is a KeyError, and names of folders are an OSError.
        raise CrmError("segment_timezone", timezone=name[:64]) from None
    except KeyError:
        raise CrmError("segment_timezone", timezone=name[:64]) from None
