"""Processes that send until they are killed.

People, texts and prices are made up; everything else is what runs in production.
"""

import datetime as dt
import os
import signal
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from sqlalchemy.orm import Session

from crm.database import open_database
from crm.delivery import courier
from crm.delivery.channels import Channel
from crm.delivery.desk import Go, Person, Ruling, Text
from crm.delivery.email_channel import EmailChannel
from crm.delivery.mailboxes import MaildirBox
from crm.delivery.preparing import Style
from crm.delivery.sender import Options
from crm.delivery.smpp_channel import SmppChannel
from crm.services.delivery.claiming import Pace
from crm.services.delivery.values import Charge, Contact, Waiting
from vitrina.channel_options import EmailOptions, SmppOptions

DOMAIN = "mail.crash.example"


class OpenDesk:
    """Everybody may get everything, for nothing."""

    def people(self, messages: Sequence[Waiting]) -> Mapping[int, Person]:
        """Addresses that tell whose they are."""
        return {
            each.message_id: Person(address(each.channel, each.customer_id), "uz", {"name": f"N{each.customer_id}"})
            for each in messages
        }

    def text(self, message: Waiting, language: str) -> Text | None:
        """A short one."""
        return Text("Salom, {{ name }}!", subject="Salom", language=language)

    def rulings(self, session: Session, messages: Sequence[Waiting], now: dt.datetime) -> "OpenDesk":
        """No policy."""
        return self

    def ruling(self, message: Waiting, past: Sequence[Contact]) -> Ruling:
        """Yes."""
        return Go()

    def memory(self) -> dt.timedelta:
        """A day."""
        return dt.timedelta(days=1)

    def price(self, channel: str, parts: int, now: dt.datetime) -> Decimal:
        """Nothing."""
        return Decimal(0)

    def hold(self, session: Session, charges: Sequence[Charge], now: dt.datetime) -> Collection[str]:
        """Nothing to hold."""
        return ()

    def book(self, session: Session, charges: Sequence[Charge], now: dt.datetime) -> None:
        """Nothing to book."""

    def give_back(self, session: Session, charges: Sequence[Charge], now: dt.datetime) -> None:
        """Nothing to give back."""


def address(channel: str, customer_id: int) -> str:
    """Whose address it is can be read from it."""
    return f"c{customer_id}@people.example" if channel == "email" else f"+99890{customer_id:07d}"


def channel_to(name: str, port: int, folder: Path) -> Channel:
    """A channel to a peer of this machine."""
    if name == "email":
        options = EmailOptions(host="127.0.0.1", port=port, security="plain", sender="a@crash.example", domain=DOMAIN)
        return EmailChannel(options, MaildirBox(folder / "mail", DOMAIN))
    account = {"system_id": "vitrina", "password": "secret", "window": 10, "retry_seconds": 0.2}
    return SmppChannel(SmppOptions(host="127.0.0.1", port=port, **account))  # type: ignore[arg-type]


def options_for(folder: Path, batch: int) -> Options:
    """A sender that nothing holds up."""
    pace = Pace(1e6, 10**6, dt.timedelta(seconds=30))
    return Options(folder / "journals", Style("https://x.uz/l", b"key"), pace, batch)


def now() -> dt.datetime:
    """The clock."""
    return dt.datetime.now(dt.UTC)


def main() -> None:
    """Fork a sender for every line that comes in (address of the database, folder, channel, port), and say its number:
    a kill lands in its work, not in its imports."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        url, folder, name, port = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            _send(url, Path(folder), name, int(port))
        print(child, flush=True)


def _send(url: str, folder: Path, name: str, port: int) -> None:
    database, channel = open_database(url), channel_to(name, port, folder)
    options = {name: options_for(folder, 40)}
    courier.run_forever(database, {name: channel}, OpenDesk(), options, now, threading.Event(), 0.02)


if __name__ == "__main__":
    main()
