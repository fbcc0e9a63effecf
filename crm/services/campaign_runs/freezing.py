"""Writing a frozen audience down: in pieces, so that nobody waits for a million rows, and whole or not at all.

A freeze that its process did not live to end counts for nothing; the next one takes its rows away and writes them anew.
"""

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.orm import Session

from campaigns.flow import ACTIVE, Flow, nodes, parse
from crm.database import Database
from crm.errors import CrmError
from crm.models import Campaign, CampaignFreeze, CampaignParticipant, CampaignRun, OutboxMessage
from crm.services.actor import Actor, printable
from crm.services.audit import AuditKind, Entry, record
from crm.services.campaign_runs.stored import freeze_info, run_info
from crm.services.campaign_runs.values import (
    FROZEN,
    OUTSIDE,
    WALKING,
    WRITING,
    FreezeInfo,
    NewFreeze,
    RunInfo,
)
from crm.services.campaigns import stages
from crm.services.campaigns.values import Runnable
from crm.services.delivery.values import RECALLABLE, Medium, State
from vitrina.campaign_runs.plan import MEMBERS

AT_ONCE = 100_000
PARTICIPANTS = cast(Table, CampaignParticipant.__table__)
_COLUMNS = (
    "campaign", "customer_id", "freeze", "cluster_id", "arm", "reason", "region", "manager_id", "node_id", "state",
    "entered_at", "wake_at", "is_held", "way",
)  # fmt: skip


def begin_run(session: Session, runnable: Runnable, actor: Actor, now: dt.datetime) -> RunInfo:
    """What the campaign carries out from now on: the approved content. Of a campaign that was changed and approved
    again after it had begun, those who are on their way go on by the new flow."""
    row = session.get(CampaignRun, runnable.key, with_for_update=True, populate_existing=True)
    campaign = session.get_one(Campaign, runnable.campaign_id)
    if row is None:
        row = CampaignRun(campaign=runnable.key, started_at=now, started_by=printable(actor.login, 64), trouble="")
        session.add(row)
    is_changed = row.flow is not None and row.fingerprint != runnable.fingerprint
    row.version, row.fingerprint = runnable.version, runnable.fingerprint
    row.kind, row.category, row.priority = campaign.kind, campaign.category, runnable.priority
    row.flow, row.audience = dict(runnable.document["flow"] or {}), dict(runnable.document["audience"])
    row.ends_on, row.expected, row.ended_at = campaign.ends_on, campaign.audience_size, None
    session.flush()
    if is_changed:
        _call_back_dropped(session, runnable.key, parse(row.flow), now)
    return run_info(session, row)


def freeze(
    database: Database, wanted: NewFreeze, members: pa.Table, balance: Mapping[str, Any] | None, actor: Actor,
    now: dt.datetime, number: int | None = None, put_off: Mapping[str, int] | None = None,
) -> FreezeInfo:  # fmt: skip
    """Write an audience (`MEMBERS`) down as freeze `number` (without it: the next one). Who is in the campaign already
    stays as he is. Called again for a number that is frozen it changes nothing. Raises `CrmError` when another process
    took the freeze over."""
    members = members.select(MEMBERS.names).cast(MEMBERS)
    token = secrets.token_hex(16)
    with database.begin() as session:
        row = _begun(session, wanted, actor, now, number, token)
        if row.state == FROZEN:
            return freeze_info(row)
        chosen, start = row.number, parse(session.get_one(CampaignRun, wanted.campaign).flow).start
    _clear(database, wanted.campaign, chosen, token)
    with database.read() as session:
        members = _new_ones(session, wanted.campaign, members)
    for place in range(0, members.num_rows, AT_ONCE):
        with database.begin() as session:
            _mine(session, wanted.campaign, chosen, token)
            _write(session, _rows(members.slice(place, AT_ONCE), wanted.campaign, chosen, start, now))
    with database.begin() as session:
        row = _mine(session, wanted.campaign, chosen, token)
        row.state, row.frozen_at = FROZEN, now
        row.counts, row.digest = counts_of(members), digest_of(members)
        row.counts |= {f"put_off:{reason}": count for reason, count in (put_off or {}).items()}
        row.balance = dict(balance) if balance is not None else None
        told = {"what": "audience_frozen", "freeze": chosen, "snapshot": wanted.snapshot, **row.counts}
        record(session, actor, Entry(AuditKind.DATA_CHANGED, "campaigns", wanted.campaign, (), "", told), now)
        return freeze_info(row)


def counts_of(members: pa.Table) -> dict[str, int]:
    """Sizes of an audience by arm and by reason of exclusion."""
    found = {"members": members.num_rows, "clusters": pc.count_distinct(members["cluster_id"]).as_py()}
    for arm in pc.value_counts(members["arm"]).to_pylist():
        found[str(arm["values"])] = arm["counts"]
    for reason in pc.value_counts(members.filter(pc.equal(members["arm"], "excluded"))["reason"]).to_pylist():
        found[f"excluded:{reason['values']}"] = reason["counts"]
    return found


def digest_of(members: pa.Table) -> str:
    """SHA-256 of who is in which group, by customer_id: equal audiences have equal digests, on any machine."""
    ordered = members.sort_by("customer_id")
    mark = hashlib.sha256()
    for name in ("customer_id", "cluster_id"):
        mark.update(ordered[name].to_numpy().astype("<i8").tobytes())
    for name in ("arm", "reason"):
        mark.update("\n".join(ordered[name].to_pylist()).encode())
    return mark.hexdigest()


