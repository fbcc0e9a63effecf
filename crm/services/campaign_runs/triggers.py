"""Events that bring customers into trigger campaigns: taken down once, looked at by the next tick."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Campaign, CampaignTriggerEvent
from crm.services.actor import printable
from crm.services.campaigns.values import Kind, Stage
from crm.services.delivery.storing import insert_new


def receive(
    session: Session, campaign: str, source: str, external_id: str, customer_id: int, at: dt.datetime, now: dt.datetime
) -> bool:
    """Take an event down; whether it was new. Who of it enters is decided by the campaign's audience on the snapshot in
    use. Raises `CrmError` for a campaign that does not run, or takes no events."""
    found = session.execute(select(Campaign.stage, Campaign.kind).where(Campaign.key == campaign)).one_or_none()
    stage, kind = found if found is not None else ("", "")
    named = printable(external_id, 160)
    if stage != Stage.RUNNING or kind != Kind.TRIGGER or not source.strip() or not named or customer_id < 1:
        raise CrmError("trigger_event")
    row = {
        "campaign": campaign, "source": printable(source, 40), "external_id": named, "customer_id": customer_id,
        "at": at, "received_at": now, "taken_at": None, "outcome": "",
    }  # fmt: skip
    unique = ["campaign", "source", "external_id"]
    done = session.execute(insert_new(session, CampaignTriggerEvent.__table__, unique), row)
    return bool(done.rowcount)  # type: ignore[attr-defined]
