"""What came of signals whose time is over, asked of the snapshot by the engine's own definition of outcomes."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from signals.definition import Outcome
from signals.questions.outcomes import Units, came_true, last_judged
from vitrina.members.sources import Rows
from vitrina.signal_runs.plan import OUTCOMES, WantedOutcome


def measure(wanted: Sequence[WantedOutcome], rows: Rows, as_of: dt.date) -> pa.Table:
    """Table `OUTCOMES` of those of these signals that facts up to `as_of` can judge; the others wait."""
    groups: dict[Outcome, list[WantedOutcome]] = {}
    for each in wanted:
        outcome = Outcome(each.kind, each.within_days)
        if dt.date.fromisoformat(each.day) <= last_judged(outcome, as_of):
            groups.setdefault(outcome, []).append(each)
    organisations = _organisations(rows, [each.customer_id for group in groups.values() for each in group])
    judged = [_judged(rows, outcome, group, organisations) for outcome, group in groups.items()]
    return pa.concat_tables([OUTCOMES.empty_table(), *judged])


def _judged(rows: Rows, outcome: Outcome, group: Sequence[WantedOutcome], organisations: frozenset[int]) -> pa.Table:
    units = Units(
        np.array([each.customer_id for each in group], np.int64),
        np.array([dt.date.fromisoformat(each.day).toordinal() for each in group], np.int64),
        np.array([each.customer_id in organisations for each in group], np.bool_),
    )
    happened = came_true(rows, outcome, units)
    ids = pa.array([each.signal_id for each in group], pa.int64())
    return pa.table([ids, pa.array(happened.tolist(), pa.bool_())], schema=OUTCOMES)


def _organisations(rows: Rows, customers: Sequence[int]) -> frozenset[int]:
    query = (
        "select customer_id from dim_customers where customer_type = 'organisation'"
        " and customer_id in (select unnest($ids))"
    )
    return frozenset(rows.query(query, {"ids": sorted(set(customers))})["customer_id"].to_pylist())
