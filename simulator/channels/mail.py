"""A mail server (aiosmtpd): takes messages, counts them, and lets the people behind it answer: delivery statuses
(RFC 3464), replies and opt-outs appear in the Maildir that the operator's own mail would be delivered into."""

import asyncio
import email
import json
import mailbox
import time
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from simulator.channels.conduct import Conduct

NOWHERE = "nowhere.invalid"


class DsnServer(SMTP):
    """With the parameters of RFC 3461, which aiosmtpd does not know."""

    async def ehlo_hook(self) -> None:
        """Say so."""
        await self.push("250-DSN")

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        """Keeps ENVID, hands the rest on."""
        self.session.envid = next((p[6:] for p in (arg or "").split() if p.upper().startswith("ENVID=")), "")  # type: ignore[union-attr]
        await super().smtp_MAIL(_without(arg, ("RET=", "ENVID=")))

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        """Every delivery is told of anyway."""
        await super().smtp_RCPT(_without(arg, ("NOTIFY=", "ORCPT=")))


class MailPeer:
    """The server and the people. `maildir`: where what comes back is delivered. `count`: messages taken, also as lines
    of JSON in `log`. `answer_seconds`: how long every one is thought about."""

    def __init__(
        self, conduct: Conduct, maildir: Path | None = None, log: Path | None = None, answer_seconds: float = 0.0
    ) -> None:
        self._conduct, self._log, self._answer_seconds = conduct, log, answer_seconds
        self._maildir = mailbox.Maildir(maildir, create=True) if maildir is not None else None
        self._server: asyncio.Server | None = None
        self.taken: list[tuple[str, str, bytes]] = []
        self.count = 0

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: DsnServer(self, hostname="peer.invalid"), host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Some domains do not exist."""
        if address.endswith(f"@{NOWHERE}"):
            return "550 5.1.2 no such domain"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Taken; what comes of it comes later."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        returns, to = str(envelope.mail_from), str(envelope.rcpt_tos[0])
        self.count += 1
        self.taken.append((returns, to, content))
        if self._log is not None:
            with self._log.open("a", encoding="utf-8") as handle:
                handle.write(json.dumps({"to": to, "returns": returns}) + "\n")
        if self._maildir is not None:
            wait = self._conduct.seconds * self._conduct.chance("wait", to)
            loop = asyncio.get_running_loop()
            loop.call_later(wait, self._come_back, returns, to, content, getattr(session, "envid", ""))
        await asyncio.sleep(self._answer_seconds)
        return "250 OK"

    def _come_back(self, returns: str, to: str, content: bytes, envid: str) -> None:
        is_there = self._conduct.fate(to, "") == "delivered"
        self.deliver(delivery_status(returns, to, content, envid, "delivered" if is_there else "failed"))
        answer = self._conduct.answers(to, "") if is_there else None
        if answer is not None:
            self.deliver(reply(to, content, answer))

    def deliver(self, mail: Any) -> None:
        """Into the Maildir."""
        if self._maildir is not None:
            self._maildir.add(mail.as_bytes())


def delivery_status(returns: str, to: str, content: bytes, envid: str, action: str) -> MIMEMultipart:
    """What a mail system says of a message (RFC 3464)."""
    status = "2.0.0" if action in ("delivered", "relayed") else "5.1.1" if action == "failed" else "4.2.0"
    made = MIMEMultipart("report", **{"report-type": "delivery-status"})
    made["From"], made["To"] = "MAILER-DAEMON@peer.invalid", returns
    made["Subject"], made["Auto-Submitted"] = "Delivery status", "auto-replied"
    made["Message-ID"] = f"<{time.time_ns()}.{action}@peer.invalid>"
    made.attach(MIMEText(f"Your message: {action}."))
    told = MIMEBase("message", "delivery-status")
    of_message, of_recipient = email.message.Message(), email.message.Message()
    of_message["Reporting-MTA"] = "dns; peer.invalid"
    if envid:
        of_message["Original-Envelope-Id"] = envid
    of_recipient["Final-Recipient"], of_recipient["Action"], of_recipient["Status"] = f"rfc822; {to}", action, status
    told.attach(of_message)
    told.attach(of_recipient)
    made.attach(told)
    made.attach(MIMEMessage(email.message_from_bytes(content.split(b"\r\n\r\n")[0] + b"\r\n\r\n"), "rfc822"))
    return made


def reply(sender: str, content: bytes, text: str) -> EmailMessage:
    """A person answers, and his program quotes what he was sent."""
    received = email.message_from_bytes(content, policy=default)
    made = EmailMessage()
    made["From"], made["To"] = sender, str(received["Reply-To"])
    made["Subject"], made["In-Reply-To"] = f"Re: {received['Subject']}", str(received["Message-ID"])
    made["Message-ID"] = f"<{time.time_ns()}.reply@peer.invalid>"
    made.set_content(f"{text}\n\n> We have an offer for you\n")
    return made


def _without(arg: str | None, names: tuple[str, ...]) -> str | None:
    return None if arg is None else " ".join(part for part in arg.split() if not part.upper().startswith(names))
