"""From a claimed message to one that can be handed over: address, words, length, price; or why it cannot."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from crm.delivery.addresses import digest, usable
from crm.delivery.channels import Channel, Rendered
from crm.delivery.desk import Desk, Person, Text
from crm.delivery.rendering import Missing, content
from crm.errors import CrmError
from crm.services.delivery.values import Handing, State, Verdict, Waiting


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message that is ready, with what is written down of it before it goes."""

    waiting: Waiting
    rendered: Rendered
    handing: Handing


@dataclass
class Sorted:
    """Messages that are ready, and verdicts on those that cannot go."""

    ready: list[Prepared] = field(default_factory=list)
    out: list[Verdict] = field(default_factory=list)


@dataclass(frozen=True)
class Style:
    """How messages are made: the address of personal pages, the key of address digests, plain marks in SMS."""

    pages: str
    address_key: bytes
    simple_marks: bool = True


def prepare(messages: Sequence[Waiting], desk: Desk, channel: Channel, style: Style, now: dt.datetime) -> Sorted:
    """Everything that needs no transaction."""
    found, people = Sorted(), desk.people(messages)
    for message in messages:
        person = people.get(message.message_id)
        made = _prepared(message, person, desk, channel, style, now)
        if isinstance(made, Prepared):
            found.ready.append(made)
        else:
            found.out.append(made)
    return found


def _prepared(
    message: Waiting, person: Person | None, desk: Desk, channel: Channel, style: Style, now: dt.datetime
) -> Prepared | Verdict:
    if person is None or not person.address:
        return Verdict(message.message_id, State.REFUSED, "no_address")
    address = usable(message.channel, person.address)
    if address is None:
        return Verdict(message.message_id, State.REFUSED, "bad_address")
    text = desk.text(message, person.language)
    if text is None:
        return Verdict(message.message_id, State.REFUSED, "no_template", {"language": person.language})
    try:
        rendered = _rendered(message, person, address, text, style)
        parts = channel.measure(rendered)
    except Missing as error:
        return Verdict(message.message_id, State.REFUSED, "template_error", {"problem": str(error)[:200]})
    except CrmError as error:
        return Verdict(message.message_id, State.REFUSED, "template_error", {"problem": str(error)[:200]})
    except ValueError:
        return Verdict(message.message_id, State.REFUSED, "too_long")
    words = "\x00".join((rendered.subject, rendered.text, rendered.html))
    known_by = digest(style.address_key, message.channel, address)
    price = desk.price(message.channel, parts, now)
    content_hash = hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()
    handing = Handing(message.message_id, parts, rendered.language, content_hash, known_by, Decimal(price))
    return Prepared(message, rendered, handing)


def _rendered(message: Waiting, person: Person, address: str, text: Text, style: Style) -> Rendered:
    page = f"{style.pages}/{message.token}"
    links = {"page_url": page, "stop_url": f"{page}/stop"}
    # The links are ours: no value of a customer stands in for them.
    words = content(message.channel, text.text, text.subject, text.html, {**person.values, **links}, style.simple_marks)
    return Rendered(
        message.message_id, message.key, message.token, message.channel, message.category, address,
        text.language or person.language, words.text, words.subject, words.html, page, links["stop_url"],
        message.details,
    )  # fmt: skip
