"""Which encoding a text file is in: by its mark, its zero bytes, by being valid UTF-8, else by its Russian letters."""

import codecs
from typing import Final

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Letters by frequency in Russian and in Cyrillic Uzbek; in the wrong one-byte encoding they become rare signs.
_FREQUENT: Final = frozenset("оеаинтсрвлкмдпуОЕАИНТСРВЛКМДПУ")


def encoding_of(start: bytes, is_whole: bool) -> str | None:
    """Python's name of the encoding of a text that begins so; None for what is no text. `is_whole`: nothing follows."""
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    if (wide := _wide(start)) is not None:
        return wide
    if b"\x00" in start:
        return None
    if _is_utf8(start, is_whole):
        return "utf-8"
    return max(("cp1251", "cp866"), key=lambda name: _russian(start, name))


def _wide(start: bytes) -> str | None:
    """UTF-16 without its mark: digits, delimiters and line ends make every second byte zero."""
    even, odd = start[0::2], start[1::2]
    for zeros, name in ((odd, "utf-16-le"), (even, "utf-16-be")):
        if len(zeros) > 1 and zeros.count(0) > len(zeros) * 0.3:
            other = even if zeros is odd else odd
            return name if other.count(0) == 0 else None
    return None


def _is_utf8(start: bytes, is_whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start, final=is_whole)
    except UnicodeDecodeError:
        return False
    return True


def _russian(start: bytes, name: str) -> int:
    text = start.decode(name, errors="ignore")
    return sum(1 if letter in _FREQUENT else -1 for letter in text if not letter.isascii())
