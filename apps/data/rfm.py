"""RFM: how customers spread over recency, frequency and money, their named groups, and moves between months."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from apps.data.source import Reader, scalar

GROUPS = (
    "champions",
    "loyal",
    "potential_loyal",
    "new_customers",
    "promising",
    "need_attention",
    "about_to_sleep",
    "at_risk",
    "cannot_lose",
    "hibernating",
    "lost",
    "no_payments",
)


@dataclass(frozen=True)
class Choice:
    """Which customers of a month: everyone, a type (person or organisation), a group, a cell of the matrix."""

    month: date
    customer_type: str | None = None
    group: str | None = None
    r_score: int | None = None
    f_score: int | None = None

    def where(self) -> tuple[str, list[Any]]:
        """The condition over `customer_rfm_history h`, and its parameters."""
        parts = ["h.month_end = ?"]
        values: list[Any] = [self.month]
        conditions: tuple[tuple[str, Any], ...] = (
            ("h.customer_type", self.customer_type),
            ("h.rfm_group", self.group),
            ("h.r_score", self.r_score),
            ("h.f_score", self.f_score),
        )
        for column, value in conditions:
            if value is not None:
                parts.append(f"{column} = ?")
                values.append(value)
        return " and ".join(parts), values


_FROM = "from customer_rfm_history h"


def months(reader: Reader) -> list[date]:
    """Month ends with stored RFM, the latest first."""
    table = reader.query("select distinct month_end from customer_rfm_history order by 1 desc", [])
    return table.column(0).to_pylist()


def matrix(reader: Reader, choice: Choice) -> pa.Table:
    """Customers and 12-month payments per cell: r_score, f_score, customers, money. Non-payers have no cell."""
    where, values = choice.where()
    return reader.query(
        f"""select h.r_score, h.f_score, count(*) as customers, sum(h.monetary_12m) as money {_FROM}
            where {where} and h.r_score is not null and h.f_score is not null group by all""",
        values,
    )


def groups(reader: Reader, choice: Choice) -> pa.Table:
    """Per named group: rfm_group, customers, money, median days since the last payment."""
    where, values = choice.where()
    return reader.query(
        f"""select coalesce(h.rfm_group, 'no_payments') as rfm_group, count(*) as customers,
                   coalesce(sum(h.monetary_12m), 0) as money, median(h.recency_days) as recency_days
            {_FROM} where {where} group by 1""",
        values,
    )


def migration(reader: Reader, earlier: date, later: date, customer_type: str | None) -> pa.Table:
    """Customers who have both month ends, by their groups: from_group, to_group, customers."""
    return reader.query(
        """select a.rfm_group as from_group, b.rfm_group as to_group, count(*) as customers
           from customer_rfm_history a
           join customer_rfm_history b on b.customer_id = a.customer_id and b.month_end = ?
           where a.month_end = ? and (? is null or b.customer_type = ?)
           group by all order by customers desc""",
        [later, earlier, customer_type, customer_type],
    )


def count(reader: Reader, choice: Choice) -> int:
    """How many customers a choice holds."""
    where, values = choice.where()
    return scalar(reader.query(f"select count(*) {_FROM} where {where}", values)) or 0


def members(reader: Reader, choice: Choice, limit: int, offset: int) -> pa.Table:
    """One page of the customers of a choice, those who paid most first."""
    where, values = choice.where()
    return reader.query(
        f"""select h.customer_id, coalesce(c.short_name, c.full_name) as full_name, c.customer_type, c.region_code,
                   h.r_score, h.f_score, h.m_score,
                   h.rfm_group, h.recency_days, h.frequency_12m, h.monetary_12m
            {_FROM} join dim_customers c using (customer_id)
            where {where} order by h.monetary_12m desc nulls last, h.customer_id limit ? offset ?""",
        [*values, limit, offset],
    )
