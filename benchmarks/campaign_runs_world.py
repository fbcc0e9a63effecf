"""A small campaign of the operational database alone, approved and ready, with an audience made by arithmetic."""

import datetime as dt
import hashlib
import json
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import select, update

from campaigns.flow import Terms
from crm.database import Database
from crm.models import Campaign, CampaignParticipant, CampaignPassage, CampaignRun, OutboxMessage, Task
from crm.services import accounts, user_roles
from crm.services.accounts import NewUser
from crm.services.actor import Actor, system
from crm.services.campaign_runs import freezing, walking
from crm.services.campaign_runs.stored import run_of
from crm.services.campaign_runs.values import FreezeInfo, NewFreeze
from crm.services.campaigns import approvals, kpis, policies, register, routes, stages, templates, writing
from crm.services.campaigns.values import Kpi
from vitrina.account_options import AccountOptions
from vitrina.campaign_runs.plan import MEMBERS

KEY: Final = "crash"
NOW: Final = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
ROBOT: Final = system("crash test")
FLOW: Final[dict[str, Any]] = {
    "version": 1,
    "nodes": [
        {"id": "start", "kind": "audience", "data": {}},
        {"id": "group", "kind": "control", "data": {"share_pct": 20}},
        {"id": "offer", "kind": "fallback", "data": {"order": "given", "steps": [
            {"channel": "sms", "template": "hello", "success": "delivered", "wait_minutes": 60},
            {"channel": "sms", "template": "hello", "success": "delivered", "wait_minutes": 60},
        ]}},
        {"id": "call", "kind": "task", "data": {"title": "Call him", "description": "", "due_days": 2}},
        {"id": "end", "kind": "end", "data": {"reason": "done"}},
    ],
    "edges": [
        {"source": "start", "port": "next", "target": "group"},
        {"source": "group", "port": "contacted", "target": "offer"},
        {"source": "offer", "port": "reached", "target": "end"},
        {"source": "offer", "port": "not_reached", "target": "call"},
        {"source": "call", "port": "next", "target": "end"},
    ],
}  # fmt: skip
AUDIENCE: Final = {
    "definition": {"combinator": "and", "rules": [
        {"kind": "attribute", "field": "age_years", "operator": ">", "value": 30}]},
    "enter": "once",
}  # fmt: skip


def make_ready(database: Database, flow: dict[str, Any] | None = None, key: str = KEY, **more: Any) -> None:
    """An approved campaign; its people, routes and policy are made with the first one."""
    with database.begin() as session:
        known = {each.login: each for each in accounts.users(session)}
        if "crash_head" not in known:
            routes.install_routes(session, ROBOT, NOW)
            policies.install_policy(session, ROBOT, NOW, NOW.date() - dt.timedelta(days=60))
            for login, role in (("crash_writer", "marketing_specialist"), ("crash_head", "head_of_marketing")):
                new = NewUser(
                    login,
                    login,
                )
                made = accounts.create_user(session, new, "Lake-Of-9-Swans", ROBOT, NOW, AccountOptions())
                known[login] = user_roles.set_roles(session, made.user_id, [role], ROBOT, NOW, "crash test")
            texts = {language: {"text": "Salom"} for language in ("ru", "uz")}
            templates.create_template(session, "hello", "sms", texts, ROBOT, NOW, key="hello")
            templates.publish_template(session, "hello", ROBOT, NOW, "crash test")
        writer, head = (Actor(known[each].user_id, each) for each in ("crash_writer", "crash_head"))
    with database.begin() as session:
        fields: dict[str, Any] = {
            "goal": "To be killed", "customer_type": "person", "category": "service", "audience": AUDIENCE,
            "flow": flow or FLOW, "starts_on": NOW.date(), "ends_on": NOW.date() + dt.timedelta(days=20),
            "responsible_login": "crash_writer", **more,
        }  # fmt: skip
        kind = fields.pop("kind", "targeted")
        begun = writing.create_campaign(session, "Crash", kind, writer, NOW, key=key, **fields)
        kpis.set_kpis(session, key, [Kpi("reach", "Reach", "customers", 10)], writer, NOW, base=begun.revision)
        stages.transit(session, key, "design", writer, NOW)
        stages.submit(session, key, writer, NOW)
    with database.begin() as session:
        seen = register.version(session, key).fingerprint
        approvals.approve(session, key, head, NOW, seen=seen, comment="yes")


