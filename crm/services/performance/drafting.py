"""The figures of a whole plan made at once: from history, down to every manager who works with clients."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from crm.services.organisation import departments, employees
from crm.services.performance.building import History, Method, Shares, added_up, build, total_of, weights_by
from crm.services.performance.periods import Period
from crm.services.performance.tree import tree_below
from crm.services.performance.values import DEPARTMENT, Kpi, Subject
from crm.services.tree import children, subtree

_RECENT_MONTHS = 12


@dataclass(frozen=True)
class Wish:
    """How a plan is to be made: where the totals come from and how they are divided.

    `totals` are figures of the whole that somebody set himself, by indicator, in hundredths; `own` weights by employee.
    """

    method: Method = Method.LAST_YEAR
    growth_pct: float = 0.0
    shares: Shares = Shares.HISTORY
    own: Mapping[str, float] = field(default_factory=dict)
    totals: Mapping[str, int] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """For the history of the plan."""
        return {
            "how": "built", "method": self.method.value, "growth_pct": self.growth_pct, "shares": self.shares.value
        }  # fmt: skip


def participants(
    session: Session, department_id: str, history: Mapping[str, History], until: dt.date
) -> tuple[str, ...]:  # fmt: skip
    """Employees of a department, and of those below it, who work here and had any result in the year up to `until`."""
    first = Period(until).shifted(1 - _RECENT_MONTHS).start
    places = subtree(department_id, children(departments(session).values()))
    busy = {
        employee
        for months_of in history.values()
        for employee, months in months_of.items()
        if any(first <= month <= until for month in months)
    }
    return tuple(
        each.employee_id
        for each in employees(session)
        if each.is_employed and each.department_id in places and each.employee_id in busy
    )


def built_lines(
    session: Session, department_id: str, period: Period, kpis: Iterable[Kpi], history: Mapping[str, History],
    as_of: dt.date, wish: Wish,
) -> dict[tuple[Subject, str], int]:  # fmt: skip
    """Lines of a plan from monthly history by indicator and employee, which may hold more than this department's.

    Months from the period on, and the running one of `as_of`, are not looked at. Raises `CrmError` when history does
    not reach far enough, or nobody there has results.
    """
    until = min(Period(as_of.replace(day=1)), period_month(period)).shifted(-1).start
    people = participants(session, department_id, history, until)
    below = tree_below(session, department_id, people)
    lines: dict[tuple[Subject, str], int] = {}
    for kpi in kpis:
        own = {each: dict(history.get(kpi.code, {}).get(each, {})) for each in people}
        whole = _whole(own, _first(history.get(kpi.code, {}), history), until)
        total = wish.totals.get(kpi.code)
        if total is None:
            total = total_of(kpi, period, whole, wish.method, wish.growth_pct, until)
        weights = weights_by(wish.shares, kpi, own, until, wish.own)
        lines |= build(kpi, total, Subject(DEPARTMENT, department_id), below, weights)
    return lines


def period_month(period: Period) -> Period:
    """Its first month."""
    return Period(period.start)


def _first(of_kpi: History, history: Mapping[str, History]) -> dt.date | None:
    """Where history begins: an indicator that is seldom anything but 0 began with all the others."""
    months = [month for each in (*history.values(), of_kpi) for values in each.values() for month in values]
    return min(months, default=None)


def _whole(own: History, first: dt.date | None, until: dt.date) -> dict[dt.date, float]:
    """The sum by month, with a 0 for months in which nothing came."""
    found = added_up(own)
    month = first
    while month is not None and month <= until:
        found.setdefault(month, 0.0)
        month = Period(month).shifted(1).start
    return found