def _call_back_dropped(session: Session, campaign: str, flow: Flow, now: dt.datetime) -> None:
    """Messages of steps that the flow does not have any more, or that say something else there now, stay here: nobody
    agreed with them."""
    sent = {(node.id, *said) for node in flow.nodes for said in _said_by(node.data)}
    message = OutboxMessage
    columns = (message.node_id, message.channel, message.template)
    waits = (message.campaign == campaign, message.state.in_(RECALLABLE))
    for found in session.execute(select(*columns).where(*waits).distinct()).tuples().all():
        if found not in sent:
            same = [column == value for column, value in zip(columns, found, strict=True)]
            values = {"state": State.CANCELLED, "reason": "flow_changed", "changed_at": now, "worker": "",
                      "lease_until": None}  # fmt: skip
            statement = update(message).where(*waits, *same).values(values)
            session.execute(statement.execution_options(synchronize_session=False))


def _said_by(data: object) -> list[tuple[str, str]]:
    """Channel and template of all that a node may send."""
    if isinstance(data, nodes.Message):
        return [(data.channel, data.template)]
    if isinstance(data, nodes.Fallback):
        return [(step.channel, step.template) for step in data.steps]
    return [(Medium.CALL, data.register)] if isinstance(data, nodes.CallRegister) else []


def _begun(
    session: Session, wanted: NewFreeze, actor: Actor, now: dt.datetime, number: int | None, token: str
) -> CampaignFreeze:
    stages.require_runnable(session, wanted.campaign)
    # Freezes of one campaign follow each other: its run is locked first.
    session.get_one(CampaignRun, wanted.campaign, with_for_update=True, populate_existing=True)
    mine = select(CampaignFreeze).where(CampaignFreeze.campaign == wanted.campaign)
    open_ = session.scalar(mine.where(CampaignFreeze.state == WRITING))
    last = session.scalar(select(func.max(CampaignFreeze.number)).where(CampaignFreeze.campaign == wanted.campaign))
    chosen = number if number is not None else open_.number if open_ is not None else (last or 0) + 1
    row = session.get(CampaignFreeze, (wanted.campaign, chosen), populate_existing=True)
    if row is not None and row.state == FROZEN:
        return row
    if row is None:
        row = CampaignFreeze(campaign=wanted.campaign, number=chosen)
        session.add(row)
    row.kind, row.state, row.token = wanted.kind, WRITING, token
    row.snapshot, row.as_of, row.definition = wanted.snapshot, wanted.as_of, dict(wanted.definition)
    row.fingerprint, row.policy, row.share_pct = wanted.fingerprint, wanted.policy, wanted.share_pct
    row.counts, row.balance, row.digest, row.frozen_at = {}, None, "", None
    row.actor_login, row.begun_at = printable(actor.login, 64), now
    session.flush()
    return row


def _mine(session: Session, campaign: str, number: int, token: str) -> CampaignFreeze:
    row = session.get(CampaignFreeze, (campaign, number), with_for_update=True, populate_existing=True)
    if row is None or row.token != token or row.state != WRITING:
        raise CrmError("freeze_taken_over")
    return row


def _clear(database: Database, campaign: str, number: int, token: str) -> None:
    """Take away what a freeze that was killed had written."""
    same = (CampaignParticipant.campaign == campaign, CampaignParticipant.freeze == number)
    with database.begin() as session:
        _mine(session, campaign, number, token)
        if session.scalar(select(CampaignParticipant.customer_id).where(*same).limit(1)) is not None:
            session.execute(delete(CampaignParticipant).where(*same))


def _new_ones(session: Session, campaign: str, members: pa.Table) -> pa.Table:
    """Without those whom earlier freezes brought in."""
    query = select(PARTICIPANTS.c.customer_id).where(PARTICIPANTS.c.campaign == campaign)
    known: list[int] = list(session.scalars(query))
    if known:
        members = members.filter(pc.invert(pc.is_in(members["customer_id"], value_set=pa.array(known, pa.int64()))))
    # Rows in the order of the primary key go in several times faster.
    return members.sort_by("customer_id")


def _rows(
    members: pa.Table, campaign: str, number: int, start: str, now: dt.datetime
) -> list[tuple[Any, ...]]:  # fmt: skip
    columns = (members[name].to_pylist() for name in MEMBERS.names)
    walking = frozenset(str(arm) for arm in WALKING)
    return [
        (campaign, customer, number, cluster, arm, reason or "", region, manager, start,
         ACTIVE if arm in walking else OUTSIDE, now, now if arm in walking else None, False, way)
        for customer, cluster, arm, reason, region, manager, way in zip(*columns, strict=True)
    ]  # fmt: skip


def _write(session: Session, rows: list[tuple[Any, ...]]) -> None:
    """Rows past the ORM: COPY on PostgreSQL, the driver's own executemany on SQLite."""
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    if connection.dialect.name == "postgresql":
        with driver.cursor() as cursor, cursor.copy(f"COPY {PARTICIPANTS.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    places = ", ".join("?" for _ in _COLUMNS)
    moments = {row[10] for row in rows}
    texts = {each: _text(each) for each in moments} | {None: None}
    naive = [(*row[:10], texts[row[10]], texts[row[11]], 0, row[13]) for row in rows]
    # The driver itself: the layers above look at every value once more.
    driver.executemany(f"INSERT INTO {PARTICIPANTS.name} ({names}) VALUES ({places})", naive)


def _text(moment: dt.datetime | None) -> str | None:
    """A moment as SQLAlchemy writes it for SQLite."""
    return None if moment is None else f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S.%f}"


def way_text(assignments: Mapping[str, str]) -> str | None:
    """What was assigned beforehand, as the column `way` has it."""
    return json.dumps({"a": dict(assignments)}) if assignments else None
