"""Why, evidence, overlap and effect; and that nothing dated after a day can change what was found on it."""

import datetime as dt
import json
import random
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pytest

from segments.definition import parse as parse_segment
from segments.errors import DefinitionError
from signals.definition import Outcome, Rule, parse
from signals.engine import compile_rule, compile_together
from signals.life import State, advance
from signals.measures import measures
from signals.questions import effect, evidence, found, overlap, replay, why
from signals.questions.outcomes import Units, came_true, last_judged
from signals.questions.rates import lift, wilson
from signals.questions.states import states
from tests.reference_evaluator.project import project_catalogue
from tests.signal_reference.world import DATED, DAY, FOREVER, MONTH_ENDS, Row, Source, database, world
from tests.unit.signals.test_against_reference import change, rule, rules, threshold

D = dt.date(2025, 10, 17)
CHOSEN = (
    "data_mb fall season", "voice_out_minutes growth peers", "sims norm", "late", "mb", "hardly", "missing", "law",
    "score", "silent",
)  # fmt: skip


@cache
def prepared() -> tuple[dict[str, list[Row]], Source]:
    rows = world(1)
    return rows, database(rows)


def chosen() -> dict[str, Rule]:
    return {key: each for key, each in rules().items() if key in CHOSEN}


def future(tables: dict[str, list[Row]], seed: int) -> dict[str, list[Row]]:
    """The same operator with another future: what is dated after the day is gone, doubled or otherwise."""
    chance = random.Random(seed)  # noqa: S311
    other: dict[str, list[Row]] = {}
    for name, rows in tables.items():
        date = DATED.get(name)
        kept = [dict(row) for row in rows if date is None or row[date] <= D]
        for row in kept:
            if (row.get("valid_to") or FOREVER) > D:
                row["valid_to"] = chance.choice((None, D + DAY, FOREVER)) if "valid_to" in row else row.get("valid_to")
        late = [dict(row) for row in rows if date is not None and row[date] > D and chance.random() < 0.5]
        for row in late:
            row |= {key: value * 3 for key, value in row.items() if isinstance(value, Decimal)}
        other[name] = kept + late
    for row in other["dim_agreements"]:
        if row["updated_at"].date() > D:
            row |= {"end_date": D + DAY * 5, "status": "active"}
    return {name: [{key: value for key, value in row.items() if key in tables[name][0]} for row in rows]
            for name, rows in other.items()}  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_no_fact_after_a_day_changes_what_was_found_up_to_it(seed: int) -> None:
    tables, source = prepared()
    together = chosen() | {"ends": rules()["ends"]}
    compiled = compile_together(together, project_catalogue(), MONTH_ENDS, [D, D - DAY * 20])
    plain = found(source, compiled)
    assert plain.num_rows > 100
    assert found(database(future(tables, seed)), compiled).equals(plain)


def test_why_says_of_every_customer_what_found_says() -> None:
    _, source = prepared()
    both = rule(change("data_mb", against="season", by_pct=20), threshold("overdue_days", "<", 40), only="organisation")
    compiled = compile_rule(both, project_catalogue(), MONTH_ENDS, [D])
    rows = {row["customer_id"]: row for row in found(source, compiled).to_pylist()}
    assert rows
    for customer in (*list(rows)[:3], 1, 2, 3, 999_999):
        told = why(source, both, project_catalogue(), customer, D)
        assert told.holds == (customer in rows)
        assert told.in_audience == (customer % 3 == 0 and told.known)
        if customer in rows:
            details = json.loads(rows[customer]["details"])
            for one, said in zip(details, told.conditions, strict=True):
                assert one["value"] == pytest.approx(said.value, abs=1e-6)
                assert one["baseline"] == (None if said.baseline is None else pytest.approx(said.baseline, abs=1e-6))
    assert not why(source, both, project_catalogue(), 999_999, D).known


