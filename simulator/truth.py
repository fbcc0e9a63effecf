"""Writes the planted truth, which the product never reads."""

from simulator.options import SimulationOptions
from simulator.timeline import Timeline


def write_truth(options: SimulationOptions, timeline: Timeline, until: int, planted: list[dict]) -> None:
    """Truth of what is visible."""
