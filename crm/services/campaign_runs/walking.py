"""The tick of a campaign: whoever is due, or of whom something new is known, is walked on by `campaigns.flow.advance`.

A piece is one transaction: participants, counts, messages, tasks together. Rows are locked for it, so two ticks at once
share the work, and one that is killed leaves whole pieces done; walked again, the others come to the same.
"""

import datetime as dt
import hashlib
import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.orm import Session

from campaigns import flow as engine
from campaigns.flow import Flow, Participant, Terms, Walk
from crm.database import Database
from crm.models import Campaign, CampaignParticipant, CampaignPassage, CampaignRun, Employee, OutboxMessage, Task
from crm.services.campaign_runs.facts import Holds, facts_of, local_end
from crm.services.campaign_runs.stored import participant_of, way_of
from crm.services.campaign_runs.values import WALKING, Arm, RunInfo, Ticked
from crm.services.campaigns.values import Stage
from crm.services.delivery import outbox
from crm.services.delivery.storing import insert_new, run
from crm.services.delivery.values import RECALLABLE, NewMessage, State

TABLE = cast(Table, CampaignParticipant.__table__)
AT_ONCE = 1000
# Clocks of senders differ, and a transaction is seen later than the moment it writes: looked at again, nothing happens.
OVERLAP = dt.timedelta(seconds=30)
_OPEN = (engine.ACTIVE, engine.WAITING)
AUTHOR = "campaigns"


def tick(
    database: Database, campaign: RunInfo, now: dt.datetime, holds: Holds, terms: Terms | None = None,
    at_once: int = AT_ONCE,
) -> Ticked:  # fmt: skip
    """Walk everybody of a campaign who may move at `now`. A campaign that is paused meanwhile stops between pieces."""
    terms = terms or Terms()
    flow, done = engine.parse(campaign.flow), Ticked()
    with database.read() as session:
        due = _due(session, campaign, now)
        since = (campaign.seen_until or campaign.started_at) - OVERLAP
        news = outbox.changed_customers(session, campaign.campaign, since)
    for customers in _pieces([*due, *sorted(news - set(due))], at_once):
        with database.begin() as session:
            if not _goes_on(session, campaign.campaign):
                return done
            done += _walk(session, campaign, flow, customers, now, holds, terms)
    with database.begin() as session:
        row = session.get_one(CampaignRun, campaign.campaign, with_for_update=True, populate_existing=True)
        row.seen_until = max(row.seen_until or now, now)
        row.ticked_at = now
    return done


def is_over(session: Session, campaign: str) -> bool:
    """Whether nobody of a campaign is on his way any more, and nothing of it waits to be handed over: a flow does not
    wait for the calls on its registers."""
    same = (CampaignParticipant.campaign == campaign, CampaignParticipant.state.in_(_OPEN))
    if session.scalar(select(CampaignParticipant.customer_id).where(*same).limit(1)) is not None:
        return False
    waits = (OutboxMessage.campaign == campaign, OutboxMessage.state.in_((*RECALLABLE, State.HANDING)))
    return session.scalar(select(OutboxMessage.message_id).where(*waits).limit(1)) is None


def _due(session: Session, campaign: RunInfo, now: dt.datetime) -> list[int]:
    query = select(TABLE.c.customer_id).where(
        TABLE.c.campaign == campaign.campaign, TABLE.c.wake_at <= now, TABLE.c.is_held.is_(False),
        TABLE.c.freeze.in_(campaign.done),
    )  # fmt: skip
    return list(session.scalars(query.order_by(TABLE.c.customer_id)))


def _goes_on(session: Session, campaign: str) -> bool:
    return session.scalar(select(Campaign.stage).where(Campaign.key == campaign)) == Stage.RUNNING


