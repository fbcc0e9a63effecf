"""Channels and how their senders work, out of the settings; a channel that is not set up is not there."""

import datetime as dt
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from crm.delivery.channels import Channel
from crm.delivery.dialler_channel import DiallerChannel
from crm.delivery.email_channel import EmailChannel
from crm.delivery.mailboxes import mailbox_of
from crm.delivery.preparing import Style
from crm.delivery.push_channel import PushChannel
from crm.delivery.sender import Options
from crm.delivery.smpp_channel import SmppChannel
from crm.delivery.telegram_channel import TelegramChannel
from crm.services.delivery.claiming import Pace
from crm.services.delivery.values import Medium
from vitrina.channel_options import ChannelOptions, PaceOptions
from vitrina.errors import UserError
from vitrina.settings import Settings

# Where personal pages are, below the public address.
PAGES = "/l"


def open_channels(options: ChannelOptions) -> dict[str, Channel]:
    """Every channel that is set up. Nothing is connected yet."""
    found: dict[str, Channel] = {}
    if options.sms.host:
        found[Medium.SMS] = SmppChannel(options.sms)
    if options.email.host and options.email.sender and options.email.domain:
        found[Medium.EMAIL] = EmailChannel(options.email, mailbox_of(options.email))
    if options.telegram.token.get_secret_value():
        found[Medium.TELEGRAM] = TelegramChannel(options.telegram)
    if options.push.project:
        found[Medium.PUSH] = PushChannel(options.push)
    if options.dialler.outgoing is not None:
        found[Medium.CALL] = DiallerChannel(options.dialler)
    return found


def sender_options(settings: Settings) -> Mapping[str, Options]:
    """How the sender of every channel works. Raises `UserError` when customers could not reach their pages."""
    options = settings.channels
    public = (options.public_url or settings.web.public_url).rstrip("/")
    if not public:
        raise UserError("set VITRINA_CHANNELS__PUBLIC_URL: messages lead to personal pages there")
    style = Style(f"{public}{PAGES}", address_key(settings), options.plain_marks)
    paces = {
        Medium.SMS: options.sms.pace, Medium.EMAIL: options.email.pace, Medium.TELEGRAM: options.telegram.pace,
        Medium.PUSH: options.push.pace, Medium.CALL: options.dialler.pace,
    }  # fmt: skip
    return {medium.value: _options(settings.journals_dir, style, pace) for medium, pace in paces.items()}


def address_key(settings: Settings) -> bytes:
    """What digests of addresses are keyed with: the setting's, or a key made once and kept beside the database."""
    if given := settings.channels.address_key.get_secret_value():
        return given.encode()
    path = settings.state_dir / "address.key"
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as made:
        made.write(secrets.token_bytes(32))
    try:
        # Never over a key that is there: two processes that start at once must have the same.
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_bytes()


def _options(journals: Path, style: Style, pace: PaceOptions) -> Options:
    lease = dt.timedelta(seconds=pace.lease_seconds)
    return Options(journals, style, Pace(pace.per_second, pace.burst, lease), pace.batch, pace.tries)
