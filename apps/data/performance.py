"""Figures of managers: what was reached, what is expected to the end of a period, and the clients behind it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from apps.data.source import Reader, scalar
from crm.services.performance import Kpi, Period, PeriodKind
from signals.forecast import DailySeries, Forecast, forecast, forecast_level, public_holidays, usual_course

TABLES = ("employee_results", "customer_results", "kpi_catalogue")
Employees = tuple[str, ...]
Daily = list[tuple[dt.date, float]]


@dataclass(frozen=True)
class Outlook:
    """A figure in a period. `fact` is reached by now, None before the period begins; `forecast` is for the running
    period alone. `course` is the fact by day, added up; `usual` the share that has usually come by each day."""

    kpi: str
    fact: float | None
    forecast: Forecast | None
    course: tuple[tuple[dt.date, float], ...] = ()
    usual: tuple[tuple[dt.date, float], ...] = ()

    @property
    def expected(self) -> float | None:
        """The forecast, or the fact of a period that is over."""
        return self.fact if self.forecast is None else self.forecast.expected


def kpis(reader: Reader) -> list[dict[str, Any]]:
    """The indicators in their order, with names in three languages."""
    return reader.query("select * from kpi_catalogue order by position").to_pylist()


def kpi_of(row: dict[str, Any]) -> Kpi:
    """An indicator of the catalogue as the services of plans know it."""
    return Kpi(row["kpi"], row["kind"], row["unit"], row["better"])


def managers(reader: Reader) -> list[str]:
    """Employees who have results, as far as they are open to the reader."""
    return reader.query("select distinct employee_id from employee_results order by 1").column(0).to_pylist()


def known_from(reader: Reader) -> dt.date | None:
    """The first day of history."""
    return scalar(reader.query("select min(result_date) from employee_results"))


def monthly(reader: Reader, employees: Employees) -> dict[str, dict[str, dict[dt.date, float]]]:
    """By indicator and employee what each month came to; of a level, how high it stood at the month's end."""
    rows = reader.query(
        f"""select kpi, employee_id, month, cast(sum(value) as double) from employee_results
            where employee_id in ({_places(employees)}) group by all""", list(employees),
    )  # fmt: skip
    found: dict[str, dict[str, dict[dt.date, float]]] = {}
    for kpi, employee, month, value in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        found.setdefault(kpi, {}).setdefault(employee, {})[month] = value
    return found


def outlooks(
    reader: Reader, employees: Employees, as_of: dt.date, start: dt.date, kind: str
) -> dict[str, Outlook]:  # fmt: skip
    """All indicators of these employees together, in the period of `kind` that begins at `start`."""
    if not employees:
        return {}
    rows = reader.query(
        f"""select kpi, result_date, cast(sum(value) as double) from employee_results
            where employee_id in ({_places(employees)}) and result_date <= ? group by all""", [*employees, as_of],
    )  # fmt: skip
    daily: dict[str, Daily] = {}
    for kpi, day, value in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        daily.setdefault(kpi, []).append((day, value))
    period, first = Period(start, PeriodKind(kind)), known_from(reader)
    return {
        each["kpi"]: outlook(kpi_of(each), daily.get(each["kpi"], []), period, as_of, first) for each in kpis(reader)
    }  # fmt: skip


def outlooks_by_employee(
    reader: Reader, employees: Employees, kpi: str, as_of: dt.date, start: dt.date, kind: str
) -> dict[str, Outlook]:
    """One indicator of each of these employees."""
    if not employees:
        return {}
    rows = reader.query(
        f"""select employee_id, result_date, cast(value as double) from employee_results
            where kpi = ? and employee_id in ({_places(employees)}) and result_date <= ?""", [kpi, *employees, as_of],
    )  # fmt: skip
    daily: dict[str, Daily] = {}
    for employee, day, value in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        daily.setdefault(employee, []).append((day, value))
    found = next(kpi_of(each) for each in kpis(reader) if each["kpi"] == kpi)
    period, first = Period(start, PeriodKind(kind)), known_from(reader)
    return {each: outlook(found, daily.get(each, []), period, as_of, first) for each in employees}


def outlook(kpi: Kpi, daily: Daily, period: Period, as_of: dt.date, first: dt.date | None) -> Outlook:
    """Fact and forecast of one figure from its days; `first` is where history begins, though nothing came that day."""
    if period.start > as_of or first is None:
        return Outlook(kpi.code, None, None)
    if kpi.kind == "level":
        return _level(kpi, daily, period, as_of)
    inside = sorted((day, value) for day, value in daily if period.start <= day <= min(period.end, as_of))
    course = _added(inside, period.start, min(period.end, as_of))
    fact = course[-1][1] if course else 0.0
    whole = [*daily, (first, 0.0)]
    usual = usual_course(DailySeries.of(whole, period.start), len(period.months) - 1)
    if not period.holds(as_of):
        return Outlook(kpi.code, fact, None, course, usual)
    before = sum(month < as_of.replace(day=1) for month in period.months)
    told = forecast(
        DailySeries.of(whole, as_of), before, len(period.months) - 1 - before,
        holidays=public_holidays(first, period.end),
    )  # fmt: skip
    return Outlook(kpi.code, fact, told, course, usual)


