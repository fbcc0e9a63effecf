"""What a simulation tells: of those that were simulated, counted up to the whole audience."""

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.flow.facts import Participant, Transition
from campaigns.flow.nodes import Flow, ports
from campaigns.flow.simulation.world import Tried, World
from campaigns.policy import Allowed, Deferred

_Z = 1.959964


@dataclass(frozen=True)
class StepFigures:
    """A node: how often it was entered, how often left by each port, and how many stand there at the end."""

    node_id: str
    kind: str
    entered: float
    left: Mapping[str, float]
    waiting: float


@dataclass(frozen=True)
class DayFigures:
    """Contacts by a channel on a day of the policy's time zone, and their cost."""

    day: dt.date
    channel: str
    contacts: float
    cost: float


@dataclass(frozen=True)
class HeldBack:
    """Contacts that the policy put off (`verdict` deferred) or did not let happen (refused), by reason and rule.

    `customers`: how many different ones; `hours`: how long the contacts were put off on average.
    """

    node_id: str
    channel: str
    verdict: str
    reason: str
    values: Mapping[str, Any]
    contacts: float
    customers: float
    hours: float


@dataclass(frozen=True)
class Simulation:
    """All counts are of the whole `audience`, of whom `simulated` were followed."""

    audience: int
    simulated: int
    steps: tuple[StepFigures, ...]
    days: tuple[DayFigures, ...]
    held_back: tuple[HeldBack, ...]
    contacted: float
    untouched: float
    control: float
    tasks: float
    responded: Mapping[int, float] = field(default_factory=dict)

    @property
    def cost(self) -> float:
        """Of all contacts."""
        return sum(day.cost for day in self.days)

    def by_channel(self) -> dict[str, tuple[float, float]]:
        """Contacts and cost of each channel."""
        found: dict[str, tuple[float, float]] = {}
        for day in self.days:
            contacts, cost = found.get(day.channel, (0.0, 0.0))
            found[day.channel] = contacts + day.contacts, cost + day.cost
        return found

    def interval(self, count: float) -> tuple[float, float]:
        """Between which numbers a count of customers lies with 95 %, as far as sampling and luck go (Wilson, 1927)."""
        n = self.simulated
        if not n or not self.audience:
            return 0.0, 0.0
        share = min(1.0, count / self.audience)
        middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
        return max(0.0, middle - half) * self.audience, min(1.0, middle + half) * self.audience


class Tally:
    """Adds up worlds, one at a time, and forgets them."""

    def __init__(self, flow: Flow, timezone: str) -> None:
        self._flow, self._zone = flow, ZoneInfo(timezone)
        self._entered, self._left, self._standing = Counter[str](), Counter[tuple[str, str]](), Counter[str]()
        self._days = Counter[tuple[dt.date, str]]()
        self._costs = defaultdict[tuple[dt.date, str], float](float)
        self._held: dict[tuple[str, ...], tuple[Mapping[str, Any], list[float], set[int]]] = {}
        self._people = self._contacted = self._control = self._tasks = 0
        self._responded = Counter[int]()

    def add(self, world: World) -> None:
        """Count what happened in a world."""
        self._transitions(world.transitions)
        for tried in world.tried:
            self._try(tried)
        touched = {tried.customer_id for tried in world.tried if isinstance(tried.verdict, Allowed)}
        self._contacted += len(touched)
        self._tasks += world.tasks
        self._people += world.kept_out
        for life in world.lives:
            self._people += 1
            self._control += _is_control(life.participant)
            self._entered[self._flow.start] += 1
            self._standing[life.participant.node_id] += not life.participant.is_over
            self._responded.update({response.type for response in life.responses})

    def _transitions(self, transitions: Sequence[Transition]) -> None:
        for each in transitions:
            self._left[each.node_id, each.port] += 1
            if each.target is not None:
                self._entered[each.target] += 1

    def _try(self, tried: Tried) -> None:
        verdict = tried.verdict
        if isinstance(verdict, Allowed):
            day = tried.at.astimezone(self._zone).date(), tried.channel
            self._days[day] += 1
            self._costs[day] += tried.price
            return
        kind = "deferred" if isinstance(verdict, Deferred) else "refused"
        told = verdict.values.get("rule") or verdict.values.get("segment") or verdict.values.get("group") or ""
        key = (tried.node_id, tried.channel, kind, verdict.reason, str(told))
        _, hours, customers = self._held.setdefault(key, (verdict.values, [], set()))
        hours.append((verdict.until - tried.at).total_seconds() / 3600 if isinstance(verdict, Deferred) else 0.0)
        customers.add(tried.customer_id)

    def figures(self, audience: int) -> Simulation:
        """Everything counted so far, for an audience of that size."""
        scale = audience / self._people if self._people else 0.0
        steps = tuple(
            StepFigures(
                node.id, node.kind, self._entered[node.id] * scale,
                {port: self._left[node.id, port] * scale for port in ports(node.data)}, self._standing[node.id] * scale,
            )
            for node in self._flow.nodes
        )  # fmt: skip
        days = tuple(
            DayFigures(day, channel, self._days[day, channel] * scale, self._costs[day, channel] * scale)
            for day, channel in sorted(self._days)
        )
        held = tuple(
            HeldBack(key[0], key[1], key[2], key[3], values, len(hours) * scale, len(customers) * scale,
                     sum(hours) / len(hours))
            for key, (values, hours, customers) in sorted(self._held.items(), key=lambda each: -len(each[1][1]))
        )  # fmt: skip
        return Simulation(
            audience, self._people, steps, days, held, self._contacted * scale,
            (self._people - self._contacted) * scale, self._control * scale, self._tasks * scale,
            {kind: count * scale for kind, count in sorted(self._responded.items())},
        )  # fmt: skip


def _is_control(participant: Participant) -> bool:
    return "control" in participant.assignments.values()
