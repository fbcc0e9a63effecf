"""Personal pages: what a campaign's page shows, and what its visitor does. The token in its address is the only key;
the page names nobody."""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Campaign, LandingPage, OutboxMessage
from crm.services.actor import Actor, printable
from crm.services.audit import AuditKind, Entry
from crm.services.audit import record as record_entry
from crm.services.campaigns.content import write_content
from crm.services.campaigns.stored import locked
from crm.services.delivery.opt_outs import opt_out
from crm.services.delivery.responses import record
from crm.services.delivery.values import Kind, NewResponse

# Languages in the order in which they stand in for one that a page does not have.
_FALLBACKS = ("ru", "uz", "en")


@dataclass(frozen=True)
class Page:
    """What a visitor sees, in the language of his message."""

    language: str
    title: str
    text: str
    button: str
    target: str


def save_page(
    session: Session, campaign: str, language: str, title: str, text: str, button: str, target: str, actor: Actor,
    now: dt.datetime,
) -> None:  # fmt: skip
    """Set what a campaign's page shows in a language. It is a part of what is agreed with: the approval of a campaign
    goes with the change, and a page of one that runs stays as it is. Raises `CrmError`."""
    shown, pressed = printable(title.strip(), 200), printable(button.strip(), 80)
    told = "\n".join(printable(line, 2000) for line in text.strip().splitlines())[:8000]
    if not (shown and told and pressed):
        raise CrmError("landing_text")
    _require_address(target)
    row = session.get(LandingPage, (campaign, language), with_for_update=True)
    if row is None:
        row = LandingPage(campaign=campaign, language=language, revision=0)
        session.add(row)
    row.title, row.text, row.button, row.target = shown, told, pressed, target
    row.revision, row.updated_at, row.updated_by = row.revision + 1, now, printable(actor.login, 64)
    owner = session.scalar(select(Campaign).where(Campaign.key == campaign))
    if owner is not None:
        write_content(session, locked(session, owner.campaign_id), actor, now)
    entry = Entry(AuditKind.DATA_CHANGED, "campaigns", campaign, (), "", {"what": "landing_page", "language": language})
    record_entry(session, actor, entry, now)


def page_of(session: Session, token: str) -> Page | None:
    """The page behind a token; None when there is no such message, or its campaign has no page."""
    message = _message(session, token)
    if message is None:
        return None
    rows = {
        row.language: row
        for row in session.scalars(select(LandingPage).where(LandingPage.campaign == message.campaign))
    }
    language = next((each for each in (message.language, *_FALLBACKS, *sorted(rows)) if each in rows), None)
    if language is None:
        return None
    row = rows[language]
    return Page(language, row.title, row.text, row.button, row.target)


def language_of(session: Session, token: str) -> str | None:
    """The language of the message behind a token; None when there is no such message."""
    message = _message(session, token)
    return None if message is None else message.language or _FALLBACKS[0]


def channel_of(session: Session, token: str) -> str | None:
    """The channel of the message behind a token."""
    message = _message(session, token)
    return None if message is None else message.channel


def visited(session: Session, token: str, kind: str, now: dt.datetime) -> bool:
    """Note that the page was opened (`open`), or its button pressed (`click`): once each. False for unknown tokens."""
    message = _message(session, token)
    if message is None:
        return False
    response = NewResponse(
        source="landing", external_id=f"{message.message_id}:{kind}", type=Kind.INTEREST, kind=kind, at=now,
        channel=message.channel, token=token,
    )  # fmt: skip
    record(session, response, now)
    return True


def stop(session: Session, token: str, everything: bool, now: dt.datetime) -> bool:
    """The visitor wants no more messages in this channel, or in any. False for unknown tokens."""
    message = _message(session, token)
    if message is None:
        return False
    opt_out(
        session, message.customer_id, "all" if everything else message.channel, now, "landing",
        address_digest=message.address_digest, message_id=message.message_id,
    )  # fmt: skip
    return True


def _message(session: Session, token: str) -> OutboxMessage | None:
    if not 16 <= len(token) <= 32:
        return None
    return session.scalar(select(OutboxMessage).where(OutboxMessage.token == token))


def _require_address(target: str) -> None:
    try:
        parts = urlsplit(target)
    except ValueError:
        raise CrmError("landing_address") from None
    is_clean = len(target) <= 500 and target == printable(target, 500) and " " not in target
    if parts.scheme != "https" or not parts.hostname or parts.username or not is_clean:
        raise CrmError("landing_address")
