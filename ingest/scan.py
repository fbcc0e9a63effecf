"""One pass over a delivery while it is copied: is it whole, which encoding does it hold, how many lines has it.

The line count is made apart from the reader that later parses the file, so that "received = accepted + quarantined"
is a comparison of two counts and not a tautology.
"""

import codecs
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

_BLOCK = 1 << 20
_GZIP = b"\x1f\x8b"


@dataclass
class Facts:
    """What was seen in the bytes. `broken` says why the file cannot be read, None when it can."""

    compressed: bool = False
    broken: str | None = None
    bytes_plain: int = 0
    lines: int = 0
    blank_lines: int = 0
    ascii_only: bool = True
    valid_utf8: bool = True
    quoted: bool = False
    """A quotation mark is present, so a row may run over several lines."""
    pointed: bool = False
    """A point is present: a number with decimal places may stand where a whole one is agreed."""
    c1_bytes: bool = False
    """Bytes 0x80-0x9F are present: windows-1251 text that DuckDB's latin-1 reader refuses."""

    def as_dict(self) -> dict[str, object]:
        """Plain values for the ledger."""
        return asdict(self)


class Scanner:
    """Fed with a delivery's bytes block by block; `finish` gives the facts and the SHA-256 of the bytes as sent."""

    def __init__(self) -> None:
        self.facts = Facts()
        self.size = 0
        self._sha = hashlib.sha256()
        self._inflate: zlib._Decompress | None = None
        self._started = False
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._tail = b"\n"

    def feed(self, block: bytes) -> None:
        """Take the next block as sent."""
        self._sha.update(block)
        self.size += len(block)
        if not self._started and block:
            self._started = True
            if block.startswith(_GZIP):
                self.facts.compressed, self._inflate = True, zlib.decompressobj(wbits=31)
        for plain in self._plain(block):
            self._look(plain)

    def finish(self) -> tuple[Facts, str]:
        """Facts and digest, once all blocks were fed."""
        facts = self.facts
        if self._inflate is not None and not self._inflate.eof and facts.broken is None:
            facts.broken = "truncated_gzip"
        if facts.bytes_plain and self._tail[-1:] != b"\n":
            facts.lines += 1
        if facts.valid_utf8:
            facts.valid_utf8 = self._decodes(b"", final=True)
        return facts, self._sha.hexdigest()

    def _plain(self, block: bytes) -> Iterator[bytes]:
        if self._inflate is None:
            yield block
            return
        while block and self.facts.broken is None:
            if self._inflate.eof:  # gzip files may be several streams one after the other
                self._inflate = zlib.decompressobj(wbits=31)
            try:
                yield self._inflate.decompress(block)
            except zlib.error:
                self.facts.broken = "corrupt_gzip"
                return
            block = self._inflate.unused_data

    def _look(self, plain: bytes) -> None:
        if not plain:
            return
        facts = self.facts
        facts.bytes_plain += len(plain)
        facts.lines += plain.count(b"\n")
        facts.blank_lines += _blank_lines(self._tail + plain) - _blank_lines(self._tail)
        facts.quoted = facts.quoted or b'"' in plain
        facts.pointed = facts.pointed or b"." in plain
        self._tail = (self._tail + plain)[-2:]
        if not plain.isascii():
            facts.ascii_only = False
            high = np.frombuffer(plain, np.uint8)
            facts.c1_bytes = facts.c1_bytes or bool(((high & 0xE0) == 0x80).any())
        if not facts.ascii_only and facts.valid_utf8:
            facts.valid_utf8 = self._decodes(plain)

    def _decodes(self, plain: bytes, final: bool = False) -> bool:
        try:
            self._utf8.decode(plain, final)
        except UnicodeDecodeError:
            return False
        return True


def _blank_lines(text: bytes) -> int:
    count = text.count(b"\n\r\n") if b"\r" in text else 0
    position = text.find(b"\n\n")
    while position >= 0:
        count += 1
        position = text.find(b"\n\n", position + 1)
    return count


def scan(path: Path) -> tuple[Facts, str]:
    """Facts and SHA-256 of a file."""
    scanner = Scanner()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            scanner.feed(block)
    return scanner.finish()


def copy_and_scan(source: BinaryIO, target: BinaryIO) -> tuple[Facts, str, int]:
    """Copy a stream and look at it on the way: facts, SHA-256, size in bytes."""
    scanner = Scanner()
    while block := source.read(_BLOCK):
        target.write(block)
        scanner.feed(block)
    facts, digest = scanner.finish()
    return facts, digest, scanner.size


def open_plain(path: Path) -> BinaryIO:
    """The file's bytes, decompressed when they start as gzip does."""
    with path.open("rb") as stream:
        compressed = stream.read(2) == _GZIP
    return gzip.open(path, "rb") if compressed else path.open("rb")  # type: ignore[return-value]


def known_rows(entity: Any, facts: dict[str, Any]) -> int | None:
    """Rows of a delivery where its bytes already tell: stated by the connector, or one a line. None otherwise."""
    if "rows" in facts:
        return int(facts["rows"])
    if entity.kind != "files":
        return None
    header = 1 if entity.header and entity.format != "jsonl" else 0
    return max(0, facts["lines"] - facts["blank_lines"] - header)
