"""The engine's SQL against a second reading of the same rules in plain Python, on random operators."""

import datetime as dt
from functools import cache
from typing import Any

import pytest

from signals.definition import Rule, parse
from signals.engine import compile_together
from signals.questions import found, replay
from signals.questions.past import Past
from tests.reference_evaluator.project import project_catalogue
from tests.signal_reference.evaluator import Evaluator
from tests.signal_reference.world import MONTH_ENDS, Source, database, world

DAYS = (dt.date(2025, 2, 3), dt.date(2025, 8, 3), dt.date(2025, 10, 17), dt.date(2025, 11, 30), dt.date(2025, 12, 10))
MANY = tuple(dt.date(2025, 10, 24) + dt.timedelta(days=step) for step in range(0, 15, 3))


def change(measure: str, **more: Any) -> dict[str, Any]:
    return {"kind": "change", "measure": measure, "weeks": 2, **more}


def threshold(measure: str, operator: str, value: float, **more: Any) -> dict[str, Any]:
    return {"kind": "threshold", "measure": measure, "operator": operator, "value": value, **more}


def rule(*conditions: dict[str, Any], combinator: str = "and", only: str | None = None) -> Rule:
    return parse({
        "version": 1, "audience": {"kind": "everyone", "customer_type": only},
        "conditions": {"combinator": combinator, "rules": list(conditions)},
    })  # fmt: skip


def rules() -> dict[str, Rule]:
    found_rules = {}
    for against in ("previous", "norm", "season", "peers"):
        for direction in ("fall", "growth"):
            for measure in ("data_mb", "voice_out_minutes", "active_days"):
                found_rules[f"{measure} {direction} {against}"] = rule(
                    change(measure, direction=direction, against=against, by_pct=25, at_least=3)
                )
        found_rules[f"deviations {against}"] = rule(change("data_mb", against=against, deviations=2.5))
        found_rules[f"by {against}"] = rule(
            change("data_mb", against=against, by=30, direction="growth", weeks=1), only="organisation"
        )
    found_rules |= {
        "from nothing": rule(change("out_of_bundle_amount", direction="growth", against="norm", by_pct=50)),
        "roaming": rule(change("roaming_amount", direction="growth", by=10)),
        "sims": rule(change("active_subscriptions", by=1, by_pct=5)),
        "sims norm": rule(change("active_subscriptions", against="norm", by=0.5)),
        "debt": rule(change("debt_amount", direction="growth", by_pct=20), only="organisation"),
        "late": rule(threshold("overdue_days", ">", 30), threshold("overdue_amount", ">=", 100)),
        "overdue": rule(threshold("overdue_amount", ">", 0)), "owed": rule(threshold("debt_amount", ">", 0)),
        "no debt": rule(threshold("debt_amount", "=", 0)),
        "hardly": rule(threshold("data_mb", "<=", 5, weeks=3)),
        "not zero": rule(threshold("sms_out", "!=", 0, weeks=1)),
        "mb": rule(threshold("bundle_mb_used_pct", ">=", 60)),
        "minutes": rule(threshold("bundle_minutes_used_pct", "<", 10)),
        "ends": rule(threshold("agreement_days_to_end", "<=", 90)),
        "score": rule(threshold("churn_score", ">=", 80)),
        "silent": rule(threshold("days_since_last_usage", ">=", 20)),
        "missing": rule({"kind": "missing", "measure": "active_days", "days": 14, "before_days": 56}),
        "no invoice": rule({"kind": "missing", "measure": "invoices_amount", "days": 40, "before_days": 62}),
        "no payment": rule({"kind": "missing", "measure": "payments_amount", "days": 30, "before_days": 90}),
        "law": rule({"kind": "state", "measure": "legal_status", "from": ["active"], "to": [], "within_days": 90}),
        "law to": rule({"kind": "state", "measure": "legal_status", "to": ["liquidated"], "within_days": 60}),
        "either": rule(
            change("data_mb", by_pct=50), threshold("overdue_days", ">", 40),
            {"kind": "missing", "measure": "data_mb", "days": 10, "before_days": 10}, combinator="or",
        ),
        "both": rule(change("data_mb", by_pct=30), change("voice_out_minutes", by_pct=30), only="person"),
    }  # fmt: skip
    return found_rules


@cache
def prepared(seed: int) -> tuple[Source, Evaluator]:
    rows = world(seed)
    return database(rows), Evaluator(rows)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_engine_finds_whom_a_plain_reading_finds(day: dt.date) -> None:
    source, reference = prepared(day.month % 2 + 1)
    together = rules()
    compiled = compile_together(together, project_catalogue(), MONTH_ENDS, [day])
    rows = found(source, compiled).to_pylist()
    for key, each in together.items():
        expected = reference.found(each, day)
        mine = {row["customer_id"]: row for row in rows if row["rule_key"] == key}
        assert mine.keys() == expected.keys(), key
        for customer, seen in expected.items():
            row = mine[customer]
            assert row["severity"] == pytest.approx(seen.severity), (key, customer)
            assert row["value"] == (None if seen.value is None else pytest.approx(float(seen.value))), (key, customer)
            assert row["baseline"] == (None if seen.baseline is None else pytest.approx(float(seen.baseline))), key
            assert row["change_pct"] == (None if seen.change_pct is None else pytest.approx(seen.change_pct)), key


def test_every_rule_of_the_comparison_finds_somebody_on_some_day() -> None:
    source, _ = prepared(1)
    compiled = compile_together(rules(), project_catalogue(), MONTH_ENDS, DAYS[1:])
    assert set(found(source, compiled).column("rule_key").to_pylist()) == set(rules())


def test_many_days_over_sums_added_up_once_are_those_days_one_by_one() -> None:
    source, _ = prepared(1)
    past = Past(source, project_catalogue(), MONTH_ENDS, {}, 130)
    together = past.found(rules(), MANY).sort_by(
        [("day", "ascending"), ("rule_key", "ascending"), ("customer_id", "ascending")]
    )
    compiled = compile_together(rules(), project_catalogue(), MONTH_ENDS, MANY)
    singly = found(source, compiled).select(together.column_names).to_pylist()
    assert together.to_pylist() == singly
    assert together.num_rows > 500


def test_a_replay_of_a_rule_alone_is_its_part_of_a_replay_of_all() -> None:
    source, _ = prepared(2)
    together = {key: each for key, each in rules().items() if key in ("data_mb fall season", "late", "law")}
    first, last = dt.date(2025, 9, 22), dt.date(2025, 10, 6)
    whole = replay(source, together, project_catalogue(), first, last, {}).events.to_pylist()
    for key, each in together.items():
        alone = replay(source, {key: each}, project_catalogue(), first, last, {}).events.to_pylist()
        assert alone
        assert alone == [event for event in whole if event["rule_key"] == key]
