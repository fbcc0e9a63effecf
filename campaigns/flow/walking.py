"""How a participant goes through a flow: a pure function of where he stands, of the moment and of what is known of him.

The live run and the simulation both go through `advance` and nothing else. Called again with the same facts it asks for
the same messages under the same keys, and called on its own result for none: so a run may die at any moment.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from campaigns.flow.facts import ACTIVE, NOTHING, PENDING, STOPPED, Cancel, Facts, Participant, Terms, Walk
from campaigns.flow.nodes import Flow
from campaigns.flow.walker import Walker

FactsOf = Callable[[Participant], Facts]


def enter(flow: Flow, campaign: str, customer_id: int, cluster_id: int, at: dt.datetime) -> Participant:
    """A customer at the beginning of a flow, before the first `advance`."""
    return Participant(campaign, customer_id, cluster_id, flow.start, ACTIVE, at)


def advance(
    flow: Flow, participant: Participant, moment: dt.datetime, facts: Facts = NOTHING, terms: Terms | None = None
) -> Walk:
    """As far as the participant comes at `moment`. The walk holds him itself when nothing changed.

    A wait begins when he comes to it, so a campaign that was paused does not make up for lost time with a burst of
    messages. Raises `ValueError` for a flow that goes round without waiting, which `check` refuses.
    """
    if participant.is_over:
        return Walk(participant)
    if participant.node_id not in flow.by_id:
        return Walk(replace(participant, state=STOPPED, wake_at=None))
    walker = Walker(flow, participant, moment, facts, terms or Terms())
    return walker.walk()


def advance_many(
    flow: Flow,
    participants: Iterable[Participant],
    moment: dt.datetime,
    facts_of: Mapping[int, Facts] | FactsOf | None = None,
    terms: Terms | None = None,
) -> Iterator[Walk]:
    """`advance` for each, in order, one at a time in memory. `facts_of` by customer_id, or asked for each."""
    terms = terms or Terms()
    if callable(facts_of):
        for each in participants:
            yield advance(flow, each, moment, facts_of(each), terms)
        return
    known = facts_of or {}
    for each in participants:
        yield advance(flow, each, moment, known.get(each.customer_id, NOTHING), terms)


def stop(participant: Participant, facts: Facts = NOTHING) -> Walk:
    """The participant taken out of the campaign, and everything that was still to be sent to him cancelled."""
    if participant.is_over:
        return Walk(participant)
    left = tuple(Cancel(each.key) for each in facts.messages if each.state in PENDING)
    return Walk(replace(participant, state=STOPPED, wake_at=None), left)
