"""PDUs of SMPP 3.4 as an SMS centre reads and writes them (Short Message Peer to Peer Protocol Specification v3.4,
issue 1.2, chapters 4 and 5). Written from the specification: shares nothing with the client library of the product."""

import struct
from dataclasses import dataclass, field
from typing import Final

BIND_RECEIVER, BIND_TRANSMITTER, SUBMIT_SM, DELIVER_SM = 0x01, 0x02, 0x04, 0x05
UNBIND, BIND_TRANSCEIVER, ENQUIRE_LINK, GENERIC_NACK = 0x06, 0x09, 0x15, 0x80000000
RESPONSE: Final = 0x80000000
ROK, RINVCMDLEN, RINVCMDID, RINVBNDSTS, RSYSERR, RINVDSTADR = 0x00, 0x02, 0x03, 0x04, 0x08, 0x0B
RBINDFAIL, RINVPASWD, RMSGQFUL, RTHROTTLED = 0x0D, 0x0E, 0x14, 0x58
USER_MESSAGE_REFERENCE, MESSAGE_PAYLOAD, MESSAGE_STATE, RECEIPTED_MESSAGE_ID = 0x0204, 0x0424, 0x0427, 0x001E
HEADER: Final = struct.Struct(">LLLL")
LONGEST: Final = 70_000


class BadPdu(ValueError):
    """Bytes that are no PDU, with the status that the specification gives to it."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"status {status:#x}")


@dataclass(frozen=True)
class Pdu:
    """One PDU: command, status, sequence number, body."""

    command: int
    status: int
    sequence: int
    body: bytes = b""

    def encode(self) -> bytes:
        """With its header."""
        return HEADER.pack(HEADER.size + len(self.body), self.command, self.status, self.sequence) + self.body

    def response(self, status: int = ROK, body: bytes = b"") -> "Pdu":
        """The answer to it."""
        return Pdu(self.command | RESPONSE, status, self.sequence, body)


@dataclass(frozen=True)
class Bind:
    """Who wants a session (4.1)."""

    system_id: str
    password: str


@dataclass(frozen=True)
class ShortMessage:
    """The fields of submit_sm and deliver_sm (4.4, 4.6) that carry meaning here; optional parameters by tag."""

    source: str
    destination: str
    body: bytes
    esm_class: int = 0
    registered_delivery: int = 0
    data_coding: int = 0
    source_ton: int = 0
    source_npi: int = 0
    destination_ton: int = 0
    destination_npi: int = 0
    options: dict[int, bytes] = field(default_factory=dict)

    def encode(self) -> bytes:
        """The body of a deliver_sm."""
        head = b"\x00" + bytes((self.source_ton, self.source_npi)) + _c_string(self.source)
        head += bytes((self.destination_ton, self.destination_npi)) + _c_string(self.destination)
        head += bytes((self.esm_class, 0, 0)) + b"\x00\x00" + bytes((self.registered_delivery, 0, self.data_coding, 0))
        options = b"".join(struct.pack(">HH", tag, len(value)) + value for tag, value in self.options.items())
        return head + bytes((len(self.body),)) + self.body + options


class _Reader:
    """Fields one after another; every shortage is RINVCMDLEN."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def integer(self, octets: int = 1) -> int:
        return int.from_bytes(self.octets(octets), "big")

    def octets(self, count: int) -> bytes:
        if self._at + count > len(self._data):
            raise BadPdu(RINVCMDLEN)
        found = self._data[self._at : self._at + count]
        self._at += count
        return found

    def c_string(self, longest: int) -> str:
        end = self._data.find(b"\x00", self._at, self._at + longest)
        if end < 0:
            raise BadPdu(RINVCMDLEN)
        found = self._data[self._at : end]
        self._at = end + 1
        return found.decode("ascii", "replace")

    def is_at_end(self) -> bool:
        return self._at >= len(self._data)


def read_bind(body: bytes) -> Bind:
    """The body of a bind."""
    reader = _Reader(body)
    return Bind(reader.c_string(16), reader.c_string(9))


def read_message(body: bytes) -> ShortMessage:
    """The body of a submit_sm."""
    reader = _Reader(body)
    reader.c_string(6)
    source_ton, source_npi, source = reader.integer(), reader.integer(), reader.c_string(21)
    destination_ton, destination_npi, destination = reader.integer(), reader.integer(), reader.c_string(21)
    esm_class = reader.integer()
    reader.octets(2)
    reader.c_string(17)
    reader.c_string(17)
    registered = reader.integer()
    reader.octets(1)
    data_coding = reader.integer()
    reader.octets(1)
    text = reader.octets(reader.integer())
    options: dict[int, bytes] = {}
    while not reader.is_at_end():
        tag = reader.integer(2)
        options[tag] = reader.octets(reader.integer(2))
    return ShortMessage(
        source, destination, text or options.get(MESSAGE_PAYLOAD, b""), esm_class, registered, data_coding, source_ton,
        source_npi, destination_ton, destination_npi, options,
    )  # fmt: skip


def read_header(data: bytes) -> tuple[int, int, int, int]:
    """Length, command, status, sequence of a PDU. Raises `BadPdu`."""
    length, command, status, sequence = HEADER.unpack(data)
    if not HEADER.size <= length <= LONGEST:
        raise BadPdu(RINVCMDLEN)
    return length, command, status, sequence


def _c_string(text: str) -> bytes:
    return text.encode("ascii", "replace") + b"\x00"
