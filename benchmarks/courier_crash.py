"""kill -9 of senders at random moments, with an SMS centre and a mail server that count what came.

`python -m benchmarks.courier_crash --messages 3000 --kills 30 --folder var/courier-crash`

Held to: nothing is at a peer twice; what a peer has is sent, delivered, failed or uncertain here, never queued;
what a peer has not is waiting, or uncertain (touched when the sender died) and told as such; with the peers' reports
read, no message that a peer has stays uncertain for ever.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks.courier_victim import OpenDesk, address, channel_to, now, options_for
from crm.database import Database
from crm.delivery import courier
from crm.delivery.recovering import recover
from crm.models import OutboxMessage
from crm.services.delivery import outbox
from crm.services.delivery.values import GONE, NewMessage, State
from crm.start import prepare
from simulator.channels.conduct import Conduct
from simulator.channels.mail import MailPeer
from simulator.channels.smsc import SmsCentre

QUICK = Conduct(delivered=0.9, answer=0.0, stop=0.0, seconds=0.2)


@dataclass
class Found:
    """What came of it, by channel and state; `wrong` is what must not be."""

    kills: int = 0
    taken: int = 0
    states: dict[str, int] = field(default_factory=dict)
    lost_touch: int = 0
    settled_by_reports: int = 0
    wrong: list[str] = field(default_factory=list)


class Peers:
    """The two servers, in a loop of their own thread; they are never killed, and count."""

    def __init__(self, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.logs = {"sms": folder / "sms.jsonl", "email": folder / "email.jsonl"}
        self._centre = SmsCentre(QUICK, log=self.logs["sms"], keep=False, answer_seconds=0.003)
        self._mail = MailPeer(QUICK, folder / "mail", self.logs["email"], answer_seconds=0.01)
        self.ports = {"sms": self.run(self._centre.start()), "email": self.run(self._mail.start())}

    def run(self, coroutine: Any) -> Any:
        """In the peers' loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    def taken(self, name: str) -> Counter[str]:
        """How often each address got something."""
        log = self.logs[name]
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return Counter(str(json.loads(line)["to"]).lstrip("+") for line in lines)

    def stop(self) -> None:
        """Stop both."""
        self.run(self._centre.stop())
        self.run(self._mail.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)


class Senders:
    """The process that forks senders."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "benchmarks.courier_victim"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def start(self, url: str, folder: Path, name: str, port: int) -> int:
        """One more; its number."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the senders have no pipes")
        self._process.stdin.write(f"{url}\t{folder}\t{name}\t{port}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def stop(self) -> None:
        """No more of them."""
        self._process.kill()
        self._process.communicate()


def crash(senders: Senders, folder: Path, name: str, messages: int, kills: int, seed: int, workers: int = 2) -> Found:
    """Kill senders `kills` times while they send `messages` on a channel; then let one finish, and compare."""
    folder.mkdir(parents=True, exist_ok=True)
    url, chance, found = f"sqlite:///{folder / 'crm.sqlite'}", random.Random(seed), Found()  # noqa: S311
    database, peers = prepare(url, now()), Peers(folder)
    with database.begin() as session:
        outbox.put(session, (_message(name, number) for number in range(1, messages + 1)), now())
    place_to_send = (url, folder, name, peers.ports[name])
    try:
        running = [senders.start(*place_to_send) for _ in range(workers)]
        while found.kills < kills and _waiting(database):
            time.sleep(chance.uniform(0.0, 0.25))
            place = chance.randrange(workers)
            os.kill(running[place], signal.SIGKILL)
            found.kills += 1
            running[place] = senders.start(*place_to_send)
        for each in running:
            os.kill(each, signal.SIGKILL)
        _finish(database, folder, name, peers, found)
        _compare(database, peers.taken(name), name, found)
    finally:
        peers.stop()
        database.close()
    return found


def _finish(database: Database, folder: Path, name: str, peers: Peers, found: Found) -> None:
    """In this process: everything that can be sent is sent, and all reports are read."""
    channel, options = channel_to(name, peers.ports[name], folder), {name: options_for(folder, 200)}
    recover(database, OpenDesk(), folder / "journals", now(), 5)
    before, quiet = _uncertain(database), 0
    while quiet < 8:
        rounds = courier.run_once(database, {name: channel}, OpenDesk(), options, now)
        quiet = 0 if rounds[name].is_busy or _waiting(database) else quiet + 1
        time.sleep(0.05)
    channel.close()
    found.lost_touch = _uncertain(database)
    found.settled_by_reports = before - found.lost_touch


def _compare(database: Database, taken: Counter[str], name: str, found: Found) -> None:
    with database.read() as session:
        rows = {
            address(name, row.customer_id).lstrip("+"): row.state
            for row in session.execute(select(OutboxMessage.customer_id, OutboxMessage.state))
        }
    found.taken, found.states = sum(taken.values()), dict(Counter(rows.values()))
    found.wrong += [f"{who} got it {times} times" for who, times in taken.items() if times > 1]
    has_it = {*GONE, State.FAILED}
    found.wrong += [f"{who} has it, and here it is {rows[who]}" for who in taken if rows[who] not in has_it]
    found.wrong += [f"{who} has it, and it stayed uncertain" for who in taken if rows[who] == State.UNCERTAIN]
    has_not = [who for who in rows if who not in taken and rows[who] != State.UNCERTAIN]
    found.wrong += [f"{who} has it not, and here it is {rows[who]}" for who in has_not]


def _message(name: str, number: int) -> NewMessage:
    return NewMessage(f"crash:{number}:n1:0:1", "crash", "n1", number, number, name, "hello")


def _waiting(database: Database) -> int:
    open_states = (State.QUEUED, State.DEFERRED, State.CLAIMED, State.HANDING)
    with database.read() as session:
        query = select(func.count()).where(OutboxMessage.state.in_(open_states))
        return int(session.scalar(query) or 0)


def _uncertain(database: Database) -> int:
    with database.read() as session:
        query = select(func.count()).where(OutboxMessage.state == State.UNCERTAIN)
        return int(session.scalar(query) or 0)


def main() -> int:
    """Both channels; 1 when anything is wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--folder", type=Path, default=Path("var/courier-crash"))
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    bad, senders = 0, Senders()
    for name in ("sms", "email"):
        found = crash(senders, options.folder / name, name, options.messages, options.kills, options.seed)
        sys.stdout.write(
            f"{name}: {found.kills} kills, {options.messages} messages, {found.taken} at the peer, none of them twice: "
            f"{not any('times' in each for each in found.wrong)}; {found.settled_by_reports} settled by reports, "
            f"{found.lost_touch} uncertain and not at the peer; {found.states}; wrong: {found.wrong[:10]}\n"
        )
        bad += len(found.wrong)
    senders.stop()
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
