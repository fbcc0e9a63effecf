"""Writes what the accounting system (1C) gives."""

from simulator.state import State
from simulator.timeline import Timeline


def write_onec(state: State, timeline: Timeline, until: int) -> None:
    """Statements, counterparties, invoices and reconciliation acts that became due by `until`."""
