"""Plans divided, built from history and read from files: parts add up exactly, and no row is lost."""

import datetime as dt
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.errors import CrmError
from crm.services.performance import (
    DEPARTMENT,
    EMPLOYEE,
    WHOLE,
    Known,
    Kpi,
    Method,
    Period,
    PeriodKind,
    Shares,
    Subject,
    build,
    leaves,
    load,
    split,
    split_tree,
    summed_up,
    total_of,
    weights_by,
)

REVENUE, SIMS, DEBT = Kpi("revenue"), Kpi("sims", unit="count"), Kpi("debt", kind="level", better="down")
WEIGHTS = st.lists(st.one_of(st.integers(-5, 10**9), st.floats(-5, 1e9)), min_size=1, max_size=40)
NOVEMBER = Period(dt.date(2026, 11, 1))


def employee(key: str) -> Subject:
    return Subject(EMPLOYEE, key)


def place(key: str) -> Subject:
    return Subject(DEPARTMENT, key)


BELOW: dict[Subject, tuple[Subject, ...]] = {
    place("HQ"): (place("N"), place("S"), employee("E9")),
    place("N"): (employee("E1"), employee("E2")),
    place("S"): (employee("E3"),),
}


@given(st.integers(-(10**13), 10**13), WEIGHTS, st.sampled_from([1, 100, 100_000]))
def test_parts_add_up_and_a_larger_weight_gets_no_smaller_part(total: int, weights: Sequence, step: int) -> None:
    parts = split(total, weights, step)
    assert sum(parts) == total
    sign = -1 if total < 0 else 1
    assert all(sign * part >= 0 for part in parts)
    for i, one in enumerate(weights):
        for j, other in enumerate(weights):
            if max(one, 0) > max(other, 0):
                assert sign * parts[i] >= sign * parts[j]


@given(st.integers(0, 10**9), WEIGHTS)
def test_no_part_is_a_step_away_from_its_share(total: int, weights: Sequence) -> None:
    known = [max(weight, 0) for weight in weights]
    if sum(known) > 0:
        for part, weight in zip(split(total, weights), known, strict=True):
            assert abs(part - total * weight / sum(known)) < 1 + 1e-6 * total


def test_nobody_has_a_weight_means_equal_and_nobody_at_all_is_an_error() -> None:
    assert split(10, [0, 0, -1]) == [4, 3, 3]
    with pytest.raises(ValueError, match="nobody"):
        split(10, [])


@given(
    st.integers(-(10**12), 10**12), st.dictionaries(st.sampled_from(["E1", "E2", "E3", "E9"]), st.integers(0, 10**6))
)
def test_every_level_of_the_organisation_adds_up_to_the_one_above(total: int, own: dict[str, int]) -> None:
    amounts = split_tree(total, place("HQ"), BELOW, lambda each: own.get(each.id, 0), WHOLE)
    assert amounts[place("HQ")] == total
    for subject, parts in BELOW.items():
        assert amounts[subject] == sum(amounts[part] for part in parts)
    lines = {(subject, "revenue"): amount for subject, amount in amounts.items()}
    assert summed_up(lines, BELOW) == lines
    assert {subject.kind for subject, _ in leaves(lines, BELOW)} == {EMPLOYEE}


def months(first: dt.date, values: Sequence[float]) -> dict[dt.date, float]:
    return {Period(first).shifted(place).start: value for place, value in enumerate(values)}


def test_a_plan_from_last_year_is_that_year_with_growth() -> None:
    history = months(dt.date(2025, 10, 1), [100, 200, 300])
    until = dt.date(2026, 10, 1)
    assert total_of(REVENUE, NOVEMBER, history, Method.LAST_YEAR, 10, until) == 220 * WHOLE
    quarter = Period(dt.date(2026, 10, 1), PeriodKind.QUARTER)
    assert total_of(REVENUE, quarter, history, Method.LAST_YEAR, 0, until) == 600 * WHOLE
    assert total_of(DEBT, quarter, history, Method.LAST_YEAR, -10, until) == 270 * WHOLE, "a level is that of the end"
    with pytest.raises(CrmError, match=r"does not reach far enough for 01\.2027"):
        total_of(REVENUE, Period(dt.date(2028, 1, 1)), history, Method.LAST_YEAR, 0, until)


def test_a_trend_goes_on_with_its_season_and_sees_no_later_month() -> None:
    season = [0, 5, -5, 10, 0, 0, 20, 30, 0, -40, -10, -10]
    values = [1000 + 10 * number + season[number % 12] for number in range(36)]
    history = months(dt.date(2023, 11, 1), values)
    wanted = 1000 + 10 * 36 + season[0]
    told = total_of(REVENUE, NOVEMBER, history, Method.TREND, 0, dt.date(2026, 10, 1))
    assert told / WHOLE == pytest.approx(wanted, rel=0.02)
    later = {**history, dt.date(2026, 11, 1): 1e9}
    assert total_of(REVENUE, NOVEMBER, later, Method.TREND, 0, dt.date(2026, 10, 1)) == told
    with pytest.raises(CrmError, match="far enough"):
        total_of(REVENUE, NOVEMBER, months(dt.date(2026, 5, 1), [1] * 6), Method.TREND, 0, dt.date(2026, 10, 1))


