"""Who works for whom on leave: from the first day to the last the substitute sees what the absent colleague sees."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Employee, StandIn
from crm.services.accounts import required
from crm.services.actor import Actor
from crm.services.audit import AuditKind, Entry, record
from crm.services.rights_version import rights_changed


@dataclass(frozen=True)
class StandInInfo:
    """Both days are included; `cancelled_at` ends it before its last day."""

    stand_in_id: int
    absent_id: str
    substitute_id: str
    first_day: dt.date
    last_day: dt.date
    reason: str
    cancelled_at: dt.datetime | None


def add_stand_in(
    session: Session, absent_id: str, substitute_id: str, first_day: dt.date, last_day: dt.date, actor: Actor,
    now: dt.datetime, reason: str,
) -> StandInInfo:  # fmt: skip
    """Let the substitute work as the absent employee too. Raises `CrmError` for unknown people or turned dates."""
    if absent_id == substitute_id:
        raise CrmError("stand_in_self")
    if last_day < first_day:
        raise CrmError("stand_in_dates")
    for employee_id in (absent_id, substitute_id):
        if session.get(Employee, employee_id) is None:
            raise CrmError("employee_unknown", employee=employee_id)
    row = StandIn(
        absent_id=absent_id, substitute_id=substitute_id, first_day=first_day, last_day=last_day,
        reason=required(reason),
    )  # fmt: skip
    session.add(row)
    session.flush()
    details = {"what": "stand_in", "substitute": substitute_id, "from": str(first_day), "to": str(last_day)}
    _note(session, row, details, actor, now, reason)
    return _info(row)


def cancel_stand_in(session: Session, stand_in_id: int, actor: Actor, now: dt.datetime, reason: str) -> None:
    """End a stand-in at once. Raises `CrmError` when there is none or it was cancelled."""
    row = session.get(StandIn, stand_in_id, with_for_update=True)
    if row is None or row.cancelled_at is not None:
        raise CrmError("stand_in_unknown")
    row.cancelled_at = now
    _note(session, row, {"what": "stand_in_cancelled", "substitute": row.substitute_id}, actor, now, required(reason))


def stand_ins(session: Session, on: dt.date | None = None) -> list[StandInInfo]:
    """All stand-ins, latest first; or those in force on a day."""
    query = select(StandIn).order_by(StandIn.first_day.desc(), StandIn.stand_in_id.desc())
    if on is not None:
        query = query.where(StandIn.first_day <= on, StandIn.last_day >= on, StandIn.cancelled_at.is_(None))
    return [_info(row) for row in session.scalars(query)]


def _note(session: Session, row: StandIn, details: dict[str, str], actor: Actor, now: dt.datetime, reason: str) -> None:
    rights_changed(session)
    entry = Entry(AuditKind.RIGHTS_CHANGED, "organisation", row.absent_id, (), reason, details)
    record(session, actor, entry, now)


def _info(row: StandIn) -> StandInInfo:
    return StandInInfo(
        row.stand_in_id, row.absent_id, row.substitute_id, row.first_day, row.last_day, row.reason, row.cancelled_at
    )
