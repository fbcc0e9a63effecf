"""Texts of SMS: which alphabet they take, how long they are in it, and how they are cut into parts.

GSM 03.38 (3GPP TS 23.038, 6.2.1) with its extension table, else UCS-2; parts are linked by a user data header with an
8-bit reference (3GPP TS 23.040, 9.2.3.24.1): 153 septets or 67 units instead of 160 or 70.
"""

from dataclasses import dataclass

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
SEPTETS = {sign: code for code, sign in enumerate(_BASIC) if code != _ESCAPE}
EXTENDED = {
    "\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65,
}  # fmt: skip
# Marks of Uzbek and of typesetting that would make a message twice as dear, and what they are written as in SMS.
PLAIN_MARKS = str.maketrans(
    {"ʻ": "'", "ʼ": "'", "‘": "'", "’": "'", "`": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-",
     "—": "-", "−": "-", "…": "...", "\u00a0": " ", "\u202f": " ", "\t": " "}
)  # fmt: skip
MOST_PARTS = 255
_TWICE = frozenset(EXTENDED)
_ALL = _TWICE | frozenset(SEPTETS)


@dataclass(frozen=True, slots=True)
class SmsSize:
    """What a text costs: its alphabet (`gsm` or `ucs2`), its length in it, parts, and units left in the last part.
    `foreign`: the signs that keep it out of the cheaper alphabet."""

    alphabet: str
    length: int
    parts: int
    left: int
    foreign: str = ""


def plain_marks(text: str) -> str:
    """The text with marks that GSM 03.38 has; letters are left as they are."""
    return text.translate(PLAIN_MARKS)


def size(text: str) -> SmsSize:
    """Length and parts of a text."""
    signs = set(text)
    if signs <= _ALL and (length := len(text) + sum(map(text.count, signs & _TWICE))) <= 160:
        return SmsSize("gsm", length, 1, 160 - length)
    foreign = "".join(dict.fromkeys(sign for sign in text if sign not in _ALL))
    pieces = _ucs2(text, 134) if foreign else _gsm(text, 153)
    length = len(_ucs2(text, None)[0]) // 2 if foreign else len(_gsm(text, None)[0])
    single, alphabet = (70, "ucs2") if foreign else (160, "gsm")
    if length <= single:
        return SmsSize(alphabet, length, 1, single - length, foreign)
    each, last = (67, len(pieces[-1]) // 2) if foreign else (153, len(pieces[-1]))
    return SmsSize(alphabet, length, len(pieces), each - last, foreign)


@dataclass(frozen=True, slots=True)
class SmsParts:
    """A text as SMPP takes it: `data_coding` 0 (GSM, one septet an octet) or 8 (UCS-2 big-endian); the parts begin with
    their header when there are several."""

    data_coding: int
    parts: tuple[bytes, ...]

    @property
    def is_linked(self) -> bool:
        """Whether the parts carry a user data header."""
        return len(self.parts) > 1


def encode(text: str, reference: int) -> SmsParts:
    """Cut a text into parts; `reference` (0 to 255) links them. Raises `ValueError` for more parts than can be."""
    told = size(text)
    coding = 0 if told.alphabet == "gsm" else 8
    if told.parts == 1:
        return SmsParts(coding, tuple(_gsm(text, None) if coding == 0 else _ucs2(text, None)))
    if told.parts > MOST_PARTS:
        raise ValueError(f"{told.parts} parts are more than an SMS can have")
    pieces = _gsm(text, 153) if coding == 0 else _ucs2(text, 134)
    heads = [bytes((5, 0, 3, reference % 256, len(pieces), number)) for number in range(1, len(pieces) + 1)]
    return SmsParts(coding, tuple(head + piece for head, piece in zip(heads, pieces, strict=True)))


def _gsm(text: str, most: int | None) -> list[bytes]:
    signs = [bytes((SEPTETS[sign],)) if sign in SEPTETS else bytes((_ESCAPE, EXTENDED[sign])) for sign in text]
    return _filled(signs, most)


def _ucs2(text: str, most: int | None) -> list[bytes]:
    return _filled([sign.encode("utf-16-be", "replace") for sign in text], most)


def _filled(signs: list[bytes], most: int | None) -> list[bytes]:
    """Signs side by side in pieces; none is torn, neither an escaped one nor a pair of surrogates."""
    if most is None:
        return [b"".join(signs)]
    pieces, piece = [], b""
    for sign in signs:
        if len(piece) + len(sign) > most:
            pieces.append(piece)
            piece = b""
        piece += sign
    return [*pieces, piece]


_FROM_SEPTETS = {code: sign for sign, code in SEPTETS.items()}
_FROM_EXTENDED = {code: sign for sign, code in EXTENDED.items()}


def decode(body: bytes, data_coding: int) -> str:
    """The text of a part without its header; what cannot be read is replaced."""
    if data_coding == 8:
        return body.decode("utf-16-be", "replace")
    if data_coding in (1, 3):
        return body.decode("latin-1")
    signs, codes = [], iter(body)
    for code in codes:
        if code == _ESCAPE:
            signs.append(_FROM_EXTENDED.get(next(codes, -1), "\ufffd"))
        else:
            signs.append(_FROM_SEPTETS.get(code, "\ufffd"))
    return "".join(signs)
