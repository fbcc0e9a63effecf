"""What pages show of a running campaign: by node, by arm, by channel, against plan. A few counted queries, no cache: as
fresh as the database."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from campaigns.flow import parse
from crm.errors import CrmError
from crm.models import CampaignParticipant, CampaignPassage, CampaignResponse, OutboxPause
from crm.services.campaign_runs.stored import freezes, run_of
from crm.services.campaign_runs.values import FreezeInfo, RunInfo
from crm.services.delivery import outbox
from crm.services.delivery.values import State

_HANDED_OVER = (State.SENT, State.DELIVERED, State.UNCERTAIN)


@dataclass(frozen=True)
class NodeFigures:
    """One node. `entered`: who came to it; `here`: who stands there now; `left` by port; `responses`: customers by
    type; `reasons`: messages by (state, reason) that did not go."""

    node_id: str
    kind: str
    entered: int
    here: int
    left: Mapping[str, int] = field(hash=False)
    queued: int = 0
    sent: int = 0
    delivered: int = 0
    failed: int = 0
    refused: int = 0
    deferred: int = 0
    cancelled: int = 0
    responses: Mapping[int, int] = field(default_factory=dict, hash=False)
    reasons: Mapping[tuple[str, str], int] = field(default_factory=dict, hash=False)
    is_paused: bool = False


@dataclass(frozen=True)
class Figures:
    """A campaign. `arms` and `states` count members; `expected` is the size it was approved with; `is_paused`: nothing
    is handed over."""

    run: RunInfo
    freezes: tuple[FreezeInfo, ...]
    arms: Mapping[str, int] = field(hash=False)
    states: Mapping[str, int] = field(hash=False)
    nodes: tuple[NodeFigures, ...] = ()
    channels: Mapping[tuple[str, str], int] = field(default_factory=dict, hash=False)
    responses: Mapping[int, int] = field(default_factory=dict, hash=False)
    expected: int | None = None
    is_paused: bool = False
    at: dt.datetime | None = None


def figures(session: Session, campaign: str, now: dt.datetime | None = None) -> Figures:
    """Everything at once. Raises `CrmError` for a campaign that has not begun."""
    run = run_of(session, campaign)
    same = CampaignParticipant.campaign == campaign
    members = session.execute(
        select(CampaignParticipant.arm, CampaignParticipant.state, CampaignParticipant.node_id, func.count())
        .where(same, CampaignParticipant.freeze.in_(run.done))
        .group_by(CampaignParticipant.arm, CampaignParticipant.state, CampaignParticipant.node_id)
    ).tuples()
    arms, states, here = defaultdict[str, int](int), defaultdict[str, int](int), defaultdict[str, int](int)
    for arm, state, node, count in members:
        arms[arm] += count
        states[state] += count
        if state in ("active", "waiting"):
            here[node] += count
    messages, paused = outbox.counts(session, campaign), _paused(session, campaign)
    channels: defaultdict[tuple[str, str], int] = defaultdict(int)
    for (_, channel, state), count in messages.items():
        channels[channel, state] += count
    entering = arms.get("contacted", 0) + arms.get("control", 0)
    nodes = _nodes(session, run, entering, here, messages, paused)
    return Figures(
        run, tuple(freezes(session, campaign)), dict(arms), dict(states), nodes, dict(channels),
        _responses(session, campaign)[None], run.expected, "" in paused, now,
    )  # fmt: skip


def figures_or_none(session: Session, campaign: str, now: dt.datetime | None = None) -> Figures | None:
    """The figures; None while the campaign has not begun."""
    try:
        return figures(session, campaign, now)
    except CrmError:
        return None


def _nodes(
    session: Session, run: RunInfo, entering: int, here: Mapping[str, int],
    messages: Mapping[tuple[str, str, str], int], paused: frozenset[str],
) -> tuple[NodeFigures, ...]:  # fmt: skip
    flow = parse(run.flow)
    left: defaultdict[str, dict[str, int]] = defaultdict(dict)
    entered: defaultdict[str, int] = defaultdict(int, {flow.start: entering})
    for row in session.scalars(select(CampaignPassage).where(CampaignPassage.campaign == run.campaign)):
        left[row.node_id][row.port] = row.passed
        if target := flow.targets.get((row.node_id, row.port)):
            entered[target] += row.passed
    states: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (node_id, _, state), count in messages.items():
        states[node_id][state] += count
    answered, why = _responses(session, run.campaign), _reasons(session, run.campaign)
    return tuple(
        NodeFigures(
            node.id, node.kind, entered[node.id], here.get(node.id, 0), left[node.id],
            sum(states[node.id][each] for each in (State.QUEUED, State.CLAIMED, State.HANDING)),
            sum(states[node.id][each] for each in _HANDED_OVER), states[node.id][State.DELIVERED],
            states[node.id][State.FAILED] + states[node.id][State.EXPIRED], states[node.id][State.REFUSED],
            states[node.id][State.DEFERRED], states[node.id][State.CANCELLED], answered[node.id], why[node.id],
            node.id in paused,
        )
        for node in flow.nodes
    )  # fmt: skip


def _reasons(session: Session, campaign: str) -> Mapping[str, Mapping[tuple[str, str], int]]:
    found: defaultdict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for (node, state, reason), count in outbox.reasons(session, campaign).items():
        found[node][state, reason] = count
    return found


def _responses(session: Session, campaign: str) -> Mapping[str | None, Mapping[int, int]]:
    """Customers who responded, by node and type; under None those of the campaign as a whole."""
    found: defaultdict[str | None, dict[int, int]] = defaultdict(dict)
    where = (CampaignResponse.campaign == campaign, CampaignResponse.is_counted, CampaignResponse.state == "matched")
    people = func.count(distinct(CampaignResponse.customer_id))
    for node, type_, count in session.execute(
        select(CampaignResponse.node_id, CampaignResponse.type, people)
        .where(*where)
        .group_by(CampaignResponse.node_id, CampaignResponse.type)
    ):
        found[node or ""][type_] = count
    for type_, count in session.execute(
        select(CampaignResponse.type, people).where(*where).group_by(CampaignResponse.type)
    ):
        found[None][type_] = count
    return found


def _paused(session: Session, campaign: str) -> frozenset[str]:
    return frozenset(session.scalars(select(OutboxPause.node_id).where(OutboxPause.campaign == campaign)))
