"""What a mail in our mailbox says: a delivery status (RFC 3464), a complaint (RFC 5965), an opt-out, an answer; or
nothing, when a machine wrote it."""

import datetime as dt
import hashlib
import re
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import parseaddr
from typing import Final, cast

from crm.delivery.channels import Answer, Received, Report
from crm.delivery.email_message import BOUNCE, STOP, led_back
from crm.services.delivery.values import ReportState

_TO: Final = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
_ACTIONS: Final = {
    "failed": ReportState.FAILED, "delivered": ReportState.DELIVERED, "relayed": ReportState.ACCEPTED,
    "expanded": ReportState.ACCEPTED,
}  # fmt: skip
_QUOTED = re.compile(r"^\s*(>|On .{5,80} wrote:|\d{1,2}\.\d{1,2}\.\d{4}.{0,80}:\s*$|-{2,}\s?Original|_{10,})")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,32}")


def read(content: bytes, domain: str, now: dt.datetime) -> Received | None:
    """What one mail says to us."""
    mail = cast(EmailMessage, message_from_bytes(content, policy=default))
    back = _back(mail, domain)
    kind, token = back if back is not None else ("", _thread_token(mail, domain))
    number = _header(mail, "message-id") or hashlib.sha256(content).hexdigest()
    report_type = str(mail.get_param("report-type") or "").lower()
    if mail.get_content_type() == "multipart/report" and report_type == "delivery-status":
        return _status(mail, token, number, now)
    if mail.get_content_type() == "multipart/report" and report_type == "feedback-report":
        token = token or _returned_token(mail, domain)
        return Answer(number[:160], "stop", now, 0, token=token) if token else None
    if kind == STOP:
        return Answer(number[:160], "stop", now, 0, token=token)
    if _is_of_a_machine(mail):
        # A bounce of a server that does not know how to say so.
        broken = kind == BOUNCE and "mailer-daemon" in _header(mail, "from").lower()
        return Report(number[:160], ReportState.FAILED, now, token=token, code="bounce") if broken else None
    sender = parseaddr(_header(mail, "from"))[1]
    text = _said(mail) or _header(mail, "subject")
    return Answer(number[:160], "reply", now, token=token, address=sender or None, text=text[:2000])


def _status(mail: EmailMessage, token: str | None, number: str, now: dt.datetime) -> Report | None:
    """The worst that is said of any recipient: a message of ours has one."""
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = [each for each in part.get_payload() if isinstance(each, Message)]  # type: ignore[union-attr]
        envelope = next((str(each["original-envelope-id"]) for each in blocks if each["original-envelope-id"]), "")
        known = token or (envelope.strip() if _TOKEN.fullmatch(envelope.strip()) else None)
        for block in blocks:
            state = _ACTIONS.get(str(block.get("action", "")).split(";")[0].strip().lower())
            if state is not None and known is not None:
                code = str(block.get("status", "")).split()[:1]
                return Report(number[:160], state, now, token=known, code="".join(code))
    return None


def _back(mail: EmailMessage, domain: str) -> tuple[str, str] | None:
    for name in _TO:
        for value in mail.get_all(name, []):
            found = led_back(str(value), domain)
            if found is not None:
                return found
    return None


def _thread_token(mail: Message, domain: str) -> str | None:
    """The message that is answered, by its Message-ID."""
    for name in ("in-reply-to", "references"):
        found = re.search(rf"<([A-Za-z0-9_-]{{16,32}})@{re.escape(domain)}>", _header(mail, name), re.IGNORECASE)
        if found:
            return found.group(1)
    return None


def _returned_token(mail: EmailMessage, domain: str) -> str | None:
    """Of the message of ours that a complaint brings back."""
    for part in mail.walk():
        found = re.search(rf"<([A-Za-z0-9_-]{{16,32}})@{re.escape(domain)}>", _header(part, "message-id"))
        if found:
            return found.group(1)
    return None


def _is_of_a_machine(mail: EmailMessage) -> bool:
    submitted = _header(mail, "auto-submitted").lower()
    precedence = _header(mail, "precedence").lower()
    by_name = any(name in mail for name in ("x-autoreply", "x-autorespond", "x-auto-response-suppress", "list-id"))
    from_daemon = "mailer-daemon" in _header(mail, "from").lower()
    is_automatic = submitted not in ("", "no") or precedence in ("auto_reply", "bulk", "junk", "list")
    return is_automatic or by_name or from_daemon


def _said(mail: EmailMessage) -> str:
    """What the person wrote himself: his text down to the first quoted line."""
    body = mail.get_body(("plain", "html"))
    if body is None:
        return ""
    try:
        text = str(body.get_content())
    except (LookupError, UnicodeError, KeyError):
        return ""
    if body.get_content_type() == "text/html":
        text = re.sub(r"<[^>]{0,2000}>", " ", re.sub(r"(?is)<(style|script|blockquote).*?</\1>", " ", text[:200_000]))
    own: list[str] = []
    for line in text.splitlines():
        if _QUOTED.match(line):
            break
        own.append(line.strip())
    return "\n".join(own).strip()


def _header(mail: Message, name: str) -> str:
    try:
        return str(mail.get(name, "") or "").strip()
    except (ValueError, IndexError, AttributeError, TypeError):
        # Mails from outside hold headers that the parser cannot read: they say nothing.
        return ""
