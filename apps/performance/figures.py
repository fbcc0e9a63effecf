"""How figures are written: soʻm or pieces, per cent of a plan, a forecast with its interval."""

import math

from apps.data.performance import Outlook
from apps.language import speaker, t
from crm.services.performance import Kpi, done_pct, is_planned
from signals.forecast import Forecast

_FEW, _ROUND = 10, 0.05


def short(kpi: Kpi, value: float | None) -> str:
    """For headlines: millions of soʻm, whole pieces."""
    say = speaker()
    if value is None:
        return say.number(None)
    return say.compact_money(round(value)) if kpi.unit == "sum" else _pieces(value)


def full(kpi: Kpi, value: float | None) -> str:
    """To the soʻm."""
    say = speaker()
    if value is None:
        return say.number(None)
    return say.money(round(value)) if kpi.unit == "sum" else _pieces(value)


def plain(kpi: Kpi, value: float | None) -> str:
    """In tables, where the unit stands in the heading."""
    if value is not None and kpi.unit == "count":
        return _pieces(value)
    return speaker().number(None if value is None else round(value))


def span(kpi: Kpi, outlook: Outlook) -> str:
    """The interval of a forecast for a narrow column."""
    told, say = outlook.forecast, speaker()
    if told is None or told.low == told.high:
        return ""
    low, high = _ends(kpi, told)
    return f"{say.compact(round(low))} – {say.compact(round(high))}"


def done(kpi: Kpi, plan: float | None, value: float | None) -> float | None:
    """Per cent of the plan; None where nothing is planned or known."""
    if plan is None or value is None or not is_planned(plan, kpi.better):
        return None
    return done_pct(plan, value, kpi.better)


def per_cent(value: float | None) -> str:
    """Per cent, whole."""
    return speaker().percent(value, 0)


def between(kpi: Kpi, outlook: Outlook) -> str:
    """The interval of a forecast in words; empty without one."""
    told = outlook.forecast
    if told is None or told.low == told.high:
        return ""
    low, high = _ends(kpi, told)
    return t("{low} to {high}", low=short(kpi, low), high=short(kpi, high))


def _ends(kpi: Kpi, told: Forecast) -> tuple[float, float]:
    """Ends of an interval; of pieces whole ones, so that it holds no less than it says."""
    return (math.floor(told.low), math.ceil(told.high)) if kpi.unit == "count" else (told.low, told.high)


def _pieces(value: float) -> str:
    """Whole pieces; an expectation of a few has a decimal, since a third of one is not none."""
    small = abs(value) < _FEW and abs(value - round(value)) >= _ROUND
    return speaker().number(round(value, 1), 1) if small else speaker().number(round(value))
