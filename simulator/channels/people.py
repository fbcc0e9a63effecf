"""The people behind the peers as the planted truth has them, instead of all alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from simulator.channels.conduct import Conduct, Fate


@dataclass(frozen=True)
class Person:
    """Chances of one customer by one channel; `tires` is the share that each earlier text takes away."""

    reach: float
    interest: float
    opt_out: float
    tires: float


@dataclass(frozen=True)
class KnownPeople(Conduct):
    """`people` by address as the peer sees it (digits of a number, an e-mail address, a chat, a token); who is not
    among them takes messages as everybody does. Of contacts it knows those that came to its own peer."""

    people: Mapping[str, Person] = field(default_factory=dict)
    _texts: dict[str, list[str]] = field(default_factory=dict, repr=False, compare=False)

    def fate(self, address: str, text: str) -> Fate:
        """Whether it reaches the person."""
        person = self.people.get(address.lstrip("+"))
        if person is None:
            return super().fate(address, text)
        return "delivered" if self.chance("fate", address, text) < person.reach else "failed"

    def answers(self, address: str, text: str) -> str | None:
        """What the person writes back, if he does; the more he was sent before, the less."""
        person = self.people.get(address.lstrip("+"))
        if person is None:
            return super().answers(address, text)
        roll, fresh = self.chance("answer", address, text), self._fresh(person, address, text)
        stops = person.opt_out * (2 - fresh)
        if roll < stops:
            return "STOP"
        return "Ha, qiziqarli" if roll < stops + person.interest * fresh else None

    def opens(self, address: str, text: str) -> bool:
        """Whether the person opens what he was sent: who answers has, and others do half as often again."""
        person = self.people.get(address.lstrip("+"))
        if person is None:
            return super().opens(address, text)
        return self.chance("open", address, text) < 1.5 * person.interest * self._fresh(person, address, text)

    def _fresh(self, person: Person, address: str, text: str) -> float:
        texts = self._texts.setdefault(address, [])
        if text not in texts:
            texts.append(text)
        return float((1 - person.tires) ** texts.index(text))


def people_of(truth: pl.DataFrame, addresses: pl.DataFrame) -> dict[str, Person]:
    """From `simulator.reactions.reaction_truth` and addresses (customer_id, channel, address)."""
    found = {}
    for row in addresses.join(truth, on="customer_id").iter_rows(named=True):
        channel = row["channel"]
        found[str(row["address"]).lstrip("+")] = Person(
            row[f"reach_{channel}"], row[f"interest_{channel}"], row["opt_out"], row["tires"]
        )
    return found
