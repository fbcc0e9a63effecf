"""Plants defects into the delivered files, and says how many and what must come of them."""

from simulator.options import SimulationOptions
from simulator.timeline import Timeline


def plant_defects(options: SimulationOptions, timeline: Timeline) -> list[dict]:
    """Damage files of the last weeks."""
    return []
