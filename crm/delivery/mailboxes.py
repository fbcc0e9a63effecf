"""Where mail to our return paths is read: a Maildir that the mail system delivers into, or a folder on an IMAP server.
A mail is read (moved to `cur`, or flagged as seen) when what it says is written down."""

import datetime as dt
import imaplib
import ssl
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from crm.delivery.channels import ChannelDown, Received
from crm.delivery.mail_reading import read
from vitrina.channel_options import EmailOptions

_AT_ONCE = 500
_LONGEST = 5_000_000


class Mailbox(Protocol):
    """A place that mails come to."""

    def poll(self, now: dt.datetime) -> Sequence[Received]:
        """What unread mails say."""

    def settled(self, received: Sequence[Received]) -> None:
        """It is written down."""


def mailbox_of(options: EmailOptions) -> Mailbox | None:
    """The mailbox of the settings, if there is one."""
    if options.maildir is not None:
        return MaildirBox(options.maildir, options.domain)
    return ImapBox(options) if options.imap_host else None


class MaildirBox:
    """A Maildir (qmail's format): new mails are files in `new`, read ones in `cur`."""

    def __init__(self, folder: Path, domain: str) -> None:
        self._folder, self._domain = folder, domain
        self._open: dict[int, Path] = {}
        self._kept: list[Received] = []

    def poll(self, now: dt.datetime) -> Sequence[Received]:
        """The longest waiting ones first. What says nothing to us is put aside at once."""
        new = self._folder / "new"
        self._open, self._kept = {}, []
        for path in sorted(new.iterdir())[:_AT_ONCE] if new.is_dir() else []:
            item = read(path.read_bytes()[:_LONGEST], self._domain, now)
            if item is None:
                self._put_aside(path)
            else:
                self._open[id(item)] = path
                self._kept.append(item)
        return list(self._kept)

    def settled(self, received: Sequence[Received]) -> None:
        """Their mails are read."""
        for item in received:
            path = self._open.pop(id(item), None)
            if path is not None:
                self._put_aside(path)

    def _put_aside(self, path: Path) -> None:
        read_ones = self._folder / "cur"
        read_ones.mkdir(exist_ok=True)
        path.rename(read_ones / f"{path.name.split(':')[0]}:2,S")


class ImapBox:
    """A folder on an IMAP server (RFC 3501); connected anew at every look, since looks are rare."""

    def __init__(self, options: EmailOptions) -> None:
        self._options = options
        self._open: dict[int, bytes] = {}
        self._kept: list[Received] = []

    def poll(self, now: dt.datetime) -> Sequence[Received]:
        """Unseen mails. Raises `ChannelDown`."""
        self._open, self._kept = {}, []
        silent: list[bytes] = []
        try:
            with self._connected() as server:
                found = server.uid("search", "UNSEEN")[1][0] or b""
                for uid in found.split()[:_AT_ONCE]:
                    item = read(_body(server.uid("fetch", uid.decode(), "(BODY.PEEK[])")[1]), self._options.domain, now)
                    if item is None:
                        silent.append(uid)
                    else:
                        self._open[id(item)] = uid
                        self._kept.append(item)
                self._flag(server, silent)
        except (OSError, imaplib.IMAP4.error) as error:
            raise ChannelDown(f"the mailbox: {type(error).__name__}", self._options.retry_seconds) from error
        return list(self._kept)

    def settled(self, received: Sequence[Received]) -> None:
        """Their mails are seen. If the server is gone they are read again, and known by then."""
        uids = [uid for uid in (self._open.pop(id(item), None) for item in received) if uid is not None]
        if not uids:
            return
        try:
            with self._connected() as server:
                self._flag(server, uids)
        except (OSError, imaplib.IMAP4.error) as error:
            raise ChannelDown(f"the mailbox: {type(error).__name__}", self._options.retry_seconds) from error

    def _connected(self) -> imaplib.IMAP4:
        options = self._options
        if options.imap_security == "tls":
            server: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                options.imap_host, options.imap_port, ssl_context=ssl.create_default_context(),
                timeout=options.timeout_seconds,
            )  # fmt: skip
        else:
            server = imaplib.IMAP4(options.imap_host, options.imap_port, timeout=options.timeout_seconds)
        server.login(options.imap_user, options.imap_password.get_secret_value())
        server.select(options.imap_folder)
        return server

    @staticmethod
    def _flag(server: imaplib.IMAP4, uids: Iterable[bytes]) -> None:
        for uid in uids:
            server.uid("store", uid.decode(), "+FLAGS", "(\\Seen)")


def _body(answer: object) -> bytes:
    parts = answer if isinstance(answer, list) else []
    return next((part[1] for part in parts if isinstance(part, tuple)), b"")[:_LONGEST]
