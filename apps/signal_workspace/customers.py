"""Customers of signals and tasks as far as the gate shows them: names for lists, ids for a search by name."""

from collections.abc import Iterable
from typing import Any

from apps.data import customers
from apps.data.search import parse
from apps.identity import person
from apps.language import t
from apps.snapshot import reader

_MOST = 500


def names(customer_ids: Iterable[int | None]) -> dict[int, str]:
    """What customers are called; one that is not shown to the person has no entry."""
    return {key: str(row["name"]) for key, row in known(customer_ids).items()}


def known(customer_ids: Iterable[int | None]) -> dict[int, dict[str, Any]]:
    """Name, type and region of customers by id."""
    ids = sorted({each for each in customer_ids if each is not None})
    if not ids or not person().may("customers", "view"):
        return {}
    rows = reader().query(
        f"""select customer_id, coalesce(short_name, full_name) as name, customer_type, region_code, manager_id
            from customer_profiles where customer_id in ({", ".join("?" * len(ids))})""",
        ids,
    )
    return {row["customer_id"]: row | {"name": row["name"] or number(row["customer_id"])} for row in rows.to_pylist()}


def number(customer_id: int) -> str:
    """What stands for a name that is not shown."""
    return t("Customer {id}", id=customer_id)


def found(text: str) -> tuple[int, ...] | None:
    """Customers whom a search by name, number or INN finds; None when nothing was searched for."""
    if not text.strip() or not person().may("customers", "view"):
        return None
    rows = customers.page(reader(), customers.Filter(parse(text)), _MOST, 0)
    return tuple(rows.column("customer_id").to_pylist())


def offered(text: str, limit: int = 8) -> dict[int, str]:
    """A few customers whom a search finds, to choose one of them."""
    if not text.strip() or not person().may("customers", "view"):
        return {}
    rows = customers.page(reader(), customers.Filter(parse(text), order="name"), limit, 0).to_pylist()
    return {row["customer_id"]: f"{row['full_name'] or number(row['customer_id'])} · {row['customer_id']}"
            for row in rows}  # fmt: skip
