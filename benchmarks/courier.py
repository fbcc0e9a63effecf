"""How fast the outbox is sent, beside the bare client of the same protocol: `python -m benchmarks.courier`.

Both against the same peer in a process of its own; the sender claims, decides, renders, journals, writes down.
Processor time is this process's alone.
"""

import argparse
import asyncio
import multiprocessing
import smtplib
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.courier_victim import OpenDesk, address, channel_to, now, options_for
from crm.database import Database
from crm.delivery.sender import Sender
from crm.services.delivery import outbox
from crm.services.delivery.values import NewMessage, State
from crm.start import prepare
from simulator.channels.conduct import Conduct
from simulator.channels.mail import MailPeer
from simulator.channels.smsc import SmsCentre

SILENT = Conduct(delivered=1.0, answer=0.0, stop=0.0, seconds=10_000.0)


def peer(name: str, pipe: Connection) -> None:
    """Serve, say the port, count."""

    async def serve() -> None:
        server: Any = SmsCentre(SILENT, keep=False) if name == "sms" else MailPeer(SILENT)
        pipe.send(await server.start())
        await asyncio.sleep(3600)

    asyncio.run(serve())


def measured(work: Callable[[], int]) -> tuple[float, float, int]:
    """Seconds, seconds of this process's processor, and how many were sent."""
    began, used = time.perf_counter(), time.process_time()
    count = work()
    return time.perf_counter() - began, time.process_time() - used, count


def bare_sms(port: int, messages: int) -> int:
    """The client library alone, with the same window."""
    from smpplib.client import Client

    client = Client("127.0.0.1", port, timeout=10, allow_unknown_opt_params=True)
    client.connect()
    client.bind_transceiver(system_id="vitrina", password="secret")  # noqa: S106
    open_, answered = 0, 0

    def noted(pdu: Any) -> None:
        nonlocal open_, answered
        open_, answered = open_ - 1, answered + 1

    client.set_message_sent_handler(noted)
    for number in range(messages):
        client.send_message(
            source_addr_ton=5, source_addr_npi=0, source_addr="Vitrina", dest_addr_ton=1, dest_addr_npi=1,
            destination_addr=address("sms", number).lstrip("+"), short_message=f"Salom, N{number}!".encode(),
            data_coding=0, esm_class=0, registered_delivery=1,
        )  # fmt: skip
        open_ += 1
        while open_ >= 10:
            client.read_once()
    while open_:
        client.read_once()
    client.unbind()
    client.disconnect()
    return answered


def bare_email(port: int, messages: int) -> int:
    """smtplib alone, a message of the same parts."""
    with smtplib.SMTP("127.0.0.1", port) as server:
        for number in range(messages):
            made = EmailMessage()
            made["From"], made["To"], made["Subject"] = "a@crash.example", address("email", number), "Salom"
            made.set_content(f"Salom, N{number}!")
            made.add_alternative(f"<p>Salom, N{number}!</p>", subtype="html")
            server.send_message(made)
    return messages


def through_the_outbox(database: Database, name: str, port: int, folder: Path, batch: int, senders: int) -> int:
    """Some senders at once until the queue is empty; the courier has one for every channel."""

    def work(_number: int) -> int:
        channel = channel_to(name, port, folder)
        sender, count = Sender(database, channel, OpenDesk(), options_for(folder, batch), now), 0
        while states := sender.run_once().states:
            count += states.get(State.SENT, 0)
        sender.close()
        return count

    with ThreadPoolExecutor(senders) as pool:
        return sum(pool.map(work, range(senders)))


def _queue(path: Path, name: str, messages: int) -> Database:
    database = prepare(f"sqlite:///{path}", now())
    with database.begin() as session:
        made = (NewMessage(f"b:{each}:n:0:1", "b", "n", each, each, name, "hello") for each in range(messages))
        outbox.put(session, made, now())
    return database


def main() -> int:
    """Both channels, in turns."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sms", type=int, default=6000)
    parser.add_argument("--email", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--senders", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("var/bench-courier"))
    options = parser.parse_args()
    for name, messages, bare in (("sms", options.sms, bare_sms), ("email", options.email, bare_email)):
        folder = options.folder / f"{name}-{time.time_ns()}"
        folder.mkdir(parents=True)
        database = _queue(folder / "crm.sqlite", name, messages)
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        process = multiprocessing.get_context("spawn").Process(target=peer, args=(name, theirs), daemon=True)
        process.start()
        port = ours.recv()
        # One round each way, so that neither pays for what is loaded only once.
        bare(port, 50)
        through_the_outbox(
            _queue(folder / "first.sqlite", name, 50), name, port, folder, options.batch, options.senders
        )
        plain = measured(lambda bare=bare, port=port, messages=messages: bare(port, messages))  # type: ignore[misc]
        whole = measured(
            lambda database=database, name=name, port=port, folder=folder: through_the_outbox(  # type: ignore[misc]
                database, name, port, folder, options.batch, options.senders
            )
        )
        sys.stdout.write(
            f"{name}: bare {plain[2] / plain[0]:,.0f} a second ({plain[1]:.2f} s of processor), outbox "
            f"{whole[2] / whole[0]:,.0f} a second ({whole[1]:.2f} s): {whole[0] / plain[0]:.2f} times as long, "
            f"processor {whole[1] / plain[1]:.2f}\n"
        )
        process.terminate()
        database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
