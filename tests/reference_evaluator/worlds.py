"""Small operators made from a seed: the same rows as frames for the evaluator and as DuckDB tables for the engine.

Values are few and lie on edges (month ends, the as-of date, zero, null), so that random conditions meet them.
"""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

import duckdb
import polars as pl

from tests.reference_evaluator.evaluator import World

CUSTOMERS = 30
TEXTS = ("Ташкент", "ТАШКЕНТ", "Самарқанд", "O'zbekiston", "100%", "a_b", "ab", "\\", '"', "'; drop table x; --", "")
SEGMENTS = ("mass", "premium", "soho")
STATUSES = ("active", "suspended", "left", "new")
# As-of date and, where it is past, the stored month end whose profiles count for it.
MOMENTS = (
    (dt.date(2026, 3, 31), None),
    (dt.date(2024, 2, 29), None),
    (dt.date(2026, 3, 15), dt.date(2026, 2, 28)),
    (dt.date(2026, 1, 1), dt.date(2025, 12, 31)),
)
TYPES: dict[str, pl.DataType] = {
    "bigint": pl.Int64(), "integer": pl.Int32(), "double": pl.Float64(), "decimal(18,2)": pl.Decimal(18, 2),
    "varchar": pl.String(), "boolean": pl.Boolean(), "date": pl.Date(), "timestamp": pl.Datetime("us"),
}  # fmt: skip
ATTRIBUTES = {
    "customer_id": ("bigint", "id"), "full_name": ("varchar", "text"), "district": ("varchar", "text"),
    "segment": ("varchar", "code"), "lifecycle_status": ("varchar", "code"), "main_product_id": ("bigint", "id"),
    "age_years": ("integer", "years"), "subscriptions_active_count": ("integer", "count"),
    "data_mb_last_month": ("double", "MB"), "data_mb_avg_3m": ("double", "MB"),
    "debt_amount": ("decimal(18,2)", "UZS"), "arpu_3m": ("decimal(18,2)", "UZS"),
    "has_marketing_consent": ("boolean", "flag"), "is_inactive": ("boolean", "flag"),
    "birth_date": ("date", "date"), "agreement_next_end_date": ("date", "date"),
}  # fmt: skip
# name, kind, table, owner, date, valid from, valid to
ENTITIES = (
    ("payments", "event", "fct_payments", "customer_id", "paid_date", None, None),
    ("interactions", "event", "fct_interactions", "customer_id", "interaction_date", None, None),
    ("subscriptions", "related", "dim_subscriptions", "customer_id", None, "valid_from", "valid_to"),
    ("invoices", "related", "fct_invoices", "customer_id", "issued_date", None, None),
    ("contacts", "related", "dim_contacts", "customer_id", None, None, None),
)
FIELDS: dict[str, dict[str, tuple[str, str]]] = {
    "payments": {
        "paid_date": ("date", "date"), "paid_at": ("timestamp", "timestamp"), "amount": ("decimal(18,2)", "UZS"),
        "method": ("varchar", "code"),
    },
    "interactions": {
        "interaction_date": ("date", "date"), "topic": ("varchar", "code"), "nps_score": ("bigint", "score"),
        "duration_seconds": ("double", "seconds"),
    },
    "subscriptions": {
        "status": ("varchar", "code"), "product_id": ("bigint", "id"), "activated_date": ("date", "date"),
        "terminated_date": ("date", "date"),
    },
    "invoices": {"issued_date": ("date", "date"), "due_date": ("date", "date"), "amount": ("decimal(18,2)", "UZS")},
    "contacts": {"role": ("varchar", "text"), "has_valid_power_of_attorney": ("boolean", "flag")},
}  # fmt: skip
SIZES = {"payments": 90, "interactions": 60, "subscriptions": 70, "invoices": 60, "contacts": 30}


def attribute_rows() -> tuple[dict[str, Any], ...]:
    """Rows of attribute_catalogue."""
    return tuple(
        {"position": place, **_described(name, kind, unit), "group": "all"}
        for place, (name, (kind, unit)) in enumerate(ATTRIBUTES.items())
    )


def entity_rows() -> tuple[dict[str, Any], ...]:
    """Rows of segment_entities."""
    names = ("name", "kind", "table_name", "customer_column", "date_column", "valid_from_column", "valid_to_column")
    return tuple(
        {"position": place, **dict(zip(names, each, strict=True)), "month_column": None, **_labels(each[0])}
        for place, each in enumerate(ENTITIES)
    )


def field_rows() -> tuple[dict[str, Any], ...]:
    """Rows of segment_fields."""
    return tuple(
        {"position": place, "entity": entity, **_described(name, kind, unit)}
        for entity, fields in FIELDS.items()
        for place, (name, (kind, unit)) in enumerate(fields.items())
    )


def _described(name: str, kind: str, unit: str) -> dict[str, Any]:
    return {"name": name, "type": kind, "unit": unit, "personal_data_class": "none", "source": "x", **_labels(name)}


def _labels(name: str) -> dict[str, str]:
    return {f"label_{language}": name.replace("_", " ") for language in ("ru", "uz", "en")}


