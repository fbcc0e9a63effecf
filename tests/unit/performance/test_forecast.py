"""Forecasts to the end of a period: nothing of the future, intervals that keep their word, little data told of."""

import calendar
import datetime as dt
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.forecast import DailySeries, forecast, forecast_level
from signals.forecast.forecasting import interval

FIRST = dt.date(2023, 12, 1)
LAST = dt.date(2026, 11, 23)
Rows = list[tuple[dt.date, float]]


def business(
    seed: int, until: dt.date = LAST, growth: float = 0.01, noise: float = 0.25, level: float = 1000.0
) -> Rows:
    """Takings of a business that grows, pauses at weekends, has a season, and luck."""
    chance = np.random.default_rng(seed)
    days = (until - FIRST).days + 1
    return [
        (day, 1000.0 * (1 + growth) ** (number / 30) * weight * season * luck)
        for number, day, luck in zip(
            range(days),
            (FIRST + dt.timedelta(days=each) for each in range(days)),
            chance.lognormal(0, noise, days),
            strict=True,
        )
        for weight in [0.3 if day.weekday() >= 5 else 1.0]
        for season in [1 + 0.15 * np.sin(2 * np.pi * day.timetuple().tm_yday / 365)]
    ]


def actual(rows: Rows, month: dt.date, months: int = 1) -> float:
    """What came in whole months from `month` on."""
    number = month.year * 12 + month.month - 1
    return sum(value for day, value in rows if number <= day.year * 12 + day.month - 1 < number + months)


def test_no_value_after_the_last_day_is_looked_at() -> None:
    rows = business(1)
    cut = dt.date(2026, 6, 12)
    changed = [(day, value if day <= cut else 1e9) for day, value in rows]
    for ahead in (0, 2):
        assert forecast(DailySeries.of(rows, cut), 0, ahead) == forecast(DailySeries.of(changed, cut), 0, ahead)


def test_past_forecasts_knew_nothing_of_what_came_later() -> None:
    """Raising the last complete month may change its own outcome, and no forecast made before it."""
    rows = business(2)
    late = dt.date(2026, 10, 1)
    raised = [(day, value * (5 if late <= day <= dt.date(2026, 10, 31) else 1)) for day, value in rows]
    for ahead in (0, 2):
        before = forecast(DailySeries.of(rows, LAST), 0, ahead).backtest
        after = forecast(DailySeries.of(raised, LAST), 0, ahead).backtest
        october = DailySeries.of(rows, LAST).months - 2
        assert len(before) >= 20
        assert [each.expected for each in before if each.index < october] == [
            each.expected for each in after if each.index < october
        ]
        assert [each.actual for each in before] != [each.actual for each in after]


@pytest.mark.parametrize(("noise", "ahead"), [(0.25, 0), (1.0, 0), (0.5, 2)])
def test_the_interval_of_80_percent_covers_about_80_percent(noise: float, ahead: int) -> None:
    inside = []
    for seed in range(8):
        rows = business(seed, dt.date(2026, 12, 31), noise=noise)
        for month in range(1, 10):
            start = dt.date(2026, month, 1)
            told = forecast(DailySeries.of(rows, start.replace(day=12)), 0, ahead)
            inside.append(told.low <= actual(rows, start, 1 + ahead) <= told.high)
    assert 0.68 <= np.mean(inside) <= 0.95


def test_the_guess_is_nearer_than_the_straight_line() -> None:
    """Beside what people do by hand: as much a day as until now."""
    own, line = [], []
    for seed in range(6):
        rows = business(seed, dt.date(2026, 12, 31))
        for month in range(1, 12):
            start = dt.date(2026, month, 1)
            told = forecast(DailySeries.of(rows, start.replace(day=9)))
            end, came = calendar.monthrange(2026, month)[1], actual(rows, start)
            own.append(abs(told.expected - came) / came)
            line.append(abs(told.done / 9 * end - came) / came)
    assert np.mean(own) < 0.75 * np.mean(line)


