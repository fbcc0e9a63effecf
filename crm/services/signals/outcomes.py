"""What came of signals whose time is over, written down once."""

import datetime as dt

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.database import Database
from crm.models import Signal, SignalEvent
from crm.services.actor import system

_AT_ONCE = 500


def write_outcomes(database: Database, outcomes: pa.Table, now: dt.datetime) -> int:
    """Write down outcomes (signal_id, happened) of signals that have none yet; how many there were."""
    known = dict(zip(outcomes["signal_id"].to_pylist(), outcomes["happened"].to_pylist(), strict=True))
    ids, written = sorted(known), 0
    for start in range(0, len(ids), _AT_ONCE):
        with database.begin() as session:
            written += _write(session, {each: known[each] for each in ids[start : start + _AT_ONCE]}, now)
    return written


def _write(session: Session, known: dict[int, bool], now: dt.datetime) -> int:
    query = select(Signal).where(Signal.signal_id.in_(known), Signal.outcome.is_(None)).order_by(Signal.signal_id)
    rows = session.scalars(query.with_for_update()).all()
    for row in rows:
        row.outcome, row.outcome_at = known[row.signal_id], now
        session.add(
            SignalEvent(
                signal_id=row.signal_id, rule_key=row.rule_key, customer_id=row.customer_id, day=row.outcome_due,
                kind="outcome", reason=row.outcome_kind, actor_id=None, actor_login=system("signals").login, at=now,
                details={"happened": known[row.signal_id]},
            )
        )  # fmt: skip
    return len(rows)
