"""How far they came: audience, sent, delivered, interested, converted, along anything; and targets against facts.

A funnel describes, it does not prove: who was reached differs from who was not. What a campaign added is told by its
lift against control (campaigns.effect.measure).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from campaigns.effect.intervals import Estimate, wilson
from campaigns.tables import Table, frame, need

STAGES: Final = ("sent", "delivered", "interested", "converted")


@dataclass(frozen=True)
class Step:
    """`count` came so far; shares of all, and of those who came to the step before, with Wilson's intervals."""

    stage: str
    count: int
    of_all: Estimate
    of_previous: Estimate


@dataclass(frozen=True)
class Funnel:
    """Steps of one group: `group` holds a text for each column that was asked along."""

    group: Mapping[str, str | None]
    count: int
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Target:
    """A KPI with its target; `fact` None is not known yet, `interval` where the fact is an estimate."""

    kpi: str
    target: float
    fact: float | None
    more_is_better: bool = True
    interval: Estimate | None = None


@dataclass(frozen=True)
class PlanFact:
    """`reached` is fact over target; `code` is met, missed, unsure (the interval holds the target) or unknown."""

    kpi: str
    target: float
    fact: float | None
    reached: float | None
    gap: float | None
    code: str


def funnel(rows: Table, by: Sequence[str] = (), stages: Sequence[str] = STAGES) -> tuple[Funnel, ...]:
    """A row per customer (or per message) with a boolean column per stage. Who came to a later stage has come to the
    earlier ones: an answer proves delivery where no report came. Groups are sorted by their names."""
    table = frame(rows)
    need(table, [*stages, *by], "rows")
    reached = [pl.any_horizontal([pl.col(each).fill_null(False) for each in stages[place:]]).alias(stage)
               for place, stage in enumerate(stages)]  # fmt: skip
    sums = [pl.len().alias("count"), *(pl.col(each).sum() for each in stages)]
    flagged = table.select(*(pl.col(each).cast(pl.String) for each in by), *reached)
    counted = flagged.group_by(list(by)).agg(sums).sort(list(by), nulls_last=True) if by else flagged.select(sums)
    return tuple(_funnel(row, by, stages) for row in counted.to_dicts())


def _funnel(row: Mapping[str, int], by: Sequence[str], stages: Sequence[str]) -> Funnel:
    steps, before = [], int(row["count"])
    for stage in stages:
        steps.append(Step(stage, int(row[stage]), wilson(row[stage], row["count"]), wilson(row[stage], before)))
        before = int(row[stage])
    return Funnel({each: row[each] for each in by}, int(row["count"]), tuple(steps))  # type: ignore[misc]


def plan_fact(targets: Sequence[Target]) -> tuple[PlanFact, ...]:
    """Every KPI's fact against its target."""
    return tuple(
        PlanFact(each.kpi, each.target, each.fact, each.fact / each.target if each.fact is not None and each.target else
                 None, None if each.fact is None else each.fact - each.target, _code(each))
        for each in targets
    )  # fmt: skip


def _code(each: Target) -> str:
    if each.fact is None:
        return "unknown"
    ends = each.interval
    if ends is not None and ends.low is not None and ends.high is not None and ends.low < each.target <= ends.high:
        return "unsure"
    return "met" if (each.fact >= each.target if each.more_is_better else each.fact <= each.target) else "missed"
