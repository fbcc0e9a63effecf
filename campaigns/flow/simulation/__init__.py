"""How a flow would have gone: a discrete-event simulation that goes through the functions of the live run."""

from campaigns.flow.simulation.figures import DayFigures, HeldBack, Simulation, StepFigures
from campaigns.flow.simulation.simulating import PEOPLE, simulate
from campaigns.flow.simulation.world import Rates, Scenario

__all__ = ["PEOPLE", "DayFigures", "HeldBack", "Rates", "Scenario", "Simulation", "StepFigures", "simulate"]
