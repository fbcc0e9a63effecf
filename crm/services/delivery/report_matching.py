"""Which messages reports are about: many at a time by our token or the peer's id, the rest one by one."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import OutboxMessage, OutboxPart
from crm.services.delivery.storing import chunks
from crm.services.delivery.values import NewReport, State

# Longer than any validity period that an SMS centre keeps.
REFERENCE_HOLDS = dt.timedelta(days=7)
_ById = dict[tuple[str, str], OutboxMessage]


def messages_of(session: Session, reports: Sequence[NewReport]) -> list[OutboxMessage | None]:
    """The message of every report, locked until the end; None where none is known."""
    tokens = _by_tokens(session, [each.token for each in reports if each.token])
    channels: dict[str, list[str]] = {}
    for report in reports:
        if report.provider_id:
            channels.setdefault(report.channel, []).append(report.provider_id)
    ids: _ById = {}
    for channel, provider_ids in channels.items():
        ids |= by_provider_ids(session, channel, provider_ids)
    return [_one_of(session, report, tokens, ids) for report in reports]


def by_provider_ids(session: Session, channel: str, provider_ids: Sequence[str]) -> _ById:
    """Messages by (channel, the peer's id), also of one of their parts."""
    found: _ById = {}
    for chunk in chunks(list(dict.fromkeys(provider_ids))):
        same = (OutboxMessage.channel == channel, OutboxMessage.provider_id.in_(chunk))
        # Peers that count from one again after a restart give old ids anew: the latest is meant.
        query = select(OutboxMessage).where(*same).order_by(OutboxMessage.message_id)
        found |= {
            (channel, str(row.provider_id)): row
            for row in session.scalars(query.with_for_update().execution_options(populate_existing=True))
        }
        rest = [each for each in chunk if (channel, each) not in found]
        if rest:
            found |= _by_parts(session, channel, rest)
    return found


def _by_parts(session: Session, channel: str, provider_ids: Sequence[str]) -> _ById:
    part = (OutboxPart.channel == channel, OutboxPart.provider_id.in_(provider_ids))
    query = select(OutboxPart.provider_id, OutboxPart.message_id).where(*part).order_by(OutboxPart.message_id)
    owners = {row.provider_id: row.message_id for row in session.execute(query)}
    messages = select(OutboxMessage).where(OutboxMessage.message_id.in_(set(owners.values())))
    rows = (
        {
            row.message_id: row
            for row in session.scalars(messages.with_for_update().execution_options(populate_existing=True))
        }
        if owners
        else {}
    )
    return {(channel, provider_id): rows[owner] for provider_id, owner in owners.items() if owner in rows}


def _by_tokens(session: Session, tokens: Sequence[str]) -> dict[str, OutboxMessage]:
    found: dict[str, OutboxMessage] = {}
    for chunk in chunks(list(dict.fromkeys(tokens))):
        query = select(OutboxMessage).where(OutboxMessage.token.in_(chunk))
        found |= {
            row.token: row for row in session.scalars(query.with_for_update().execution_options(populate_existing=True))
        }
    return found


def _one_of(session: Session, report: NewReport, tokens: dict[str, OutboxMessage], ids: _ById) -> OutboxMessage | None:
    named = tokens.get(report.token or "")
    if named is not None and named.channel == report.channel:
        return named
    by_id = ids.get((report.channel, report.provider_id or ""))
    return by_id if by_id is not None else _by_reference(session, report)


def _by_reference(session: Session, report: NewReport) -> OutboxMessage | None:
    """The message that died on the way to the peer, by its address and the 16 bits of its number that went along."""
    if report.reference is None or report.address_digest is None:
        return None
    query = select(OutboxMessage).where(
        OutboxMessage.address_digest == report.address_digest, OutboxMessage.channel == report.channel,
        OutboxMessage.state == State.UNCERTAIN, OutboxMessage.contacted_at >= report.at - REFERENCE_HOLDS,
    )  # fmt: skip
    same = [
        row
        for row in session.scalars(query.with_for_update().execution_options(populate_existing=True))
        if row.message_id % 65536 == report.reference
    ]
    return same[0] if len(same) == 1 else None
