"""Running campaigns by HTTP: how one goes, events that bring customers in, pausing and stopping."""

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import AwareDatetime, Field

from apps.api.access import Known
from apps.api.campaign_forms import Form, Why
from apps.api.segment_forms import Body, plain
from apps.api.signal_access import changing, looking
from crm.services.campaign_runs import figures, results, steering, triggers
from crm.services.campaigns import access

router = APIRouter(tags=["campaigns"])
SUBJECT = "campaigns"


class Event(Body):
    """Something that happened to a customer. `source` and `number` make it once."""

    source: Annotated[str, Field(min_length=1, max_length=40)]
    number: Annotated[str, Field(min_length=1, max_length=160)]
    customer_id: Annotated[int, Field(ge=1, lt=2**63)]
    at: AwareDatetime | None = None


class Lead(Why):
    """Which way to lead a running campaign on."""

    transition: Literal["pause", "resume", "complete", "stop"]


@router.get("/campaigns/{key}/figures")
def shown(client: Known, key: str) -> Form:
    """How a campaign goes: groups, and every node with who came, stands there and left, and its messages."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        access.require_view(session, client.rights, key)
        return plain(figures.figures(session, key, client.services.now()))  # type: ignore[no-any-return]


@router.get("/campaigns/{key}/results")
def measured(client: Known, key: str) -> list[Form]:
    """What a campaign added against its control group, as it was computed, newest first."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        access.require_view(session, client.rights, key)
        return plain(results.results(session, key))  # type: ignore[no-any-return]


@router.post("/campaigns/{key}/events")
def event(client: Known, key: str, body: Event) -> dict[str, bool]:
    """Tell a running trigger campaign of an event. Whether the customer belongs to it is looked at within seconds."""
    with changing(client, SUBJECT) as change:
        access.require_edit(change.session, client.rights, key)
        at = body.at.astimezone(dt.UTC) if body.at is not None else change.now
        new = triggers.receive(change.session, key, body.source, body.number, body.customer_id, at, change.now)
        return {"is_new": new}


@router.post("/campaigns/{key}/lead")
def lead(client: Known, key: str, body: Lead) -> Form:
    """Pause, resume, complete or stop a running campaign, with all that is queued."""
    with changing(client, SUBJECT) as change:
        access.require_edit(change.session, client.rights, key)
        found = steering.lead(change.session, key, body.transition, change.actor, change.now, body.reason)
        return plain(found)  # type: ignore[no-any-return]
