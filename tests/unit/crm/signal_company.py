"""A company with managers, a head and an outsider, a live rule, and days on which it found customers."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from company import employee as staff_row
from company import employees as staff_rows
from company import link, load
from crm_people import NOW, SYSTEM, add_user
from segment_desk import CATALOGUE, TODAY

from crm.database import Database
from crm.models import SignalRule
from crm.services import rights, signals
from crm.services.accounts import UserInfo
from crm.services.segments import Author
from crm.services.signals import RuleAuthor
from crm.services.signals.keeper import SignalKeeper
from segments.engine import At
from vitrina.access.rights import Rights
from vitrina.signal_options import SignalOptions
from vitrina.signal_runs.plan import CUSTOMERS, FOUND, OUTCOMES, Findings, Recorded

OPTIONS = SignalOptions(first_days=7, head_positions="head")
FIRST = TODAY - dt.timedelta(days=6)
AUTHOR = RuleAuthor(Author(CATALOGUE, At.current(TODAY)), lambda _rule, _others: frozenset({"fct_payments"}))
FALLS = {
    "kind": "change", "measure": "payments_amount", "direction": "fall", "against": "previous", "weeks": 4,
    "by_pct": 30,
}  # fmt: skip


@dataclass(frozen=True)
class People:
    """E4 and E5 are farmers of region 01 under the head of sales E3; E11 a farmer of region 02."""

    farmer: UserInfo
    colleague: UserInfo
    head: UserInfo
    other: UserInfo


def company(database: Database) -> People:
    """Load the company, and give four of its employees accounts."""
    staff = [row for row in staff_rows() if row["employee_id"] != "E3"]
    load(database, people=[*staff, {**staff_row("E3", "U01-sales"), "position": "head"}])
    roles = {"farida": "farmer", "komil": "farmer", "hasan": "head_of_b2b", "otabek": "farmer"}
    users = [add_user(database, login, role) for login, role in roles.items()]
    for user, employee in zip(users, ("E4", "E5", "E3", "E10"), strict=True):
        link(database, user.user_id, employee)
    return People(*users)


def document(**more: Any) -> dict[str, Any]:
    """A rule on falling payments, looked at daily, or what is given instead."""
    return {
        "version": 1, "kind": "rules", "audience": {"kind": "everyone"},
        "conditions": {"combinator": "and", "rules": [FALLS]}, "check": {"every": "day"}, "priority": "high",
        "action": {"kind": "inform"}, "owner": {"kind": "manager"}, "cool_down_days": 28, "worsens_by_pct": 25,
        "closes": True, "limits": {"per_owner_a_day": None, "a_day": None},
        "outcome": {"kind": "revenue_fall", "within_days": 61}, **more,
    }  # fmt: skip


def live_rule(database: Database, name: str = "Payments fall", **more: Any) -> str:
    """A rule in use; its key."""
    with database.begin() as session:
        made = signals.create_rule(session, name, document(**more), SYSTEM, NOW, author=AUTHOR)
        signals.put_live(session, made.key, SYSTEM, NOW, "test")
        # Whatever the setting says, the days before the first are done.
        session.get_one(SignalRule, made.key).evaluated_until = FIRST - dt.timedelta(days=1)
        return made.key


def keeper(database: Database, now: dt.datetime = NOW) -> SignalKeeper:
    """The keeper of signals at a moment."""
    return SignalKeeper(database, OPTIONS, lambda: now)


# By customer: his manager, region and worth a month.
CUSTOMER: Mapping[int, tuple[str | None, str, float]] = {
    1: ("E4", "01", 500.0), 2: ("E4", "01", 300.0), 3: ("E5", "01", 900.0), 4: ("E10", "02", 50.0),
    5: (None, "02", 10.0),
}  # fmt: skip
Severity = Callable[[str, dt.date, int], float | None]


def findings(
    database: Database, severity: Severity, *, until: dt.date = TODAY, snapshot: int = 1,
    outcomes: Mapping[int, bool] | None = None, failed: Mapping[str, str] | None = None,
) -> Findings:  # fmt: skip
    """What the plan of the moment comes to when `severity` says what each rule finds on each day."""
    plan = keeper(database).plan(until)
    rows = [
        {"rule_key": key, "day": dt.date.fromisoformat(day), "customer_id": customer, "severity": found, "value": 1.0,
         "baseline": 2.0, "change_pct": -50.0, "details": '[{"measure": "payments_amount"}]',
         "customer_value": CUSTOMER[customer][2]}
        for key, rule in plan.rules.items() for day in rule.days for customer in CUSTOMER
        if (found := severity(key, dt.date.fromisoformat(day), customer)) is not None
    ]  # fmt: skip
    people = [
        {"customer_id": each, "manager_id": manager, "region_code": region}
        for each, (manager, region, _) in CUSTOMER.items()
    ]  # fmt: skip
    known = [{"signal_id": key, "happened": value} for key, value in (outcomes or {}).items()]
    return Findings(
        snapshot, until, plan, pa.Table.from_pylist(rows, FOUND), pa.Table.from_pylist(people, CUSTOMERS),
        pa.Table.from_pylist(known, OUTCOMES), failed or {},
    )  # fmt: skip


def run(database: Database, severity: Severity, *, now: dt.datetime = NOW, **more: Any) -> Recorded:
    """One whole run."""
    return keeper(database, now).record(findings(database, severity, **more))


def of(database: Database, user: UserInfo, today: dt.date | None = None) -> Rights:
    """The rights of a user."""
    with database.read() as session:
        return rights.rights_of(session, user.user_id, today or NOW.date())


def always(*customers: int, severity: float = 50.0) -> Severity:
    """Found on every day with one severity."""
    return lambda _rule, _day, customer: severity if customer in customers else None
