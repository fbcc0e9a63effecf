"""A published snapshot to ask segments about, and conditions that are written down twice: as rules, and as SQL by hand.

The profile has every column of the product. Its history holds the columns that the replayed definition looks at, unless
all are asked for: the store is columnar, so columns that nobody reads cost disk and minutes of preparation alone.
"""

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.gate import NOW, RESOURCES, contracts, fill
from vitrina.warehouse.marts import load_catalogue
from vitrina.warehouse.publish import GuardLimits, PublishRequest, publish

AS_OF = dt.date(2026, 11, 22)
MONTHS = 12
FIRST_MONTH = "DATE '2025-11-01'"
SMALL_HISTORY = (
    "customer_id", "profile_date", "month_end", "customer_type", "segment", "lifecycle_status", "region_code",
    "arpu_3m", "debt_amount", "has_marketing_consent", "data_mb_avg_3m", "age_years", "birth_date", "language",
    "payment_type", "charges_amount_last_month", "voice_out_minutes_avg_3m", "nps_last_score",
)  # fmt: skip
Document = dict[str, Any]


@dataclass(frozen=True)
class Condition:
    """One condition as a rule of a definition and as a person would write it over `customer_profiles`."""

    rule: Document
    sql: str


@dataclass(frozen=True)
class Segment:
    """Conditions that are joined by and."""

    name: str
    conditions: tuple[Condition, ...]

    @property
    def document(self) -> Document:
        """Its definition."""
        rules = [condition.rule for condition in self.conditions]
        return {"version": 1, "kind": "rules", "root": {"combinator": "and", "rules": rules}}

    @property
    def where(self) -> str:
        """Its condition by hand."""
        return " AND ".join(condition.sql for condition in self.conditions)


def attribute(field: str, operator: str, value: Any, sql: str, **more: Any) -> Condition:
    """A condition on the profile."""
    return Condition({"kind": "attribute", "field": field, "operator": operator, "value": value, **more}, sql)


PREMIUM = attribute("segment", "=", "premium", "segment = 'premium'")
ACTIVE = attribute("lifecycle_status", "in", ["active"], "lifecycle_status = 'active'")
SPENDING = attribute("arpu_3m", ">", 90000, "arpu_3m > 90000")
CONSENT = attribute("has_marketing_consent", "=", True, "has_marketing_consent")
DATA = attribute("data_mb_avg_3m", "between", [20, 80], "data_mb_avg_3m BETWEEN 20 AND 80")
FIVE = (PREMIUM, ACTIVE, SPENDING, CONSENT, DATA)
TEN = (
    *FIVE,
    attribute("region_code", "in", ["1703", "1704", "1705", "1706", "1707", "1708", "1709"],
              "region_code IN ('1703', '1704', '1705', '1706', '1707', '1708', '1709')"),
    attribute("age_years", ">=", 18, "age_years >= 18"),
    attribute("birth_date", "<", "1995-01-01", "birth_date < DATE '1995-01-01'"),
    attribute("debt_amount", "<", 500000, "(debt_amount < 500000 OR debt_amount IS NULL)", nulls="in"),
    attribute("charges_amount_last_month", "notBetween", [0, 1000], "NOT charges_amount_last_month BETWEEN 0 AND 1000"),
)  # fmt: skip
EVENT = {"kind": "event", "event": "payments"}
QUARTER = {"last": 90, "unit": "day"}
IN_QUARTER = "paid_date > DATE '2026-11-22' - 90 AND paid_date <= DATE '2026-11-22'"
PAID_OFTEN = Condition(
    {**EVENT, "measure": {"function": "count"}, "operator": ">=", "value": 2, "window": QUARTER},
    f"customer_id IN (SELECT customer_id FROM fct_payments WHERE {IN_QUARTER} GROUP BY 1 HAVING count(*) >= 2)",
)
PAID_MUCH = Condition(
    {**EVENT, "measure": {"function": "sum", "field": "amount"}, "operator": ">", "value": 100000,
     "window": {"last": 12, "unit": "month"}},
    "customer_id IN (SELECT customer_id FROM fct_payments WHERE paid_date > DATE '2025-11-22'"
    " AND paid_date <= DATE '2026-11-22' GROUP BY 1 HAVING sum(amount) > 100000)",
)  # fmt: skip
PAID_NOT = Condition(
    {**EVENT, "measure": {"function": "never"}, "window": QUARTER},
    f"customer_id NOT IN (SELECT customer_id FROM fct_payments WHERE {IN_QUARTER})",
)
PAID_BY_CARD = Condition(
    {**EVENT, "measure": {"function": "count"}, "operator": ">=", "value": 1, "window": QUARTER,
     "where": {"rules": [{"kind": "attribute", "field": "method", "operator": "in", "value": ["code 1", "code 2"]}]}},
    f"customer_id IN (SELECT customer_id FROM fct_payments WHERE {IN_QUARTER} AND method IN ('code 1', 'code 2'))",
)  # fmt: skip
VALID = "valid_from <= DATE '2026-11-22' AND (valid_to IS NULL OR valid_to > DATE '2026-11-22')"
HAS_ACTIVE = Condition(
    {"kind": "related", "entity": "subscriptions", "quantifier": "any",
     "where": {"rules": [{"kind": "attribute", "field": "status", "operator": "=", "value": "active"}]}},
    f"customer_id IN (SELECT customer_id FROM dim_subscriptions WHERE {VALID} AND status = 'active')",
)  # fmt: skip
HAS_TWO = Condition(
    {"kind": "related", "entity": "subscriptions", "quantifier": "count", "operator": ">=", "value": 2},
    f"customer_id IN (SELECT customer_id FROM dim_subscriptions WHERE {VALID} GROUP BY 1 HAVING count(*) >= 2)",
)
QUESTIONS = (
    Segment("1 condition", (PREMIUM,)),
    Segment("3 conditions", FIVE[:3]),
    Segment("5 conditions", FIVE),
    Segment("10 conditions", TEN),
    Segment("event: paid twice in 90 days", (PAID_OFTEN,)),
    Segment("event: sum of 12 months", (PAID_MUCH,)),
    Segment("event: no payment in 90 days", (PAID_NOT,)),
    Segment("event with a filter", (PAID_BY_CARD,)),
    Segment("related: an active number", (HAS_ACTIVE,)),
    Segment("related: two numbers or more", (HAS_TWO,)),
    Segment("3 conditions, event and related", (*FIVE[:3], PAID_OFTEN, HAS_ACTIVE)),
)


