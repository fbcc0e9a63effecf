"""Masks as SQL: what is left of a protected value, by how much of it a person may see.

A masked column keeps its type, so that a query that works for one person works for all. Dots have a fixed count: the
length of a name says much about it. Not here: which column has which class.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Final

from vitrina.access.rights import Mask
from vitrina.warehouse.engine import literal

_TEXT: Final = "VARCHAR"


# A partial mask of text is one replacement of the whole text, for two reasons. The pattern matches whatever the text,
# so nothing stays that the mask does not name; and all masks of a table are bound with every query on it, of which one
# function costs 0.1 ms and the same in small steps up to seven times that. Null stays null.
def _rewritten(pattern: str, left: str) -> Callable[[str], str]:
    return lambda value: f"regexp_replace({value}, {literal(f'(?s)^{pattern}$')}, {literal(left)})"


# But lists show a number in every row, and all rows are masked before the page of them is cut: most numbers are of one
# length, and those are taken apart four times faster than a pattern does it.
_OTHER_PHONE: Final = _rewritten("(?:.{5,}(..)|.*)", r"••• •• \1")


def _phone(value: str) -> str:
    ours = f"concat('+998 ', substr({value}, 5, 2), ' ••• •• ', substr({value}, 12))"
    return f"CASE WHEN {value} LIKE '+998_________' THEN {ours} ELSE {_OTHER_PHONE(value)} END"


# Shape: types it fits, and the partial mask. The first digits of a PINFL are the birth date, so only its tail is shown;
# and of a value that is hardly longer than what would be shown of it, nothing is.
SHAPES: Final[dict[str, tuple[tuple[str, ...], Callable[[str], str] | None]]] = {
    "none": ((), None),
    "full": ((_TEXT,), _rewritten(r"(\S?)\S*(?:(\s\S?).*)?", r"\1•••••\2.")),
    "part": ((_TEXT,), _rewritten("(.?).*", r"\1•••••")),
    "initial": ((_TEXT,), _rewritten("(.?).*", r"\1.")),
    "phone": ((_TEXT,), _phone),
    "email": ((_TEXT,), _rewritten("(.?).*?(@[^@]*)?", r"\1•••\2")),
    "address": ((_TEXT,), lambda value: f"CASE WHEN {value} IS NOT NULL THEN '•••••' END"),
    "number": ((_TEXT,), _rewritten("(?:.{5,}(.{2})|.*)", r"•••••\1")),
    "account": ((_TEXT,), _rewritten("(?:.{7,}(.{4})|.*)", r"•••••\1")),
    "inn": ((_TEXT,), _rewritten("(?:.{5,}(.{2})|.*)", r"•••••\1")),
    "imei": ((_TEXT,), _rewritten("(?:(.{8}).{5,}|.*)", r"\1•••••")),
    "imsi": ((_TEXT,), _rewritten("(?:(.{5}).{5,}|.*)", r"\1•••••")),
    "date": (("DATE",), lambda value: f"date_trunc('year', {value})"),
    "age": (("TINYINT", "SMALLINT", "INTEGER", "BIGINT"), lambda value: f"({value} // 10) * 10"),
    "coarse": ((_TEXT,), lambda value: value),
}


def masked(value: str, kind: str, mask: Mask, shape: str, key: str) -> str:
    """SQL of the value under a mask: `value` is SQL of type `kind`, `key` the text that hashes begin with.

    What has no partial form (or no form as a hash, which is text) is absent: null of the same type.
    """
    if mask is Mask.OPEN:
        return value
    types, partial = SHAPES[shape]
    if mask is Mask.PARTIAL and partial is not None and kind in types:
        return partial(value) if kind == _TEXT else f"CAST({partial(value)} AS {kind})"
    if mask is Mask.HASHED and kind == _TEXT:
        return f"substr(sha256({literal(key)} || {value}), 1, 32)"
    return f"CAST(NULL AS {kind})"


def hash_key(secret: bytes) -> str:
    """The key that hashed values begin with, made from a secret so that the secret itself is in no SQL text."""
    return hmac.new(secret, b"vitrina masked values", hashlib.sha256).hexdigest()
