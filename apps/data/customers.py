"""Lists of customers: search and filters, one page at a time."""

from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from apps.data.search import Query
from apps.data.source import Reader, scalar
from vitrina.access.rights import Mask, Rights

ORDERS = {
    "charges": "p.charges_amount_last_month desc nulls last",
    "debt": "p.debt_amount desc nulls last",
    "name": "p.full_name",
    "newest": "p.created_date desc nulls last",
}


EVERYBODY = Query()


@dataclass(frozen=True)
class Filter:
    """A search with filters; None means any. `owners` are customers who have the number that the query asks for, where
    a comparison with masked columns could not find them."""

    query: Query = EVERYBODY
    customer_type: str | None = None
    segment: str | None = None
    status: str | None = None
    order: str = "charges"
    owners: tuple[int, ...] = ()

    def where(self) -> tuple[str, list[Any]]:
        """The condition over `customer_profiles p` joined with `dim_customers d`, and its parameters."""
        parts: list[str] = []
        values: list[Any] = []
        for column, value in (
            ("p.customer_type", self.customer_type),
            ("p.segment", self.segment),
            ("p.lifecycle_status", self.status),
        ):
            if value is not None:
                parts.append(f"{column} = ?")
                values.append(value)
        found, more = _matches(self.query, self.owners)
        if found:
            parts.append(found)
        return " and ".join(parts) or "true", values + more


def _matches(query: Query, owners: tuple[int, ...]) -> tuple[str, list[Any]]:
    """Any of the meanings of the query; a name must hold every word of it."""
    ways: list[str] = []
    values: list[Any] = []
    if query.name_words:
        ways.append("(" + " and ".join("contains(d.name_key, ?)" for _ in query.name_words) + ")")
        values += query.name_words
    if query.phone:
        ways.append(
            """p.contact_phone = ? or p.customer_id in (select customer_id from dim_subscriptions where msisdn = ?)
               or p.customer_id in (select customer_id from dim_contacts where phone = ?)"""
        )
        values += [query.phone] * 3
    for column, value in (("p.inn", query.inn), ("p.pinfl", query.pinfl), ("p.customer_id", query.customer_id)):
        if value is not None:
            ways.append(f"{column} = ?")
            values.append(value)
    if query.number:
        ways.append(
            """p.customer_id in (select customer_id from dim_agreements where upper(agreement_number) = upper(?))
               or p.customer_id in (select customer_id from dim_billing_accounts
                                     where upper(account_number) = upper(?))"""
        )
        values += [query.number] * 2
    if owners:
        ways.append(f"p.customer_id in ({', '.join('?' * len(owners))})")
        values += owners
    return ("(" + " or ".join(ways) + ")" if ways else "", values)


class Finder(Protocol):
    """What tells whose number it is (the gate's reader)."""

    def find(self, what: str, value: str) -> tuple[int, ...]:
        """Customers in scope who have exactly this number; counted and written down."""
        ...


def owners(finder: Finder, rights: Rights, query: Query) -> tuple[int, ...]:
    """Whose the typed number is, for those who see such numbers in part: an operator is told them by the caller."""
    numbers = (("contact", "phone", query.phone), ("identity", "identity", query.pinfl))
    return tuple(
        customer_id
        for column_class, what, number in numbers
        if number and rights.mask(column_class) is Mask.PARTIAL
        for customer_id in finder.find(what, number)
    )


_FROM = "from customer_profiles p join dim_customers d using (customer_id)"


def count(reader: Reader, wanted: Filter) -> int:
    """How many customers a filter finds."""
    where, values = wanted.where()
    return scalar(reader.query(f"select count(*) {_FROM} where {where}", values)) or 0


def page(reader: Reader, wanted: Filter, limit: int, offset: int) -> pa.Table:
    """One page of the customers found."""
    where, values = wanted.where()
    return reader.query(
        f"""select p.customer_id, coalesce(p.short_name, p.full_name) as full_name, p.customer_type, p.segment,
                   p.lifecycle_status, p.region_code,
                   p.main_msisdn, p.subscriptions_active_count, p.charges_amount_last_month, p.debt_amount, p.rfm_group
            {_FROM} where {where} order by {ORDERS[wanted.order]}, p.customer_id limit ? offset ?""",
        [*values, limit, offset],
    )


def values_of(reader: Reader, column: str) -> list[str]:
    """The values that a filter may take."""
    if column not in {"segment", "lifecycle_status"}:
        raise ValueError(f"not a filter column: {column}")
    table = reader.query(f"select distinct {column} from customer_profiles where {column} is not null order by 1")
    return table.column(0).to_pylist()