@lru_cache(maxsize=32)
def world(seed: int) -> World:
    """An operator; every fourth seed has the same as-of date."""
    chance = random.Random(seed)  # noqa: S311
    as_of, month_end = MOMENTS[seed % len(MOMENTS)]
    ids = list(range(1, CUSTOMERS + 1))
    frames = {"customer_profiles": _frame(chance, ATTRIBUTES, as_of, ids, "customer_id")}
    older = [_profiles_at(chance, end, ids) for end in (month_end or as_of, dt.date(2020, 1, 31))]
    frames["customer_profiles_history"] = pl.concat(older)
    for name, _, table, owner, _, valid_from, valid_to in ENTITIES:
        # Rows of somebody without a profile (99) and of nobody take part in nothing.
        owners = [chance.choice([*ids[: CUSTOMERS * 2 // 3], 99, None]) for _ in range(SIZES[name])]
        frame = _frame(chance, FIELDS[name], as_of, owners, owner)
        frames[table] = _with_validity(chance, frame, as_of, valid_from, valid_to)
    lists = {key: frozenset(chance.sample([*ids, 99], size)) for key, size in (("vip", 8), ("spring-2026", 3))}
    return World(attribute_rows(), entity_rows(), field_rows(), frames, as_of, month_end, lists)


def _profiles_at(chance: random.Random, month_end: dt.date, ids: list[int]) -> pl.DataFrame:
    known = chance.sample(ids, CUSTOMERS - 4)
    frame = _frame(chance, ATTRIBUTES, month_end, known, "customer_id")
    return frame.with_columns(pl.lit(month_end).alias("month_end"))


def _with_validity(
    chance: random.Random, frame: pl.DataFrame, as_of: dt.date, valid_from: str | None, valid_to: str | None
) -> pl.DataFrame:
    if valid_from is None or valid_to is None:
        return frame
    starts = [_day(chance, as_of) for _ in range(frame.height)]
    ends = [chance.choice([None, each + dt.timedelta(days=chance.randint(1, 90))]) for each in starts]
    return frame.with_columns(pl.Series(valid_from, starts, pl.Date), pl.Series(valid_to, ends, pl.Date))


def _frame(
    chance: random.Random, columns: dict[str, tuple[str, str]], as_of: dt.date, owners: list[Any], owner: str
) -> pl.DataFrame:
    made = {owner: pl.Series(owner, owners, pl.Int64)}
    for name, (kind, _) in columns.items():
        if name != owner:
            # The day of an event is always known; everything else may be missing.
            rare = 0 if name in ("paid_date", "interaction_date", "issued_date") else 0.2
            draw = _draw(name, kind, as_of)
            values = [None if chance.random() < rare else draw(chance) for _ in owners]
            made[name] = pl.Series(name, values, TYPES[kind])
    return pl.DataFrame(made)


def _draw(name: str, kind: str, as_of: dt.date) -> Callable[[random.Random], Any]:
    if name in ("segment", "lifecycle_status", "status", "method", "topic"):
        pool = SEGMENTS if name == "segment" else STATUSES
        return lambda chance: chance.choice(pool)
    draws: dict[str, Callable[[random.Random], Any]] = {
        "bigint": lambda chance: chance.randint(0, 6),
        "integer": lambda chance: chance.randint(-2, 6),
        "double": lambda chance: chance.choice([0.0, 0.5, 1.25, 3.0, 6.75]),
        "decimal(18,2)": lambda chance: chance.choice(
            [Decimal(each) for each in ("0.00", "0.10", "0.30", "3.00", "-2")]
        ),
        "varchar": lambda chance: chance.choice(TEXTS),
        "boolean": lambda chance: chance.random() < 0.5,
        "date": lambda chance: _day(chance, as_of),
        "timestamp": lambda chance: dt.datetime.combine(_day(chance, as_of), dt.time(chance.choice([0, 23]), 59)),
    }
    return draws[kind]


def _day(chance: random.Random, as_of: dt.date) -> dt.date:
    """A day near the as-of date, now and then after it; often on the edges of months."""
    far = as_of - dt.timedelta(days=chance.choice([-40, -1, 0, 1, 6, 7, 29, 30, 31, 59, 90, 91, 180, 365, 366]))
    return chance.choice([far, far, far.replace(day=1), far.replace(day=1) - dt.timedelta(days=1)])


@lru_cache(maxsize=32)
def database(seed: int) -> duckdb.DuckDBPyConnection:
    """The same operator's rows in an in-memory DuckDB, under the names of the published marts."""
    con = duckdb.connect(config={"threads": 1})
    known = world(seed)
    listed = [(key, customer) for key, inside in known.lists.items() for customer in sorted(inside)]
    lists = pl.DataFrame(listed, schema={"list_key": pl.String, "customer_id": pl.Int64}, orient="row")
    for table, frame in {**known.frames, "list_members": lists}.items():
        con.register("handed", frame.to_arrow())
        con.execute(f"create table {table} as select * from handed")
        con.unregister("handed")
    return con


def with_segments(known: World, segments: dict[str, dict[str, Any]]) -> World:
    """The same operator with other segments to refer to."""
    return replace(known, segments=segments)
