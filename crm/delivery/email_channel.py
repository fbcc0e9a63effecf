"""E-mail over SMTP (RFC 5321), one connection for many messages; bounces and answers out of a mailbox.

A message is the server's with the answer to its last dot: until the dot is sent it is surely ours. Where the server
can (RFC 3461), it is asked to tell of deliveries too.
"""

import datetime as dt
import smtplib
import ssl
from collections.abc import Iterator, Sequence

from crm.delivery.channels import Accepted, ChannelDown, Outcome, Received, Rejected, Rendered, Touching
from crm.delivery.email_message import BOUNCE, compose, message_id, way_back
from crm.delivery.mailboxes import Mailbox
from crm.services.delivery.values import Medium
from vitrina.channel_options import EmailOptions

_LEAVING, _LATER_SECONDS = 421, 300.0
_LONGEST = 1_000_000


class EmailChannel:
    """One connection to the mail server, opened when it is needed, and one mailbox."""

    name = Medium.EMAIL.value

    def __init__(self, options: EmailOptions, mailbox: Mailbox | None) -> None:
        self._options, self._mailbox = options, mailbox
        self._server: smtplib.SMTP | None = None

    def measure(self, message: Rendered) -> int:
        """One. Raises `ValueError` for what is no e-mail."""
        if not message.subject or not message.text or len(message.text) + len(message.html) > _LONGEST:
            raise ValueError("an e-mail needs a subject and a text of a sensible length")
        return 1

    def send(self, messages: Sequence[Rendered], touching: Touching) -> Iterator[Outcome]:
        """One after another."""
        server = self._connected()
        try:
            for message in messages:
                yield self._sent(server, message, touching)
                if self._server is None:
                    raise ChannelDown("the mail server is leaving", self._options.retry_seconds)
        except smtplib.SMTPServerDisconnected as error:
            self.close()
            raise ChannelDown(f"the mail server went away: {error}", self._options.retry_seconds) from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise ChannelDown(f"the mail server: {_said(error)}", self._options.retry_seconds) from error

    def poll(self, now: dt.datetime) -> Sequence[Received]:
        """Bounces, receipts, answers and opt-outs in the mailbox."""
        return self._mailbox.poll(now) if self._mailbox is not None else ()

    def settled(self, received: Sequence[Received]) -> None:
        """These are written down: their mails are read."""
        if self._mailbox is not None:
            self._mailbox.settled(received)

    def close(self) -> None:
        """Leave the server."""
        server, self._server = self._server, None
        if server is not None:
            try:
                server.quit()
            except (OSError, smtplib.SMTPException):
                server.close()

    def _sent(self, server: smtplib.SMTP, message: Rendered, touching: Touching) -> Outcome:
        options, now = self._options, dt.datetime.now(dt.UTC)
        try:
            body = compose(message, options.sender, options.domain, now).as_bytes()
        except ValueError as error:
            return Rejected(message.message_id, "header", type(error).__name__, True)
        returns = way_back(BOUNCE, message.token, options.domain)
        told = server.has_extn("dsn")
        steps = (
            lambda: server.mail(returns, ["RET=HDRS", f"ENVID={message.token}"] if told else []),
            lambda: server.rcpt(message.address, ["NOTIFY=SUCCESS,FAILURE"] if told else []),
        )
        for step in steps:
            code, text = step()
            if code not in (250, 251):
                return self._refused(server, message, code, text)
        # Nothing is delivered before the last dot.
        touching(message.message_id)
        try:
            code, text = server.data(body)
        except smtplib.SMTPDataError as error:
            return self._refused(server, message, error.smtp_code, error.smtp_error)
        if code != 250:
            return self._refused(server, message, code, text)
        return Accepted(message.message_id, (message_id(message.token, options.domain).strip("<>"),))

    def _refused(self, server: smtplib.SMTP, message: Rendered, code: int, text: bytes | str) -> Rejected:
        said = text.decode(errors="replace") if isinstance(text, bytes) else text
        # Answers of servers repeat the address, which is the customer's.
        shown = said.replace(message.address, "…")[:200]
        if code != _LEAVING:
            server.rset()
        else:
            self.close()
        seconds = None if code >= 500 else _LATER_SECONDS
        return Rejected(message.message_id, f"SMTP {code}", shown, code >= 500, seconds)

    def _connected(self) -> smtplib.SMTP:
        if self._server is not None and self._is_there(self._server):
            return self._server
        options, context = self._options, ssl.create_default_context()
        try:
            if options.security == "tls":
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    options.host, options.port, timeout=options.timeout_seconds, context=context
                )
            else:
                server = smtplib.SMTP(options.host, options.port, timeout=options.timeout_seconds)
            if options.security == "starttls":
                server.starttls(context=context)
            if options.user:
                server.login(options.user, options.password.get_secret_value())
            server.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as error:
            raise ChannelDown(f"the mail server: {_said(error)}", options.retry_seconds) from error
        self._server = server
        return server

    def _is_there(self, server: smtplib.SMTP) -> bool:
        """Servers close what is idle: better found out now than with a message on the way."""
        try:
            return server.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            self._server = None
            return False


def _said(error: BaseException) -> str:
    """What went wrong, without addresses: they are people's."""
    code = getattr(error, "smtp_code", None)
    return f"{code} {type(error).__name__}" if code is not None else f"{type(error).__name__}"
