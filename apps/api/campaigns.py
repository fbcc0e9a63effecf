"""Campaigns by HTTP: register, documents, stages, comments, conclusions. What a campaign is: docs/campaigns.md."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from apps.api.access import Known
from apps.api.campaign_forms import (
    Changes,
    CommentBody,
    Conclusion,
    Copied,
    Form,
    NewCampaign,
    Targets,
    Why,
    WhyBased,
)
from apps.api.segment_forms import plain
from apps.api.signal_access import changing, looking
from crm.services.accounts import user_by_login
from crm.services.campaign_runs import steering
from crm.services.campaigns import access, kpis, portable, register, stages, talking, writing
from crm.services.campaigns.values import Category, Filter, Kind, Stage

router = APIRouter(tags=["campaigns"])
SUBJECT = "campaigns"


@router.get("/campaigns")
def listed(
    client: Known, text: Annotated[str, Query(max_length=200)] = "",
    stage: Annotated[list[Stage] | None, Query()] = None,
    kind: Annotated[list[Kind] | None, Query()] = None, category: Annotated[list[Category] | None, Query()] = None,
    channel: Annotated[list[str] | None, Query()] = None, since: dt.date | None = None, until: dt.date | None = None,
    overdue: bool = False, order: str = "updated_at", limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Form:  # fmt: skip
    """A page of the campaigns that you see, how many there are in all, and how many at each stage."""
    looking(client, SUBJECT)
    wanted = Filter(
        text, tuple(stage or ()), tuple(kind or ()), tuple(category or ()), tuple(channel or ()), since=since,
        until=until, overdue=overdue,
    )  # fmt: skip
    now = client.services.now()
    with client.services.database.read() as session:
        page = register.campaigns(
            session, client.rights, wanted, now=now, order=order, limit=limit, offset=offset
        )  # fmt: skip
        counts = register.stage_counts(session, client.rights, wanted, now=now)
    return {"items": plain(page.campaigns), "total": page.total, "stages": plain(counts)}


@router.post("/campaigns", status_code=201)
def create(client: Known, body: NewCampaign) -> Form:
    """A new campaign of yours, as a concept."""
    with changing(client, SUBJECT) as change:
        made = writing.create_campaign(
            change.session, body.name, body.kind, change.actor, change.now, key=body.key, **body.fields()
        )
        return plain(made)  # type: ignore[no-any-return]


@router.get("/campaigns/{key}")
def one(client: Known, key: str) -> Form:
    """A campaign with its targets; `revision` is what a change is based on, `next` the ways on from its stage."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        found = register.campaign(session, client.rights, key, client.services.now())
        more = {
            "kpis": plain(kpis.kpis(session, key)), "next": [each.name for each in stages.following(found.stage)],
            "may_edit": access.may_edit(session, client.rights, key),
        }  # fmt: skip
    return {**plain(found), **more}


@router.patch("/campaigns/{key}")
def update(client: Known, key: str, body: Changes) -> Form:
    """Change what is given. A change of approved content drops the approval. 409 when somebody saved since `base`."""
    with changing(client, SUBJECT) as change:
        access.require_edit(change.session, client.rights, key)
        saved = writing.save_campaign(
            change.session, key, change.actor, change.now, base=body.base, reason=body.reason, **body.fields()
        )
        return plain(saved)  # type: ignore[no-any-return]


