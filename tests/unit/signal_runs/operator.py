"""A small operator with managers, rules on it, and the database of its desk."""

import datetime as dt
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from crm.database import Database
from crm.models import SignalRule
from crm.services import signals
from crm.services.actor import system
from crm.services.organisation_load import load_organisation
from crm.services.segments import Author
from crm.services.signals import RuleAuthor
from crm.services.signals.keeper import SignalKeeper
from crm.services.signals.owners import Staff, staff
from segments.catalogue import Catalogue
from segments.engine import At
from signals.definition import Rule, parse
from tests.signal_reference.world import DATED, LAST, SCHEMAS, world
from vitrina.signal_options import SignalOptions
from vitrina.warehouse.marts import MartCatalogue, MartSpec
from vitrina.warehouse.publish import PublishRequest, publish

NOW = dt.datetime(2025, 12, 11, 5, tzinfo=dt.UTC)
SYSTEM = system("tests")
OPTIONS = SignalOptions(first_days=28, head_positions="head")
MONTHLY = ("fct_usage_daily", "fct_payments", "fct_charges", "customer_profiles_history")
CUSTOMERS = 100


def manager_of(customer: int) -> tuple[str | None, str]:
    """Account manager and region of a customer: organisations have one, who in one case left."""
    return (("E1", "E2", "E3")[customer // 3 % 3] if customer % 3 == 0 else None), f"0{customer % 2 + 1}"


def rules() -> dict[str, dict[str, Any]]:
    """Rules of every kind of check, with limits, cool-downs and growth that tell apart a day and the next."""
    fall = {
        "kind": "change",
        "measure": "data_mb",
        "direction": "fall",
        "against": "previous",
        "weeks": 1,
        "by_pct": 20,
    }
    debt = {"kind": "threshold", "measure": "debt_amount", "operator": ">", "value": 50}
    silent = {"kind": "threshold", "measure": "days_since_last_usage", "operator": ">=", "value": 6}
    fewer = {"kind": "change", "measure": "active_subscriptions", "direction": "fall", "weeks": 4, "by": 1}
    return {
        "falls": document(fall, cool_down_days=5, worsens_by_pct=10, limits={"per_owner_a_day": 2, "a_day": 6}),
        "debt": document(debt, cool_down_days=10, audience={"kind": "everyone", "customer_type": "organisation"}),
        "silent": document(silent, check={"every": "week", "weekday": 1}, closes=False, cool_down_days=7),
        "fewer": document(fewer, action={"kind": "task", "title": "Ask why", "due_days": 1}, priority="high"),
    }


def document(condition: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A rule of one condition, looked at daily."""
    return {
        "version": 1, "kind": "rules", "audience": {"kind": "everyone"},
        "conditions": {"combinator": "and", "rules": [dict(condition)]}, "check": {"every": "day"},
        "outcome": {"kind": "churn", "within_days": 20}, **more,
    }  # fmt: skip


def parsed() -> dict[str, Rule]:
    """The same as values."""
    return {key: parse(each) for key, each in rules().items()}


@cache
def _tables() -> dict[str, pa.Table]:
    rows = world(3, CUSTOMERS)
    tables = {name: pa.Table.from_pylist(rows[name], schema) for name, schema in SCHEMAS.items()}
    people = [
        {"customer_id": each, "customer_type": "organisation" if each % 3 == 0 else "person",
         "manager_id": manager_of(each)[0], "region_code": manager_of(each)[1]}
        for each in range(1, CUSTOMERS + 1)
    ]  # fmt: skip
    columns = {"customer_id": pa.int64(), "customer_type": pa.string(), "manager_id": pa.string(),
               "region_code": pa.string()}  # fmt: skip
    return {**tables, "dim_customers": pa.Table.from_pylist(people, pa.schema(columns))}


class Operator:
    """Its marts in memory, as a run reads them; facts after `until` are not there yet."""

    def __init__(self, until: dt.date = LAST, schema: str = "main") -> None:
        self.connection = duckdb.connect(":memory:", config={"threads": 1})
        self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        for name, table in _tables().items():
            self.connection.register("given", table)
            known = f"WHERE {DATED[name]} <= DATE '{until}'" if name in DATED else ""
            self.connection.execute(f"CREATE TABLE {schema}.{name} AS SELECT * FROM given {known}")
            self.connection.unregister("given")
        self.tables = frozenset(_tables())

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        """Run a SELECT."""
        return self.connection.sql(sql, params=dict(params or {})).to_arrow_table()

    def stream(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.RecordBatchReader:
        """The same, piece by piece."""
        return self.query(sql, params).to_reader()


def publish_operator(published: Path) -> None:
    """The operator as a published snapshot."""
    specs = {name: MartSpec(name, month_column=DATED[name]) for name in MONTHLY}
    request = PublishRequest(as_of=LAST, now=NOW)
    publish(Operator(schema="marts").connection, published, request, MartCatalogue(specs))


def desk(database: Database, first: dt.date | None = None) -> SignalKeeper:
    """The keeper of a database with the company and the rules in use, all of them from the day `first` on."""
    places = [("HQ", None, "head_office", None), ("R01", "HQ", "region", "01"), ("G01", "R01", "group", "01")]
    departments = [
        {"department_id": key, "parent_department_id": parent, "department_name": key, "kind": kind,
         "region_code": region}
        for key, parent, kind, region in places
    ]  # fmt: skip
    employees = [
        {"employee_id": key, "department_id": place, "full_name": key, "position": position, "email": "", "phone": "",
         "is_employed": key != "E3"}
        for key, place, position in (("E1", "G01", "farmer"), ("E2", "G01", "farmer"), ("E3", "G01", "farmer"),
                                     ("E9", "R01", "head"))
    ]  # fmt: skip
    author = RuleAuthor(Author(Catalogue({}, {}, {}), At.current(LAST)), lambda _rule, _others: frozenset())
    with database.begin() as session:
        load_organisation(session, departments, employees, SYSTEM, NOW)
        for key, each in rules().items():
            signals.create_rule(session, key, each, SYSTEM, NOW, author=author, key=key)
            signals.put_live(session, key, SYSTEM, NOW, "test")
            session.get_one(SignalRule, key).evaluated_until = first - dt.timedelta(days=1) if first else None
    return SignalKeeper(database, OPTIONS, lambda: NOW)


def company(database: Database) -> Staff:
    """Who works there."""
    with database.read() as session:
        return staff(session, OPTIONS.heads)
