"""Stopping and letting go again: a campaign, one of its steps, a whole channel."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import ChannelState, OutboxPause
from crm.services.actor import Actor, printable
from crm.services.audit import AuditKind, Entry, record
from crm.services.delivery.storing import insert_new
from crm.services.delivery.values import Medium

OBJECT = "campaigns"


def pause(session: Session, campaign: str, reason: str, actor: Actor, now: dt.datetime, node_id: str = "") -> None:
    """Hand over nothing of a campaign (or of one of its steps) from now on; what waits stays where it is."""
    if not reason.strip():
        raise CrmError("reason_missing")
    if session.get(OutboxPause, (campaign, node_id)) is None:
        said = printable(reason, 2000)
        login = printable(actor.login, 64)
        session.add(OutboxPause(campaign=campaign, node_id=node_id, at=now, login=login, reason=said))
        _tell(session, actor, now, campaign, reason, what="sending_paused", node=node_id)


def resume(session: Session, campaign: str, reason: str, actor: Actor, now: dt.datetime, node_id: str = "") -> None:
    """Let a campaign (or one of its steps) go on. A step that was paused by itself stays paused."""
    if not reason.strip():
        raise CrmError("reason_missing")
    row = session.get(OutboxPause, (campaign, node_id))
    if row is not None:
        session.delete(row)
        _tell(session, actor, now, campaign, reason, what="sending_resumed", node=node_id)


def paused(session: Session) -> frozenset[tuple[str, str]]:
    """All that is stopped: (campaign, node), the node empty for a whole campaign."""
    return frozenset((row.campaign, row.node_id) for row in session.scalars(select(OutboxPause)))


def pause_channel(session: Session, channel: str, is_paused: bool, reason: str, actor: Actor, now: dt.datetime) -> None:
    """Stop a channel for everybody, or let it go again."""
    if not reason.strip():
        raise CrmError("reason_missing")
    row = channel_state(session, Medium(channel), now)
    if row.is_paused != is_paused:
        row.is_paused = is_paused
        what = "channel_paused" if is_paused else "channel_resumed"
        _tell(session, actor, now, channel, reason, what=what)


def channel_state(session: Session, channel: str, now: dt.datetime, tokens: float = 0.0) -> ChannelState:
    """The row of a channel, made when it is missing, locked for this transaction."""
    row = session.get(ChannelState, channel, with_for_update=True, populate_existing=True)
    if row is None:
        made = {"channel": channel, "is_paused": False, "tokens": tokens, "refilled_at": now, "trouble": ""}
        # Of two senders that begin at once one makes it.
        session.execute(insert_new(session, ChannelState.__table__, ["channel"]), made)
        row = session.get_one(ChannelState, channel, with_for_update=True, populate_existing=True)
    return row


def _tell(session: Session, actor: Actor, now: dt.datetime, subject: str, reason: str, **told: str) -> None:
    record(session, actor, Entry(AuditKind.DATA_CHANGED, OBJECT, subject, (), reason, told), now)
