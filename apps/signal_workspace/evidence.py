"""The evidence of a signal: the course of its measures with the norm, and the rows behind them."""

from apps.signal_workspace.words import measure_name
from crm.services.signals import SignalInfo
from signals.definition import Rule


def evidence(signal: SignalInfo, rule: Rule | None) -> None:
    """To be drawn from the engine's answer."""
    _ = signal, rule, measure_name
