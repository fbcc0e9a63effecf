"""Where a figure will stand at the end of its period, and how sure that is: from its own past alone, without I/O."""

from signals.forecast.backtesting import PastForecast, past_forecasts
from signals.forecast.forecasting import Forecast, PathDay, forecast, forecast_level
from signals.forecast.series import DailySeries

__all__ = ["DailySeries", "Forecast", "PastForecast", "PathDay", "forecast", "forecast_level", "past_forecasts"]