def test_evidence_adds_up_to_what_was_found() -> None:
    _, source = prepared()
    each = rule(
        change("data_mb", weeks=2, by_pct=20), threshold("active_subscriptions", ">=", 0),
        {"kind": "state", "measure": "legal_status", "within_days": 90}, combinator="or",
    )  # fmt: skip
    row = next(
        row
        for row in found(source, compile_rule(each, project_catalogue(), MONTH_ENDS, [D])).to_pylist()
        if row["value"]
    )
    told = evidence(source, each, project_catalogue(), row["customer_id"], D)
    flow, state, word = told.series
    assert (flow.window_days, len(flow.points), flow.points[-1].end) == (14, 26, D)
    assert sum(point.value for point in flow.points[-2:]) == pytest.approx(row["value"])  # type: ignore[misc]
    assert flow.rows is not None
    shown = sum(float(each["data_mb"]) for each in flow.rows.to_pylist() if each["usage_date"] > D - DAY * 14)
    assert shown == pytest.approx(row["value"])
    assert state.points[-1].value == state.explained.value
    assert word.points[-1].value == word.explained.word
    assert word.rows is None


def test_a_replay_is_what_the_live_run_would_have_done_day_by_day() -> None:
    _, source = prepared()
    together = {"fall": replace(rules()["data_mb fall norm"], cool_down_days=3), "late": rules()["late"]}
    first, last = D, D + DAY * 6
    owners = {customer: f"E{customer % 3}" for customer in range(200)}
    told = replay(source, together, project_catalogue(), first, last, owners)
    state, live = State(), []
    for step in range(7):
        compiled = compile_together(together, project_catalogue(), MONTH_ENDS, [first + DAY * step])
        rows = found(source, compiled).to_pylist()
        values = {row["customer_id"]: row["customer_value"] for row in rows}
        state, events = advance(
            state, first + DAY * step, rows, together, lambda _, customer: owners[customer], values.get
        )
        live += [replace(event, details="") for event in events]
    names = ("kind", "rule_key", "customer_id", "day", "owner", "severity", "reason")
    replayed = [tuple(each[name] for name in names) for each in told.events.to_pylist()]
    assert replayed == [tuple(getattr(each, name) for name in names) for each in live]
    assert {each.kind for each in live} >= {"raised", "closed", "held_back"}
    assert sum(told.per_owner.column("raised").to_pylist()) == told.raised().num_rows
    assert sum(told.per_day.column("raised").to_pylist()) == len([each for each in live if each.kind == "raised"])


def test_overlap_counts_customers_whom_both_rules_told_about() -> None:
    _, source = prepared()
    wide, narrow = rule(change("data_mb", by_pct=20)), rule(change("data_mb", by_pct=60))
    told = replay(source, {"wide": wide, "narrow": narrow}, project_catalogue(), D, D + DAY * 3, {})
    shared = overlap({"both": told})
    assert shared.keys == ("narrow", "wide")
    raised = told.raised().to_pylist()
    who = {key: {row["customer_id"] for row in raised if row["rule_key"] == key} for key in shared.keys}
    assert shared.matrix[0][1] == len(who["narrow"] & who["wide"]) > 0
    assert shared.alone[1] == len(who["wide"] - who["narrow"])
    assert shared.share[0][0] == 1.0


