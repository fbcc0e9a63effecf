"""Segments over events and related objects against a second computation from the sources: the same customers, all of
them, on the day of the snapshot and at a stored month end."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segments.definition import parse
from segments.engine import At, compile_segment
from segments.questions import members, read_catalogue
from tests.integration.independent.profile import Profiles
from tests.integration.whole_operator import MONTH_ENDS, UNTIL, reader
from vitrina.warehouse.reader import SnapshotReader

Rule = dict[str, Any]
Owners = Callable[[Profiles, date], set[int]]
LAST_90, LAST_30 = {"last": 90, "unit": "day"}, {"last": 30, "unit": "day"}


@pytest.fixture(scope="module")
def snapshot(operator_home: Path) -> Iterator[SnapshotReader]:
    """What the run published."""
    with reader(operator_home) as opened:
        yield opened


def event(name: str, measure: Rule, window: Rule, operator: str = ">=", value: Any = 1, **more: Any) -> Rule:
    compared = {} if measure["function"] == "never" else {"operator": operator, "value": value}
    return {"kind": "event", "event": name, "measure": measure, "window": window, **compared, **more}


def only(field: str, *values: str) -> Rule:
    rule = {"kind": "attribute", "field": field, "operator": "in", "value": list(values)}
    return {"where": {"combinator": "and", "rules": [rule]}}


def within(frame: pl.DataFrame, day: date, days: int) -> pl.DataFrame:
    return frame.filter((pl.col("on") > day - timedelta(days=days)) & (pl.col("on") <= day))


def those(frame: pl.DataFrame, condition: pl.Expr) -> set[int]:
    """Customers of whose rows, taken together, something is true."""
    return set(frame.group_by("customer").agg(condition.alias("is_in")).filter("is_in")["customer"])


def several_active_numbers(profiles: Profiles, day: date) -> set[int]:
    services = profiles.services
    held = Counter(services.customer_of[s] for s, state in services.on(day).items() if state["status"] == "active")
    return {customer for customer, count in held.items() if count >= 2}


ASKED: dict[str, tuple[Rule, Owners]] = {
    "paid three times in 90 days": (
        event("payments", {"function": "count"}, LAST_90, ">=", 3),
        lambda p, day: those(within(p.activity.payments, day, 90), pl.len() >= 3),
    ),
    "paid more than 100 000 in 90 days": (
        event("payments", {"function": "sum", "field": "amount"}, LAST_90, ">", 100_000),
        lambda p, day: those(within(p.activity.payments, day, 90), pl.col("amount").sum() > 10_000_000),
    ),
    "used data on 20 of 30 days": (
        event("usage", {"function": "days"}, LAST_30, ">=", 20),
        lambda p, day: those(within(p.activity.daily, day, 30), pl.col("on").n_unique() >= 20),
    ),
    "called or wrote to complain in 90 days": (
        event("interactions", {"function": "count"}, LAST_90, **only("topic", "complaint")),
        lambda p, day: those(within(p.activity.interactions, day, 90), (pl.col("topic") == "complaint").any()),
    ),
    "charged for roaming in 90 days": (
        event("charges", {"function": "count"}, LAST_90, **only("charge_type", "roaming")),
        lambda p, day: those(within(p.activity.charges, day, 90), (pl.col("charge_type") == "roaming").any()),
    ),
    "several active numbers": (
        {"kind": "related", "entity": "subscriptions", "quantifier": "count", "operator": ">=", "value": 2,
         **only("status", "active")},
        several_active_numbers,
    ),
}  # fmt: skip


@pytest.mark.parametrize("at", [At.current(UNTIL), At.stored(MONTH_ENDS[-1])], ids=["today", "last month end"])
@pytest.mark.parametrize("name", ASKED)
def test_members_are_those_whom_the_sources_name(
    snapshot: SnapshotReader, profiles: Profiles, name: str, at: At
) -> None:
    rule, expected = ASKED[name]
    definition = parse({"version": 1, "kind": "rules", "root": {"combinator": "and", "rules": [rule]}})
    found = members(snapshot, compile_segment(definition, read_catalogue(snapshot), at))
    right = expected(profiles, at.date)
    assert set(found["customer_id"].to_pylist()) == right
    assert right, "a segment of nobody would hold for a computation that finds nothing"


def test_who_never_paid_is_everybody_but_those_who_did(snapshot: SnapshotReader, profiles: Profiles) -> None:
    rule = event("payments", {"function": "never"}, LAST_30)
    definition = parse({"version": 1, "kind": "rules", "root": {"combinator": "and", "rules": [rule]}})
    found = members(snapshot, compile_segment(definition, read_catalogue(snapshot), At.current(UNTIL)))
    everybody = set(snapshot.query("SELECT customer_id FROM customer_profiles")["customer_id"].to_pylist())
    payers = set(within(profiles.activity.payments, UNTIL, 30)["customer"])
    assert set(found["customer_id"].to_pylist()) == everybody - payers
