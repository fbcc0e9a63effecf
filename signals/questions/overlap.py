"""How much rules say the same: customers whom several of them would have told about."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from signals.questions.replay import Replay


@dataclass(frozen=True)
class Overlap:
    """`matrix[i][j]` customers had signals of rule i and of j within `within` days (its diagonal are the sizes).

    `alone[i]` had those of i alone; `share[i][j]` is the part of i's signals beside which j had one too.
    """

    keys: tuple[str, ...]
    within: int
    matrix: tuple[tuple[int, ...], ...]
    alone: tuple[int, ...]
    share: tuple[tuple[float, ...], ...]


def overlap(replays: Mapping[str, Replay], within: int = 28) -> Overlap:
    """Overlap of rules by the signals that their replays raised; each replay may hold several rules."""
    raised = _raised(replays)
    keys = tuple(sorted(raised["rule_key"].unique().to_list()))
    near = (pl.col("day") - pl.col("day_right")).dt.total_days().abs() <= within
    pairs = raised.join(raised, on="customer_id").filter(near)
    both = pairs.group_by("rule_key", "rule_key_right").agg(
        customers=pl.col("customer_id").n_unique(), signals=pl.struct("customer_id", "day").n_unique()
    )
    counts = {(row["rule_key"], row["rule_key_right"]): row for row in both.to_dicts()}
    sizes = {key: counts[key, key]["signals"] for key in keys}
    several = pairs.filter(pl.col("rule_key") != pl.col("rule_key_right")).select("rule_key", "customer_id").unique()
    beside = dict(several.group_by("rule_key").len().iter_rows())
    customers = tuple(tuple(counts.get((i, j), {}).get("customers", 0) for j in keys) for i in keys)
    share = tuple(tuple(counts.get((i, j), {}).get("signals", 0) / sizes[i] for j in keys) for i in keys)
    alone = tuple(customers[place][place] - beside.get(key, 0) for place, key in enumerate(keys))
    return Overlap(keys, within, customers, alone, share)


def _raised(replays: Mapping[str, Replay]) -> pl.DataFrame:
    schema = {"rule_key": pl.String, "customer_id": pl.Int64, "day": pl.Date}
    parts = [pl.DataFrame(schema=schema)]
    for each in replays.values():
        parts.append(pl.DataFrame(pl.from_arrow(each.raised().select(list(schema)))).cast(schema))  # type: ignore[arg-type]
    return pl.concat(parts).unique()
