"""One cluster of people in the simulation: what is sent, what comes back, moment by moment.

Nothing is drawn from a generator that remembers: each chance is a hash of the seed and the message's key, so the same
scenario gives the same world whatever else is in it, and two policies are compared on the same luck.
"""

import datetime as dt
import heapq
import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from campaigns.control.hashing import uniform
from campaigns.flow.facts import (
    Cancel,
    Facts,
    Intent,
    MakeTask,
    MessageFact,
    Participant,
    Register,
    ResponseFact,
    Send,
    Terms,
    Transition,
)
from campaigns.flow.nodes import Flow
from campaigns.flow.walking import advance, enter
from campaigns.policy import Allowed, Contact, Deferred, Policy, Refused, Request, Standing, Verdict, decide

CALL = "call"


@dataclass(frozen=True)
class Rates:
    """What comes of a contact by one channel: chances of delivery, and of interest and conversion of the delivered; the
    median minutes that each takes; the price of one contact."""

    delivered: float = 1.0
    interest: float = 0.0
    conversion: float = 0.0
    minutes: tuple[float, float, float] = (1.0, 180.0, 1440.0)
    price: float = 0.0

    @classmethod
    def counted(
        cls, sent: int, delivered: int, interested: int, converted: int, *,
        minutes: tuple[float, float, float] = (1.0, 180.0, 1440.0), price: float = 0.0,
    ) -> "Rates":  # fmt: skip
        """From counts of the past. Half a case is added to each side (Jeffreys), so a few messages never make a chance
        of nothing or of everything."""
        shares = ((delivered, sent), (interested, delivered), (converted, delivered))
        chances = [(min(count, of) + 0.5) / (of + 1) for count, of in shares]
        return cls(chances[0], chances[1], chances[2], minutes, price)


@dataclass(frozen=True)
class Scenario:
    """Which campaign, from when, for how many days. `answers`: for each definition or signal condition the customers
    for whom it holds. Conditions that are not named hold for nobody."""

    campaign: str
    category: str
    begins: dt.datetime
    days: int = 31
    priority: int = 50
    seed: str = "simulation"
    sample: int = 10_000
    holidays: frozenset[dt.date] = frozenset()
    answers: Mapping[str, Set[int]] = field(default_factory=dict)
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as the policy sees him."""

    customer_id: int
    cluster_id: int
    region: str | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Tried:
    """One asking for a contact and what the policy said; `price` was paid when it was allowed."""

    customer_id: int
    node_id: str
    channel: str
    at: dt.datetime
    verdict: Verdict
    price: float = 0.0


@dataclass
class _Life:
    """What is known of one person so far."""

    person: Person
    participant: Participant
    messages: dict[str, MessageFact] = field(default_factory=dict)
    responses: list[ResponseFact] = field(default_factory=list)
    wakes: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A message or a call that is to be made, in the queue of moments."""

    key: str
    node_id: str
    channel: str


