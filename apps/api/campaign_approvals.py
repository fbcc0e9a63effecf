"""Approving campaigns by HTTP: asking, agreeing, sending back; the routes as data."""

from fastapi import APIRouter

from apps.api.access import Known
from apps.api.campaign_forms import Agreement, Form, Return, Route, Why, WhyBased
from apps.api.segment_forms import plain
from apps.api.signal_access import changing, looking, today
from crm.services.campaigns import access, approvals, routes, stages
from crm.services.campaigns.values import Stage

router = APIRouter(tags=["campaigns"])
SUBJECT = "campaigns"


@router.get("/campaign-approvals")
def waiting(client: Known) -> list[Form]:
    """Steps that wait for you, the most urgent first."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        return plain(approvals.waiting_for(session, client.actor, today(client)))  # type: ignore[no-any-return]


@router.get("/campaigns/{key}/approvals")
def steps(client: Known, key: str, version: int | None = None) -> list[Form]:
    """The steps of a version's approval, its last round first."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        access.require_view(session, client.rights, key)
        return plain(approvals.steps(session, key, version))  # type: ignore[no-any-return]


@router.post("/campaigns/{key}/submit")
def submit(client: Known, key: str, body: WhyBased) -> Form:
    """Ask for approval: the content is fixed by its hash and money set aside. 422 with all that is missing."""
    with changing(client, SUBJECT) as change:
        access.require_edit(change.session, client.rights, key)
        found = stages.submit(
            change.session, key, change.actor, change.now, base=body.base, comment=body.reason
        )  # fmt: skip
        return plain(found)  # type: ignore[no-any-return]


@router.post("/campaigns/{key}/withdraw")
def withdraw(client: Known, key: str, body: Why) -> Form:
    """Take a campaign back from approval."""
    with changing(client, SUBJECT) as change:
        access.require_edit(change.session, client.rights, key)
        return plain(  # type: ignore[no-any-return]
            approvals.withdraw(change.session, key, change.actor, change.now, body.reason)
        )


@router.post("/campaigns/{key}/approve")
def approve(client: Known, key: str, body: Agreement) -> Form:
    """Agree with the open step. 403 for one's own work or somebody else's step, 409 when the content has changed."""
    with changing(client, SUBJECT, "administer") as change:
        found = approvals.approve(
            change.session, key, change.actor, change.now, seen=body.seen, comment=body.comment, rights=client.rights
        )
        return plain(found)  # type: ignore[no-any-return]


@router.post("/campaigns/{key}/return")
def return_(client: Known, key: str, body: Return) -> Form:
    """Send a campaign back to the design or the concept, saying why."""
    with changing(client, SUBJECT, "administer") as change:
        found = approvals.return_campaign(
            change.session, key, change.actor, change.now, body.comment, to=Stage(body.to), rights=client.rights
        )
        return plain(found)  # type: ignore[no-any-return]


@router.get("/campaign-routes")
def listed(client: Known) -> list[Form]:
    """Approval routes in the order in which they are tried."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        return plain(routes.routes(session))  # type: ignore[no-any-return]


@router.put("/campaign-routes/{key}")
def save(client: Known, key: str, body: Route) -> Form:
    """A new route, or with `base` a change of one."""
    with changing(client, SUBJECT, "administer") as change:
        saved = routes.save_route(
            change.session, body.name, body.condition, body.steps, change.actor, change.now, body.reason, key=key,
            base=body.base, position=body.position, is_active=body.is_active,
        )  # fmt: skip
        return plain(saved)  # type: ignore[no-any-return]