def fifty() -> tuple[Segment, ...]:
    """Segments of a marketing department: forty of attributes, six of payments, four of numbers."""
    pairs = [pair for size in (1, 2, 3) for pair in combinations(TEN, size)]
    spread = [pairs[place * len(pairs) // 40] for place in range(40)]
    events = [(each, *extra) for each in (PAID_OFTEN, PAID_MUCH, PAID_NOT) for extra in ((), (PREMIUM,))]
    related = [(each, *extra) for each in (HAS_ACTIVE, HAS_TWO) for extra in ((), (SPENDING,))]
    return tuple(Segment(f"segment-{place:02}", each) for place, each in enumerate([*spread, *events, *related]))


def make(
    home: Path, customers: int, payments: int, whole_history: bool, also: Callable[[Any], None] | None = None
) -> None:
    """Build and publish the snapshot below `home`; `payments` are those of a month. `also` adds marts to the build."""
    home.mkdir(parents=True, exist_ok=True)
    started, build, columns = time.perf_counter(), home / "build.duckdb", contracts()
    with duckdb.connect(str(build)) as con:
        con.execute("SET threads = 2; SET memory_limit = '6GB'; SET preserve_insertion_order = false")
        con.execute("CREATE SCHEMA marts")
        fill(con, "customer_profiles", columns["customer_profiles"], f"range(1, {customers + 1}) AS r(i)")
        _payments(con, columns["fct_payments"], customers, payments)
        _subscriptions(con, columns["dim_subscriptions"], customers)
        history = columns["customer_profiles_history"] if whole_history else _narrow(columns)
        _history(con, history, customers)
        if also is not None:
            also(con)
        catalogue = load_catalogue()
        kept = {name: catalogue.of(name) for name in _tables(con)}
        request = PublishRequest(AS_OF, NOW)
        publish(con, home / "published", request, type(catalogue)(kept), RESOURCES, GuardLimits())
    build.unlink()
    print(
        f"{customers:,} customers x {len(columns['customer_profiles'])} attributes, {MONTHS} months of {payments:,}"
        f" payments and of history with {len(history)} attributes, published in {time.perf_counter() - started:.0f} s",
        flush=True,
    )


def _narrow(columns: Mapping[str, dict[str, str]]) -> dict[str, str]:
    return {name: columns["customer_profiles"][name] for name in SMALL_HISTORY}


def _tables(con: duckdb.DuckDBPyConnection) -> Iterable[str]:
    return [
        name for (name,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts'").fetchall()
    ]


def _payments(con: duckdb.DuckDBPyConnection, columns: dict[str, str], customers: int, payments: int) -> None:
    pairs = f"range({payments}) AS a(n), range({MONTHS}) AS b(m)"
    source = f"(SELECT hash(n * 31 + m) % {customers} + 1 AS i, n, m FROM {pairs})"
    day = f"CAST({FIRST_MONTH} + to_months(CAST(m AS INTEGER)) + to_days(CAST(hash(n) % 28 AS INTEGER)) AS DATE)"
    special = {
        "paid_date": day, "month": f"CAST({FIRST_MONTH} + to_months(CAST(m AS INTEGER)) AS DATE)",
        "payment_id": "n * 12 + m",
        "amount": "CAST(hash(n) % 9000000 / 100 AS DECIMAL(18, 2))", "method": "'code ' || hash(n + 5) % 8",
    }  # fmt: skip
    fill(con, "fct_payments", columns, source, special)


def _subscriptions(con: duckdb.DuckDBPyConnection, columns: dict[str, str], customers: int) -> None:
    source = f"(SELECT i, n FROM range(1, {customers + 1}) AS r(i), range(3) AS s(n) WHERE n < 1 + hash(i) % 3)"
    special = {
        "subscription_id": "i * 4 + n", "valid_from": "DATE '2024-01-01' + CAST(hash(i * 3 + n) % 1200 AS INTEGER)",
        "valid_to": "CASE WHEN hash(i * 5 + n) % 4 = 0 THEN DATE '2026-01-01' + CAST(hash(i) % 500 AS INTEGER) END",
        "status": "['active', 'active', 'suspended', 'terminated'][1 + CAST(hash(i * 7 + n) % 4 AS INTEGER)]",
    }  # fmt: skip
    fill(con, "dim_subscriptions", columns, source, special)


def _history(con: duckdb.DuckDBPyConnection, columns: dict[str, str], customers: int) -> None:
    """A row a customer and month end; what an attribute holds differs from month to month."""
    pairs = f"range(1, {customers + 1}) AS r(c), range({MONTHS}) AS b(m)"
    source = f"(SELECT c, m, c + m * 1000003 AS i FROM {pairs})"
    end = f"CAST(last_day({FIRST_MONTH} + to_months(CAST(m AS INTEGER))) AS DATE)"
    fill(con, "customer_profiles_history", columns, source, {"customer_id": "c", "month_end": end, "profile_date": end})
