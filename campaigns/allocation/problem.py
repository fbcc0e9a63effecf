"""What competes for whom: the value of every contact that could be made, what each uses up, and what there is of it.

Values stand in a matrix of customers × options, 4 bytes each, so that 3 million customers × 20 options take 240 MB.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from campaigns.tables import Table, frame, need
from segments.errors import DefinitionError, Problem

BUDGET: Final = "budget"
AGENT_HOURS: Final = "agent_hours"
NEGATIVE: Final = "A cost or a limit is below 0: {name} has {value}."
BAD_SHAPE: Final = "The values are a table of {found}, not of {wanted}."
NO_CONTACTS: Final = "At most {at_most} contacts a customer leave nothing to allocate."
OPTION_TWICE: Final = "The option {option} stands there more than once."

Floats: TypeAlias = npt.NDArray[np.float64]
Net: TypeAlias = npt.NDArray[np.float32]
"""Net values, options × customers; what is not above 0 is no option."""


@dataclass(frozen=True)
class Option:
    """One campaign by one channel: a contact costs `cost` and `agent_hours`, and one place of its channel."""

    campaign_key: str
    channel: str
    cost: float = 0.0
    agent_hours: float = 0.0

    @property
    def name(self) -> str:
        """campaign/channel."""
        return f"{self.campaign_key}/{self.channel}"


@dataclass(frozen=True)
class Limits:
    """What there is: contacts per channel, agent hours, budget, contacts per campaign. None or absent is no limit."""

    channels: Mapping[str, float]
    agent_hours: float | None = None
    budget: float | None = None
    campaigns: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Demand:
    """`values[i, j]` is what contacting customer i by option j is worth, before cost, in sums of money; a value that is
    not above the option's cost, or is not a number, is never taken. `customers` are ids. A customer gets at most
    `at_most` contacts, and at most one of each campaign."""

    customers: npt.NDArray[np.int64]
    options: tuple[Option, ...]
    values: npt.NDArray[np.float32]
    limits: Limits
    at_most: int = 1

    def __post_init__(self) -> None:
        if problems := list(_problems(self)):
            raise DefinitionError(problems)


@dataclass(frozen=True)
class Uses:
    """`each[r, j]` is what one contact by option j uses of the limited resource `names[r]`, of which `there` is."""

    names: tuple[str, ...]
    each: Floats
    there: Floats


def uses_of(demand: Demand) -> Uses:
    """Limited resources: channel:<name>, agent_hours, budget, campaign:<key>."""
    options, limits = demand.options, demand.limits
    found: list[tuple[str, list[float], float]] = []
    for channel, there in limits.channels.items():
        found.append((f"channel:{channel}", [float(each.channel == channel) for each in options], there))
    if limits.agent_hours is not None:
        found.append((AGENT_HOURS, [each.agent_hours for each in options], limits.agent_hours))
    if limits.budget is not None:
        found.append((BUDGET, [each.cost for each in options], limits.budget))
    for campaign, there in (limits.campaigns or {}).items():
        found.append((f"campaign:{campaign}", [float(each.campaign_key == campaign) for each in options], there))
    names = tuple(name for name, _, _ in found)
    each = np.array([row for _, row, _ in found], float).reshape(len(found), len(options))
    return Uses(names, each, np.array([there for _, _, there in found], float))


def net_of(demand: Demand) -> Net:
    """Value less cost."""
    found = np.empty(demand.values.shape[::-1], np.float32)
    for j, each in enumerate(demand.options):
        np.subtract(demand.values[:, j], np.float32(each.cost), out=found[j])
        np.nan_to_num(found[j], copy=False, nan=-1.0, posinf=-1.0, neginf=-1.0)
    return found


def campaign_numbers(options: Sequence[Option]) -> npt.NDArray[np.int16]:
    """The campaign of each option, as numbers from 0."""
    keys = {key: place for place, key in enumerate(dict.fromkeys(each.campaign_key for each in options))}
    return np.array([keys[each.campaign_key] for each in options], np.int16)


def demand_of(offers: Table, options: Sequence[Option], limits: Limits, at_most: int = 1) -> Demand:
    """From a long table customer_id, campaign_key, channel, value; offers of options that are not named are left out.

    For millions of customers fill the matrix of `Demand` at once instead.
    """
    rows = frame(offers)
    need(rows, ["customer_id", "campaign_key", "channel", "value"], "offers")
    named = pl.DataFrame({"campaign_key": [each.campaign_key for each in options], "place": range(len(options)),
                          "channel": [each.channel for each in options]})  # fmt: skip
    known = rows.join(named, on=["campaign_key", "channel"], how="inner")
    customers, who = np.unique(known["customer_id"].to_numpy().astype(np.int64), return_inverse=True)
    values = np.full((len(customers), len(options)), np.nan, np.float32)
    values[who, known["place"].to_numpy()] = known["value"].to_numpy()
    return Demand(customers, tuple(options), values, limits, at_most)


def _problems(demand: Demand) -> list[Problem]:
    found = []
    wanted = (len(demand.customers), len(demand.options))
    if demand.values.shape != wanted:
        found.append(Problem(("values",), BAD_SHAPE, {"found": demand.values.shape, "wanted": wanted}))
    if demand.at_most < 1:
        found.append(Problem(("at_most",), NO_CONTACTS, {"at_most": demand.at_most}))
    names = [each.name for each in demand.options]
    for name in sorted({each for each in names if names.count(each) > 1}):
        found.append(Problem(("options", name), OPTION_TWICE, {"option": name}))
    limits = demand.limits
    amounts = [("cost", each.name, each.cost) for each in demand.options]
    amounts += [("agent_hours", each.name, each.agent_hours) for each in demand.options]
    amounts += [("limit", name, there) for name, there in [*limits.channels.items(), *(limits.campaigns or {}).items()]]
    amounts += [("limit", AGENT_HOURS, limits.agent_hours or 0.0), ("limit", BUDGET, limits.budget or 0.0)]
    for what, name, value in amounts:
        if value < 0:
            found.append(Problem(("options" if what != "limit" else "limits", name), NEGATIVE,
                                 {"name": name, "value": value}))  # fmt: skip
    return found
