"""Customers that are one person, one household or one company: connected components of what ties them.

A control group leaks when a wife is contacted and her husband is not, or when a holding is contacted under its second
name. So whatever is drawn by lot is drawn by cluster. Ties are links between companies (as of the snapshot's day),
numbers and addresses that messages of several customers would reach, and persons of one surname at one address.

Source: scipy's connected components, after D. J. Pearce, An improved algorithm for finding the strongly connected
components of a directed graph, 2005.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from campaigns.tables import Table, frame
from segments.questions.source import Source

CLUSTERS: Final = pa.schema([("customer_id", pa.int64()), ("cluster_id", pa.int64())])
LINKS: Final = """
    select customer_id, linked_customer_id from dim_customer_links where is_current and list_contains($kinds, link_type)
"""
# What a message to the customer may reach. A SIM card of one customer that is the contact number of another ties them.
REACHED: Final = """
    select customer_id, contact_phone as tie from dim_customers where contact_phone is not null
    union all select customer_id, lower(email) from dim_customers where email is not null
    union all select customer_id, phone from dim_contacts where phone is not null
    union all select customer_id, lower(email) from dim_contacts where email is not null
    union all select customer_id, '+' || ltrim(msisdn, '+') from dim_subscriptions
      where is_current and msisdn is not null
"""
# Surnames of husband and wife differ by a last vowel (Karimov, Karimova), and in nothing else.
HOUSEHOLDS: Final = """
    select customer_id, region_code || '/' || coalesce(district, '') || '/' || lower(address) || '/' ||
      rtrim(lower(last_name), 'aаяья') as tie
    from dim_customers where customer_type = 'person' and address is not null and last_name is not null
"""
LINK_KINDS: Final = ("parent_of", "affiliate_of", "same_director", "same_address", "same_founder")


@dataclass(frozen=True)
class Ties:
    """What holds customers together. A number or address of more than `most_sharing` customers is a placeholder and
    ties nobody."""

    link_kinds: tuple[str, ...] = LINK_KINDS
    reached: bool = True
    households: bool = True
    most_sharing: int = 10


@dataclass(frozen=True)
class ClusterSizes:
    """`customers` in `clusters`; `together` of them share theirs with somebody; `largest` is the most in one."""

    customers: int
    clusters: int
    together: int
    largest: int


def clusters(source: Source, ties: Ties | None = None) -> pa.Table:
    """(customer_id, cluster_id) of every customer of the marts; a cluster is named by its smallest customer_id."""
    ties = ties or Ties()
    everybody = source.query("select customer_id from dim_customers", {}).column(0).to_numpy()
    pairs = [_columns(source.query(LINKS, {"kinds": list(ties.link_kinds)}))]
    for wanted, sql in ((ties.reached, REACHED), (ties.households, HOUSEHOLDS)):
        if wanted:
            pairs.append(_columns(source.query(_neighbours(sql), {"most": ties.most_sharing})))
    left, right = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    ids = np.sort(everybody.astype(np.int64))
    return pa.table([ids, connected(ids, left, right)], schema=CLUSTERS)


def connected(
    customers: npt.NDArray[np.int64], left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The smallest id of each customer's component; `customers` ascend, pairs that name anybody else are ignored."""
    found = customers.copy()
    if not len(left) or not len(customers):
        return found
    known = np.isin(left, customers) & np.isin(right, customers)
    tied = np.unique(np.concatenate([left[known], right[known]]))
    if not len(tied):
        return found
    ends = (np.searchsorted(tied, left[known]), np.searchsorted(tied, right[known]))
    graph = coo_array((np.ones(len(ends[0]), np.int8), ends), shape=(len(tied), len(tied)))
    count, labels = connected_components(graph, directed=False)
    smallest = np.empty(count, np.int64)
    smallest[labels[::-1]] = tied[::-1]  # the last to be written is the first, so the smallest
    found[np.searchsorted(customers, tied)] = smallest[labels]
    return found


def cluster_sizes(table: Table) -> ClusterSizes:
    """How much is tied together."""
    sizes = frame(table).group_by("cluster_id").len()["len"].to_numpy().astype(np.int64)
    return ClusterSizes(int(sizes.sum()), len(sizes), int(sizes[sizes > 1].sum()), int(sizes.max(initial=0)))


def cluster_of(members: pl.DataFrame, table: Table) -> pl.DataFrame:
    """`members` with their cluster_id; who is in no cluster is one of his own."""
    if "cluster_id" in members.columns:
        members = members.drop("cluster_id")
    named = frame(table).select("customer_id", "cluster_id")
    found = members.join(named, on="customer_id", how="left", maintain_order="left")
    return found.with_columns(pl.coalesce("cluster_id", "customer_id").alias("cluster_id"))


def _columns(table: pa.Table) -> Sequence[npt.NDArray[np.int64]]:
    return [table.column(place).to_numpy().astype(np.int64) for place in (0, 1)]


def _neighbours(ties: str) -> str:
    """Pairs of customers that follow each other in what they share: enough to connect all of them."""
    return f"""
        with ties as (select distinct tie, customer_id from ({ties})),
        shared as (select *, count(*) over (partition by tie) as sharing from ties)
        select lag(customer_id) over (partition by tie order by customer_id) as left_id, customer_id
        from shared where sharing between 2 and $most qualify left_id is not null"""