def audience(members: int) -> pa.Table:
    """Every tenth is excluded, every twentieth in the universal group, every fifth of the others is left alone."""
    arms = ["excluded" if n % 10 == 3 else "universal" if n % 20 == 7 else "control" if n % 5 == 0 else "contacted"
            for n in range(1, members + 1)]  # fmt: skip
    ways = {arm: json.dumps({"a": {"group": arm}}) for arm in ("control", "contacted")}
    return pa.table(
        [
            list(range(1, members + 1)), list(range(1, members + 1)), arms,
            ["no_consent" if arm == "excluded" else "" for arm in arms], ["1726"] * members, [None] * members,
            [ways.get(arm) for arm in arms],
        ],
        schema=MEMBERS,
    )  # fmt: skip


def start(database: Database, members: pa.Table, key: str = KEY, number: int | None = 1) -> FreezeInfo:
    """Begin, freeze, run: as `vitrina.campaign_runs.run.start` asks the keeper to."""
    with database.begin() as session:
        runnable = stages.require_runnable(session, key)
        freezing.begin_run(session, runnable, ROBOT, NOW)
    wanted = NewFreeze(key, "start", 1, NOW.date(), {}, "0" * 64, 1, 20.0)
    found = freezing.freeze(database, wanted, members, None, ROBOT, NOW, number)
    with database.begin() as session:
        if session.scalar(select(Campaign.stage).where(Campaign.key == key)) == "ready":
            stages.transit(session, key, "start", ROBOT, NOW)
    return found


def tick(database: Database, now: dt.datetime, key: str = KEY, at_once: int = 50) -> None:
    """One tick; no condition is asked."""
    with database.read() as session:
        run = run_of(session, key)
    walking.tick(database, run, now, lambda node, customer: None, Terms(), at_once)


def peers(database: Database, now: dt.datetime, key: str = KEY) -> None:
    """What senders and peers would do: of what waits, messages to odd customers arrive, the others fail."""
    with database.begin() as session:
        waiting = (OutboxMessage.campaign == key, OutboxMessage.state == "queued")
        odd = OutboxMessage.customer_id % 2 == 1
        arrived = {"state": "delivered", "sent_at": now, "contacted_at": now, "delivered_at": now, "changed_at": now}
        session.execute(update(OutboxMessage).where(*waiting, odd).values(**arrived))
        session.execute(update(OutboxMessage).where(*waiting).values(state="failed", failed_at=now, changed_at=now))


def all_steps(database: Database, members: pa.Table) -> None:
    """The whole campaign. Done again from the beginning after it was killed, it comes to the same."""
    start(database, members)
    for minutes in range(0, 5):
        moment = NOW + dt.timedelta(minutes=2 * minutes)
        tick(database, moment)
        peers(database, moment + dt.timedelta(minutes=1))


def outcome(database: Database, key: str = KEY) -> str:
    """SHA-256 of everything that must be the same whatever happened on the way."""
    with database.read() as session:
        people = session.execute(
            select(CampaignParticipant.customer_id, CampaignParticipant.arm, CampaignParticipant.node_id,
                   CampaignParticipant.state)
            .where(CampaignParticipant.campaign == key).order_by(CampaignParticipant.customer_id)
        ).all()  # fmt: skip
        messages = session.execute(
            select(OutboxMessage.key, OutboxMessage.state)
            .where(OutboxMessage.campaign == key).order_by(OutboxMessage.key)
        ).all()  # fmt: skip
        tasks = session.scalars(select(Task.made_of).where(Task.made_of.is_not(None)).order_by(Task.made_of)).all()
        passages = session.execute(
            select(CampaignPassage.node_id, CampaignPassage.port, CampaignPassage.passed)
            .where(CampaignPassage.campaign == key).order_by(CampaignPassage.node_id, CampaignPassage.port)
        ).all()  # fmt: skip
    plain = [[tuple(row) for row in rows] for rows in (people, messages, passages)]
    return hashlib.sha256(repr((plain, tasks)).encode()).hexdigest()


def is_begun(database: Database, key: str = KEY) -> bool:
    """Whether anything was written at all."""
    with database.read() as session:
        return session.get(CampaignRun, key) is not None
