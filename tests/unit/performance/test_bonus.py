"""Bonuses: by hand, never falling when results grow, never above the cap; schemes read with every mistake told."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.services.performance import bonus, done_pct, dump_scheme, read_scheme
from crm.services.performance.bonus import Scheme
from crm.services.performance.schemes import SchemeVersion, scheme_for
from segments.errors import DefinitionError

KPIS = frozenset({"revenue", "payments", "debt"})
BETTER = {"revenue": "up", "payments": "up", "debt": "down"}
DOCUMENT: dict[str, Any] = {
    "version": 1, "period": "month", "positions": ["farmer"],
    "base": {"kind": "amount", "usual": 3_000_000, "own": {"E2": "4000000"}},
    "kpis": [
        {"kpi": "revenue", "weight": 50, "threshold_pct": 80, "accelerator": "1.5", "cap_pct": 150},
        {"kpi": "payments", "weight": 30, "threshold_pct": 70, "cap_pct": 120},
        {"kpi": "debt", "weight": 20, "threshold_pct": 90, "cap_pct": 100},
    ],
    "cap_pct": 120,
}  # fmt: skip
PLANS = {"revenue": 100.0, "payments": 100.0, "debt": 50.0}
NUMBERS = st.floats(-200, 400, allow_nan=False)


def scheme(**changes: Any) -> Scheme:
    return read_scheme({**DOCUMENT, **changes}, KPIS)


def test_a_bonus_is_what_one_counts_by_hand() -> None:
    told = bonus(scheme(), "E1", PLANS, {"revenue": 110.0, "payments": 65.0, "debt": 54.0}, BETTER)
    assert [(line.reason, line.done_pct, line.paid_pct, line.amount) for line in told.lines] == [
        ("accelerated", 110.0, 115.0, 1_725_000),
        ("below", 65.0, 0.0, 0),
        ("plain", 92.0, 92.0, 552_000),
    ]
    assert (told.amount, told.base, told.is_capped) == (2_277_000, 3_000_000, False)
    assert bonus(scheme(), "E2", PLANS, {"revenue": 100.0, "payments": 100.0, "debt": 50.0}, BETTER).amount == 4_000_000


def test_the_whole_is_capped_and_says_so() -> None:
    told = bonus(scheme(), "E1", PLANS, {"revenue": 999.0, "payments": 999.0, "debt": 0.0}, BETTER)
    assert [line.reason for line in told.lines] == ["capped"] * 3
    assert sum(line.amount for line in told.lines) == 4_860_000 - 930_000
    assert (told.amount, told.is_capped) == (3_600_000, True)


def test_without_a_plan_there_is_nothing_to_pay_for() -> None:
    told = bonus(scheme(), "E1", {"revenue": 100.0}, {"revenue": 100.0, "payments": 500.0}, BETTER)
    assert [line.reason for line in told.lines] == ["plain", "no_plan", "no_plan"]
    assert told.amount == 1_500_000


def test_what_is_planned_at_nothing_earns_nothing_unless_less_is_better() -> None:
    told = bonus(scheme(), "E1", {"revenue": 0.0, "payments": 0.0, "debt": 0.0}, {"payments": 70.0}, BETTER)
    assert [(line.reason, line.done_pct, line.amount) for line in told.lines] == [
        ("no_plan", None, 0), ("no_plan", None, 0), ("plain", 100.0, 600_000),
    ]  # fmt: skip


def test_a_salary_is_the_base_by_its_share() -> None:
    base = {"kind": "salary", "usual": "9000000.50", "share_pct": 30}
    assert bonus(scheme(base=base), "E1", PLANS, PLANS, BETTER).amount == 2_700_000


@given(NUMBERS, NUMBERS, st.floats(0, 200), st.floats(-300, 300), st.sampled_from(["revenue", "payments", "debt"]))
def test_a_better_result_never_pays_less(plan: float, result: float, more: float, other: float, kpi: str) -> None:
    plans = {**PLANS, kpi: plan}
    results = {name: other for name in KPIS} | {kpi: result}
    better = {**results, kpi: result + more if BETTER[kpi] == "up" else result - more}
    before, after = (bonus(scheme(), "E1", plans, each, BETTER) for each in (results, better))
    assert after.amount >= before.amount
    assert 0 <= before.amount <= 3_600_000
    assert before.amount == min(sum(line.amount for line in before.lines), 3_600_000)


@given(NUMBERS)
def test_a_plan_that_is_met_is_done_to_a_hundred(plan: float) -> None:
    assert done_pct(plan, plan, "up") == done_pct(plan, plan, "down") == 100
    assert done_pct(plan, plan + 1, "up") >= 100 >= done_pct(plan, plan + 1, "down") >= 0


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"version": 2}, ("version",)),
        ({"period": "week"}, ("period",)),
        ({"positions": "all"}, ("positions",)),
        ({"cap_pct": -1}, ("cap_pct",)),
        ({"base": {"kind": "wish", "usual": 1}}, ("base", "kind")),
        ({"base": {"kind": "amount", "usual": True}}, ("base", "usual")),
        ({"base": {"kind": "amount", "usual": 1, "own": {"E1": "NaN"}}}, ("base", "own", "E1")),
        ({"kpis": []}, ("kpis",)),
        ({"kpis": [{"kpi": "profit", "weight": 100}]}, ("kpis", 0, "kpi")),
        ({"kpis": [{"kpi": "debt", "weight": 60}, {"kpi": "debt", "weight": 40}]}, ("kpis", 1, "kpi")),
        ({"kpis": [{"kpi": "debt", "weight": 99}]}, ("kpis",)),
        ({"kpis": [{"kpi": "debt", "weight": 100, "accelerator": 0.5}]}, ("kpis", 0, "accelerator")),
    ],
)
def test_a_mistake_in_a_scheme_is_told_at_its_place(change: dict[str, Any], path: tuple[str | int, ...]) -> None:
    with pytest.raises(DefinitionError) as error:
        scheme(**change)
    assert path in [problem.path for problem in error.value.problems]


def test_a_scheme_that_was_written_reads_the_same() -> None:
    assert read_scheme(dump_scheme(scheme()), KPIS) == scheme()
    with pytest.raises(DefinitionError):
        read_scheme([], KPIS)


def test_the_version_that_holds_on_a_day_is_chosen_by_position() -> None:
    def version(key: str, number: int, day: int, positions: tuple[str, ...]) -> SchemeVersion:
        own = replace(scheme(), positions=positions, cap_pct=Decimal(number))
        at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        return SchemeVersion(key, number, key, dt.date(2026, 11, day), own, {}, "x", "x", at)

    known = [version("all", 1, 1, ()), version("farmers", 1, 5, ("farmer",)), version("farmers", 2, 20, ("farmer",))]

    def chosen(position: str, day: int) -> tuple[str, int] | None:
        found = scheme_for(known, position, dt.date(2026, 11, day), "month")
        return (found.key, found.number) if found else None

    assert chosen("farmer", 4) == ("all", 1)
    assert chosen("farmer", 19) == ("farmers", 1)
    assert chosen("farmer", 20) == ("farmers", 2)
    assert chosen("hunter", 20) == ("all", 1)
    assert scheme_for(known, "farmer", dt.date(2026, 10, 31), "month") is None
    assert scheme_for(known, "farmer", dt.date(2026, 11, 30), "quarter") is None
