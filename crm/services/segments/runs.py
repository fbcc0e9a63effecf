"""How segments ran, and the size alarm: one that jumps or empties is held back from use until somebody has looked."""

import datetime as dt
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Segment, SegmentRun
from crm.services.accounts import required
from crm.services.actor import Actor, printable, system
from crm.services.notices import notify
from crm.services.segments.stored import info, locked, run_info
from crm.services.segments.values import Alarm, RunInfo, RunState, SegmentInfo
from crm.services.versioned import note
from vitrina.segment_options import SegmentOptions

_BELIEVED = (RunState.DONE, RunState.RELEASED)


def record_run(
    session: Session, key: str, version: int, snapshot_version: int, as_of: dt.date, count: int | None,
    entered: int | None, left: int | None, state: str, message: str, now: dt.datetime, *, base: int | None = None,
    options: SegmentOptions | None = None,
) -> RunInfo:  # fmt: skip
    """Keep how a run went (`state` done or failed); `base` is how many customers there are.

    A size that the alarm does not believe makes the run and the segment held; the owner is told, once. The answer says
    whether this run may be used: its `state` is done.
    """
    row = session.get(Segment, key, with_for_update=True, populate_existing=True)
    if row is None:
        raise CrmError("segment_unknown", segment=key)
    run = SegmentRun(
        segment_key=key, version=version, snapshot_version=snapshot_version, as_of=as_of, members=count, base=base,
        entered=entered, left=left, state=RunState(state), message=printable(message, 2000), at=now,
    )  # fmt: skip
    alarm = _alarm(session, row, run, options or SegmentOptions()) if run.state == RunState.DONE else None
    if alarm is not None:
        run.state = RunState.HELD
        _hold(session, row, alarm, now)
    elif row.held and run.state == RunState.DONE:
        # It looks right again, but what was in between nobody has explained yet.
        run.state = RunState.HELD
    if run.state == RunState.FAILED:
        notify(session, row.owner_id, "segment_failed", {"segment": row.name}, _link(key), now)
    session.add(run)
    session.flush()
    _forget_old(session, key, (options or SegmentOptions()).runs_kept)
    return run_info(run)


def _forget_old(session: Session, key: str, kept: int) -> None:
    mine = select(SegmentRun.run_id).where(SegmentRun.segment_key == key).order_by(SegmentRun.run_id.desc())
    newest_to_go = session.scalar(mine.offset(kept).limit(1))
    if newest_to_go is not None:
        session.execute(delete(SegmentRun).where(SegmentRun.segment_key == key, SegmentRun.run_id <= newest_to_go))


def release(session: Session, key: str, actor: Actor, now: dt.datetime, reason: str) -> SegmentInfo:
    """Somebody looked and believes the size: the segment is in use again. Raises `CrmError` when it is not held."""
    row = locked(session, key)
    if not row.held:
        raise CrmError("segment_not_held")
    why, row.held, row.held_kind, row.held_values = row.held_kind, False, "", {}
    last = _last(session, row.key, (RunState.HELD,))
    if last is not None:
        last.state = RunState.RELEASED
    note(session, row, actor, now, "segment_released", required(reason), alarm=why)
    return info(session, key)


def set_alarm(
    session: Session, key: str, alarm: Alarm, actor: Actor, now: dt.datetime, reason: str = ""
) -> SegmentInfo:
    """Limits of a segment's own; None is the installation's. Raises `CrmError` for what can never or always go off."""
    row = locked(session, key)
    share, change = alarm.min_share_pct, alarm.max_change_pct
    # Written so that what is no number is refused, too.
    if (share is not None and not 0 <= share <= 100) or (change is not None and not 0 < change <= 1_000_000):
        raise CrmError("segment_alarm")
    row.alarm_min_share_pct, row.alarm_max_change_pct = share, change
    note(session, row, actor, now, "alarm", reason, min_share_pct=share, max_change_pct=change)
    return info(session, key)


def runs(session: Session, key: str, limit: int = 100) -> list[RunInfo]:
    """Runs of a segment, newest first."""
    query = select(SegmentRun).where(SegmentRun.segment_key == key).order_by(SegmentRun.run_id.desc()).limit(limit)
    return [run_info(row) for row in session.scalars(query)]


def _alarm(
    session: Session, row: Segment, run: SegmentRun, options: SegmentOptions
) -> tuple[str, dict[str, Any]] | None:
    """What is not to be believed about a size; a new version is compared for emptiness alone, its change was meant."""
    before, members = _last(session, row.key, _BELIEVED), run.members or 0
    if before is not None and before.members and not members:
        return "emptied", {}
    share = options.min_share_pct if row.alarm_min_share_pct is None else row.alarm_min_share_pct
    if run.base and share and members * 100 < share * run.base:
        return "small", {"limit": f"{share:g}"}
    limit = options.max_change_pct if row.alarm_max_change_pct is None else row.alarm_max_change_pct
    if before is None or before.version != run.version or (before.members or 0) < options.alarm_from:
        return None
    changed = abs(members - (before.members or 0)) * 100
    return ("jumped", {"limit": f"{limit:g}"}) if changed > limit * (before.members or 0) else None


def _hold(session: Session, row: Segment, alarm: tuple[str, dict[str, Any]], now: dt.datetime) -> None:
    kind, values = alarm
    if not row.held:
        notify(session, row.owner_id, f"segment_{kind}", {"segment": row.name, **values}, _link(row.key), now)
        note(session, row, system("size alarm"), now, "segment_held", alarm=kind, **values)
    row.held, row.held_kind, row.held_values = True, kind, values


def _last(session: Session, key: str, states: tuple[RunState, ...]) -> SegmentRun | None:
    query = select(SegmentRun).where(SegmentRun.segment_key == key, SegmentRun.state.in_(states))
    return session.scalars(query.order_by(SegmentRun.run_id.desc()).limit(1)).first()


def _link(key: str) -> str:
    return f"/segment?key={key}"
