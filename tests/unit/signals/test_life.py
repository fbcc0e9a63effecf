"""The life of signals: raised once, again when it is time or worse, closed, held back with a reason."""

import datetime as dt
import json
import random
from dataclasses import replace
from typing import Any

from signals.definition import Limits, Rule, parse
from signals.life import Event, Open, State, advance

FIRST = dt.date(2026, 3, 2)
PLAIN = parse({
    "version": 1, "conditions": {"rules": [{"kind": "change", "measure": "data_mb", "by_pct": 25}]},
    "cool_down_days": 10,
})  # fmt: skip


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def row(customer: int, severity: float = 50.0, key: str = "r") -> dict[str, Any]:
    return {"rule_key": key, "customer_id": customer, "severity": severity, "value": 1.0}


def lived(rule: Rule, days: dict[int, list[dict[str, Any]]], **more: Any) -> list[tuple[int, str, int, str]]:
    """What happened: number of the day, kind, customer, reason."""
    state, told = State(), []
    for number, rows in days.items():
        state, events = advance(
            state, day(number), rows, {"r": rule}, lambda key, customer: "E1", lambda _: 1.0, **more
        )
        state = State.from_json(json.loads(json.dumps(state.to_json())))
        told += [(number, each.kind, each.customer_id, each.reason) for each in events]
    return told


def test_a_signal_is_raised_once_while_its_cause_lasts_and_closes_when_it_is_gone() -> None:
    assert lived(PLAIN, {0: [row(1)], 1: [row(1)], 30: [row(1)], 31: []}) == [
        (0, "raised", 1, ""), (1, "held_back", 1, "open"), (30, "held_back", 1, "open"), (31, "closed", 1, ""),
    ]  # fmt: skip


def test_what_came_back_is_raised_when_it_has_cooled_down() -> None:
    days = {0: [row(1)], 1: [], 2: [row(1)], 9: [row(1)], 10: [row(1)]}
    assert lived(PLAIN, days) == [
        (0, "raised", 1, ""), (1, "closed", 1, ""), (2, "held_back", 1, "cooling"), (9, "held_back", 1, "cooling"),
        (10, "raised", 1, ""),
    ]  # fmt: skip


def test_a_rule_that_does_not_close_leaves_that_to_people() -> None:
    assert lived(replace(PLAIN, closes=False), {0: [row(1)], 1: [], 40: [row(1)]})[1:] == [(40, "held_back", 1, "open")]


def test_what_grew_worse_by_enough_is_raised_again_though_open_or_cooling() -> None:
    rule = replace(PLAIN, worsens_by_pct=20.0)
    days = {0: [row(1, 50)], 1: [row(1, 59)], 2: [row(1, 60)], 3: [row(1, 71)], 4: [], 5: [row(1, 73)]}
    assert [(number, kind) for number, kind, _, _ in lived(rule, days)] == [
        (0, "raised"), (1, "held_back"), (2, "raised_again"), (3, "held_back"), (4, "closed"), (5, "raised_again"),
    ]  # fmt: skip


def test_what_a_person_has_put_off_or_decided_is_left_in_peace() -> None:
    asleep = Open("r", 1, FIRST, 50.0, snoozed_until=day(20))
    rule = replace(PLAIN, worsens_by_pct=20.0)

    def once(last: Open, number: int) -> list[tuple[str, str]]:
        _, events = advance(State.of([last]), day(number), [row(1, 90)], {"r": rule}, lambda *_: None, lambda _: None)
        return [(each.kind, each.reason) for each in events]

    assert once(asleep, 19) == [("held_back", "snoozed")]
    assert once(asleep, 20) == [("raised_again", "")]
    decided = Open("r", 1, FIRST, 85.0, status="decided")
    assert once(decided, 9) == [("held_back", "cooling")]
    assert once(decided, 10) == [("raised", "")]


def test_limits_keep_the_most_valuable_and_the_others_compete_again() -> None:
    rule = replace(PLAIN, limits=Limits(per_owner_a_day=1, a_day=2), closes=False)
    owners, values = {1: "A", 2: "A", 3: "B", 4: None, 5: "C"}, {1: 10.0, 2: 20.0, 3: 5.0, 4: None, 5: 1.0}
    rows = [row(each) for each in owners]
    state, events = advance(State(), day(0), rows, {"r": rule}, lambda _, who: owners[who], values.get)
    assert [(each.kind, each.customer_id, each.reason) for each in events] == [
        ("raised", 2, ""), ("raised", 3, ""), ("held_back", 1, "owner_limit"), ("held_back", 5, "day_limit"),
        ("held_back", 4, "day_limit"),
    ]  # fmt: skip
    _, events = advance(state, day(1), rows, {"r": rule}, lambda _, who: owners[who], values.get)
    assert [each.customer_id for each in events if each.kind == "raised"] == [1, 5]


def test_a_shadow_rule_counts_as_it_would_and_shows_nothing() -> None:
    days = {0: [row(1)], 1: [row(1), row(2)], 2: [], 10: [row(1)]}
    live, shadow = lived(PLAIN, days), lived(PLAIN, days, shadow=frozenset({"r"}))
    as_live = [(number, "held_back", who, "shadow") if kind == "raised" else (number, kind, who, why)
               for number, kind, who, why in live if kind != "closed"]  # fmt: skip
    assert shadow == as_live
    state, _ = advance(State(), day(0), [row(1)], {"r": PLAIN}, lambda *_: None, lambda _: None, frozenset({"r"}))
    _, events = advance(state, day(1), [row(1)], {"r": PLAIN}, lambda *_: None, lambda _: None)
    assert [each.kind for each in events] == ["raised"]


def test_rules_that_were_not_looked_at_rest_and_the_order_of_rows_means_nothing() -> None:
    chance, rows = random.Random(1), [row(each, 40 + each) for each in range(50)]  # noqa: S311
    rule = replace(PLAIN, limits=Limits(a_day=7))

    def events_of(given: list[dict[str, Any]]) -> tuple[State, list[Event]]:
        return advance(State(), day(0), given, {"r": rule}, lambda *_: "A", lambda who: float(who % 5))

    state, events = events_of(rows)
    chance.shuffle(rows)
    assert events_of(rows) == (state, events)
    after, nothing = advance(state, day(1), [], {"another": PLAIN}, lambda *_: "A", lambda _: 1.0)
    assert nothing == []
    assert after.opens["r"] == state.opens["r"]
