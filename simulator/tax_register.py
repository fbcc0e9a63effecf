"""The register that the tax portal serves."""

from simulator.state import State
from simulator.timeline import Timeline


def write_tax(state: State, timeline: Timeline, until: int) -> None:
    """Add what became known by `until`."""