def _walk(
    session: Session, campaign: RunInfo, flow: Flow, customers: Sequence[int], now: dt.datetime, holds: Holds,
    terms: Terms,
) -> Ticked:  # fmt: skip
    rows = {row.customer_id: row for row in _locked(session, campaign, customers)}
    people = [participant_of(row) for row in rows.values()]
    if not people:
        return Ticked()
    written_to = [each.customer_id for each in people if each.visits]
    facts = facts_of(session, campaign.campaign, flow, [each.customer_id for each in people], written_to, holds)
    walks = list(engine.advance_many(flow, people, now, facts, terms))
    changed = [
        (before, walk) for before, walk in zip(people, walks, strict=True)
        if walk.participant is not before or walk.intents
    ]  # fmt: skip
    _keep(session, changed, flow, now)
    _count(session, campaign.campaign, [walk for _, walk in changed], now)
    queued, cancelled, tasks = _act(session, campaign, [walk for _, walk in changed], rows, now, terms)
    ended = sum(walk.participant.is_over for _, walk in changed)
    moved = sum(len(walk.transitions) for _, walk in changed)
    return Ticked(len(people), moved, queued, cancelled, tasks, ended)


def _locked(session: Session, campaign: RunInfo, customers: Sequence[int]) -> Iterable[Any]:
    query = select(TABLE).where(
        TABLE.c.campaign == campaign.campaign, TABLE.c.customer_id.in_(customers), TABLE.c.state.in_(_OPEN),
        TABLE.c.arm.in_(WALKING), TABLE.c.is_held.is_(False), TABLE.c.freeze.in_(campaign.done),
    )  # fmt: skip
    return session.execute(query.order_by(TABLE.c.customer_id).with_for_update()).all()


def _keep(session: Session, changed: Sequence[tuple[Participant, Walk]], flow: Flow, now: dt.datetime) -> None:
    statement = (
        update(TABLE)
        .where(TABLE.c.campaign == bindparam("of"), TABLE.c.customer_id == bindparam("who"))
        .values(
            node_id=bindparam("to"), state=bindparam("now_state"), entered_at=bindparam("since"),
            wake_at=bindparam("wakes"), way=bindparam("his_way"), arm=bindparam("his_arm"),
        )
    )  # fmt: skip
    run(session, statement, [_kept(walk.participant, flow, now) for _, walk in changed])


def _kept(after: Participant, flow: Flow, now: dt.datetime) -> dict[str, Any]:
    node = flow.by_id.get(after.node_id)
    # A condition that nobody could evaluate is asked again with the next tick.
    asks = after.state == engine.WAITING and node is not None and node.kind == "condition"
    drawn = ((flow.by_id.get(each), port) for each, port in after.assignments.items())
    left_alone = any(port == "control" and each is not None and each.kind == "control" for each, port in drawn)
    return {
        "of": after.campaign, "who": after.customer_id, "to": after.node_id, "now_state": after.state,
        "since": after.entered_at, "wakes": now if asks else after.wake_at, "his_way": way_of(after),
        "his_arm": (Arm.CONTROL if left_alone else Arm.CONTACTED).value,
    }  # fmt: skip


def _count(session: Session, campaign: str, walks: Sequence[Walk], now: dt.datetime) -> None:
    """Add passages to their counts, in one order, so that two ticks never wait for each other in a circle."""
    passed = Counter((each.node_id, each.port) for walk in walks for each in walk.transitions)
    for (node, port), count in sorted(passed.items()):
        row = {"campaign": campaign, "node_id": node, "port": port, "passed": 0, "last_at": now}
        session.execute(insert_new(session, CampaignPassage.__table__, ["campaign", "node_id", "port"]), row)
        same = (CampaignPassage.campaign == campaign, CampaignPassage.node_id == node, CampaignPassage.port == port)
        values = {"passed": CampaignPassage.passed + count, "last_at": now}
        session.execute(update(CampaignPassage).where(*same).values(values))


