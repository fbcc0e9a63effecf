"""An SMS centre: takes submit_sm over SMPP 3.4, counts them, delivers receipts and what people answer."""

import asyncio
import contextlib
import datetime as dt
import itertools
import json
import struct
import time
from collections import deque
from pathlib import Path

from simulator.channels import smpp_pdu as smpp
from simulator.channels.conduct import Conduct

# Of the demo; nothing real is behind it.
PASSWORD = "secret"  # noqa: S105


class SmsCentre:
    """The server. Everything it takes is in `taken` (message, its id), and as a line of JSON in `log` when one is
    given: what was counted outlives both ends. `per_second`: more submits than that are throttled;
    `answer_seconds`: how long every one is thought about."""

    def __init__(
        self, conduct: Conduct, system_id: str = "vitrina", password: str = PASSWORD, per_second: int = 0,
        log: Path | None = None, keep: bool = True, answer_seconds: float = 0.0,
    ) -> None:  # fmt: skip
        self._conduct, self._accounts = conduct, {system_id: password}
        self._per_second, self._log, self._keep = per_second, log, keep
        self.answer_seconds = answer_seconds
        # Ids do not begin anew after a restart.
        self._ids = itertools.count(int(time.time() * 1000) % 10**10 * 1000)
        self._recent: deque[float] = deque()
        self._sessions: list[_Session] = []
        self._undelivered: deque[smpp.ShortMessage] = deque()
        self._server: asyncio.Server | None = None
        self.taken: list[tuple[smpp.ShortMessage, str]] = []
        self.count = 0

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; the port."""
        self._server = await asyncio.start_server(self._serve, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening, and cut all sessions."""
        if self._server is not None:
            self._server.close()
        for session in list(self._sessions):
            session.cut()
        await asyncio.sleep(0)

    def write_back(self, source: str, destination: str, text: str) -> None:
        """A person sends a message to us."""
        body = text.encode("utf-16-be")
        self._deliver(smpp.ShortMessage(source, destination, body, data_coding=8, source_ton=1, source_npi=1))

    def take(self, message: smpp.ShortMessage) -> tuple[int, str]:
        """Status and id for a message that was submitted."""
        if self._is_too_fast():
            return smpp.RTHROTTLED, ""
        if not message.destination.isdigit():
            return smpp.RINVDSTADR, ""
        message_id = str(next(self._ids))
        self.count += 1
        if self._keep:
            self.taken.append((message, message_id))
        if self._log is not None:
            self._note(message, message_id)
        self._later(message, message_id)
        return smpp.ROK, message_id

    def _note(self, message: smpp.ShortMessage, message_id: str) -> None:
        reference = int.from_bytes(message.options.get(smpp.USER_MESSAGE_REFERENCE, b"\0\0"), "big")
        told = {"to": message.destination, "id": message_id, "reference": reference, "body": message.body.hex()}
        if self._log is not None:
            with self._log.open("a", encoding="utf-8") as handle:
                handle.write(json.dumps(told) + "\n")

    def _later(self, message: smpp.ShortMessage, message_id: str) -> None:
        """Receipt and answer in their time. Of linked parts only the first is answered."""
        text, loop = message.body.hex(), asyncio.get_running_loop()
        wait = self._conduct.seconds * self._conduct.chance("wait", message.destination, text)
        if message.registered_delivery & 0x03:
            loop.call_later(wait, self._deliver, self._receipt(message, message_id))
        answer = self._conduct.answers(message.destination, text)
        if answer is not None and not message.esm_class & 0x40:
            loop.call_later(wait * 1.5, self.write_back, message.destination, message.source, answer)

    def _receipt(self, message: smpp.ShortMessage, message_id: str) -> smpp.ShortMessage:
        is_there = self._conduct.fate(message.destination, message.body.hex()) == "delivered"
        word, state = ("DELIVRD", 2) if is_there else ("UNDELIV", 5)
        done = f"{dt.datetime.now(dt.UTC):%y%m%d%H%M}"
        counts = f"sub:001 dlvrd:00{int(is_there)}"
        text = f"id:{message_id} {counts} submit date:{done} done date:{done} stat:{word} err:000 Text:"
        options = {
            smpp.RECEIPTED_MESSAGE_ID: message_id.encode() + b"\0", smpp.MESSAGE_STATE: struct.pack(">B", state),
        }  # fmt: skip
        if (reference := message.options.get(smpp.USER_MESSAGE_REFERENCE)) is not None:
            options[smpp.USER_MESSAGE_REFERENCE] = reference
        return smpp.ShortMessage(
            message.destination, message.source, text.encode(), esm_class=0x04, source_ton=1, source_npi=1,
            options=options,
        )  # fmt: skip

    def _deliver(self, message: smpp.ShortMessage) -> None:
        self._undelivered.append(message)
        self._flush()

    def _flush(self) -> None:
        """Deliver what is waiting over any session that takes it; without one it waits."""
        for session in self._sessions:
            while self._undelivered and session.has_room:
                session.deliver(self._undelivered.popleft())

    def _is_too_fast(self) -> bool:
        if not self._per_second:
            return False
        now = time.monotonic()
        while self._recent and now - self._recent[0] > 1:
            self._recent.popleft()
        if len(self._recent) >= self._per_second:
            return True
        self._recent.append(now)
        return False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = _Session(self, writer, self._accounts)
        self._sessions.append(session)
        try:
            await session.run(reader)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._sessions.remove(session)
            # Receipts that nobody answered are delivered again, as centres do.
            self._undelivered.extendleft(reversed(session.unanswered()))
            writer.close()

    def answered(self) -> None:
        """There is room again."""
        self._flush()


