"""Plans, results and forecasts of managers: indicators, figures of a subject, plans with their lines."""

import datetime as dt
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from apps.api.access import Client, Known
from apps.api.problems import Problem, _
from apps.data import performance as data
from apps.data.performance import Outlook
from apps.performance.standing import Plans, Staff, bonus_outlook, in_reach, plans_of, staff
from crm.errors import CrmError
from crm.services import performance
from crm.services.performance import (
    DEPARTMENT,
    EMPLOYEE,
    OBJECT,
    WHOLE,
    Bonus,
    Kpi,
    Period,
    PeriodKind,
    PlanInfo,
    Subject,
)
from vitrina.access.gate import GatedReader
from vitrina.access.looks import Purpose
from vitrina.access.rights import Scope

router = APIRouter(tags=["performance"], prefix="/performance")
Form = dict[str, Any]
Kind = Literal["month", "quarter"]
Name = Annotated[str, Query(max_length=64)]


@router.get("/kpis")
def kpis(client: Known) -> Form:
    """The indicators in their order."""
    return {"items": data.kpis(_reader(client))}


@router.get("/figures")
def figures(
    client: Known, period: dt.date | None = None, kind: Kind = "month", employee: Name = "", department: Name = ""
) -> Form:  # fmt: skip
    """Plan, result and forecast of an employee or a department (nobody named: of all that is open to you), in the
    period that begins at `period` (the running one without it); of an employee his bonus as well."""
    reader = _reader(client)
    as_of = reader.manifest.as_of
    chosen = Period(period, PeriodKind(kind)) if period else Period.holding(as_of, PeriodKind(kind))
    known = {row["kpi"]: data.kpi_of(row) for row in data.kpis(reader)}
    with client.services.database.read() as session:
        company = staff(session)
        people = in_reach(client.rights, [each for each in data.managers(reader) if each in company.names])
        subject = _subject(session, client, company, people, employee, department)
        own = people if subject is None else tuple(sorted(company.of(subject) & set(people)))
        plans = _plans(session, company, subject, own, chosen)
        schemes = performance.scheme_versions(session, known)
    outlooks = data.outlooks(reader, own, as_of, chosen.start, chosen.kind.value)
    told: Form = {
        "subject": None if subject is None else {"kind": subject.kind, "id": subject.id},
        "period": {"kind": chosen.kind.value, "start": chosen.start, "end": chosen.end}, "as_of": as_of,
        "employees": list(own), "items": [_figure(kpi, outlooks.get(kpi.code), plans) for kpi in known.values()],
    }  # fmt: skip
    if subject is not None and subject.kind == EMPLOYEE and outlooks:
        bonus = bonus_outlook(schemes, company, subject.id, chosen, plans, outlooks, known)
        told["bonus"] = None if bonus is None else {
            "scheme": bonus.scheme.key, "version": bonus.scheme.number, "expected": _bonus(bonus.expected),
            "low": bonus.low.amount, "high": bonus.high.amount, "by_now": bonus.now.amount,
        }  # fmt: skip
    return told


@router.get("/plans")
def plans(client: Known, period: dt.date | None = None, kind: Kind = "month") -> Form:
    """Plans of the departments that are open to you, without their lines."""
    _looking(client)
    wanted = Period(period, PeriodKind(kind)) if period else None
    with client.services.database.read() as session:
        seen = performance.departments_seen(session, client.rights)
        return {"items": [_plan(each) for each in performance.plans(session, seen, wanted)]}


