"""Templates of messages: texts per language, in versions that never change once they are published.

Not here: how a customer's text is made of one (`crm.delivery.rendering`).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crm.database import TEMPLATE_KEYS, one_at_a_time
from crm.errors import CrmError
from crm.models import Campaign, MessageTemplate, MessageTemplateVersion
from crm.services.accounts import required
from crm.services.actor import Actor, printable
from crm.services.campaigns.hashing import document_hash
from crm.services.campaigns.stored import row_of, version_row
from crm.services.campaigns.template_reading import checked
from crm.services.campaigns.transitions import OVER
from crm.services.campaigns.values import PERSONAL, Category
from crm.services.segments.keys import checked_key, new_key
from crm.services.versioned import lines, named, note, rewrite, set_given, touch

DRAFT, PUBLISHED = "draft", "published"


@dataclass(frozen=True)
class Variant:
    """A text in one language. `subject` is an e-mail's or the title of a push, `html` an e-mail's alone."""

    text: str
    subject: str = ""
    html: str = ""


@dataclass(frozen=True)
class TemplateInfo:
    """A template with its newest version. `published` is the version that new campaigns take."""

    key: str
    name: str
    description: str
    channel: str
    category: Category
    owner_id: int | None
    published: int | None
    version: int
    state: str
    variants: Mapping[str, Variant] = field(hash=False)
    is_archived: bool
    revision: int
    updated_at: dt.datetime
    updated_by: str


@dataclass(frozen=True)
class TemplateVersion:
    """One version of a template's texts; `fingerprint` tells it from all others."""

    template: str
    number: int
    variants: Mapping[str, Variant] = field(hash=False)
    fingerprint: str
    state: str
    author_login: str
    reason: str
    at: dt.datetime
    published_at: dt.datetime | None


def create_template(
    session: Session, name: str, channel: str, variants: Mapping[str, Mapping[str, str]], actor: Actor,
    now: dt.datetime, *, key: str = "", category: str = Category.MARKETING, description: str = "",
) -> TemplateInfo:  # fmt: skip
    """A new template as a draft: {language: {"text", "subject", "html"}}. Raises `CrmError`, and `DefinitionError` with
    every place to mend."""
    one_at_a_time(session, TEMPLATE_KEYS)
    title, taken = named(name), set(session.scalars(select(MessageTemplate.key)))
    if key and checked_key(key) in taken:
        raise CrmError("template_key_taken", key=key)
    if channel not in PERSONAL:
        raise CrmError("template_channel", channel=channel[:40])
    if category not in set(Category):
        raise CrmError("campaign_category", category=str(category)[:40])
    document = checked(channel, variants)
    row = MessageTemplate(
        key=key or new_key(title, taken, "template"), name=title, description=lines(description), channel=channel,
        category=Category(category).value, owner_id=actor.user_id, published=None, archived_at=None, revision=1,
        created_at=now, updated_at=now, updated_by=printable(actor.login, 64),
    )  # fmt: skip
    session.add(row)
    session.flush()
    version = _add_version(session, row, document, actor, now)
    note(session, row, actor, now, "template_created", fingerprint=version.fingerprint)
    return _info(row, version)


def save_template(
    session: Session, key: str, actor: Actor, now: dt.datetime, *, base: int,
    variants: Mapping[str, Mapping[str, str]] | None = None, name: str | None = None, description: str | None = None,
    reason: str = "",
) -> TemplateInfo:  # fmt: skip
    """Change what is given, based on the revision that the writer had before him. Changed texts go into the open
    version; after a publication they begin the next one."""
    row, version = _locked(session, key, base), _newest(session, key)
    changed = set_given(row, {"name": name and named(name), "description": description and lines(description)})
    if variants is not None and (document := checked(row.channel, variants)) != version.document:
        if version.state == PUBLISHED:
            version = _add_version(session, row, document, actor, now, reason)
        else:
            rewrite(version, document, document_hash(document), actor, now, reason)
        changed.append("variants")
    if changed:
        touch(row, actor, now)
        note(session, row, actor, now, "template_saved", reason, fields=changed, fingerprint=version.fingerprint)
    return _info(row, version)


def publish_template(session: Session, key: str, actor: Actor, now: dt.datetime, reason: str) -> TemplateInfo:
    """Let campaigns use the newest version. Campaigns that are approved keep the version that was approved."""
    row, version = _locked(session, key), _newest(session, key)
    if version.state == PUBLISHED:
        raise CrmError("template_published")
    version.state, version.published_at, version.published_by = PUBLISHED, now, printable(actor.login, 64)
    before, row.published = row.published, version.number
    touch(row, actor, now)
    note(session, row, actor, now, "template_published", required(reason), before=before, version=version.number)
    return _info(row, version)


def archive_template(session: Session, key: str, actor: Actor, now: dt.datetime, reason: str) -> None:
    """Put a template away. Raises `CrmError` when a campaign that is not over uses it."""
    row = _locked(session, key)
    using = [
        each.name for each in session.scalars(select(Campaign).where(Campaign.stage.not_in(OVER)))
        if key in each.pins.get("templates", {})
    ]  # fmt: skip
    if using:
        raise CrmError("template_in_use", campaigns=", ".join(using[:10]))
    row.archived_at = now
    touch(row, actor, now)
    note(session, row, actor, now, "template_archived", required(reason))


