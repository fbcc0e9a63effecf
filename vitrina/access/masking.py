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


# Every partial mask of a null is null, by the functions it is made of, and short: all are bound with every query.
def _phone(value: str) -> str:
    return f"CASE WHEN {value} LIKE '+998_________' THEN {_national(value)} ELSE {_tail(2)(value)} END"


def _national(value: str) -> str:
    return f"'+998 ' || substr({value}, 5, 2) || ' ••• •• ' || right({value}, 2)"


def _name(value: str) -> str:
    # Of the second word the initial: "Каримов Жасур" is "К••••• Ж."
    second = f"left(split_part({value}, ' ', 2), 1)"
    return f"left({value}, 1) || '•••••' || CASE WHEN {second} = '' THEN '' ELSE ' ' || {second} || '.' END"


def _email(value: str) -> str:
    return f"left({value}, 1) || '•••' || regexp_extract({value}, '@[^@]*$')"


def _tail(count: int) -> Callable[[str], str]:
    # A value hardly longer than what is shown of it would be shown whole.
    return lambda value: (
        f"'•••••' || right({value}, CASE WHEN length({value}) > {2 * count + 2} THEN {count} ELSE 0 END)"
    )


def _head(count: int) -> Callable[[str], str]:
    return lambda value: f"left({value}, CASE WHEN length({value}) > {count + 4} THEN {count} ELSE 0 END) || '•••••'"


# Shape: types it fits, and the partial mask. The first digits of a PINFL are the birth date, so only its tail is shown.
SHAPES: Final[dict[str, tuple[tuple[str, ...], Callable[[str], str] | None]]] = {
    "none": ((), None),
    "full": ((_TEXT,), _name),
    "part": ((_TEXT,), lambda value: f"left({value}, 1) || '•••••'"),
    "initial": ((_TEXT,), lambda value: f"left({value}, 1) || '.'"),
    "phone": ((_TEXT,), _phone),
    "email": ((_TEXT,), _email),
    "address": ((_TEXT,), lambda value: f"left({value}, 0) || '•••••'"),
    "number": ((_TEXT,), _tail(2)),
    "account": ((_TEXT,), _tail(4)),
    "inn": ((_TEXT,), _tail(2)),
    "imei": ((_TEXT,), _head(8)),
    "imsi": ((_TEXT,), _head(5)),
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