@router.get("/plans/{plan_id}")
def plan(client: Known, plan_id: int, version: int | None = None) -> Form:
    """A plan with the lines of a version (the newest without one), amounts in soʻm or pieces."""
    _looking(client)
    with client.services.database.read() as session:
        found = performance.plan(session, plan_id) if abs(plan_id) < 2**31 else None
        if found is None or found.department_id not in performance.departments_seen(session, client.rights):
            raise CrmError("plan_unknown")
        number = found.newest.number if version is None else version
        lines = performance.plan_lines(session, plan_id, number) if abs(number) < 2**31 else {}
        events = performance.plan_events(session, plan_id)
    return {
        **_plan(found), "lines_of": number,
        "lines": [{"kind": subject.kind, "id": subject.id, "kpi": kpi, "amount": amount / WHOLE}
                  for (subject, kpi), amount in sorted(lines.items())],
        "events": [{"version": each.version, "what": each.what, "comment": each.comment, "login": each.login,
                    "at": each.at} for each in events],
    }  # fmt: skip


def _looking(client: Client) -> None:
    client.needs("tables")
    client.needs_right(OBJECT, "view")


def _reader(client: Client) -> GatedReader:
    _looking(client)
    # The figures of his page and no rows of customers: `kpis: view` opens them here as there, as signals and tasks are.
    reader = client.reader(Purpose.PAGE)
    if not set(data.TABLES) <= set(reader.manifest.tables):
        raise Problem(404, "no_figures", _("This snapshot has no figures of managers yet."))
    return reader


def _subject(
    session: Any, client: Client, company: Staff, people: tuple[str, ...], employee: str, department: str
) -> Subject | None:  # fmt: skip
    if employee and employee not in people:
        raise CrmError("employee_unknown", employee=employee)
    if employee:
        return Subject(EMPLOYEE, employee)
    if department and department not in performance.departments_seen(session, client.rights):
        raise CrmError("department_unknown", department=department)
    if department:
        return Subject(DEPARTMENT, department)
    return (
        Subject(EMPLOYEE, people[0]) if len(people) == 1 and client.rights.scope(OBJECT, "view") is Scope.OWN else None
    )


def _plans(session: Any, company: Staff, subject: Subject | None, own: tuple[str, ...], period: Period) -> Plans:
    if subject is not None:
        return plans_of(session, company, [subject], period)[subject]
    sums: Plans = {}
    for found in plans_of(session, company, [Subject(EMPLOYEE, each) for each in own], period).values():
        for kpi, amount in found.items():
            sums[kpi] = sums.get(kpi, 0.0) + amount
    return sums


def _figure(kpi: Kpi, outlook: Outlook | None, plans: Plans) -> Form:
    plan_ = plans.get(kpi.code)
    expected = outlook.expected if outlook else None
    forecast = outlook.forecast if outlook else None
    return {
        "kpi": kpi.code, "kind": kpi.kind, "unit": kpi.unit, "better": kpi.better, "plan": plan_,
        "fact": outlook.fact if outlook else None,
        "done_pct": None if plan_ is None or expected is None or not performance.is_planned(plan_, kpi.better)
        else performance.done_pct(plan_, expected, kpi.better),
        "forecast": None if forecast is None else {
            "expected": forecast.expected, "low": forecast.low, "high": forecast.high,
            "confidence": forecast.confidence, "past_errors": forecast.errors, "is_rough": forecast.is_rough,
        },
    }  # fmt: skip


def _bonus(bonus: Bonus) -> Form:
    return {
        "amount": bonus.amount, "base": bonus.base, "is_capped": bonus.is_capped,
        "lines": [{"kpi": line.part.kpi, "weight": float(line.part.weight), "plan": line.plan, "result": line.result,
                   "done_pct": line.done_pct, "paid_pct": line.paid_pct, "amount": line.amount, "reason": line.reason}
                  for line in bonus.lines],
    }  # fmt: skip


def _plan(found: PlanInfo) -> Form:
    return {
        "plan_id": found.plan_id, "department": found.department_id,
        "period": {"kind": found.period.kind.value, "start": found.period.start, "end": found.period.end},
        "version": found.newest.number, "state": found.newest.state.value, "approved": found.approved,
        "editors": list(found.newest.editors), "updated_at": found.updated_at,
    }  # fmt: skip
