"""Numbers of charts in the reader's own writing."""

import pytest

from apps.ui import charts
from apps.ui.axis import even, in_words
from vitrina.i18n import translator


def _drawn(rows, names, language="ru", stack=False, **axis):
    option = charts.trend(rows, "month", names, kind="bar", stack=stack)
    option["yAxis"] |= axis
    return in_words(option, translator(language))


def test_thousands_on_an_axis_are_parted_by_a_space_and_not_by_a_comma():
    drawn = _drawn([{"month": "10.2026", "debt": 7_400_000}], {"debt": "Debt"})
    numbers, words = drawn["yAxis"]
    assert words["data"] == [
        "0",
        "2\u202f000\u202f000",
        "4\u202f000\u202f000",
        "6\u202f000\u202f000",
        "8\u202f000\u202f000",
    ]
    assert (numbers["min"], numbers["max"], numbers["interval"]) == (0, 8_000_000, 2_000_000)
    assert numbers["axisLabel"] == {"show": False}


@pytest.mark.parametrize(("language", "half"), [("ru", "0,5"), ("uz", "0,5"), ("en", "0.5")])
def test_a_decimal_on_an_axis_has_the_comma_of_its_language(language, half):
    drawn = _drawn([{"month": "1", "auc": 0.84}], {"auc": "AUC"}, language, min=0.5, max=1)
    assert drawn["yAxis"][1]["data"][0] == half
    assert drawn["yAxis"][0]["max"] == 1.0


def test_an_axis_holds_the_sum_of_values_that_stand_on_each_other():
    rows = [{"month": "1", "b2c": 700, "b2b": 600}]
    assert _drawn(rows, {"b2c": "B2C", "b2b": "B2B"}, stack=True)["yAxis"][0]["max"] >= 1300
    assert _drawn(rows, {"b2c": "B2C", "b2b": "B2B"})["yAxis"][0]["max"] < 1300


def test_an_axis_of_losses_goes_below_zero_and_keeps_zero_on_a_step():
    drawn = _drawn([{"month": "1", "change": -14}, {"month": "2", "change": 3}], {"change": "Change"})
    assert "0" in drawn["yAxis"][1]["data"]
    assert drawn["yAxis"][0]["min"] <= -14


def test_a_tooltip_tells_values_in_words_and_names_are_no_markup():
    drawn = _drawn([{"month": "10.2026", "mb": 1234.5}], {"mb": "ЧП <b>{mb}</b>"})
    dimensions, row = drawn["dataset"]["dimensions"], drawn["dataset"]["source"][0]
    assert row[dimensions.index("mb:word")] == "1\u202f234,5"
    assert drawn["tooltip"]["formatter"] == "<b>{@month}</b><br/>ЧП &lt;b&gt;&#123;mb&#125;&lt;/b&gt;: {@mb:word}"


def test_a_value_that_is_not_known_is_a_dash():
    drawn = _drawn([{"month": "1", "mb": 1.0}, {"month": "2", "mb": None}], {"mb": "MB"})
    assert drawn["dataset"]["source"][1][-1] == "—"


def test_a_chart_without_values_or_with_bars_that_lie_stays_as_it_is():
    empty = charts.trend([], "month", {"mb": "MB"})
    assert in_words(empty, translator("ru")) is empty
    lying = charts.bars([{"name": "a", "value": 1, "text": "1", "tip": "1"}])
    assert in_words(lying, translator("ru")) is lying


@pytest.mark.parametrize(("low", "high"), [(0, 0.0), (0, 1e-3), (0, 37), (-5, 5), (3.0, 3.0), (0, 9.99e9), (71, 84)])
def test_even_steps_hold_what_they_are_for_in_few_steps(low, high):
    first, step, count = even(low, high, 4)
    assert first <= low
    assert first + count * step >= high
    assert 1 <= count <= 6