def test_shares_follow_history_are_equal_or_are_given() -> None:
    history = {"E1": months(dt.date(2026, 9, 1), [10, 30, 1e6]), "E2": months(dt.date(2026, 9, 1), [20, 40])}
    until = dt.date(2026, 10, 1)
    root = place("N")

    def built(shares: Shares, kpi: Kpi = SIMS, own: dict[str, float] | None = None) -> list[int]:
        amounts = build(kpi, 100 * WHOLE, root, BELOW, weights_by(shares, kpi, history, until, own))
        return [amounts[employee(each), kpi.code] // WHOLE for each in ("E1", "E2")]

    assert built(Shares.HISTORY) == [40, 60]
    assert built(Shares.HISTORY, DEBT) == [43, 57], "of a level the last month counts"
    assert built(Shares.EQUAL) == [50, 50]
    assert built(Shares.OWN, own={"E1": 3, "E2": 1}) == [75, 25]


KNOWN = Known(
    NOVEMBER, BELOW, {"revenue": REVENUE, "выручка": REVENUE, "sims": SIMS},
    {"e1": employee("E1"), "e2": employee("E2"), "n": place("N"), "hq": place("HQ")},
)  # fmt: skip
HEAD = (1, ["Период", "Сотрудник", "Показатель", "План"])


def test_good_rows_are_taken_in_any_spelling() -> None:
    rows = [HEAD, (2, ["2026-11", "E1", "Выручка", "1 234,50"]), (3, []), (4, ["01.11.2026", "e2", "sims", "7"]),
            (5, ["11.2026", "N", "revenue", "1234.5"])]  # fmt: skip
    loaded = load("plan.csv", rows, KNOWN)
    assert (loaded.received, loaded.accepted, loaded.refused) == (3, 3, ())
    assert loaded.lines[employee("E1"), "revenue"] == 123450


@pytest.mark.parametrize(
    ("cells", "field", "message"),
    [
        (["2026-12", "E1", "revenue", "1"], "period", "plan_row_period"),
        (["soon", "E1", "revenue", "1"], "period", "plan_row_period"),
        (["2026-11", "E7", "revenue", "1"], "subject", "plan_row_subject"),
        (["2026-11", "E1", "profit", "1"], "kpi", "plan_row_kpi"),
        (["2026-11", "E1", "revenue", "many"], "amount", "plan_row_amount"),
        (["2026-11", "E1", "revenue", "1e400"], "amount", "plan_row_amount"),
        (["2026-11", "E1", "revenue", "0.001"], "amount", "plan_row_amount"),
        (["2026-11", "E1", "sims", "1.5"], "amount", "plan_row_amount"),
        (["2026-11", "E1"], "kpi", "plan_row_kpi"),
    ],
)
def test_a_wrong_row_is_refused_at_its_field_and_the_others_stay(cells: list[str], field: str, message: str) -> None:
    loaded = load("plan.csv", [HEAD, (2, cells), (3, ["2026-11", "E2", "revenue", "5"])], KNOWN)
    (refused,) = loaded.refused
    assert (refused.file, refused.row, refused.field, refused.message) == ("plan.csv", 2, field, message)
    assert (loaded.received, loaded.accepted) == (2, 1)


def test_doubles_and_sums_that_contradict_their_parts_are_refused() -> None:
    rows = [HEAD, (2, ["2026-11", "E1", "revenue", "10"]), (3, ["2026-11", "E1", "revenue", "11"]),
            (4, ["2026-11", "N", "revenue", "12"]), (5, ["2026-11", "HQ", "revenue", "10"])]  # fmt: skip
    loaded = load("plan.csv", rows, KNOWN)
    assert [(each.row, each.message) for each in loaded.refused] == [(3, "plan_row_twice"), (4, "plan_row_sum")]
    assert loaded.received == loaded.accepted + len(loaded.refused) == 4


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["", "2026-11", "E1", "E2", "N", "HQ", "revenue", "sims", "5", "-3", "x"]),
                         max_size=5), max_size=12))  # fmt: skip
def test_nothing_is_lost_whatever_a_file_holds(cells: list[list[str]]) -> None:
    rows = [HEAD, *enumerate(cells, 2)]
    loaded = load("plan.csv", rows, KNOWN)
    assert loaded.received == sum(any(row) for row in cells)
    assert loaded.received == loaded.accepted + len(loaded.refused)
    assert len(loaded.lines) == loaded.accepted


def test_a_file_without_its_columns_is_no_plan() -> None:
    with pytest.raises(CrmError, match="kpi"):
        load("plan.csv", [(1, ["period", "employee", "amount"])], KNOWN)
    with pytest.raises(CrmError, match="no rows"):
        load("plan.csv", [(1, ["", ""])], KNOWN)