def test_outcomes_are_read_from_facts_after_the_day_as_said() -> None:
    tables, source = prepared()
    customers = np.arange(1, 131, dtype=np.int64)
    units = Units(customers, np.full(130, D.toordinal()), customers % 3 == 0)
    churn, end = came_true(source, Outcome("churn", 40), units), D + DAY * 40
    debt = came_true(source, Outcome("non_payment", 40), units)
    assert 0 < churn.sum() < 130
    assert 0 < debt.sum() < 130
    for customer in range(1, 131):
        days = {row["usage_date"] for row in tables["fct_usage_daily"] if row["customer_id"] == customer}
        alive = any(D - DAY * 60 < each <= D for each in days)
        silent = alive and not any(end - DAY * 30 < each <= end for each in days)
        if customer % 3:
            assert churn[customer - 1] == silent, customer
        else:
            rows = [
                row
                for row in tables["dim_subscriptions"]
                if row["customer_id"] == customer and row["status"] == "active"
            ]
            before, after = (
                sum(row["valid_from"] <= each and (row["valid_to"] or FOREVER) > each for row in rows)
                for each in (D, end)
            )
            assert churn[customer - 1] == (before > 0 and after <= before / 2), customer
    early = Units(customers, np.full(130, dt.date(2025, 6, 10).toordinal()), customers % 3 == 0)
    # Days enough for July, for July and August, and for a third of September, which does not count.
    fallen = {days: came_true(source, Outcome("revenue_fall", days), early) for days in (61, 82, 93)}
    assert 0 < fallen[61].sum() < 130
    assert (fallen[61] != fallen[82]).any()
    assert (fallen[82] == fallen[93]).all()
    for customer in range(1, 131):
        charges = [
            sum(float(row["amount"]) for row in tables["fct_charges"]
                if row["customer_id"] == customer and row["month"] == dt.date(2025, month, 1)) for month in range(1, 13)
        ]  # fmt: skip
        before = sum(charges[2:5]) / 3
        for days, after in ((61, charges[6]), (82, sum(charges[6:8]) / 2)):
            assert fallen[days][customer - 1] == (before > 0 and after < 0.8 * before), (customer, days)


def test_the_effect_of_a_rule_counts_its_alerts_and_leaves_out_what_is_not_over() -> None:
    _, source = prepared()
    told = replay(
        source, {"fall": rule(change("data_mb", by_pct=60, weeks=1))}, project_catalogue(), D - DAY * 60, D, {}
    )
    worth = effect(source, told.events, Outcome("churn", 30), dt.date(2025, 11, 1), told.first, told.last)
    assert worth.alerts == told.raised().num_rows == worth.judged + worth.left_out
    assert 0 < worth.left_out < worth.alerts
    assert sum(worth.by_month.column("alerts").to_pylist()) == worth.alerts
    assert sum(worth.by_month.column("left_out").to_pylist()) == worth.left_out
    right = sum(worth.by_month.column("right").to_pylist())
    assert worth.precision.value == pytest.approx(right / worth.judged)
    for each in (worth.precision, worth.recall, worth.base_rate, worth.lift):
        assert each.low <= each.value <= each.high  # type: ignore[operator]
    nothing = effect(source, told.events.slice(0, 0), Outcome(), D, told.first, told.last)
    assert (nothing.alerts, nothing.precision.value, nothing.lift.value) == (0, None, None)


def test_days_are_judged_when_their_horizon_is_over() -> None:
    assert last_judged(Outcome("churn", 60), dt.date(2026, 3, 31)) == dt.date(2026, 1, 30)
    assert last_judged(Outcome("revenue_fall", 90), dt.date(2026, 3, 31)) == dt.date(2025, 12, 31)
    # What was kept before a least horizon was asked for still waits until a full month can have come.
    assert last_judged(Outcome("revenue_fall", 20), dt.date(2026, 3, 31)) == dt.date(2026, 1, 29)


def test_payments_settle_what_was_issued_first_even_when_it_is_due_later() -> None:
    tables, day = dict(world(1)), dt.date(2025, 3, 1)
    invoice = {"customer_id": 3, "account_id": 3, "amount": Decimal(100)}
    tables["fct_invoices"] = [
        invoice | {"invoice_id": number, "issued_date": issued, "month": issued.replace(day=1), "due_date": due}
        for number, issued, due in ((1, dt.date(2025, 1, 2), dt.date(2025, 3, 31)),
                                    (2, dt.date(2025, 2, 1), dt.date(2025, 2, 10)))
    ]  # fmt: skip
    paid = dt.date(2025, 2, 5)
    tables["fct_payments"] = [{"customer_id": 3, "account_id": 3, "paid_date": paid, "month": dt.date(2025, 2, 1),
                               "amount": Decimal(100)}]  # fmt: skip
    source = database(tables)
    told = {name: states(source, measures()[name], [day])["value"].to_list()
            for name in ("debt_amount", "overdue_amount", "overdue_days")}  # fmt: skip
    assert told == {"debt_amount": [100.0], "overdue_amount": [100.0], "overdue_days": [19.0]}


