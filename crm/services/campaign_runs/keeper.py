"""Campaigns as runs ask them (`vitrina.campaign_runs.plan.Keeper`): readiness, audiences, the walk."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from campaigns.flow import Terms
from campaigns.policy import parse
from crm.database import Database
from crm.models import Campaign, CampaignFreeze, CampaignTriggerEvent, OutboxMessage
from crm.services.actor import Actor
from crm.services.audit import AuditKind, Entry, record
from crm.services.campaign_runs import exporting, freezing, readiness, steering, walking
from crm.services.campaign_runs.stored import run_of, running
from crm.services.campaign_runs.values import FROZEN, NewFreeze
from crm.services.campaigns import costs, stages
from crm.services.campaigns.clock import local_day
from crm.services.campaigns.policies import policy_in_force
from crm.services.campaigns.values import Stage
from crm.services.delivery import opt_outs
from crm.services.delivery.storing import chunks
from crm.services.segments.stored import documents
from segments.errors import DefinitionError, Problem
from vitrina.campaign_runs.plan import CONTACTS, OPT_OUTS, Audience, Kept, Wanted

_ROWS = 100_000


class CampaignKeeper:
    """Campaigns of one database. `actor` starts and completes; `channels` are those that are set up."""

    def __init__(
        self, database: Database, actor: Actor, channels: Sequence[str], timezone: str = "Asia/Tashkent",
        at_once: int = walking.AT_ONCE,
    ) -> None:  # fmt: skip
        self.database, self._actor, self._channels = database, actor, frozenset(channels)
        self._timezone, self._at_once = timezone, at_once

    def begin(
        self, campaign: str, now: dt.datetime, data_problems: Sequence[Problem], in_spite_of: str = ""
    ) -> None:  # fmt: skip
        """Raises `DefinitionError` with everything that is not ready; data may be overruled with a reason."""
        with self.database.begin() as session:
            runnable = stages.require_runnable(session, campaign)
            found = readiness.problems(session, runnable, self._channels, now)
            if data_problems and in_spite_of.strip():
                told = {"what": "started_in_spite_of_data", "problems": [str(each) for each in data_problems][:20]}
                entry = Entry(AuditKind.DATA_CHANGED, "campaigns", campaign, (), in_spite_of, told)
                record(session, self._actor, entry, now)
            else:
                found += data_problems
            if found:
                raise DefinitionError(found)
            freezing.begin_run(session, runnable, self._actor, now)

    def wanted(self, campaign: str, now: dt.datetime, only: Sequence[int] | None = None) -> Wanted:
        """Definition, segments, policy, opt-outs and contacts of the policy's memory."""
        with self.database.read() as session:
            run, known = run_of(session, campaign), documents(session)
            definition = readiness.definition_of(run.audience, known)
            refused = [each[:3] for each in opt_outs.active(session)]
            policy = policy_in_force(session, local_day(now))
            past = _contacts(session, now - parse(policy.document).memory, only)
        return Wanted(
            run.campaign, definition, known, run.flow, policy.document, run.category, run.priority,
            _table(OPT_OUTS, refused), past,
            only,
        )  # fmt: skip

    def keep(self, campaign: str, kind: str, audience: Audience, now: dt.datetime, number: int | None = None) -> Kept:
        """Write an audience down as `freezing.freeze` does."""
        with self.database.read() as session:
            run, policy = run_of(session, campaign), policy_in_force(session, local_day(now))
        new = NewFreeze(
            campaign, kind, audience.snapshot, audience.as_of, run.audience, audience.fingerprint, policy.number,
            audience.share_pct,
        )  # fmt: skip
        found = freezing.freeze(
            self.database, new, audience.members, audience.balance, self._actor, now, number, audience.put_off
        )
        return Kept(found.number, found.counts, found.digest)

    def started(self, campaign: str, now: dt.datetime) -> None:
        """Lead the campaign on to running, unless it runs."""
        with self.database.begin() as session:
            stage = session.scalar(select(Campaign.stage).where(Campaign.key == campaign))
            if stage == Stage.READY:
                steering.lead(session, campaign, "start", self._actor, now)

    def entering(self, snapshot: int) -> Sequence[str]:
        """Trigger campaigns, and those that are entered with each run."""
        with self.database.read() as session:
            last = dict(
                session.execute(
                    select(CampaignFreeze.campaign, func.max(CampaignFreeze.snapshot))
                    .where(CampaignFreeze.state == FROZEN, CampaignFreeze.kind != "event")
                    .group_by(CampaignFreeze.campaign)
                )
                .tuples()
                .all()
            )
            return [
                each.campaign for each in running(session)
                if each.takes_more and 0 < last.get(each.campaign, 0) < snapshot
            ]  # fmt: skip

    def events(self) -> Mapping[str, Sequence[tuple[int, int]]]:
        """Events of running campaigns that nobody looked at yet."""
        with self.database.read() as session:
            known = {each.campaign for each in running(session) if each.done}
            query = select(
                CampaignTriggerEvent.campaign, CampaignTriggerEvent.event_id, CampaignTriggerEvent.customer_id
            ).where(CampaignTriggerEvent.taken_at.is_(None))  # fmt: skip
            found: dict[str, list[tuple[int, int]]] = {}
            for campaign, event, customer in session.execute(query.order_by(CampaignTriggerEvent.event_id)):
                if campaign in known:
                    found.setdefault(campaign, []).append((event, customer))
        return found

    def taken(
        self, campaign: str, events: Sequence[tuple[int, int]], audience: Audience, now: dt.datetime
    ) -> None:  # fmt: skip
        """Note for each event what became of its customer."""
        arms = dict(zip(*(audience.members[name].to_pylist() for name in ("customer_id", "arm")), strict=True))
        with self.database.begin() as session:
            for event, customer in events:
                values = {"taken_at": now, "outcome": arms.get(customer, "not_in_audience")}
                same = CampaignTriggerEvent.event_id == event
                session.execute(update(CampaignTriggerEvent).where(same).values(**values))

    def running(self) -> Sequence[tuple[str, str, Mapping[str, Any]]]:
        """What runs, the most important first."""
        with self.database.read() as session:
            return [(each.campaign, each.fingerprint, each.flow) for each in running(session)]

    def segments(self) -> Mapping[str, Mapping[str, Any]]:
        """What every segment means now."""
        with self.database.read() as session:
            return documents(session)

    def walk(
        self, campaign: str, answers: Mapping[str, frozenset[int]], now: dt.datetime
    ) -> Mapping[str, int]:  # fmt: skip
        """Walk whoever is due, and end the campaign when it is over."""

        def holds(node: str, customer: int) -> bool | None:
            return customer in answers[node] if node in answers else None

        with self.database.read() as session:
            run = run_of(session, campaign)
            prices = {channel: float(price) for channel, price in costs.prices(session, local_day(now)).items()}
        done = walking.tick(self.database, run, now, holds, Terms(self._timezone, prices), self._at_once)
        with self.database.begin() as session:
            if session.scalar(select(Campaign.stage).where(Campaign.key == campaign)) == Stage.RUNNING:
                steering.end_when_over(session, campaign, local_day(now), self._actor, now)
        return asdict(done)

    def history(self, folder: Path) -> Mapping[str, int]:
        """Write the marts of campaigns as Parquet files."""
        with self.database.read() as session:
            return exporting.write(session, folder)


def _contacts(session: Session, since: dt.datetime, only: Sequence[int] | None) -> pa.Table:
    """Contacts since a moment, with all customers or with some; in parts, since there may be tens of millions."""
    message, parts = OutboxMessage, [CONTACTS.empty_table()]
    query = select(
        message.key, message.customer_id, message.cluster_id, message.channel, message.category, message.campaign,
        message.contacted_at,
    ).where(message.contacted_at >= since)  # fmt: skip
    asked = [query] if only is None else [query.where(message.customer_id.in_(ids)) for ids in chunks(only)]
    for each in asked:
        for rows in session.execute(each.execution_options(yield_per=_ROWS)).partitions():
            plain = [(*row[:-1], at.replace(tzinfo=None)) for row in rows if (at := row[-1]) is not None]
            parts.append(_table(CONTACTS, plain))
    return pa.concat_tables(parts)


def _table(schema: pa.Schema, rows: Sequence[Sequence[Any]]) -> pa.Table:
    columns = [[row[place] for row in rows] for place in range(len(schema.names))]
    arrays = [pa.array(each, field.type) for each, field in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)
