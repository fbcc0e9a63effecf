"""What rules look at, as data: a YAML file a measure, either a flow (a sum per day) or a state (SQL over marts)."""

from signals.measures.measure import Flow, Measure, StateMeasure
from signals.measures.registry import WrongMeasure, measures, read_measure

__all__ = ["Flow", "Measure", "StateMeasure", "WrongMeasure", "measures", "read_measure"]
