"""An audience at the moment its campaign begins: clusters, groups and their balance, in one answer."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from campaigns.control.assign import assign
from campaigns.control.balance import Balance, balance
from campaigns.tables import Table, frame


@dataclass(frozen=True)
class Freeze:
    """`assigned`: customer_id, cluster_id, is_control, in the order of the members."""

    assigned: pa.Table
    members: int
    clusters: int
    control: int
    balance: Balance


def freeze(
    members: Table,
    clusters: Table,
    seed: str,
    share_pct: float,
    strata: Sequence[str] = (),
    covariates: Sequence[str] | None = None,
) -> Freeze:
    """Assign and compare. `covariates` are columns of `members`; without them all columns but ids. Raises
    `DefinitionError`."""
    assigned = assign(members, clusters, seed, share_pct, strata)
    rows = frame(assigned)
    return Freeze(
        assigned, rows.height, rows["cluster_id"].n_unique(), int(rows["is_control"].sum()),
        balance(members, assigned, covariates),
    )  # fmt: skip
