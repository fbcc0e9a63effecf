"""Where a figure will stand at the end of its period, and how sure that is: from its own past alone, without I/O."""

from signals.forecast.backtesting import PastForecast
from signals.forecast.forecasting import Forecast, PathDay, forecast, forecast_level, usual_course
from signals.forecast.holidays import public_holidays
from signals.forecast.series import DailySeries

__all__ = [
    "DailySeries", "Forecast", "PastForecast", "PathDay", "forecast", "forecast_level", "public_holidays",
    "usual_course",
]  # fmt: skip
