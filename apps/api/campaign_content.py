"""Templates of messages and contact policies by HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from apps.api.access import Known
from apps.api.campaign_forms import Form, NewTemplate, Policy, TemplateChanges, Why
from apps.api.segment_forms import plain
from apps.api.signal_access import changing, looking, today
from crm.services.campaigns import policies, templates

router = APIRouter(tags=["campaigns"])
SUBJECT = "campaigns"


@router.get("/message-templates")
def listed(
    client: Known, channel: Annotated[str, Query(max_length=16)] = "",
    text: Annotated[str, Query(max_length=200)] = "", archived: bool = False,
) -> list[Form]:  # fmt: skip
    """Templates by name."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        return plain(  # type: ignore[no-any-return]
            templates.templates(session, channel=channel, text=text, archived=archived)
        )


@router.post("/message-templates", status_code=201)
def create(client: Known, body: NewTemplate) -> Form:
    """A new template as a draft. 422 with every place to mend."""
    with changing(client, SUBJECT) as change:
        made = templates.create_template(
            change.session, body.name, body.channel, body.variants, change.actor, change.now, key=body.key,
            category=body.category, description=body.description,
        )  # fmt: skip
        return plain(made)  # type: ignore[no-any-return]


@router.get("/message-templates/{key}")
def one(client: Known, key: str) -> Form:
    """A template with every version of its texts, newest first."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        found = templates.template(session, key)
        return {**plain(found), "versions": plain(templates.template_versions(session, key))}


@router.patch("/message-templates/{key}")
def update(client: Known, key: str, body: TemplateChanges) -> Form:
    """Change the draft of a template; after a publication that begins the next version."""
    with changing(client, SUBJECT) as change:
        saved = templates.save_template(
            change.session, key, change.actor, change.now, base=body.base, variants=body.variants, name=body.name,
            description=body.description, reason=body.reason,
        )  # fmt: skip
        return plain(saved)  # type: ignore[no-any-return]


@router.post("/message-templates/{key}/publish")
def publish(client: Known, key: str, body: Why) -> Form:
    """Let campaigns use the newest version; approved ones keep what was approved."""
    with changing(client, SUBJECT) as change:
        return plain(  # type: ignore[no-any-return]
            templates.publish_template(change.session, key, change.actor, change.now, body.reason)
        )


@router.post("/message-templates/{key}/archive", status_code=204)
def archive(client: Known, key: str, body: Why) -> None:
    """Put a template away that no open campaign uses."""
    with changing(client, SUBJECT) as change:
        templates.archive_template(change.session, key, change.actor, change.now, body.reason)


@router.post("/message-templates/{key}/bring-back")
def bring_back(client: Known, key: str, body: Why) -> Form:
    """Take a template out of the archive."""
    with changing(client, SUBJECT) as change:
        return plain(  # type: ignore[no-any-return]
            templates.bring_template_back(change.session, key, change.actor, change.now, body.reason)
        )


@router.get("/contact-policies")
def versions(client: Known) -> Form:
    """Every version of the contact policy, newest first, and the number of the one in force today (null: none)."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        found, day = policies.policies(session), today(client)
        begun = [each for each in found if each.valid_from <= day]
        in_force = max(begun, key=lambda each: (each.valid_from, each.number)).number if begun else None
    return {"items": plain(found), "in_force": in_force}


@router.post("/contact-policies", status_code=201)
def save(client: Known, body: Policy) -> Form:
    """A new version, in force from a day on. 422 with every place to mend."""
    with changing(client, SUBJECT, "administer") as change:
        saved = policies.save_policy(
            change.session, body.document, body.valid_from, change.actor, change.now, body.reason
        )
        return plain(saved)  # type: ignore[no-any-return]