def test_what_falls_on_the_last_day_of_a_month_is_expected_there() -> None:
    """Monthly fees: by the 23rd nothing has come, and all of it will."""
    ends = [(dt.date(2024 + n // 12, n % 12 + 1, calendar.monthrange(2024 + n // 12, n % 12 + 1)[1]), 100.0 + n)
            for n in range(34)]  # fmt: skip
    told = forecast(DailySeries.of(ends, LAST))
    assert told.done == 0
    assert told.expected == pytest.approx(134, abs=3)
    assert told.path[-1].day == dt.date(2026, 11, 30)
    assert told.path[-2].expected < 0.2 * told.expected
    assert told.path[-1].expected == pytest.approx(told.expected)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 500), min_size=1, max_size=240), st.integers(0, 2))
def test_counts_never_fall_and_the_interval_holds_the_guess(counts: list[int], ahead: int) -> None:
    rows = [(LAST - dt.timedelta(days=3 * place), float(value)) for place, value in enumerate(counts)]
    told = forecast(DailySeries.of(rows, LAST), 0, ahead)
    assert told.done <= told.low <= told.expected <= told.high
    steps = [told.done, *(each.expected for each in told.path)]
    assert all(later >= earlier - 1e-6 for earlier, later in itertools.pairwise(steps))


def test_little_history_gives_a_wide_interval_and_says_so() -> None:
    rows = business(3)
    young = forecast(DailySeries.of([each for each in rows if each[0] >= dt.date(2026, 5, 1)], LAST))
    old = forecast(DailySeries.of(rows, LAST))
    assert young.is_rough
    assert not old.is_rough
    assert young.high - young.low > old.high - old.low
    nothing = forecast(DailySeries.of([], LAST))
    assert (nothing.done, nothing.expected, nothing.is_rough) == (0, 0, True)
    assert nothing.high > 0


def test_a_period_that_is_over_is_a_fact() -> None:
    rows = business(4)
    told = forecast(DailySeries.of(rows, dt.date(2026, 10, 31)))
    assert told.low == told.expected == told.high == told.done == pytest.approx(actual(rows, dt.date(2026, 10, 1)))


def test_a_quarter_counts_the_months_that_are_over() -> None:
    rows = business(5)
    told = forecast(DailySeries.of(rows, LAST), months_before=1, months_ahead=1)
    assert told.done == pytest.approx(actual(rows, dt.date(2026, 10, 1), 2))
    assert told.path[-1].day == dt.date(2026, 12, 31)


def test_a_level_goes_on_as_it_drifted_with_the_spread_of_its_past() -> None:
    def ends(*values: float) -> list[tuple[dt.date, float]]:
        return [(dt.date(2025, month, 28), value) for month, value in enumerate(values, 1)]

    now, end = (dt.date(2026, 1, 14), 1130.0), dt.date(2026, 1, 31)
    steady = forecast_level(ends(*(1000.0 + 10 * month for month in range(1, 13))), now, end, 1)
    assert steady.expected == pytest.approx(1135, abs=0.1), "half of the month is left, and half of its usual change"
    restless = forecast_level(ends(*(1000.0 + 50 * (-1) ** month for month in range(1, 12)), 1000.0), now, end, 1)
    assert restless.low < 1080 < 1180 < restless.high
    assert not restless.is_rough
    assert forecast_level(ends(1, 2), now, end, 1).is_rough
    assert forecast_level([], now, end, 1).is_rough
    assert forecast_level(ends(1, 2), (end, 5.0), end, 1).low == 5


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-2, 2), min_size=0, max_size=40))
def test_more_confidence_is_a_wider_interval(errors: list[float]) -> None:
    narrow, wide = interval(errors, 0.5, 10), interval(errors, 0.9, 10)
    assert wide[0] <= narrow[0] <= 0 <= narrow[1] <= wide[1]
