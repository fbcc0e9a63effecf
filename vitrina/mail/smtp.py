"""Sending through the SMTP server of the settings (RFC 5321), one connection for many e-mails."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from vitrina.errors import UserError
from vitrina.signal_options import MailOptions

Send = Callable[[EmailMessage], None]


class MailRefused(UserError):
    """The server took no e-mail, and said why; it is safe to try again."""


class MailUncertain(UserError):
    """The connection broke when the e-mail was on its way: it may have been taken."""


@contextmanager
def connected(options: MailOptions) -> Iterator[Send]:
    """A function that sends one e-mail, over one connection that is opened at the first.

    It raises `MailRefused` when the server surely did not take it, and `MailUncertain` when nobody knows.
    """
    opened: list[smtplib.SMTP] = []

    def send(message: EmailMessage) -> None:
        if not opened:
            opened.append(_open(options))
        try:
            _send(opened[0], message)
        except UserError:
            _close(opened)
            raise

    try:
        yield send
    finally:
        _close(opened)


def _open(options: MailOptions) -> smtplib.SMTP:
    context = ssl.create_default_context()
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
    except (OSError, smtplib.SMTPException) as error:
        raise MailRefused(f"the mail server {options.host}:{options.port}: {_said(error)}") from error
    return server


def _send(server: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        server.send_message(message)
    except smtplib.SMTPServerDisconnected as error:
        raise MailUncertain(f"the mail server went away: {_said(error)}") from error
    except smtplib.SMTPException as error:
        raise MailRefused(f"the mail server refused: {_said(error)}") from error
    except OSError as error:
        raise MailUncertain(f"the connection broke: {_said(error)}") from error


def _close(opened: list[smtplib.SMTP]) -> None:
    while opened:
        try:
            opened.pop().quit()
        except (OSError, smtplib.SMTPException):
            continue


def _said(error: BaseException) -> str:
    """What a server answered, without addresses: they are people's."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} recipient" for code, _ in error.recipients.values())
    code = getattr(error, "smtp_code", None)
    return f"{code} {type(error).__name__}" if code is not None else f"{type(error).__name__}: {error}"
