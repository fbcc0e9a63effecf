"""A home of its own in which rules have raised signals about the small operator's organisations: the farmer's, the
hunter's, and their head's to look at."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from crm.database import Database
from crm.models import SignalRule
from crm.services import signals
from crm.services.segments import Author
from crm.services.signals import RuleAuthor
from crm.services.signals.keeper import SignalKeeper
from segments.engine import At
from tests.apps.people import copy_accounts, database, now, system
from tests.apps.small_operator import AS_OF
from tests.reference_evaluator.project import project_catalogue
from vitrina.signal_options import SignalOptions
from vitrina.signal_runs.plan import CUSTOMERS, FOUND, OUTCOMES, Findings

FALLS = {
    "kind": "change", "measure": "payments_amount", "direction": "fall", "against": "norm", "weeks": 4, "by_pct": 30,
}  # fmt: skip
DEBT = {"kind": "threshold", "measure": "debt_amount", "operator": ">=", "value": 50000}
RULES = {"payments-fall": ("Падают платежи", FALLS, "high"), "large-debt": ("Крупный долг", DEBT, "medium")}


def make_signal_home(source: Path, target: Path) -> Path:
    """The accounts and the snapshot of `source` with two rules in use, a draft, and their signals of one day."""
    (target / "published").symlink_to(source / "published")
    copy_accounts(source, target)
    base = database(target)
    for key, (name, condition, priority) in RULES.items():
        _rule(base, key, name, condition, priority, live=True)
    _rule(base, "draft-rule", "Черновик правила", DEBT, "low", live=False)
    keeper = SignalKeeper(base, SignalOptions(first_days=1, head_positions="head"), now)
    plan = keeper.plan(AS_OF)
    people = organisations(target)
    keeper.record(
        Findings(
            1, AS_OF, plan, pa.Table.from_pylist([_found(key, *each) for key in RULES for each in people], FOUND),
            pa.Table.from_pylist([{"customer_id": c, "manager_id": m, "region_code": r} for c, m, r in people],
                                 CUSTOMERS),
            OUTCOMES.empty_table(), {},
        )
    )  # fmt: skip
    base.close()
    return target


def organisations(home: Path) -> list[tuple[int, str | None, str | None]]:
    """Organisations with their manager and region, as the snapshot has them."""
    versions = sorted((home / "published").glob("v*/marts.duckdb"))
    with duckdb.connect(str(versions[-1]), read_only=True) as con:
        return con.execute(
            """select customer_id, manager_id, region_code from marts.customer_profiles
               where customer_type = 'organisation' order by 1"""
        ).fetchall()


def _rule(base: Database, key: str, name: str, condition: dict[str, Any], priority: str, *, live: bool) -> None:
    actor = system("tests")
    author = RuleAuthor(Author(project_catalogue(), At.current(AS_OF)), lambda _rule, _others: frozenset())
    document = {
        "version": 1, "kind": "rules", "audience": {"kind": "everyone", "customer_type": "organisation"},
        "conditions": {"combinator": "and", "rules": [condition]}, "check": {"every": "day"}, "priority": priority,
        "action": {"kind": "inform"}, "owner": {"kind": "manager"}, "outcome": {"kind": "churn", "within_days": 60},
    }  # fmt: skip
    with base.begin() as session:
        signals.create_rule(session, name, document, actor, now(), author=author, key=key)
        if live:
            signals.put_live(session, key, actor, now(), "tests")
            session.get_one(SignalRule, key).evaluated_until = AS_OF - dt.timedelta(days=1)


def _found(key: str, customer: int, _manager: str | None, _region: str | None) -> dict[str, Any]:
    value, baseline = (100_000.0, 400_000.0) if key == "payments-fall" else (60_000.0 + customer, None)
    told = {
        "condition": 0, "kind": "change" if baseline else "threshold", "measure": RULES[key][1]["measure"],
        "value": value, "baseline": baseline, "expected": baseline, "deviations": 3.2 if baseline else None,
    }  # fmt: skip
    return {
        "rule_key": key, "day": AS_OF, "customer_id": customer, "severity": 75.0, "value": value,
        "baseline": baseline, "change_pct": -75.0 if baseline else None, "details": json.dumps([told]),
        "customer_value": 1000.0 * customer,
    }  # fmt: skip
