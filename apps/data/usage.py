"""Usage of a client, a segment, a product or everybody in scope, by month, week or day, and its own norm.

All measures of a subject come in one statement over the facts of the periods asked for, month partitions first, so that
only what is shown is read. What a norm is and what deviates from it are plain functions over the periods.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from apps.data.source import Reader, scalar

GRAINS: Final = ("month", "week", "day")
# Periods before one whose median is its norm; for days they are the same weekday of the weeks before.
NORM_PERIODS: Final = {"month": 6, "week": 8, "day": 6}
_DAYS_BACK: Final = {"week": 7, "day": 1}
Row = dict[str, Any]

_USAGE: Final = {
    "data_mb": "sum(u.data_mb)",
    "voice_minutes": "sum(u.voice_out_onnet_sec + u.voice_out_offnet_sec + u.voice_out_intl_sec) / 60.0",
    "intl_minutes": "sum(u.voice_out_intl_sec) / 60.0",
    "in_minutes": "sum(u.voice_in_sec) / 60.0",
    "sms": "sum(u.sms_out)",
    "roaming_mb": "sum(u.roaming_data_mb)",
    "roaming_minutes": "sum(u.roaming_voice_sec) / 60.0",
    "beyond_bundle": "sum(u.charge_amount)",
}
MEASURES: Final = (*_USAGE, "charges")
# Counted beside the measures; they have no total over periods.
COUNTED: Final = ("numbers", "customers")


@dataclass(frozen=True)
class Subject:
    """Whose usage: `kind` is client, segment (key of a built one), market (the operator's segment), product, peers
    (customers like client `key`, without it) or everybody."""

    kind: str
    key: str = ""

    def where(self, alias: str, day: str) -> tuple[str, list[Any]]:
        """The condition over a fact table `alias`, whose rows are of the day that the SQL `day` gives."""
        of_customer = f"{alias}.customer_id in "
        if self.kind == "client":
            return f"{alias}.customer_id = ?", [int(self.key)]
        if self.kind == "segment":
            return of_customer + "(select m.customer_id from segment_memberships m where m.segment_key = ?)", [self.key]
        if self.kind == "market":
            return of_customer + "(select p.customer_id from customer_profiles p where p.segment = ?)", [self.key]
        if self.kind == "peers":
            return (
                of_customer
                + """(
                    select p.customer_id from customer_profiles p, customer_profiles own
                    where own.customer_id = ? and p.customer_id <> own.customer_id
                      and p.customer_type = own.customer_type and p.segment is not distinct from own.segment)""",
                [int(self.key)],
            )
        if self.kind == "product":
            return (
                f"""exists (select 1 from dim_subscriptions s where s.subscription_id = {alias}.subscription_id
                      and s.product_id = ? and s.valid_from <= {day} and s.valid_to > {day})""",
                [int(self.key)],
            )
        return "true", []


@dataclass(frozen=True)
class Asked:
    """A subject over the periods from `first` to `last` (days of their beginnings); `with_charges` adds the measure of
    the object finance."""

    subject: Subject
    grain: str
    first: dt.date
    last: dt.date
    with_charges: bool = True


def statement(asked: Asked) -> tuple[str, list[Any]]:
    """One row per period: `period`, the measures, `numbers` and `customers` with usage in it."""
    table, column = ("fct_usage_monthly", "month") if asked.grain == "month" else ("fct_usage_daily", "usage_date")
    period = _period(f"u.{column}", asked.grain)
    day = "last_day(u.month)" if asked.grain == "month" else "u.usage_date"
    where, values = asked.subject.where("u", day)
    until = _after(asked.last, asked.grain)
    bounds = [asked.first.replace(day=1), asked.first, until]
    sums = ", ".join(f"cast({sql} as double) as {name}" for name, sql in _USAGE.items())
    usage = f"""select {period} as period, {sums}, count(distinct u.subscription_id) as numbers,
                  count(distinct u.customer_id) as customers
                from {table} u where u.month >= ? and u.{column} >= ? and u.{column} < ? and {where} group by 1"""
    if not asked.with_charges:
        return f"select * from ({usage}) order by period", [*bounds, *values]
    where, more = asked.subject.where("c", "c.charge_date")
    charges = f"""select {_period("c.charge_date", asked.grain)} as period, cast(sum(c.amount) as double) as charges
                  from fct_charges c where c.month >= ? and c.charge_date >= ? and c.charge_date < ? and {where}
                  group by 1"""
    joined = ", ".join(f"x.{name}" for name in (*_USAGE, *COUNTED))
    sql = f"""with x as ({usage}), y as ({charges})
              select coalesce(x.period, y.period) as period, {joined}, y.charges
              from x full join y on x.period = y.period order by 1"""
    return sql, [*bounds, *values, *bounds, *more]


def _period(column: str, grain: str) -> str:
    return f"cast({column} as date)" if grain == "day" else f"cast(date_trunc('{grain}', {column}) as date)"


def _after(last: dt.date, grain: str) -> dt.date:
    if grain == "month":
        return (last.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    return last + dt.timedelta(days=_DAYS_BACK[grain])


def series(reader: Reader, asked: Asked) -> list[Row]:
    """Every period from first to last, oldest first; without usage its measures are 0."""
    sql, values = statement(asked)
    found = {row["period"]: row for row in reader.query(sql, values).to_pylist()}
    measures = [name for name in MEASURES if name != "charges" or asked.with_charges]
    return [
        {"period": period}
        | {name: float(found.get(period, {}).get(name) or 0) for name in measures}
        | {name: int(found.get(period, {}).get(name) or 0) for name in COUNTED}
        for period in periods(asked.first, asked.last, asked.grain)
    ]


def periods(first: dt.date, last: dt.date, grain: str) -> list[dt.date]:
    """Beginnings of the periods from the one of `first` to the one of `last`."""
    found, day = [], begin(first, grain)
    while day <= last:
        found.append(day)
        day = step(day, grain, 1)
    return found


def begin(day: dt.date, grain: str) -> dt.date:
    """The first day of the period that a day is in; weeks begin on Monday."""
    if grain == "month":
        return day.replace(day=1)
    return day - dt.timedelta(days=day.weekday()) if grain == "week" else day


def step(day: dt.date, grain: str, count: int) -> dt.date:
    """The beginning of the period `count` periods after (before, when negative) one that begins on `day`."""
    if grain == "month":
        months = day.year * 12 + day.month - 1 + count
        return dt.date(months // 12, months % 12 + 1, 1)
    return day + dt.timedelta(days=count * _DAYS_BACK[grain])


def year_before(day: dt.date, grain: str) -> dt.date:
    """The beginning of the same period a year ago: the month; the week or day 52 weeks before, of the same weekday."""
    return step(day, "month", -12) if grain == "month" else day - dt.timedelta(days=364)


def norms(rows: Sequence[Row], measure: str, grain: str) -> list[float | None]:
    """For each period the median of those before it (`NORM_PERIODS`; for days of the same weekday); None where fewer
    than three are known."""
    stride, wanted = (7 if grain == "day" else 1), NORM_PERIODS[grain]
    found: list[float | None] = []
    for place in range(len(rows)):
        before = [rows[back][measure] for back in range(place - stride, -1, -stride)][:wanted]
        found.append(median(before) if len(before) >= 3 else None)
    return found


def deviations(values: Sequence[float], norm: Sequence[float | None], threshold_pct: float) -> list[float | None]:
    """By how many percent each value is off its norm, where that is at least the threshold; None elsewhere."""
    found: list[float | None] = []
    for value, usual in zip(values, norm, strict=True):
        off = 100 * (value / usual - 1) if usual else None
        found.append(off if off is not None and abs(off) >= threshold_pct else None)
    return found


def per_customer(rows: Sequence[Row]) -> list[Row]:
    """The same periods with every measure divided by the customers who had usage in it."""
    return [row | {name: _share(row[name], row["customers"]) for name in MEASURES if name in row} for row in rows]


def _share(value: float, customers: int) -> float:
    return value / customers if customers else 0.0


def totals(rows: Sequence[Row]) -> Mapping[str, float]:
    """Sums of the measures over the periods."""
    return {name: sum(row[name] for row in rows) for name in MEASURES if rows and name in rows[0]}


def known_until(reader: Reader, as_of: dt.date) -> dt.date:
    """The last day whose usage has been delivered, at most `as_of`: one still to come is no day without usage."""
    found = scalar(reader.query("select max(usage_data_date) from customer_profiles"))
    return as_of if found is None else min(found, as_of)


def whole(reader: Reader, rows: list[Row], grain: str) -> list[Row]:
    """The periods from the first with any usage on: before it nothing is stored, which is no zero to make a norm of. A
    week that is stored only from the middle on is left out as well."""
    first = next((place for place, row in enumerate(rows) if row["numbers"] or row.get("charges")), len(rows))
    if grain == "week" and first < len(rows):
        begun = scalar(reader.query("select min(month) from fct_usage_daily"))
        first += begun is not None and rows[first]["period"] < begun
    return rows[first:]


def products(reader: Reader) -> list[Row]:
    """Products that numbers in scope have or had, those with the most numbers first."""
    return reader.query(
        """select p.product_id, p.product_name, p.product_name_uz, p.product_name_en, count(*) as numbers
           from dim_subscriptions s join dim_products p using (product_id) where s.is_current
           group by all order by numbers desc, p.product_id"""
    ).to_pylist()


def markets(reader: Reader) -> list[str]:
    """The operator's own segments in scope."""
    found = reader.query("select distinct segment from customer_profiles where segment is not null order by 1")
    return found.column(0).to_pylist()


def built_segments(reader: Reader) -> dict[str, int]:
    """Built segments with members in scope, and how many."""
    found = reader.query("select segment_key, count(*) as members from segment_memberships group by 1 order by 1")
    return {row["segment_key"]: row["members"] for row in found.to_pylist()}
