"""A look into a landed file around one line, as the source sent it."""

import gzip
import re
from itertools import islice
from pathlib import Path

_SECRET = re.compile(r"(?<!\d)(\d{3})\d{9}(\d{2})(?!\d)|\b([A-Z]{2})\d{5}(\d{2})\b")
_ENCODINGS = ("utf-8", "cp1251")
MAX_LINE = 2000


def neighbours(path: Path, line: int, around: int = 2) -> list[tuple[int, str]]:
    """Lines `line - around` … `line + around` of a text file (gzip or plain), numbered from one.

    Empty when the file is gone or is not text. Personal numbers are hidden in part.
    """
    first = max(1, line - around)
    try:
        with _open(path) as source:
            raw = list(islice(source, first - 1, line + around))
    except (OSError, EOFError):
        return []
    return [(number, hidden(_text(content))) for number, content in enumerate(raw, first) if b"\0" not in content]


def hidden(text: str | None) -> str:
    """Text with PINFL and passport numbers shown in part."""
    return _SECRET.sub(lambda found: f"{found[1] or found[3]}•••••{found[2] or found[4]}", text or "")


def _open(path: Path) -> gzip.GzipFile:
    with path.open("rb") as start:
        packed = start.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def _text(content: bytes) -> str:
    content = content.rstrip(b"\r\n")[:MAX_LINE]
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("cp1251", errors="replace")
