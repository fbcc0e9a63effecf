"""What comes back from a channel: written down first, and only then told to the peer as received.

An answer that says stop is an opt-out at once, whatever it came on.
"""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.database import Database
from crm.delivery.addresses import digest
from crm.delivery.channels import Answer, Channel, Received, Report
from crm.delivery.desk import Desk
from crm.models import OutboxMessage
from crm.services.actor import printable
from crm.services.delivery import opt_outs, reports, responses
from crm.services.delivery.attribution import named_message
from crm.services.delivery.values import NewReport, NewResponse

# The first word of an answer that wants no more, as customers write it here.
STOP_WORDS: Final = frozenset(
    {"stop", "stopall", "unsubscribe", "стоп", "отписка", "отписаться", "отпишите", "отписать", "toxtat", "toxtating",
     "toxtatish", "тухтат", "тўхтат", "bekor"}
)  # fmt: skip
_LETTERS = re.compile(r"[^\W\d_]+", re.UNICODE)
_APOSTROPHES = str.maketrans("", "", "ʻʼ‘’'`")


def wants_no_more(text: str) -> bool:
    """Whether an answer begins with a word that means stop, however it is written."""
    found = _LETTERS.search(text.translate(_APOSTROPHES).lower().replace("/", " "))
    return found is not None and found.group() in STOP_WORDS


def receive(database: Database, desk: Desk, channel: Channel, address_key: bytes, now: dt.datetime) -> int:
    """Take in what a channel has; returns how much was new. Raises `ChannelDown`."""
    came = channel.poll(now)
    if not came:
        return 0
    with database.begin() as session:
        new = take(session, desk, channel.name, came, address_key, now)
    channel.settled(came)
    return new


def take(
    session: Session, desk: Desk, channel: str, came: Sequence[Received], address_key: bytes, now: dt.datetime
) -> int:
    """Write reports and answers down, each once; returns how many were new."""
    told = [_report(each, channel, address_key) for each in came if isinstance(each, Report)]
    recorded = reports.record(session, told, now)
    desk.book(session, recorded.taken, now)
    answers = [each for each in came if isinstance(each, Answer)]
    return recorded.new + sum(_answered(session, each, channel, address_key, now) for each in answers)


def _report(report: Report, channel: str, key: bytes) -> NewReport:
    known_by = digest(key, channel, report.address) if report.address else None
    # What peers say is anybody's: a sign that the database cannot keep would hold up all that comes after it.
    return NewReport(
        channel, printable(report.report_key, 160), report.state, report.at, _plain(report.provider_id),
        _plain(report.token), known_by, report.reference, printable(report.code, 40), printable(report.text, 200),
    )  # fmt: skip


def _plain(text: str | None) -> str | None:
    return printable(text, 120) if text is not None else None


def _answered(session: Session, answer: Answer, channel: str, key: bytes, now: dt.datetime) -> bool:
    known_by = digest(key, channel, answer.address) if answer.address else None
    response = NewResponse(
        source=channel, external_id=answer.external_id, type=answer.type, kind=answer.kind, at=answer.at,
        channel=channel, token=_plain(answer.token), provider_id=_plain(answer.provider_id), address_digest=known_by,
        text=answer.text,
    )  # fmt: skip
    if answer.kind in ("stop", "blocked") or (answer.kind == "reply" and wants_no_more(answer.text)):
        return _stop(session, response, answer, now)
    return responses.record(session, response, now) if answer.type else False


def _stop(session: Session, response: NewResponse, answer: Answer, now: dt.datetime) -> bool:
    """Of the message that was answered, else of the latest to the address, else of the address alone."""
    message = named_message(session, response)
    if message is None and response.address_digest is not None:
        latest = select(OutboxMessage).where(
            OutboxMessage.address_digest == response.address_digest, OutboxMessage.contacted_at.is_not(None)
        )
        message = session.scalar(latest.order_by(OutboxMessage.contacted_at.desc()).limit(1))
    known_by = response.address_digest or (message.address_digest if message is not None else None)
    if message is None and known_by is None:
        return False
    # Who shut the channel altogether is not reached by anything; a word from him is about advertising.
    category = opt_outs.ALL if answer.kind == "blocked" else "marketing"
    return opt_outs.opt_out(
        session, message.customer_id if message is not None else None, response.channel, answer.at, response.source,
        category=category, address_digest=known_by, message_id=message.message_id if message is not None else None,
        now=now,
    )  # fmt: skip
