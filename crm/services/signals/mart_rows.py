"""Every signal with its life as rows of the mart `signal_history`."""

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as parquet
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import Signal

SCHEMA: Final = pa.schema(
    {
        "signal_id": pa.int64(), "rule_key": pa.string(), "rule_version": pa.int32(), "customer_id": pa.int64(),
        "signal_date": pa.date32(), "last_raised_date": pa.date32(), "times_raised": pa.int32(),
        "owner_id": pa.string(), "manager_id": pa.string(), "priority": pa.string(), "severity": pa.float64(),
        "value": pa.float64(), "baseline": pa.float64(), "change_pct": pa.float64(), "customer_value": pa.float64(),
        "state": pa.string(), "raised_at": pa.timestamp("us"), "seen_at": pa.timestamp("us"),
        "decision": pa.string(), "decision_reason": pa.string(), "decided_at": pa.timestamp("us"),
        "hours_to_decision": pa.float64(), "closed_at": pa.timestamp("us"), "closed_why": pa.string(),
        "outcome_kind": pa.string(), "outcome_due_date": pa.date32(), "has_outcome": pa.bool_(),
    }
)  # fmt: skip
_AT_ONCE = 50_000


def write_history(session: Session, path: Path) -> int:
    """Write all signals but those on trial as a Parquet file, by signal_id; how many there are."""
    query = select(Signal).where(Signal.is_shadow.is_(False)).order_by(Signal.signal_id)
    written = 0
    with parquet.ParquetWriter(path, SCHEMA) as writer:
        for rows in session.scalars(query.execution_options(yield_per=_AT_ONCE)).partitions():
            writer.write_table(pa.Table.from_pylist([_row(each) for each in rows], SCHEMA))
            written += len(rows)
            session.expunge_all()
    return written


def _row(row: Signal) -> dict[str, object]:
    hours = (row.decided_at - row.raised_at).total_seconds() / 3600 if row.decided_at else None
    plain = {
        "signal_date": row.day, "last_raised_date": row.last_day, "times_raised": row.times,
        "decision": row.decision or None, "decision_reason": row.decision_reason or None,
        "hours_to_decision": hours, "closed_why": row.closed_why or None, "outcome_due_date": row.outcome_due,
        "has_outcome": row.outcome,
    }  # fmt: skip
    for name in ("raised_at", "seen_at", "decided_at", "closed_at"):
        moment = getattr(row, name)
        plain[name] = moment.replace(tzinfo=None) if moment else None
    same = {name: getattr(row, name) for name in SCHEMA.names if name not in plain and name != "hours_to_decision"}
    return {**same, **plain}
