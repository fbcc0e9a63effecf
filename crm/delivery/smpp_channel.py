"""SMS over SMPP 3.4 (python-smpplib): bound as a transceiver, so many submit_sm under way at once, receipts and answers
on the same connection.

Receipts are answered (deliver_sm_resp) when they are written down, not before. Our number's last 16 bits travel along
as `user_message_reference`: a receipt brings them back, also for a message whose hand-over broke off.
"""

import datetime as dt
import logging
import select
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from smpplib import consts, exceptions, smpp
from smpplib.client import Client

from crm.delivery.channels import Accepted, ChannelDown, Outcome, Received, Rejected, Rendered, Report, Touching
from crm.delivery.smpp_receipts import received
from crm.delivery.sms_text import encode, size
from crm.services.delivery.values import Medium, ReportState
from vitrina.channel_options import SmppOptions

log = logging.getLogger("vitrina.delivery")
_THROTTLED = frozenset({consts.SMPP_ESME_RTHROTTLED, consts.SMPP_ESME_RMSGQFUL})
_TEMPORARY = frozenset({consts.SMPP_ESME_RSYSERR, consts.SMPP_ESME_RSUBMITFAIL, consts.SMPP_ESME_RINVBNDSTS})
_WANTS_RECEIPT, _LINKED = 1, 0x40
_AT_ONCE = 1000


@dataclass
class _Under:
    """A message of which parts are under way: ids by part, and what was refused."""

    message_id: int
    open: int
    ids: dict[int, str] = field(default_factory=dict)
    refused: int = 0


