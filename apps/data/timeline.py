"""Everything that happened with one customer, in one order: contacts, payments, invoices, changes of numbers and of the
legal status, and whatever the operational database adds (signals, tasks).

One statement over the facts of one customer: filtered, ordered and cut to a page where the data is. What the
operational database holds is given in as rows of numbers and times, so that it takes its place among the rest.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from apps.data.source import Reader, scalar

# Kind → the object whose right opens it.
KINDS: Final = {
    "interaction": "interactions", "payment": "finance", "invoice": "finance", "subscription": "services",
    "legal": "customers", "signal": "signals", "task": "tasks",
}  # fmt: skip
_PRODUCT_NAMES: Final = {"ru": "product_name", "uz": "product_name_uz", "en": "product_name_en"}
_FACTS: Final = {
    "interaction": """
        select i.customer_id, cast(i.started_at as timestamp) as at, true as has_time, 'interaction' as kind,
               cast(null as bigint) as ref, i.channel as a, i.topic as b, i.result as c, i.direction as d,
               e.full_name as e, cast(null as varchar) as f, cast(null as decimal(18, 2)) as amount,
               cast(i.duration_seconds as bigint) as n1, cast(i.nps_score as bigint) as n2, cast(null as date) as due
        from fct_interactions i left join dim_employees e using (employee_id) where i.customer_id = $customer""",
    "payment": """
        select p.customer_id, cast(p.paid_at as timestamp), true, 'payment', cast(null as bigint), p.method, null, null,
               null, b.account_number, null, p.amount, null, null, null
        from fct_payments p left join dim_billing_accounts b using (account_id) where p.customer_id = $customer""",
    "invoice": """
        select customer_id, cast(issued_date as timestamp), false, 'invoice', cast(null as bigint), null, null, null,
               null, invoice_number, null, amount, null, null, due_date
        from fct_invoices where customer_id = $customer""",
    "subscription": """
        select s.customer_id, cast(s.valid_from as timestamp), false, 'subscription', s.subscription_id, s.started_by,
               s.started_reason, s.status, null, coalesce(p.{product}, p.product_name), s.msisdn, p.monthly_fee, null,
               null, null
        from dim_subscriptions s left join dim_products p using (product_id) where s.customer_id = $customer""",
    "legal": """
        select customer_id, cast(valid_from as timestamp), false, 'legal', cast(null as bigint), legal_status, null,
               null, null, director_name, null, null, null, null, null
        from fct_legal_statuses where customer_id = $customer""",
}


@dataclass(frozen=True)
class Added:
    """Something that the operational database knows: its kind and number, when (a moment in UTC, or a local day when
    not `has_time`), and its words."""

    kind: str
    ref: int
    at: dt.datetime
    words: str
    has_time: bool = True


@dataclass(frozen=True)
class Looked:
    """What is looked for: kinds, days (both included), words; `codes` are the codes whose translation holds the words,
    `language` that of product names. `utc_offset` are the hours by which the operator's day is ahead of UTC, in which
    moments are stored; days are local."""

    kinds: tuple[str, ...]
    since: dt.date | None = None
    until: dt.date | None = None
    words: str = ""
    codes: tuple[str, ...] = ()
    language: str = "ru"
    utc_offset: int = 5


def _statement(customer_id: int, looked: Looked, added: Sequence[Added]) -> tuple[str, dict[str, Any]]:
    product = _PRODUCT_NAMES[looked.language]
    params: dict[str, Any] = {"customer": customer_id, "ahead": looked.utc_offset}
    pieces = [_FACTS[kind].format(product=product) for kind in KINDS if kind in looked.kinds and kind in _FACTS]
    for place, each in enumerate(each for each in added if each.kind in looked.kinds):
        params |= {f"at{place}": each.at, f"ref{place}": each.ref, f"timed{place}": each.has_time}
        params |= {f"kind{place}": each.kind, f"words{place}": each.words}
        pieces.append(
            f"""select cast($customer as bigint), cast($at{place} as timestamp), cast($timed{place} as boolean),
                cast($kind{place} as varchar),
                cast($ref{place} as bigint), null, null, null, null, cast($words{place} as varchar), null, null, null,
                null, null"""
        )
    conditions = []
    if looked.since is not None:
        conditions.append("local_at >= $since")
        params["since"] = looked.since
    if looked.until is not None:
        conditions.append("local_at < $until")
        params["until"] = looked.until + dt.timedelta(days=1)
    if looked.words:
        conditions.append(_words(looked, params))
    where = f" where {' and '.join(conditions)}" if conditions else ""
    # Named columns come from the first piece, so that there must be one of the facts even when none is wanted.
    first = _FACTS["interaction"].format(product=product) + " and false"
    facts = f"with facts as ({' union all '.join([first, *pieces])})"
    local = "case when has_time then at + to_hours(cast($ahead as integer)) else at end as local_at"
    return f"{facts}, everything as (select *, {local} from facts) select * from everything{where}", params


def _words(looked: Looked, params: dict[str, Any]) -> str:
    params["words"] = looked.words.lower()
    ways = [f"contains(lower({column}), $words)" for column in ("e", "f")]
    ways.append("contains(cast(cast(amount as bigint) as varchar), $words)")
    for place, code in enumerate(looked.codes):
        params[f"code{place}"] = code
    if looked.codes:
        listed = ", ".join(f"$code{place}" for place in range(len(looked.codes)))
        ways += [f"{column} in ({listed})" for column in ("kind", "a", "b", "c", "d")]
    return f"({' or '.join(ways)})"


def page(
    reader: Reader, customer_id: int, looked: Looked, added: Sequence[Added], limit: int, offset: int
) -> list[dict[str, Any]]:
    """One page of what happened, the latest first. Meaning of the lettered columns: see the statements above."""
    sql, params = _statement(customer_id, looked, added)
    ordered = f"{sql} order by local_at desc, kind, ref desc, e limit $limit offset $offset"
    return reader.query(ordered, params | {"limit": limit, "offset": offset}).to_pylist()


def count(reader: Reader, customer_id: int, looked: Looked, added: Sequence[Added]) -> int:
    """How much happened in all."""
    sql, params = _statement(customer_id, looked, added)
    return scalar(reader.query(f"select count(*) from ({sql})", params)) or 0


def by_kind(reader: Reader, customer_id: int, kinds: Sequence[str]) -> Mapping[str, int]:
    """How much of each kind there is."""
    sql, params = _statement(customer_id, Looked(tuple(kinds)), ())
    rows = reader.query(f"select kind, count(*) as n from ({sql}) group by kind", params).to_pylist()
    return {row["kind"]: row["n"] for row in rows}