def test_intervals_hold_what_they_should() -> None:
    assert wilson(0, 10).high == pytest.approx(0.2775, abs=1e-3)  # Wilson 1927, as in Newcombe's tables
    assert wilson(81, 263).low == pytest.approx(0.2553, abs=1e-3)
    assert wilson(81, 263).high == pytest.approx(0.3662, abs=1e-3)
    chance, covered = np.random.default_rng(3), 0
    for _ in range(200):
        customers = np.repeat(np.arange(400), 3)
        level = np.repeat(chance.beta(2, 8, 400), 3)
        alerted = np.arange(0, 400, 2)
        right = chance.random(200) < np.minimum(2 * level[::3][alerted], 1)
        found_lift = lift(alerted, right, customers, chance.random(1200) < level)
        covered += found_lift.low <= 1.98 <= found_lift.high  # type: ignore[operator]
    assert 180 <= covered <= 200


def test_an_audience_is_that_of_the_month_end_and_narrows_what_is_read() -> None:
    _, source = prepared()
    segment = parse_segment({"version": 1, "kind": "rules", "root": {"combinator": "and", "rules": [
        {"kind": "attribute", "field": "segment", "operator": "=", "value": "premium"}]}})  # fmt: skip
    document: dict[str, Any] = {
        "version": 1, "audience": {"kind": "segment", "segment": "premium"},
        "conditions": {"rules": [change("data_mb", by_pct=10)]},
    }  # fmt: skip
    compiled = compile_rule(parse(document), project_catalogue(), MONTH_ENDS, [D], {"premium": segment})
    inside = {row["customer_id"] for row in found(source, compiled).to_pylist()}
    everybody = compile_rule(rule(change("data_mb", by_pct=10)), project_catalogue(), MONTH_ENDS, [D])
    end = max(each for each in MONTH_ENDS if each <= D)
    premium = {row["customer_id"] for row in prepared()[0]["customer_profiles_history"]
               if row["month_end"] == end and row["segment"] == "premium"}  # fmt: skip
    assert inside == {row["customer_id"] for row in found(source, everybody).to_pylist()} & premium
    assert inside
    with pytest.raises(DefinitionError):
        compile_rule(parse(document), project_catalogue(), MONTH_ENDS, [D])
    with pytest.raises(DefinitionError):
        compile_rule(rule(change("data_mb", by_pct=10)), project_catalogue(), MONTH_ENDS, [MONTH_ENDS[0] - DAY])


def test_an_sql_rule_finds_its_customers_on_its_day() -> None:
    tables, source = prepared()
    sql = """with late as (
               select customer_id, amount from fct_invoices where issued_date > $day - 30 and issued_date <= $day
             )
             select customer_id, sum(amount) as value, count(*) as severity from late group by customer_id"""
    compiled = compile_rule(
        parse({"version": 1, "kind": "sql", "sql": sql}), project_catalogue(), MONTH_ENDS, [D, D - DAY]
    )
    rows = found(source, compiled).to_pylist()
    assert compiled.tables == {"fct_invoices", "customer_profiles_history"}
    for day in (D, D - DAY):
        expected = {row["customer_id"] for row in tables["fct_invoices"] if day - DAY * 30 < row["issued_date"] <= day}
        assert {row["customer_id"] for row in rows if row["day"] == day} == expected
