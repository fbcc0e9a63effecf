"""Companies around a customer: the links within two steps and those of his group, as far as the reader's scope goes.

A company out of scope is never named: how many there are is told by the customer's own profile, which counts them all.
"""

from dataclasses import dataclass
from typing import Any, Final

from apps.data.source import Reader

MOST_LINKS: Final = 80


@dataclass(frozen=True)
class Group:
    """`nodes`: companies with what a graph shows of them; `links` between them; `hidden_formal` and `hidden_informal`:
    how many companies out of scope the customer itself is linked to; `hidden_members`: how many of its group."""

    nodes: list[dict[str, Any]]
    links: list[dict[str, Any]]
    hidden_formal: int
    hidden_informal: int
    hidden_members: int


def group(reader: Reader, profile: dict[str, Any]) -> Group:
    """The companies around the customer of this profile."""
    own = profile["customer_id"]
    links = _links(reader, own, profile["group_id"])
    ids = list(dict.fromkeys([own, *(link[end] for link in links for end in ("source", "target"))]))
    nodes = _nodes(reader, ids)
    mates = [node for node in nodes if node["group_id"] == profile["group_id"]]
    return Group(
        nodes, links,
        _hidden(profile["links_formal_count"], _linked(links, own, is_formal=True)),
        _hidden(profile["links_informal_count"], _linked(links, own, is_formal=False)),
        _hidden(profile["group_customers_count"], len(mates)) if profile["group_id"] else 0,
    )  # fmt: skip


def _hidden(all_of_them: int | None, shown: int) -> int:
    return max(0, (all_of_them or 0) - shown)


def _linked(links: list[dict[str, Any]], own: int, *, is_formal: bool) -> int:
    ends = [(link["source"], link["target"]) for link in links if link["is_formal"] is is_formal]
    return len({other for pair in ends if own in pair for other in pair if other != own})


def _links(reader: Reader, customer_id: int, group_id: int | None) -> list[dict[str, Any]]:
    return reader.query(
        """with near as (
             select customer_id as id from dim_customer_links where linked_customer_id = $own and is_current
             union select linked_customer_id from dim_customer_links where customer_id = $own and is_current
             union select cast($own as bigint)
             union select customer_id from customer_profiles where group_id = $group)
           select distinct l.customer_id as source, l.linked_customer_id as target, l.link_type, l.is_formal
           from dim_customer_links l
           where l.is_current and (l.customer_id in (from near) or l.linked_customer_id in (from near))
           order by l.is_formal desc, l.customer_id, l.linked_customer_id limit $most""",
        {"own": customer_id, "group": group_id, "most": MOST_LINKS},
    ).to_pylist()


def _nodes(reader: Reader, ids: list[int]) -> list[dict[str, Any]]:
    places = ", ".join("?" * len(ids))
    rows = reader.query(
        f"""select customer_id, coalesce(short_name, full_name) as name, customer_type, region_code, lifecycle_status,
                  legal_status, group_id, subscriptions_active_count, arpu_3m, debt_overdue_amount, manager_name
            from customer_profiles where customer_id in ({places})""",
        ids,
    ).to_pylist()
    order = {customer_id: place for place, customer_id in enumerate(ids)}
    return sorted(rows, key=lambda row: order[row["customer_id"]])
