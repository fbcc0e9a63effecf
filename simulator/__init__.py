"""A synthetic telecom operator with a planted truth.

It writes every source system in that system's own format, deterministically by seed, and keeps the truth
(who leaves and why, who is the same person, which file is broken) beside the data, where the product never reads it.
Only the command line and tests import this package.
"""

from simulator.options import SimulationOptions
from simulator.run import SimulationReport, advance, generate

__all__ = ["SimulationOptions", "SimulationReport", "advance", "generate"]