class SmppChannel:
    """One session with an SMS centre, opened when it is needed."""

    name = Medium.SMS.value

    def __init__(self, options: SmppOptions) -> None:
        self._options = options
        self._client: Client | None = None
        self._waiting: dict[int, tuple[_Under, int]] = {}
        self._inbox: list[tuple[Received | None, int]] = []
        self._heard = 0.0
        self._asked = False

    def measure(self, message: Rendered) -> int:
        """Parts of the text. Raises `ValueError` for more than the settings allow."""
        parts = size(message.text).parts
        if parts > self._options.most_parts or not message.text:
            raise ValueError(f"{parts} parts")
        return parts

    def send(self, messages: Sequence[Rendered], touching: Touching) -> Iterator[Outcome]:
        """Submit messages, `window` parts at once; after a refusal for pace nothing more is begun."""
        self._waiting.clear()
        client = self._listened()
        throttled = False
        try:
            for message in messages:
                if throttled:
                    break
                touching(message.message_id)
                self._submit(client, message)
                while len(self._waiting) >= self._options.window:
                    for outcome in self._read(client):
                        throttled = throttled or (isinstance(outcome, Rejected) and outcome.is_throttled)
                        yield outcome
            while self._waiting:
                yield from self._read(client)
        except (exceptions.ConnectionError, exceptions.PDUError, OSError) as error:
            self.close()
            raise ChannelDown(f"SMPP: {_said(error)}", self._options.retry_seconds) from error

    def poll(self, now: dt.datetime) -> Sequence[Received]:
        """Receipts and answers that have come in."""
        client = self._bound()
        try:
            while len(self._inbox) < _AT_ONCE and self._is_readable(client, 0.0):
                for _ in self._read(client, now):
                    pass
            self._keep_alive(client)
        except (exceptions.ConnectionError, exceptions.PDUError, OSError) as error:
            self.close()
            raise ChannelDown(f"SMPP: {_said(error)}", self._options.retry_seconds) from error
        came = [item for item, _ in self._inbox if item is not None]
        if not came:
            self.settled(())
        return came

    def settled(self, received: Sequence[Received]) -> None:
        """Answer what was written down, in the order in which it came."""
        known = {id(each) for each in received}
        rest: list[tuple[Received | None, int]] = []
        for item, sequence in self._inbox:
            if item is not None and id(item) not in known:
                rest.append((item, sequence))
            elif sequence and self._client is not None:
                self._respond(self._client, sequence)
        self._inbox = rest

    def close(self) -> None:
        """Unbind. What was not answered, the centre delivers again."""
        client, self._client = self._client, None
        self._waiting.clear()
        self._inbox = []
        if client is None:
            return
        try:
            client.unbind()
        except (exceptions.ConnectionError, exceptions.PDUError, exceptions.UnknownCommandError, OSError):
            log.info("the SMS centre was gone before we took our leave")
        client.disconnect()

    def _bound(self) -> Client:
        if self._client is not None:
            return self._client
        options = self._options
        context = ssl.create_default_context() if options.tls else None
        client = Client(
            options.host, options.port, timeout=options.timeout_seconds, ssl_context=context,
            allow_unknown_opt_params=True, logger_name="vitrina.delivery.smpp",
        )  # fmt: skip
        try:
            client.connect()
            client._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.bind_transceiver(
                system_id=options.system_id, password=options.password.get_secret_value(),
                system_type=options.system_type, interface_version=0x34,
            )  # fmt: skip
        except (exceptions.ConnectionError, exceptions.PDUError, OSError) as error:
            client.disconnect()
            raise ChannelDown(f"SMPP: {_said(error)}", options.retry_seconds) from error
        self._client, self._heard, self._asked = client, time.monotonic(), False
        return client

    def _listened(self) -> Client:
        """The session, after all that the centre had to say: whether it has left shows there, before a message is
        touched that nobody would take."""
        client = self._bound()
        try:
            while self._is_readable(client, 0.0):
                for _ in self._read(client):
                    pass
        except (exceptions.ConnectionError, exceptions.PDUError, OSError):
            self.close()
            client = self._bound()
        return client

    def _submit(self, client: Client, message: Rendered) -> None:
        options, told = self._options, encode(message.text, message.message_id % 256)
        under = _Under(message.message_id, len(told.parts))
        for part, body in enumerate(told.parts, start=1):
            sent = client.send_message(
                source_addr_ton=options.source_ton, source_addr_npi=options.source_npi, source_addr=options.source,
                dest_addr_ton=1, dest_addr_npi=1, destination_addr=message.address.lstrip("+"), short_message=body,
                data_coding=told.data_coding, esm_class=_LINKED if told.is_linked else 0,
                registered_delivery=_WANTS_RECEIPT, user_message_reference=message.message_id % 65536,
            )  # fmt: skip
            self._waiting[sent.sequence] = (under, part)

    def _read(self, client: Client, now: dt.datetime | None = None) -> Iterator[Outcome]:
        """One PDU, and what it means for a message."""
        pdu = client.read_pdu()
        self._heard, self._asked = time.monotonic(), False
        if pdu.sequence in self._waiting and pdu.command in ("submit_sm_resp", "generic_nack"):
            under, part = self._waiting.pop(pdu.sequence)
            outcome = self._answered(under, part, pdu)
            if outcome is not None:
                yield outcome
        elif pdu.command == "deliver_sm":
            item = received(pdu, now or dt.datetime.now(dt.UTC))
            self._inbox.append((item, pdu.sequence))
        elif pdu.command == "enquire_link":
            self._reply(client, "enquire_link_resp", pdu.sequence)
        elif pdu.command == "unbind":
            self._reply(client, "unbind_resp", pdu.sequence)
            raise exceptions.ConnectionError("the centre took its leave")

    def _answered(self, under: _Under, part: int, pdu: Any) -> Outcome | None:
        under.open -= 1
        if pdu.status == consts.SMPP_ESME_ROK and pdu.command == "submit_sm_resp":
            under.ids[part] = _id(pdu.message_id, self._options.hex_ids)
        else:
            under.refused = pdu.status or consts.SMPP_ESME_RSYSERR
        if under.open:
            return None
        if not under.ids:
            return _rejected(under.message_id, under.refused)
        ids = tuple(under.ids[each] for each in sorted(under.ids))
        if under.refused:
            # Some parts are on their way: it is sent, and it has failed.
            key, now = f"{ids[0]}:parts:{under.message_id}", dt.datetime.now(dt.UTC)
            lost = Report(key, ReportState.FAILED, now, provider_id=ids[0], code=f"PART {under.refused:#x}")
            self._inbox.append((lost, 0))
        return Accepted(under.message_id, ids)

    def _keep_alive(self, client: Client) -> None:
        """Ask whether the centre is still there when it has been silent for long; give up when it does not answer."""
        silent = time.monotonic() - self._heard
        if self._asked and silent > self._options.enquire_seconds + self._options.timeout_seconds:
            raise exceptions.ConnectionError("no answer to enquire_link")
        if not self._asked and silent > self._options.enquire_seconds:
            client.send_pdu(smpp.make_pdu("enquire_link", client=client))
            self._asked = True

    def _respond(self, client: Client, sequence: int) -> None:
        try:
            self._reply(client, "deliver_sm_resp", sequence)
        except (exceptions.ConnectionError, exceptions.PDUError, OSError):
            # The centre delivers it again; it is known by then.
            log.info("a receipt could not be answered")

    @staticmethod
    def _reply(client: Client, command: str, sequence: int) -> None:
        pdu = smpp.make_pdu(command, client=client, status=consts.SMPP_ESME_ROK)
        pdu.sequence = sequence
        client.send_pdu(pdu)

    @staticmethod
    def _is_readable(client: Client, seconds: float) -> bool:
        return bool(select.select([client._socket], [], [], seconds)[0])


def _rejected(message_id: int, status: int) -> Rejected:
    text = consts.DESCRIPTIONS.get(status, "")
    code = f"SMPP {status:#010x}"
    if status in _THROTTLED:
        return Rejected(message_id, code, text, False, 1.0, is_throttled=True)
    return Rejected(message_id, code, text, status not in _TEMPORARY)


def _id(value: Any, is_hex: bool) -> str:
    """The centre's id as its receipts will say it: some give hexadecimal ids and report decimal ones."""
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    text = text.rstrip("\x00")
    return str(int(text, 16)) if is_hex else text


def _said(error: BaseException) -> str:
    return f"{type(error).__name__} {error}".strip()[:160]