def clients_behind(
    reader: Reader, employees: Employees, kpi: str, first: dt.date, last: dt.date, limit: int, offset: int
) -> pa.Table:
    """One page of the clients behind a figure, the largest first; `value` is what each gave to it.

    A level counts as it stood on the last day on which it was measured. Clients who have gone to another manager and
    are no longer open to the reader are not among them.
    """
    return reader.query(
        f"""select r.customer_id, coalesce(p.short_name, p.full_name) as full_name, p.region_code, p.segment, r.value
            from ({_behind(employees)}) r left join customer_profiles p using (customer_id)
            order by abs(r.value) desc, r.customer_id limit ? offset ?""",
        [*_values(employees, kpi, first, last), limit, offset],
    )  # fmt: skip


def behind_total(
    reader: Reader, employees: Employees, kpi: str, first: dt.date, last: dt.date
) -> tuple[int, float]:  # fmt: skip
    """How many clients stand behind a figure, as far as they are open to the reader, and what they add up to."""
    found = reader.query(
        f"select count(*), coalesce(cast(sum(value) as double), 0) from ({_behind(employees)})",
        _values(employees, kpi, first, last),
    )  # fmt: skip
    return int(found.column(0)[0].as_py()), float(found.column(1)[0].as_py())


def level_day(reader: Reader, employees: Employees, kpi: str, last: dt.date) -> dt.date | None:
    """The last day up to `last` on which a level of theirs was measured."""
    return scalar(
        reader.query(
            f"""select max(result_date) from employee_results
                where kpi = ? and result_date <= ? and employee_id in ({_places(employees)})""",
            [kpi, last, *employees],
        )
    )  # fmt: skip


def clients_of(reader: Reader, employees: Employees) -> dict[str, int]:
    """How many clients each looks after today."""
    rows = reader.query(
        f"""select manager_id, count(*) as clients from customer_profiles
            where manager_id in ({_places(employees)}) and lifecycle_status <> 'left' group by 1""", list(employees),
    )  # fmt: skip
    return {row["manager_id"]: row["clients"] for row in rows.to_pylist()}


def changed_managers(reader: Reader) -> int:
    """How many clients have had more than one manager, as far as history tells."""
    return int(
        scalar(
            reader.query(
                """select count(*) from (select customer_id from customer_results group by 1
                   having count(distinct employee_id) > 1)"""
            )
        )
        or 0
    )


def _level(kpi: Kpi, daily: Daily, period: Period, as_of: dt.date) -> Outlook:
    ends = {day.replace(day=1): (day, value) for day, value in sorted(daily)}
    running = as_of.replace(day=1)
    last = min(period.end, as_of).replace(day=1)
    fact = ends.get(last, (as_of, 0.0))[1]
    course = tuple((day, value) for month, (day, value) in sorted(ends.items()) if period.start <= month <= last)
    if not period.holds(as_of) or as_of == period.end:
        return Outlook(kpi.code, fact, None, course)
    past = [(day, value) for month, (day, value) in sorted(ends.items()) if month < running]
    ahead = sum(month >= running for month in period.months)
    return Outlook(kpi.code, fact, forecast_level(past, (as_of, fact), period.end, ahead), course)


def _added(inside: Daily, first: dt.date, last: dt.date) -> tuple[tuple[dt.date, float], ...]:
    values, reached, course = dict(_by_day(inside)), 0.0, []
    for number in range((last - first).days + 1):
        day = first + dt.timedelta(days=number)
        reached += values.get(day, 0.0)
        course.append((day, reached))
    return tuple(course)


def _by_day(rows: Daily) -> dict[dt.date, float]:
    found: dict[dt.date, float] = {}
    for day, value in rows:
        found[day] = found.get(day, 0.0) + value
    return found


def _behind(employees: Employees) -> str:
    return f"""select customer_id, sum(value) as value from customer_results
               where kpi = ? and result_date between ? and ? and employee_id in ({_places(employees)})
               group by customer_id having sum(value) <> 0"""


def _values(employees: Employees, kpi: str, first: dt.date, last: dt.date) -> list[Any]:
    return [kpi, first, last, *employees]


def _places(values: Employees) -> str:
    return ", ".join("?" * len(values)) or "null"
