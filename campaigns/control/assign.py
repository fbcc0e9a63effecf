"""Who is left alone: a share of the clusters of each stratum, drawn by hash.

Within a stratum each class of size gives its share of clusters in the order of their hash, the large ones first and
single customers last, who even out what the large ones leave: the share is exact to one member wherever a stratum has
enough single customers. A cluster larger than what its stratum is to leave alone is never drawn. A cluster belongs to
the stratum of its first member. Numbers of members are rounded along all strata together, so that many small strata
do not round to nobody.

Source: W. G. Cochran, Sampling Techniques, 3rd ed., 1977, chapters 5 (strata) and 9A (clusters of unequal size).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from campaigns.control.clusters import cluster_of
from campaigns.control.hashing import hashes, uniforms
from campaigns.tables import Table, frame, need
from segments.errors import DefinitionError, Problem

ASSIGNED: Final = pa.schema([("customer_id", pa.int64()), ("cluster_id", pa.int64()), ("is_control", pa.bool_())])
BAD_SHARE: Final = "The share of the control group is {share} percent: it must lie between 0 and 100."
TWICE: Final = "{count} customers are in the audience more than once."
_SIZE_STEPS: Final = (2, 3, 6, 11, 21)
"""Sizes at which a class of clusters begins."""


def assign(members: Table, clusters: Table, seed: str, share_pct: float, strata: Sequence[str] = ()) -> pa.Table:
    """(customer_id, cluster_id, is_control) in the order of `members` (customer_id and the columns of `strata`).

    The same seed, members and clusters give the same answer whatever their order. Raises `DefinitionError`.
    """
    rows = frame(members)
    need(rows, ["customer_id", *strata], "members")
    if not 0 <= share_pct <= 100:
        raise DefinitionError([Problem(("share_pct",), BAD_SHARE, {"share": share_pct})])
    known = cluster_of(rows.select("customer_id", *dict.fromkeys(strata)), clusters)
    if doubled := known.height - known["customer_id"].n_unique():
        raise DefinitionError([Problem(("members",), TWICE, {"count": doubled})])
    units = _units(known, list(dict.fromkeys(strata)))
    chosen = _drawn(units, seed, share_pct / 100)
    taken = pl.Series("cluster_id", units["cluster_id"].to_numpy()[chosen])
    flag = known["cluster_id"].is_in(taken.implode()) if len(taken) else pl.repeat(False, known.height, eager=True)
    columns = [known["customer_id"].cast(pl.Int64).to_arrow(), known["cluster_id"].cast(pl.Int64).to_arrow()]
    return pa.table([*columns, flag.to_arrow()], schema=ASSIGNED)


def _units(known: pl.DataFrame, strata: list[str]) -> pl.DataFrame:
    """(cluster_id, size, stratum), a row a cluster."""
    if not strata:
        return known.group_by("cluster_id").agg(size=pl.len()).with_columns(stratum=pl.lit(0, pl.UInt32))
    levels = known.select(strata).unique().sort(strata).with_row_index("stratum")
    known = known.join(levels, on=strata, how="left", nulls_equal=True)
    alone = known.filter(pl.col("cluster_id").is_unique())
    shared = known.filter(~pl.col("cluster_id").is_unique())
    first = pl.col("stratum").sort_by("customer_id").first()
    return pl.concat([
        alone.select("cluster_id", pl.lit(1, pl.UInt32).alias("size"), "stratum"),
        shared.group_by("cluster_id").agg(pl.len().cast(pl.UInt32).alias("size"), first),
    ])  # fmt: skip


def _drawn(units: pl.DataFrame, seed: str, share: float) -> npt.NDArray[np.intp]:
    """Places of the clusters that are left alone."""
    if units.is_empty():
        return np.empty(0, np.intp)
    ids, sizes = units["cluster_id"].to_numpy(), units["size"].to_numpy().astype(np.int64)
    strata = units["stratum"].to_numpy().astype(np.int64)
    classes = np.searchsorted(_SIZE_STEPS, sizes, side="right")
    code = strata * (len(_SIZE_STEPS) + 1) + (len(_SIZE_STEPS) - classes)
    order = np.lexsort((hashes(seed, ids), code))
    begins = np.flatnonzero(np.diff(code[order], prepend=-1))
    wanted = _wanted(np.bincount(strata, sizes).astype(float), share)
    chosen, left = [], wanted.copy()
    for begin, end in zip(begins, [*begins[1:], len(order)], strict=True):
        group = order[begin:end]
        stratum, held = strata[group[0]], np.cumsum(sizes[group])
        if end == len(order) or strata[order[end]] != stratum:
            count = _nearest(held, left[stratum])
        else:
            count = _by_chance(held, min(share * held[-1], left[stratum]), uniforms(f"{seed}/edge", ids[group]))
            count = count if not count or held[count - 1] <= left[stratum] else count - 1
        chosen.append(group[:count])
        left[stratum] -= held[count - 1] if count else 0
    return np.concatenate(chosen)


def _wanted(members: npt.NDArray[np.float64], share: float) -> npt.NDArray[np.float64]:
    """Members to leave alone in each stratum: whole numbers whose running sum is that of the shares, rounded."""
    return np.diff(np.floor(np.cumsum(members) * share + 0.5), prepend=0)


def _nearest(held: npt.NDArray[np.int64], goal: float) -> int:
    """How many of the first clusters come nearest to the goal, when the first so many hold `held` members."""
    if goal <= 0:
        return 0
    place = int(np.searchsorted(held, goal))
    if place == len(held):
        return place
    before = held[place - 1] if place else 0
    return place + 1 if held[place] - goal <= goal - before else place


def _by_chance(held: npt.NDArray[np.int64], goal: float, chances: npt.NDArray[np.float64]) -> int:
    """As many of the first clusters as hold the goal on average: the one across it comes in by its chance."""
    place = int(np.searchsorted(held, goal, side="right"))
    if place == len(held):
        return place
    before = held[place - 1] if place else 0
    return place + int(chances[place] < (goal - before) / (held[place] - before))
