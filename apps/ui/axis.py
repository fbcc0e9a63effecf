"""Axes and tooltips of a chart in the reader's own way of writing numbers.

The chart engine groups digits by commas and takes no code, so the value axis gets even steps worked out here, and an
axis of ready words stands where its own labels would.
"""

import html
import math
from collections.abc import Sequence
from typing import Any, Final

from apps.ui.charts import Option
from vitrina.i18n import Translator

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_NEAR: Final = 1e-9


def in_words(option: Option, say: Translator) -> Option:
    """The same chart with its numbers as `say` writes them, when it is one data set over one value axis and one of
    categories; any other comes back as it is."""
    axis, data = option.get("yAxis"), option.get("dataset")
    if not isinstance(axis, dict) or axis.get("type") != "value" or not isinstance(data, dict):
        return option
    values = _values(option["series"], data)
    if not values or axis.get("show") is False:
        return option
    low, step, count = even(*_ends(axis, values), int(axis.get("splitNumber", 4)), is_whole="max" in axis)
    words = [say.number(low + place * step, _digits(step)) for place in range(count + 1)]
    return _told(option, data, say) | {
        "yAxis": [
            axis | {"min": low, "max": low + count * step, "interval": step, "axisLabel": {"show": False}},
            {
                "type": "category", "position": "left", "data": words, "boundaryGap": False,
                "axisLine": {"show": False}, "axisTick": {"show": False}, "splitLine": {"show": False},
                "axisLabel": {"interval": 0}, "axisPointer": {"show": False},
            },
        ]
    }  # fmt: skip


def even(low: float, high: float, wanted: int, *, is_whole: bool = False) -> tuple[float, float, int]:
    """Where an axis that holds `low` to `high` begins, its round step, and how many steps there are, about `wanted`.
    With `is_whole` the ends stay where they are."""
    span = high - low or abs(high) or 1.0
    rough = span / max(1, wanted)
    power = 10.0 ** math.floor(math.log10(rough))
    if is_whole:
        fitting = [each * power / part for part in (10, 1) for each in _STEPS if _is_round(span * part / each / power)]
        step = min(fitting, key=lambda each: abs(math.log(each / rough)), default=span)
        return low, step, round(span / step)
    step = next(each * power for each in _STEPS if each * power >= rough * (1 - _NEAR))
    first = math.floor(low / step + _NEAR)
    return first * step, step, max(1, math.ceil(high / step - _NEAR) - first)


def _is_round(value: float) -> bool:
    return abs(value - round(value)) < _NEAR * max(1.0, value)


def _ends(axis: Option, values: list[float]) -> tuple[float, float]:
    """From zero, unless the axis says otherwise."""
    around = [] if axis.get("scale") else [0.0]
    return axis.get("min", min(around + values)), axis.get("max", max(around + values))


def _digits(step: float) -> int:
    return next((count for count in range(6) if abs(step * 10**count - round(step * 10**count)) < 1e-6), 6)


def _values(series: Sequence[Option], data: Option) -> list[float]:
    """What the axis has to reach: every value, and the sums of those that stand on each other."""
    place = {name: number for number, name in enumerate(data["dimensions"])}
    found: list[float] = []
    for row in data["source"]:
        sums: dict[str, float] = {}
        for each in series:
            column = (each.get("encode") or {}).get("y")
            value = row[place[column]] if column in place else None
            if not isinstance(value, int | float) or value != value:
                continue
            if stack := each.get("stack"):
                value = sums[stack] = sums.get(stack, 0.0) + value
            found.append(float(value))
    return found


def _told(option: Option, data: Option, say: Translator) -> Option:
    """The tooltip of a category with every value in words; series that show none, such as marks, are left out."""
    x = data["dimensions"][0]
    shown = [each for each in option["series"] if each.get("tooltip", {}).get("show", True) and "name" in each]
    columns = [each["encode"]["y"] for each in shown]
    place = {name: number for number, name in enumerate(data["dimensions"])}
    source = [
        [*row, *(_word(row[place[column]], say) for column in columns)]
        for row in data["source"]
    ]  # fmt: skip
    lines = [f"<b>{{@{x}}}</b>"]
    lines += [f"{_plain(each['name'])}: {{@{column}:word}}" for each, column in zip(shown, columns, strict=True)]
    tooltip = {key: value for key, value in option.get("tooltip", {}).items() if key != "valueFormatter"}
    return option | {
        "dataset": {
            "dimensions": [*data["dimensions"], *(f"{column}:word" for column in columns)], "source": source,
        },
        "tooltip": tooltip | {"formatter": "<br/>".join(lines)},
    }  # fmt: skip


def _plain(name: str) -> str:
    """A name, which may come from data, as text of a template: neither markup nor a place to fill."""
    return html.escape(name).replace("{", "&#123;").replace("}", "&#125;")


def _word(value: Any, say: Translator) -> str:
    if not isinstance(value, int | float):
        return say.number(None)
    digits = next((count for count in (0, 1, 2) if abs(value - round(value, count)) < 1e-9), 2)
    return say.number(value, digits)
