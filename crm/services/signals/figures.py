"""How signals were answered: by employee, over a period; what an answer took, and what came of it."""

import datetime as dt
import statistics
from collections.abc import Iterable

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from crm.models import Signal
from crm.services.signals.access import reach
from crm.services.signals.stored import WAITING, employee_names
from crm.services.signals.values import Decision, Figures
from vitrina.access.rights import Rights


def figures(
    session: Session, rights: Rights | None, since: dt.date, until: dt.date, *,
    employees: Iterable[str] | None = None, rules: Iterable[str] | None = None,
) -> list[Figures]:  # fmt: skip
    """Per employee (the unassigned last) the signals last raised from `since` to `until`, of those that a person sees.

    `employees` adds rows for those who had none, and leaves all others out; `rules` narrows.
    """
    condition = [
        Signal.is_shadow.is_(False), Signal.last_day >= since, Signal.last_day <= until, reach(rights).viewed.signals()
    ]  # fmt: skip
    if rules is not None:
        condition.append(Signal.rule_key.in_(list(rules)))
    found: dict[str | None, list[Signal]] = {each: [] for each in employees or ()}
    for row in session.scalars(select(Signal).where(and_(*condition))):
        if employees is None or row.owner_id in found:
            found.setdefault(row.owner_id, []).append(row)
    names = employee_names(session, [each for each in found if each])
    ordered = sorted(found, key=lambda each: (each is None, names.get(each or "", ""), each or ""))
    return [_figures(each, names.get(each or "", ""), found[each]) for each in ordered]


def _figures(employee_id: str | None, name: str, rows: list[Signal]) -> Figures:
    hours = [(row.decided_at - row.raised_at).total_seconds() / 3600 for row in rows if row.decided_at is not None]
    known = [row.outcome for row in rows if row.outcome is not None]
    return Figures(
        employee_id=employee_id, employee_name=name, raised=len(rows),
        seen=sum(row.seen_at is not None for row in rows),
        reacted=sum(row.decision == Decision.REACTED for row in rows),
        ignored=sum(row.decision == Decision.IGNORED for row in rows),
        open=sum(row.state in WAITING for row in rows),
        closed_by_itself=sum(row.closed_why == "cause_gone" for row in rows),
        median_hours=statistics.median(hours) if hours else None,
        outcomes_happened=sum(known), outcomes_known=len(known),
    )  # fmt: skip
