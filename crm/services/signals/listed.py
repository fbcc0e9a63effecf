"""Rules whose action is a list: whom they put on it, and that it is written down."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import CustomerList, Signal, SignalRule, SignalRuleVersion
from crm.services.actor import system
from crm.services.audit import AuditKind, Entry, record
from crm.services.signals.values import RuleStatus


def customers_by_list(session: Session) -> dict[str, frozenset[int]]:
    """By key of a list that is there, everybody about whom rules in use that name it raised a signal."""
    current = (SignalRuleVersion.rule_key == SignalRule.key) & (SignalRuleVersion.number == SignalRule.published)
    query = select(SignalRule.key, SignalRuleVersion.document).join(SignalRuleVersion, current)
    found: dict[str, frozenset[int]] = {}
    for key, document in session.execute(query.where(SignalRule.status == RuleStatus.LIVE)).tuples():
        action = document.get("action", {})
        name = action.get("list") if action.get("kind") == "list" else None
        row = session.get(CustomerList, name) if name else None
        if name and row is not None and row.archived_at is None:
            ids = select(Signal.customer_id).where(Signal.rule_key == key, Signal.is_shadow.is_(False))
            found[name] = found.get(name, frozenset()) | frozenset(session.scalars(ids))
    return found


def listed(session: Session, key: str, members: int, added: int, now: dt.datetime) -> None:
    """Write down that rules put customers on a list, which now has so many."""
    row = session.get(CustomerList, key, with_for_update=True)
    if row is None:
        return
    row.members, row.updated_at = members, now
    entry = Entry(AuditKind.DATA_CHANGED, "segments", key, (), "", {"what": "list_filled_by_rules", "added": added})
    record(session, system("signals"), entry, now)
