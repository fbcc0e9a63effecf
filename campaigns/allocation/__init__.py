"""When campaigns compete for customers: who gets which by which channel, and the price of what is scarce."""

from campaigns.allocation.allocate import (
    CHOSEN,
    Allocation,
    Comparison,
    OptionShare,
    Resource,
    allocate,
    allocate_greedily,
    compare,
)
from campaigns.allocation.problem import AGENT_HOURS, BUDGET, Demand, Limits, Option, demand_of

__all__ = [
    "AGENT_HOURS", "BUDGET", "CHOSEN", "Allocation", "Comparison", "Demand", "Limits", "Option", "OptionShare",
    "Resource", "allocate", "allocate_greedily", "compare", "demand_of",
]  # fmt: skip
