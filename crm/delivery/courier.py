"""The courier: a sender for every channel, and what dead senders left."""

import datetime as dt
import logging
import threading
from collections.abc import Mapping

from crm.database import Database
from crm.delivery.channels import Channel
from crm.delivery.desk import Desk
from crm.delivery.recovering import recover
from crm.delivery.sender import Clock, Options, Round, Sender

log = logging.getLogger("vitrina.delivery")
_RECOVER_EVERY = dt.timedelta(minutes=1)


def run_once(
    database: Database, channels: Mapping[str, Channel], desk: Desk, options: Mapping[str, Options], clock: Clock
) -> dict[str, Round]:
    """Settle what dead senders left, then one batch on every channel; what each did. The channels stay open."""
    for each in options.values():
        recover(database, desk, each.journals, clock(), each.tries)
    done = {}
    for name, channel in channels.items():
        sender = Sender(database, channel, desk, options[name], clock)
        try:
            done[name] = sender.run_once()
        except BaseException:
            sender.abandon()
            raise
        sender.close_journal()
    return done


def run_forever(
    database: Database, channels: Mapping[str, Channel], desk: Desk, options: Mapping[str, Options], clock: Clock,
    stop: threading.Event, idle_seconds: float = 0.5,
) -> None:  # fmt: skip
    """A thread for every channel, so that a slow one holds nobody up, until `stop`; all end between two batches."""

    def thread(name: str, channel: Channel) -> threading.Thread:
        arguments = (database, channel, desk, options[name], clock, stop, idle_seconds)
        return threading.Thread(target=_serve, name=f"courier-{name}", args=arguments)

    threads = [thread(name, channel) for name, channel in channels.items()]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def _serve(
    database: Database, channel: Channel, desk: Desk, options: Options, clock: Clock, stop: threading.Event,
    idle_seconds: float,
) -> None:  # fmt: skip
    sender = Sender(database, channel, desk, options, clock)
    recovered = None
    while not stop.is_set():
        now = clock()
        try:
            if recovered is None or now - recovered >= _RECOVER_EVERY:
                recovered = now
                recover(database, desk, options.journals, now, options.tries)
            if not sender.run_once().is_busy:
                stop.wait(idle_seconds)
        except Exception:
            # What was in hand is settled from the journal of this sender, so it gives its name up.
            log.exception("a sender failed, another takes its place", extra={"channel": channel.name})
            sender.abandon()
            sender = Sender(database, channel, desk, options, clock)
            recovered = None
            stop.wait(idle_seconds)
    sender.close()