def bring_template_back(session: Session, key: str, actor: Actor, now: dt.datetime, reason: str) -> TemplateInfo:
    """Take a template out of the archive."""
    row = session.get(MessageTemplate, key, with_for_update=True, populate_existing=True)
    if row is None or row.archived_at is None:
        raise CrmError("template_unknown", template=key[:80])
    row.archived_at = None
    touch(row, actor, now)
    note(session, row, actor, now, "template_brought_back", required(reason))
    return _info(row, _newest(session, key))


def templates(
    session: Session, *, channel: str = "", text: str = "", published: bool = False, archived: bool = False
) -> list[TemplateInfo]:  # fmt: skip
    """Templates by name: of a channel, found by a text, published ones alone, those in the archive."""
    query = select(MessageTemplate).order_by(MessageTemplate.name, MessageTemplate.key)
    query = query.where(MessageTemplate.archived_at.is_not(None) if archived else MessageTemplate.archived_at.is_(None))
    if channel:
        query = query.where(MessageTemplate.channel == channel)
    if published:
        query = query.where(MessageTemplate.published.is_not(None))
    if asked := text.strip():
        query = query.where(
            or_(MessageTemplate.name.icontains(asked, autoescape=True), MessageTemplate.key.contains(asked.lower()))
        )
    rows = list(session.scalars(query))
    numbered = select(MessageTemplateVersion).where(MessageTemplateVersion.template_key.in_([row.key for row in rows]))
    newest = {
        each.template_key: each for each in session.scalars(numbered.order_by(MessageTemplateVersion.number))
    }  # fmt: skip
    return [_info(row, newest[row.key]) for row in rows]


def template(session: Session, key: str) -> TemplateInfo:
    """One template. Raises `CrmError`."""
    row = session.get(MessageTemplate, key)
    if row is None:
        raise CrmError("template_unknown", template=key[:80])
    return _info(row, _newest(session, key))


def template_version(session: Session, key: str, number: int | None = None) -> TemplateVersion:
    """One version of a template, the published one unless it is named. Raises `CrmError`."""
    row = session.get(MessageTemplate, key)
    if row is None:
        raise CrmError("template_unknown", template=key[:80])
    found = session.get(MessageTemplateVersion, (key, row.published if number is None else number))
    if found is None:
        raise CrmError("template_version_unknown", version=number)
    return _version(found)


def template_versions(session: Session, key: str) -> list[TemplateVersion]:
    """All versions of a template, newest first."""
    query = select(MessageTemplateVersion).where(MessageTemplateVersion.template_key == key)
    return [_version(row) for row in session.scalars(query.order_by(MessageTemplateVersion.number.desc()))]


def texts_of_campaign(session: Session, campaign: int | str) -> dict[str, TemplateVersion]:
    """The texts that a campaign sends by template: those of its approved version (of its newest while there is none),
    whatever was published since."""
    row = row_of(session, campaign)
    version = version_row(session, row, row.approved)
    pins = version.document.get("pins", {}).get("templates", {})
    return {key: template_version(session, key, pin["version"]) for key, pin in sorted(pins.items())}


def _locked(session: Session, key: str, base: int | None = None) -> MessageTemplate:
    row = session.get(MessageTemplate, key, with_for_update=True, populate_existing=True)
    if row is None:
        raise CrmError("template_unknown", template=key[:80])
    if row.archived_at is not None:
        raise CrmError("template_archived", template=row.name)
    if base is not None and row.revision != base:
        raise CrmError("template_changed", login=row.updated_by)
    return row


def _newest(session: Session, key: str) -> MessageTemplateVersion:
    query = select(MessageTemplateVersion).where(MessageTemplateVersion.template_key == key)
    return session.scalars(query.order_by(MessageTemplateVersion.number.desc()).limit(1)).one()


def _add_version(
    session: Session, row: MessageTemplate, document: dict[str, Any], actor: Actor, now: dt.datetime, reason: str = ""
) -> MessageTemplateVersion:  # fmt: skip
    query = select(MessageTemplateVersion.number).where(MessageTemplateVersion.template_key == row.key)
    login = printable(actor.login, 64)
    version = MessageTemplateVersion(
        template_key=row.key, number=max(session.scalars(query), default=0) + 1, document=document,
        fingerprint=document_hash(document), state=DRAFT, author_id=actor.user_id, author_login=login, editors=[login],
        reason=printable(reason, 2000), at=now,
    )  # fmt: skip
    session.add(version)
    session.flush()
    return version


def _variants(document: Mapping[str, Any]) -> dict[str, Variant]:
    return {language: Variant(**texts) for language, texts in document["variants"].items()}


def _info(row: MessageTemplate, version: MessageTemplateVersion) -> TemplateInfo:
    return TemplateInfo(
        row.key, row.name, row.description, row.channel, Category(row.category), row.owner_id, row.published,
        version.number, version.state, _variants(version.document), row.archived_at is not None, row.revision,
        row.updated_at, row.updated_by,
    )  # fmt: skip


def _version(row: MessageTemplateVersion) -> TemplateVersion:
    return TemplateVersion(
        row.template_key, row.number, _variants(row.document), row.fingerprint, row.state, row.author_login, row.reason,
        row.at, row.published_at,
    )  # fmt: skip
