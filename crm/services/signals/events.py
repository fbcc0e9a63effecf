"""The history of a signal: only ever added to."""

import datetime as dt

from sqlalchemy.orm import Session

from crm.models import Signal, SignalEvent
from crm.services.actor import Actor, printable


def add_event(
    session: Session, row: Signal, kind: str, actor: Actor, now: dt.datetime, reason: str = "", **details: object
) -> None:
    """Add to a signal's history."""
    session.add(
        SignalEvent(
            signal_id=row.signal_id, rule_key=row.rule_key, customer_id=row.customer_id, day=row.last_day, kind=kind,
            reason=reason, actor_id=actor.user_id, actor_login=printable(actor.login, 64), at=now, details=details,
        )
    )  # fmt: skip