@router.get("/campaigns/{key}/document")
def document(client: Known, key: str) -> Form:
    """The campaign as a document that can be kept in Git; `pulled` is its hash."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        access.require_view(session, client.rights, key)
        found = portable.exported(session, key)
    return {**found, "pulled": portable.content_hash(found)}


@router.put("/campaigns/{key}/document")
def put_document(
    client: Known, key: str, body: Annotated[dict[str, Any], Field(description="As `GET` gives it.")]
) -> Form:  # fmt: skip
    """Make a campaign (a new one, when there is none) what the document says. 409 when it changed since `pulled`."""
    with changing(client, SUBJECT) as change:
        if register.exists(change.session, key):
            access.require_edit(change.session, client.rights, key)
        given = {**body, "key": key}
        saved = portable.imported(
            change.session, given, change.actor, change.now, pulled=str(body.get("pulled", "")), reason="document"
        )
        return plain(saved)  # type: ignore[no-any-return]


@router.put("/campaigns/{key}/kpis")
def set_kpis(client: Known, key: str, body: Targets) -> list[Form]:
    """Make these the figures to reach."""
    with changing(client, SUBJECT) as change:
        access.require_edit(change.session, client.rights, key)
        found = kpis.set_kpis(
            change.session, key, [each.value() for each in body.kpis], change.actor, change.now, base=body.base,
            reason=body.reason,
        )  # fmt: skip
        return plain(found)  # type: ignore[no-any-return]


@router.post("/campaigns/{key}/copy", status_code=201)
def copy(client: Known, key: str, body: Copied) -> Form:
    """A new concept of yours with the content of another campaign, its days moved to begin on `starts_on`."""
    with changing(client, SUBJECT) as change:
        access.require_view(change.session, client.rights, key)
        made = writing.copy_campaign(
            change.session, key, body.name, change.actor, change.now, key=body.key, starts_on=body.starts_on
        )
        return plain(made)  # type: ignore[no-any-return]


@router.post("/campaigns/{key}/stage/{transition}")
def transit(client: Known, key: str, transition: str, body: WhyBased) -> Form:
    """Lead a campaign on: design, rethink, redesign, start, pause, resume, complete, analyse, stop. 422 with all that
    is missing; 409 when what would run is not what was approved."""
    with changing(client, SUBJECT) as change:
        access.require_edit(change.session, client.rights, key)
        moved = steering.lead(
            change.session, key, transition, change.actor, change.now, reason=body.reason, base=body.base
        )
        return plain(moved)  # type: ignore[no-any-return]


@router.post("/campaigns/{key}/owner/{login}")
def hand_over(client: Known, key: str, login: str, body: Why) -> Form:
    """Give a campaign to another owner."""
    with changing(client, SUBJECT) as change:
        access.require_edit(change.session, client.rights, key)
        owner = user_by_login(change.session, login)
        return plain(  # type: ignore[no-any-return]
            writing.hand_over(change.session, key, owner.user_id, change.actor, change.now, body.reason)
        )


@router.get("/campaigns/{key}/history")
def history(client: Known, key: str) -> Form:
    """Every change of stage with who, when and why, and every version of the content."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        access.require_view(session, client.rights, key)
        return {
            "events": plain(register.events(session, key)), "versions": plain(register.versions(session, key)),
        }  # fmt: skip


@router.get("/campaigns/{key}/comments")
def comments(client: Known, key: str) -> list[Form]:
    """What people said, oldest first."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        access.require_view(session, client.rights, key)
        return plain(talking.comments(session, key))  # type: ignore[no-any-return]


@router.post("/campaigns/{key}/comments", status_code=201)
def comment(client: Known, key: str, body: CommentBody) -> Form:
    """Say something about a part of a campaign; who may look at it may."""
    with changing(client, SUBJECT, "view") as change:
        access.require_view(change.session, client.rights, key)
        said = talking.add_comment(
            change.session, key, body.text, change.actor, change.now, part=body.part, node_id=body.node_id
        )
        return plain(said)  # type: ignore[no-any-return]


@router.get("/campaigns/{key}/conclusions")
def conclusions(client: Known, key: str) -> list[Form]:
    """What was learnt, newest first."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        access.require_view(session, client.rights, key)
        return plain(talking.conclusions(session, key))  # type: ignore[no-any-return]


@router.post("/campaigns/{key}/conclusions", status_code=201)
def conclude(client: Known, key: str, body: Conclusion) -> Form:
    """Write down what a campaign that is over taught: effective, mixed, ineffective, unclear."""
    with changing(client, SUBJECT) as change:
        access.require_edit(change.session, client.rights, key)
        said = talking.conclude(
            change.session, key, body.verdict, body.text, change.actor, change.now, proposals=body.proposals,
            figures=body.figures,
        )  # fmt: skip
        return plain(said)  # type: ignore[no-any-return]