@dataclass
class World:
    """A cluster on its way through the flow; afterwards `tried`, `transitions`, `tasks` and the lives tell of it."""

    flow: Flow
    policy: Policy
    scenario: Scenario
    rates: Mapping[str, Rates]
    past: Sequence[Contact]
    tried: list[Tried] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    tasks: int = 0
    kept_out: int = 0
    lives: list[_Life] = field(default_factory=list)
    made: list[Contact] = field(default_factory=list)
    _queue: list[tuple[dt.datetime, int, _Life, object]] = field(default_factory=list)
    _number: int = 0

    def run(self, people: Iterable[Person]) -> None:
        """Everybody from the beginning of the scenario to its end; who is in a control group never enters."""
        scenario = self.scenario
        for person in people:
            if person.standing.controls:
                refused = Refused("control_group", {"group": min(person.standing.controls)})
                self.tried.append(Tried(person.customer_id, self.flow.start, "", scenario.begins, refused))
                self.kept_out += 1
                continue
            begun = enter(self.flow, scenario.campaign, person.customer_id, person.cluster_id, scenario.begins)
            life = _Life(person, begun)
            self.lives.append(life)
            self._later(scenario.begins, life, None)
        until = scenario.begins + dt.timedelta(days=scenario.days)
        while self._queue and self._queue[0][0] < until:
            moment, _, life, event = heapq.heappop(self._queue)
            match event:
                case _Asked():
                    self._ask(life, event, moment)
                case MessageFact():
                    life.messages[event.key] = event
                case ResponseFact():
                    life.responses.append(event)
            self._go_on(life, moment)

    def _later(self, moment: dt.datetime, life: _Life, event: object) -> None:
        self._number += 1
        heapq.heappush(self._queue, (moment, self._number, life, event))

    def _go_on(self, life: _Life, moment: dt.datetime) -> None:
        answers = self.scenario.answers
        facts = Facts(
            tuple(life.messages.values()), tuple(life.responses),
            lambda node: life.person.customer_id in answers.get(node, frozenset()),
        )  # fmt: skip
        walk = advance(self.flow, life.participant, moment, facts, self.scenario.terms)
        life.participant = walk.participant
        self.transitions.extend(walk.transitions)
        for intent in walk.intents:
            self._take(life, intent, moment)
        wake = walk.participant.wake_at
        if wake is not None and wake != life.wakes:
            self._later(wake, life, None)
        life.wakes = wake

    def _take(self, life: _Life, intent: Intent, moment: dt.datetime) -> None:
        match intent:
            case Send(key, node_id, _, channel, _):
                life.messages[key] = MessageFact(key, node_id, channel, "queued", moment)
                self._later(moment, life, _Asked(key, node_id, channel))
            case Register(key, node_id):
                self._later(moment, life, _Asked(key, node_id, CALL))
            case Cancel(key):
                if key in life.messages and life.messages[key].state in ("queued", "deferred"):
                    life.messages[key] = replace(life.messages[key], state="cancelled", at=moment)
            case MakeTask():
                self.tasks += 1

    def _ask(self, life: _Life, asked: _Asked, moment: dt.datetime) -> None:
        """What the sender does: ask the policy, then send, put off or give up."""
        known = life.messages.get(asked.key)
        if known is not None and known.state not in ("queued", "deferred"):
            return
        verdict = self._verdict(life.person, asked, moment)
        rates = self.rates[asked.channel]
        price = rates.price if isinstance(verdict, Allowed) else 0.0
        self.tried.append(Tried(life.person.customer_id, asked.node_id, asked.channel, moment, verdict, price))
        if isinstance(verdict, Allowed):
            self.made.append(self._contact(life.person, asked, moment))
            self._send(life, asked, moment, rates)
        elif isinstance(verdict, Deferred):
            self._mark(life, asked, "deferred", moment)
            self._later(verdict.until, life, asked)
        else:
            self._mark(life, asked, "refused", moment)

    def _verdict(self, person: Person, asked: _Asked, moment: dt.datetime) -> Verdict:
        scenario = self.scenario
        request = Request(
            person.customer_id, person.cluster_id, asked.channel, scenario.category, scenario.campaign,
            scenario.priority, moment, person.region,
        )  # fmt: skip
        known = [each for each in self.past if each.at <= moment]
        return decide(self.policy, request, known + self.made, person.standing)

    def _contact(self, person: Person, asked: _Asked, moment: dt.datetime) -> Contact:
        scenario = self.scenario
        return Contact(
            asked.key,
            person.customer_id,
            person.cluster_id,
            asked.channel,
            scenario.category,
            scenario.campaign,
            moment,
        )

    def _mark(self, life: _Life, asked: _Asked, state: str, moment: dt.datetime) -> None:
        if asked.key in life.messages:
            life.messages[asked.key] = MessageFact(asked.key, asked.node_id, asked.channel, state, moment)

    def _send(self, life: _Life, asked: _Asked, moment: dt.datetime, rates: Rates) -> None:
        """Hand over, and draw what will come back."""
        self._mark(life, asked, "sent", moment)
        if asked.key in life.messages:
            life.messages[asked.key] = replace(life.messages[asked.key], sent_at=moment)
        arrives = self._draw(asked.key, "delivered") < rates.delivered
        reported = moment + self._after(asked.key, "delivered", rates.minutes[0])
        if asked.key in life.messages:
            state = "delivered" if arrives else "failed"
            self._later(reported, life, replace(life.messages[asked.key], state=state, at=reported))
        if not arrives:
            return
        for kind, name, chance in ((2, "interest", rates.interest), (3, "conversion", rates.conversion)):
            if self._draw(asked.key, name) < chance:
                at = reported + self._after(asked.key, name, rates.minutes[kind - 1])
                self._later(at, life, ResponseFact(kind, at, asked.node_id, asked.key))

    def _draw(self, key: str, what: str) -> float:
        return uniform(f"{self.scenario.seed}:{key}:{what}", 0)

    def _after(self, key: str, what: str, median: float) -> dt.timedelta:
        """Exponential, of the given median."""
        drawn = self._draw(key, f"{what} after")
        return dt.timedelta(minutes=-math.log(1.0 - drawn) * median / math.log(2))