class _Session:
    """One connection of a client."""

    window = 50

    def __init__(self, centre: SmsCentre, writer: asyncio.StreamWriter, accounts: dict[str, str]) -> None:
        self._centre, self._writer, self._accounts = centre, writer, accounts
        self._open: dict[int, smpp.ShortMessage] = {}
        self._sequence = itertools.count(1)
        self._is_bound = self._receives = False

    @property
    def has_room(self) -> bool:
        return self._receives and len(self._open) < self.window

    def deliver(self, message: smpp.ShortMessage) -> None:
        sequence = next(self._sequence)
        self._open[sequence] = message
        self._writer.write(smpp.Pdu(smpp.DELIVER_SM, smpp.ROK, sequence, message.encode()).encode())

    def unanswered(self) -> list[smpp.ShortMessage]:
        return list(self._open.values())

    def cut(self) -> None:
        self._writer.transport.abort()

    async def run(self, reader: asyncio.StreamReader) -> None:
        """Until the client unbinds or is gone."""
        while True:
            head = await reader.readexactly(smpp.HEADER.size)
            length, command, status, sequence = smpp.read_header(head)
            pdu = smpp.Pdu(command, status, sequence, await reader.readexactly(length - smpp.HEADER.size))
            if pdu.command & smpp.RESPONSE:
                self._open.pop(pdu.sequence, None)
                self._centre.answered()
                continue
            answer = self._answer(pdu).encode()
            if self._centre.answer_seconds:
                await asyncio.sleep(self._centre.answer_seconds)
            self._writer.write(answer)
            with contextlib.suppress(ConnectionError):
                await self._writer.drain()
            if pdu.command == smpp.UNBIND:
                return
            self._centre.answered()

    def _answer(self, pdu: smpp.Pdu) -> smpp.Pdu:
        try:
            if pdu.command in (smpp.BIND_TRANSCEIVER, smpp.BIND_TRANSMITTER, smpp.BIND_RECEIVER):
                return self._bind(pdu)
            if pdu.command == smpp.SUBMIT_SM and self._is_bound:
                status, message_id = self._centre.take(smpp.read_message(pdu.body))
                return pdu.response(status, message_id.encode() + b"\0" if status == smpp.ROK else b"")
            if pdu.command in (smpp.ENQUIRE_LINK, smpp.UNBIND):
                self._receives = self._receives and pdu.command != smpp.UNBIND
                return pdu.response()
        except smpp.BadPdu as error:
            return pdu.response(error.status)
        status = smpp.RINVBNDSTS if pdu.command == smpp.SUBMIT_SM else smpp.RINVCMDID
        return smpp.Pdu(smpp.GENERIC_NACK, status, pdu.sequence)

    def _bind(self, pdu: smpp.Pdu) -> smpp.Pdu:
        asked = smpp.read_bind(pdu.body)
        if self._is_bound:
            return pdu.response(smpp.RBINDFAIL)
        if self._accounts.get(asked.system_id) != asked.password:
            return pdu.response(smpp.RINVPASWD)
        self._is_bound, self._receives = True, pdu.command != smpp.BIND_TRANSMITTER
        return pdu.response(smpp.ROK, b"vitrina-sim\0")
