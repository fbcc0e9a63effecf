"""What is known of participants, as flows ask for it: their messages, responses, and answers to conditions."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.flow import Facts, Flow, MessageFact, ResponseFact
from campaigns.flow.nodes import Condition
from crm.models import CampaignResponse, OutboxMessage, Signal
from crm.services.delivery.storing import chunks

Holds = Callable[[str, int], bool | None]
"""Whether the condition of a node holds for a customer; None while nobody evaluated it."""


def facts_of(
    session: Session, campaign: str, flow: Flow, customers: Sequence[int], written_to: Sequence[int], holds: Holds
) -> Mapping[int, Facts]:
    """Facts of `customers`; messages and responses are looked up for those who were `written_to` alone."""
    messages, responses = _messages(session, campaign, written_to), _responses(session, campaign, written_to)
    raised = _raised(session, flow, customers)

    def answers(customer: int) -> Callable[[str], bool | None]:
        def answer(node: str) -> bool | None:
            return customer in raised[node] if node in raised else holds(node, customer)

        return answer

    return {
        each: Facts(tuple(messages.get(each, ())), tuple(responses.get(each, ())), answers(each)) for each in customers
    }


def _messages(session: Session, campaign: str, customers: Sequence[int]) -> Mapping[int, list[MessageFact]]:
    found: defaultdict[int, list[MessageFact]] = defaultdict(list)
    columns = (
        OutboxMessage.customer_id, OutboxMessage.key, OutboxMessage.node_id, OutboxMessage.channel,
        OutboxMessage.state, OutboxMessage.changed_at, OutboxMessage.sent_at, OutboxMessage.contacted_at,
        OutboxMessage.read_at,
    )  # fmt: skip
    for chunk in chunks(customers):
        where = (OutboxMessage.customer_id.in_(chunk), OutboxMessage.campaign == campaign)
        for customer, key, node, channel, state, at, sent, contacted, read in session.execute(
            select(*columns).where(*where)
        ):
            known = "read" if read is not None and state == "delivered" else state
            found[customer].append(MessageFact(key, node, channel, known, at, sent or contacted))
    return found


def _responses(session: Session, campaign: str, customers: Sequence[int]) -> Mapping[int, list[ResponseFact]]:
    found: defaultdict[int, list[ResponseFact]] = defaultdict(list)
    columns = (
        CampaignResponse.customer_id, CampaignResponse.type, CampaignResponse.at, CampaignResponse.node_id,
        OutboxMessage.key,
    )  # fmt: skip
    for chunk in chunks(customers):
        query = (
            select(*columns)
            .outerjoin(OutboxMessage, OutboxMessage.message_id == CampaignResponse.message_id)
            .where(
                CampaignResponse.customer_id.in_(chunk), CampaignResponse.campaign == campaign,
                CampaignResponse.is_counted, CampaignResponse.state == "matched",
            )
        )  # fmt: skip
        for customer, type_, at, node, key in session.execute(query):
            if customer is not None:
                found[customer].append(ResponseFact(type_, at, node, key))
    return found


def _raised(session: Session, flow: Flow, customers: Sequence[int]) -> Mapping[str, frozenset[int]]:
    """By condition on a signal: who of these customers has an open one."""
    found: dict[str, frozenset[int]] = {}
    for node_id, rule in signal_nodes(flow).items():
        holders: set[int] = set()
        for chunk in chunks(customers):
            query = select(Signal.customer_id).where(
                Signal.customer_id.in_(chunk), Signal.rule_key == rule, Signal.closed_at.is_(None),
                Signal.is_shadow.is_(False),
            )  # fmt: skip
            holders |= set(session.scalars(query))
        found[node_id] = frozenset(holders)
    return found


def signal_nodes(flow: Flow) -> Mapping[str, str]:
    """Conditions on signals: node → rule."""
    return {
        each.id: each.data.rule
        for each in flow.nodes
        if isinstance(each.data, Condition) and each.data.kind == "signal"
    }


def definition_nodes(flow: Flow) -> frozenset[str]:
    """Conditions that have to be evaluated on a snapshot."""
    return frozenset(
        each.id for each in flow.nodes if isinstance(each.data, Condition) and each.data.kind == "definition"
    )


def local_end(day: dt.date | None, zone: dt.tzinfo) -> dt.datetime | None:
    """The end of a campaign's last day: what was not sent by then never is."""
    return None if day is None else dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)
