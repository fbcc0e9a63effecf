"""Rows of running campaigns read and turned into values."""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.flow import Participant, Visit
from crm.errors import CrmError
from crm.models import Campaign, CampaignFreeze, CampaignRun
from crm.services.campaign_runs.values import FROZEN, FreezeInfo, RunInfo
from crm.services.campaigns.values import Stage


def run_of(session: Session, campaign: str) -> RunInfo:
    """What a campaign carries out. Raises `CrmError` for one that has not begun."""
    row = session.get(CampaignRun, campaign, populate_existing=True)
    if row is None:
        raise CrmError("campaign_not_begun", campaign=campaign[:80])
    return run_info(session, row)


def running(session: Session) -> list[RunInfo]:
    """Everything that runs now, the most important first."""
    query = select(CampaignRun).join(Campaign, Campaign.key == CampaignRun.campaign)
    rows = session.scalars(query.where(Campaign.stage == Stage.RUNNING).order_by(CampaignRun.priority.desc()))
    return [run_info(session, row) for row in rows]


def freezes(session: Session, campaign: str) -> list[FreezeInfo]:
    """The receipts of a campaign's audiences, the first first."""
    query = select(CampaignFreeze).where(CampaignFreeze.campaign == campaign).order_by(CampaignFreeze.number)
    return [freeze_info(row) for row in session.scalars(query)]


def run_info(session: Session, row: CampaignRun) -> RunInfo:
    """A run as values."""
    done = select(CampaignFreeze.number).where(CampaignFreeze.campaign == row.campaign, CampaignFreeze.state == FROZEN)
    return RunInfo(
        row.campaign, row.version, row.fingerprint, row.kind, row.category, row.priority, row.flow, row.audience,
        row.ends_on, row.expected, row.started_at, row.seen_until, row.ticked_at, row.ended_at, row.trouble,
        tuple(sorted(session.scalars(done))),
    )  # fmt: skip


def freeze_info(row: CampaignFreeze) -> FreezeInfo:
    """A freeze as values."""
    return FreezeInfo(
        row.campaign, row.number, row.kind, row.state, row.snapshot, row.as_of, row.fingerprint, row.policy,
        row.share_pct, row.counts, row.balance, row.digest, row.actor_login, row.begun_at, row.frozen_at,
    )  # fmt: skip


def participant_of(row: Any) -> Participant:
    """A row of participants as the engine knows him."""
    way = row.way or {}
    visits = {node: Visit(count, dt.datetime.fromisoformat(at)) for node, (count, at) in way.get("v", {}).items()}
    return Participant(
        row.campaign, row.customer_id, row.cluster_id, row.node_id, row.state, row.entered_at, row.wake_at,
        way.get("a", {}), visits, tuple(way.get("t", ())),
    )  # fmt: skip


def way_of(participant: Participant) -> dict[str, Any] | None:
    """What the column `way` keeps of a participant."""
    way: dict[str, Any] = {}
    if participant.assignments:
        way["a"] = dict(participant.assignments)
    if participant.visits:
        way["v"] = {node: [visit.count, visit.at.isoformat()] for node, visit in participant.visits.items()}
    if participant.tried:
        way["t"] = list(participant.tried)
    return way or None
