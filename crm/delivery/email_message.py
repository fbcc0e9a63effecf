"""What an e-mail of a campaign looks like: its parts, its headers, and the addresses that lead back to its message."""

import datetime as dt
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape
from typing import Final

from crm.delivery.channels import Rendered

BOUNCE, REPLY, STOP = "bounce", "reply", "stop"
_BACK: Final = re.compile(r"\b(bounce|reply|stop)\+([A-Za-z0-9_-]{16,32})@([A-Za-z0-9.-]+)")


def way_back(kind: str, token: str, domain: str) -> str:
    """The address by which a bounce, a reply or an opt-out is known to be of this message (VERP)."""
    return f"{kind}+{token}@{domain}"


def led_back(text: str, domain: str) -> tuple[str, str] | None:
    """Kind and token of the first such address in a header's text."""
    for kind, token, found in _BACK.findall(text):
        if found.lower() == domain.lower():
            return kind, token
    return None


def message_id(token: str, domain: str) -> str:
    """The same at every hand-over of a message, so that servers and readers know a doubled one."""
    return f"<{token}@{domain}>"


def compose(message: Rendered, sender: str, domain: str, now: dt.datetime) -> EmailMessage:
    """The e-mail of a message. Raises `ValueError` for headers that cannot be written."""
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    made["To"] = Address(addr_spec=message.address)
    made["Subject"] = message.subject
    made["Date"] = format_datetime(now)
    made["Message-ID"] = message_id(message.token, domain)
    made["Reply-To"] = way_back(REPLY, message.token, domain)
    made["List-Unsubscribe"] = f"<{message.stop}>, <mailto:{way_back(STOP, message.token, domain)}>"
    # RFC 8058: a mail program's own button posts there, without a visit to the page.
    made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made["Precedence"] = "bulk"
    made["Content-Language"] = message.language or "ru"
    made.set_content(message.text, cte="base64" if _needs_base64(message.text) else "quoted-printable")
    made.add_alternative(_html(message), subtype="html", cte="base64")
    return made


def is_sender(text: str) -> bool:
    """Whether a text can stand as the sender."""
    return "@" in parseaddr(text)[1]


def _html(message: Rendered) -> str:
    opened = escape(f"{message.page}/o.gif", quote=True)
    language = escape(message.language or "ru", quote=True)
    head = f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"></head><body>\n'
    return f'{head}{message.html}<img src="{opened}" width="1" height="1" alt="">\n</body></html>\n'


def _needs_base64(text: str) -> bool:
    """Quoted-printable triples Cyrillic."""
    return sum(ord(sign) > 127 for sign in text) * 4 > len(text)
