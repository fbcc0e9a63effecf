"""A campaign held against people and contacts of past months, before it is launched."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import polars as pl

from campaigns.control.hashing import hashes
from campaigns.flow.nodes import CallRegister, Fallback, Flow, Message
from campaigns.flow.simulation.figures import Simulation, Tally
from campaigns.flow.simulation.world import CALL, Person, Rates, Scenario, World
from campaigns.policy import Contact, Policy, Standing
from campaigns.policy.deciding import ALL
from campaigns.tables import Table, frame, need
from segments.errors import DefinitionError, Problem

PEOPLE: Final = (
    "customer_id", "cluster_id", "region", "control", "opted_out", "has_consent", "excluded_segment", "channels"
)  # fmt: skip
"""Columns of people. Beyond the first two each may be left out: then nobody is in control groups, opted out or
excluded, everybody consents, and `channels` (a list of the channels by which he can be reached) are all."""
_DEFAULTS: Final[Mapping[str, Any]] = {
    "region": None, "control": None, "opted_out": False, "has_consent": True, "excluded_segment": None, "channels": None
}  # fmt: skip


def simulate(
    flow: Flow,
    people: Table,
    rates: Mapping[str, Rates],
    policy: Policy,
    scenario: Scenario,
    contacts: Table | None = None,
) -> Simulation:
    """What the campaign would have come to, had it begun at `scenario.begins` with these people.

    `rates` by channel (also "call", for registers); `contacts`: the real contacts of those months (columns of
    `campaigns.policy.batch.CONTACTS`), against which caps and gaps count. Of a larger audience `scenario.sample` people
    are followed, whole clusters of them, drawn by hash. Raises `DefinitionError` for a table without its columns, and
    for a channel of the flow without rates.
    """
    if problems := [
        Problem(
            ("rates", channel), "How messages by “{channel}” fared is not known.", {"channel": channel}, "Give rates."
        )
        for channel in sorted(_channels(flow) - set(rates))
    ]:
        raise DefinitionError(problems)
    rows = frame(people)
    need(rows, PEOPLE[:2], "people")
    chosen = _chosen(rows, scenario)
    past = _past(contacts, chosen, scenario, policy.memory)
    tally = Tally(flow, policy.timezone)
    for cluster_id, members in _clusters(chosen, scenario):
        world = World(flow, policy, scenario, rates, past.get(cluster_id, ()))
        world.run(members)
        tally.add(world)
    return tally.figures(rows.height)


def _channels(flow: Flow) -> set[str]:
    found: set[str] = set()
    for node in flow.nodes:
        match node.data:
            case Message(channel):
                found.add(channel)
            case Fallback(steps):
                found.update(step.channel for step in steps)
            case CallRegister():
                found.add(CALL)
    return found


def _chosen(rows: pl.DataFrame, scenario: Scenario) -> pl.DataFrame:
    """Whole clusters in the order of their hash, up to the size of the sample."""
    ordered = rows.with_columns(
        pl.Series("_draw", hashes(f"{scenario.seed}:sample", rows["cluster_id"].to_numpy()), pl.UInt64)
    ).sort("_draw", "cluster_id", "customer_id")
    if ordered.height > scenario.sample:
        ids = ordered["cluster_id"].to_numpy()
        ends = np.flatnonzero(np.append(ids[1:] != ids[:-1], True)) + 1
        ordered = ordered.head(int(ends[ends >= scenario.sample].min()))
    missing = [pl.lit(value).alias(name) for name, value in _DEFAULTS.items() if name not in ordered.columns]
    return ordered.with_columns(missing).select(*PEOPLE)


def _past(
    contacts: Table | None, chosen: pl.DataFrame, scenario: Scenario, memory: dt.timedelta
) -> dict[int, tuple[Contact, ...]]:
    if contacts is None:
        return {}
    begins = scenario.begins.astimezone(dt.UTC).replace(tzinfo=None)
    rows = frame(contacts).filter(
        pl.col("cluster_id").is_in(chosen["cluster_id"].unique().implode())
        & pl.col("at").is_between(begins - memory, begins + dt.timedelta(days=scenario.days))
    )
    found: dict[int, list[Contact]] = {}
    columns = ("contact_id", "customer_id", "cluster_id", "channel", "category", "campaign_key", "at")
    for identity, customer, cluster, channel, category, campaign, at in rows.select(columns).iter_rows():
        each = Contact(str(identity), customer, cluster, channel, category, campaign or "", at.replace(tzinfo=dt.UTC))
        found.setdefault(cluster, []).append(each)
    return {cluster: tuple(each) for cluster, each in found.items()}


def _clusters(chosen: pl.DataFrame, scenario: Scenario) -> Iterator[tuple[int, list[Person]]]:
    together: list[Person] = []
    for row in chosen.iter_rows(named=True):
        person = _person(row, scenario)
        if together and together[0].cluster_id != person.cluster_id:
            yield together[0].cluster_id, together
            together = []
        together.append(person)
    if together:
        yield together[0].cluster_id, together


def _person(row: Mapping[str, Any], scenario: Scenario) -> Person:
    standing = Standing(
        frozenset({scenario.category}) if row["has_consent"] else frozenset(),
        frozenset({(ALL, ALL)}) if row["opted_out"] else frozenset(),
        frozenset({row["excluded_segment"]}) if row["excluded_segment"] is not None else frozenset(),
        frozenset({row["control"]}) if row["control"] is not None else frozenset(),
        frozenset(row["channels"]) if row["channels"] is not None else None,
        scenario.holidays,
    )  # fmt: skip
    return Person(row["customer_id"], row["cluster_id"], row["region"], standing)
