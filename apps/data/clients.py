"""A manager's clients: one page of the list, its totals, and what the rows show beside the profile.

Each question is one statement over narrow columns with a bound page, so that it stays quick at millions of customers;
what only the rows of a page need (curves of a year) is asked for their ids alone.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from apps.data.client_health import GOOD, POOR, Part, index, source
from apps.data.search import Query
from apps.data.source import Reader, one

CURVES: Final = {
    "data_mb": "data_mb_last_month",
    "voice_minutes": "voice_out_minutes_last_month",
    "charges": "charges_amount_last_month",
}
# What a list may be ordered by; the name of the order → its column and the direction that is asked for first.
ORDERS: Final = {
    "charges": ("charges_amount_last_month", "desc"),
    "health": ("health", "asc"),
    "overdue": ("debt_overdue_amount", "desc"),
    "overdue_days": ("overdue_days_max", "desc"),
    "charges_trend": ("charges_trend_pct", "asc"),
    "data_trend": ("data_mb_trend_pct", "asc"),
    "voice_trend": ("voice_out_minutes_trend_pct", "asc"),
    "numbers": ("subscriptions_active_count", "desc"),
    "numbers_change": ("subscriptions_active_change_3m", "asc"),
    "contract_end": ("agreement_next_end_date", "asc"),
    "silence": ("days_since_last_interaction", "desc"),
    "name": ("client_name", "asc"),
}
BANDS: Final = ("poor", "watch", "good")
NOBODY: Final = "-"
EVERYBODY: Final = Query()
_NAME = "coalesce(p.short_name, p.full_name)"
_COLUMNS = (
    f"p.customer_id, {_NAME} as client_name, p.inn, p.customer_type, p.segment, p.region_code, p.lifecycle_status, "
    "p.legal_status, p.manager_id, p.manager_name, p.subscriptions_active_count, p.subscriptions_active_change_3m, "
    "p.charges_amount_last_month, p.charges_trend_pct, p.data_mb_last_month, p.data_mb_trend_pct, "
    "p.voice_out_minutes_last_month, p.voice_out_minutes_trend_pct, p.debt_amount, p.debt_overdue_amount, "
    "p.overdue_days_max, p.agreement_next_end_date, p.days_since_last_interaction, p.last_interaction_date"
)


@dataclass(frozen=True)
class Wanted:
    """Which clients, in what order. None means any; `managers` are employee ids, with `NOBODY` for clients without a
    manager; `parts` make up the health index."""

    parts: tuple[Part, ...]
    query: Query = EVERYBODY
    managers: tuple[str, ...] | None = None
    customer_type: str | None = None
    region: str | None = None
    segment: str | None = None
    status: str | None = None
    band: str | None = None
    order: str = "charges"
    is_reversed: bool = False

    def where(self) -> tuple[str, list[Any]]:
        """The condition over `customer_profiles p`, and its parameters."""
        # A person counts as somebody's client when he has a manager; an organisation always does.
        pieces, values = ["(p.customer_type = 'organisation' or p.manager_id is not null)"], list[Any]()
        for column, value in (
            ("p.customer_type", self.customer_type), ("p.region_code", self.region), ("p.segment", self.segment),
            ("p.lifecycle_status", self.status),
        ):  # fmt: skip
            if value is not None:
                pieces.append(f"{column} = ?")
                values.append(value)
        for piece, more in (self._managers(), self._text()):
            if piece:
                pieces.append(piece)
                values += more
        if self.band is not None:
            pieces.append(_band(self.band, index(self.parts)))
        return " and ".join(pieces), values

    def order_by(self, column: str, then: str) -> str:
        """The order of the list by this column; those of whom nothing is known stand at its end either way."""
        direction = ORDERS[self.order][1]
        if self.is_reversed:
            direction = "asc" if direction == "desc" else "desc"
        return f"{column} {direction} nulls last, {then}"

    def _managers(self) -> tuple[str, list[Any]]:
        if self.managers is None:
            return "", []
        named = [each for each in self.managers if each != NOBODY]
        ways = [f"p.manager_id in ({_places(named)})"] if named else []
        ways += ["p.manager_id is null"] if NOBODY in self.managers else []
        return f"({' or '.join(ways) or 'false'})", named

    def _text(self) -> tuple[str, list[Any]]:
        query, ways, values = self.query, list[str](), list[Any]()
        if query.is_empty:
            return "", []
        if query.name_words:
            words = " and ".join("contains(d.name_key, ?)" for _ in query.name_words)
            ways.append(f"p.customer_id in (select d.customer_id from dim_customers d where {words})")
            values += query.name_words
        for column, value in (("p.inn", query.inn), ("p.customer_id", query.customer_id)):
            if value is not None:
                ways.append(f"{column} = ?")
                values.append(value)
        return f"({' or '.join(ways) or 'false'})", values


def _places(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _band(band: str, health: str) -> str:
    bounds = {"good": f">= {GOOD}", "poor": f"< {POOR}", "watch": f"between {POOR} and {GOOD - 1}"}
    return f"({health}) {bounds[band]}"


def page(reader: Reader, wanted: Wanted, limit: int, offset: int) -> pa.Table:
    """One page of the clients wanted, with their health.

    Which clients they are is found over the few columns that the filters and the order need; all that is shown is read
    of these alone.
    """
    where, values = wanted.where()
    health = index(wanted.parts)
    column, _direction = ORDERS[wanted.order]
    found = {"health": health, "client_name": _NAME}.get(column, f"p.{column}")
    needed = source(wanted.parts if wanted.order == "health" or wanted.band is not None else ())
    shown = source(wanted.parts, "picked k join customer_profiles p on p.customer_id = k.customer_id")
    return reader.query(
        f"""with picked as (select p.customer_id, {found} as sorted_by from {needed} where {where}
                            order by {wanted.order_by("sorted_by", "p.customer_id")} limit ? offset ?)
            select {_COLUMNS}, {health} as health from {shown}
            order by {wanted.order_by("k.sorted_by", "k.customer_id")}""",
        [*values, limit, offset],
    )


def totals(reader: Reader, wanted: Wanted) -> dict[str, Any]:
    """Of all the clients wanted: how many, how many of them are with us still, their active numbers, charges, overdue
    debt, and how many are in poor health."""
    where, values = wanted.where()
    return (
        one(
            reader.query(
                f"""select count(*) as clients,
                       count(*) filter (where p.lifecycle_status in ('new', 'active', 'suspended')) as staying,
                       sum(p.subscriptions_active_count) as numbers,
                       sum(p.subscriptions_active_change_3m) as numbers_change,
                       sum(p.charges_amount_last_month) as charges, sum(p.debt_overdue_amount) as overdue,
                       count(*) filter (where p.debt_overdue_amount > 0) as debtors,
                       count(*) filter (where ({index(wanted.parts)}) < {POOR}) as poor
                    from {source(wanted.parts)} where {where}""",
                values,
            )
        )
        or {}
    )


def curves(reader: Reader, customer_ids: Sequence[int], since: dt.date) -> dict[int, dict[str, list[float]]]:
    """Course of the measures of `CURVES` by month end from `since`, oldest first, for the clients of one page."""
    if not customer_ids:
        return {}
    columns = ", ".join(f"{column} as {name}" for name, column in CURVES.items())
    rows = reader.query(
        f"""select customer_id, {columns} from customer_profiles_history
            where month_end >= ? and customer_id in ({_places(customer_ids)}) order by customer_id, month_end""",
        [since, *customer_ids],
    )
    found: dict[int, dict[str, list[float]]] = {}
    for row in rows.to_pylist():
        own = found.setdefault(row["customer_id"], {name: [] for name in CURVES})
        for name in CURVES:
            own[name].append(float(row[name] or 0))
    return found


def managers(reader: Reader) -> list[tuple[str, str]]:
    """Managers of the clients in scope: id and name, by name."""
    rows = reader.query(
        """select manager_id, max(manager_name) as name from customer_profiles where manager_id is not null
           group by manager_id order by name, manager_id"""
    ).to_pylist()
    return [(row["manager_id"], row["name"] or row["manager_id"]) for row in rows]


def choices(reader: Reader) -> dict[str, list[str]]:
    """The values that filters may take, of the clients in scope."""
    rows = reader.query(
        """select distinct region_code, segment, lifecycle_status from customer_profiles p
           where p.customer_type = 'organisation' or p.manager_id is not null"""
    ).to_pylist()
    return {
        name: sorted({row[name] for row in rows if row[name] is not None})
        for name in ("region_code", "segment", "lifecycle_status")
    }


def health_parts(reader: Reader, customer_id: int, parts: Sequence[Part]) -> dict[str, Any] | None:
    """The health of one customer and the points that each part took, or None when there is no such customer."""
    taken = "".join(f", coalesce({part.points}, 0) as {part.name}" for part in parts)
    return one(
        reader.query(
            f"select {index(parts)} as health{taken} from {source(parts)} where p.customer_id = ?", [customer_id]
        )
    )


def export_query(wanted: Wanted, columns: Sequence[str]) -> tuple[str, list[Any]]:
    """The whole list as a file has it: these columns of the profile (`health` among them), in the list's order."""
    where, values = wanted.where()
    made = {"health": index(wanted.parts), "client_name": _NAME}
    picked = ", ".join(f"{made[name]} as {name}" if name in made else f"p.{name}" for name in columns)
    column, _direction = ORDERS[wanted.order]
    ordered = wanted.order_by(made.get(column, f"p.{column}"), "p.customer_id")
    return f"select {picked} from {source(wanted.parts)} where {where} order by {ordered}", values