def _act(
    session: Session, campaign: RunInfo, walks: Sequence[Walk], rows: dict[int, Any], now: dt.datetime, terms: Terms
) -> tuple[int, int, int]:
    """Carry the intents out: each is done once, by its key."""
    expires = local_end(campaign.ends_on, ZoneInfo(terms.timezone))
    messages, recalled, tasks = [], [], []
    shares = _Shares(session)
    for walk in walks:
        who = walk.participant
        for intent in walk.intents:
            match intent:
                case engine.Send():
                    messages.append(_message(campaign, who, intent, expires))
                case engine.Register():
                    messages.append(_call(campaign, who, intent, expires))
                case engine.Cancel():
                    recalled.append(intent.key)
                case engine.MakeTask():
                    tasks.append(_task(session, shares, rows[who.customer_id], intent, now, terms))
    queued = outbox.put(session, messages, now).added if messages else 0
    cancelled = len(outbox.cancel(session, recalled, "reached_already", now)) if recalled else 0
    made = run(session, insert_new(session, Task.__table__, ["made_of"]), tasks) if tasks else 0
    return queued, cancelled, made


def _message(campaign: RunInfo, who: Participant, intent: engine.Send, expires: dt.datetime | None) -> NewMessage:
    return NewMessage(
        intent.key, campaign.campaign, intent.node_id, who.customer_id, who.cluster_id, intent.channel,
        intent.template, campaign.category, intent.step, campaign.priority, expires_at=expires,
    )  # fmt: skip


def _call(campaign: RunInfo, who: Participant, intent: engine.Register, expires: dt.datetime | None) -> NewMessage:
    details = {"register": intent.register, "script": intent.script, "attempts": intent.attempts}
    return NewMessage(
        intent.key, campaign.campaign, intent.node_id, who.customer_id, who.cluster_id, "call", intent.register,
        campaign.category, 0, campaign.priority, expires_at=expires, details=details,
    )  # fmt: skip


def _task(
    session: Session, shares: "_Shares", row: Any, intent: engine.MakeTask, now: dt.datetime, terms: Terms
) -> dict[str, Any]:  # fmt: skip
    zone = ZoneInfo(terms.timezone)
    day = now.astimezone(zone).date() + dt.timedelta(days=intent.due_days)
    assignee = row.manager_id
    if intent.department_id is not None:
        assignee = shares.next_of(intent.department_id)
    elif assignee is not None and session.get(Employee, assignee) is None:
        assignee = None
    return {
        "customer_id": row.customer_id, "made_of": made_of(intent.key), "kind": "call", "title": intent.title[:200],
        "description": intent.description, "assignee_id": assignee, "manager_id": row.manager_id,
        "region_code": row.region, "author_login": AUTHOR, "priority": "medium",
        "due_at": dt.datetime.combine(day, dt.time(18), zone).astimezone(dt.UTC), "state": "open", "result": "",
        "revision": 1, "created_at": now, "updated_at": now,
    }  # fmt: skip


def made_of(key: str) -> str:
    """The mark by which a task of a campaign is made once; long keys by their hash."""
    return f"campaign {key}" if len(key) <= 110 else f"campaign #{hashlib.sha256(key.encode()).hexdigest()}"


class _Shares:
    """Shares tasks out: each to who of a department has the fewest open ones, those of this piece among them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._queues: dict[str, list[tuple[int, str]]] = {}

    def next_of(self, department: str) -> str | None:
        """Whose turn it is; None for a department without anybody."""
        if department not in self._queues:
            self._queues[department] = self._open_tasks(department)
        queue = self._queues[department]
        if not queue:
            return None
        busy, employee = queue[0]
        heapq.heapreplace(queue, (busy + 1, employee))
        return employee

    def _open_tasks(self, department: str) -> list[tuple[int, str]]:
        is_his = (Task.assignee_id == Employee.employee_id) & (Task.state == "open")
        query = select(func.count(Task.task_id), Employee.employee_id).outerjoin_from(Employee, Task, is_his)
        here = query.where(Employee.department_id == department, Employee.is_employed)
        return sorted(self._session.execute(here.group_by(Employee.employee_id)).tuples())


def _pieces(customers: Sequence[int], size: int) -> Iterable[list[int]]:
    return (list(customers[place : place + size]) for place in range(0, len(customers), size))
