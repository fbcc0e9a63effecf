"""Amounts as exact numbers on both engines."""

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

# A single push costs less than a tiyin.
PLACES = 4
_SCALE = 10**PLACES


class Money(TypeDecorator[Decimal]):
    """An amount in soʻm, kept as whole ten-thousandths: SQLite has no decimals, and its floats do not add up. Raises
    ValueError for an amount with more places than that."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = Decimal(value) * _SCALE
        if scaled != scaled.to_integral_value():
            raise ValueError(f"an amount with more than {PLACES} places: {value}")
        return int(scaled)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)) / _SCALE
