"""What is left of a value under each mask."""

import datetime as dt
from typing import Any

import duckdb
import pytest

from vitrina.access.masking import SHAPES, hash_key, masked
from vitrina.access.rights import Mask


def under(value: Any, kind: str, mask: Mask, shape: str) -> Any:
    """The value as the SQL of the mask makes it."""
    with duckdb.connect() as con:
        query = f"SELECT {masked('v', kind, mask, shape, hash_key(b'k'))} FROM (SELECT CAST(? AS {kind}) AS v)"
        return con.execute(query, [value]).fetchall()[0][0]


@pytest.mark.parametrize(
    ("shape", "value", "shown"),
    [
        ("phone", "+998901234512", "+998 90 ••• •• 12"),
        ("phone", "+74951234567", "••• •• 67"),
        ("phone", "1234", "••• •• "),
        ("phone", "+998abcdefghi", "+998 ab ••• •• hi"),
        ("phone", "", "••• •• "),
        ("phone", "+998\n90\n123", "••• •• 23"),
        ("full", "Алимов Карим Ботирович", "А••••• К."),
        ("full", "Алимов", "А•••••."),
        ("full", "", "•••••."),
        ("full", " Алимов Карим", "••••• А."),
        ("part", "Ёлкин", "Ё•••••"),
        ("initial", "Жасур", "Ж."),
        ("email", "alisher@mail.uz", "a•••@mail.uz"),
        ("email", "no address", "n•••"),
        ("email", "a@b@mail.uz", "a•••@mail.uz"),
        ("number", "31203900123456", "•••••56"),
        ("number", "AB1234567", "•••••67"),
        ("number", "12345", "•••••"),
        ("account", "20208000900123456001", "•••••6001"),
        ("account", "12345678", "•••••"),
        ("inn", "301234567", "•••••67"),
        ("address", "Ташкент, улица Навои, 1", "•••••"),
        ("imei", "356938035643809", "35693803•••••"),
        ("imsi", "434041234567890", "43404•••••"),
        ("coarse", "F", "F"),
    ],
)
def test_a_partial_mask_leaves_enough_to_recognise_and_too_little_to_use(shape: str, value: str, shown: str) -> None:
    assert under(value, "VARCHAR", Mask.PARTIAL, shape) == shown


def test_dates_and_ages_become_coarse_and_keep_their_type() -> None:
    assert under(dt.date(1988, 3, 9), "DATE", Mask.PARTIAL, "date") == dt.date(1988, 1, 1)
    assert under(38, "INTEGER", Mask.PARTIAL, "age") == 30


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["VARCHAR", "DATE", "INTEGER", "DECIMAL(18,2)"])
def test_under_any_mask_nothing_stays_nothing_and_the_type_stays(shape: str, kind: str) -> None:
    with duckdb.connect() as con:
        for mask in Mask:
            sql = masked("v", kind, mask, shape, "key")
            found = con.execute(f"SELECT {sql}, typeof({sql}) FROM (SELECT CAST(NULL AS {kind}) AS v)").fetchall()
            assert found == [(None, kind)]


def test_a_hash_tells_equal_from_different_and_nothing_else() -> None:
    one, two = (under(value, "VARCHAR", Mask.HASHED, "phone") for value in ("+998901234512", "+998901234513"))
    assert one != two
    assert one == under("+998901234512", "VARCHAR", Mask.HASHED, "email")
    assert len(one) == 32
    assert hash_key(b"k") not in masked("v", "VARCHAR", Mask.PARTIAL, "phone", hash_key(b"k"))
    assert under(38, "INTEGER", Mask.HASHED, "age") is None


def test_what_is_absent_is_null() -> None:
    assert under("x", "VARCHAR", Mask.ABSENT, "full") is None
