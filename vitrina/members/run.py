"""One run of segments: what is due is evaluated, compared with the members before, judged by its size, and kept."""

import datetime as dt
from pathlib import Path

import duckdb

from segments.engine import At
from vitrina.members.evaluate import TABLE, Evaluated, evaluate
from vitrina.members.plan import Outcome, Plan, Register
from vitrina.members.sources import Rows
from vitrina.members.store import MEMBERS, MemberStore, Run
from vitrina.warehouse.engine import Resources, literal, one_row

_BEFORE = "before_run"


def run_due(
    store: MemberStore, plan: Plan, rows: Rows, as_of: dt.date, register: Register, now: dt.datetime,
    snapshot: int, resources: Resources | None = None, is_published: bool = True,
) -> Run:  # fmt: skip
    """Evaluate, judge and keep; the caller holds the store. `snapshot` numbers the data; the run remembers it when they
    `is_published` already. Killed at any moment, it leaves the members of before."""
    with duckdb.connect(":memory:") as work:
        (resources or Resources()).apply(work)
        store.sweep()
        evaluated = evaluate(plan, rows, At.current(as_of), work)
        _before(work, store, evaluated.keys)
        outcomes = _outcomes(work, plan, evaluated, now, as_of)
        held = register.held(outcomes, snapshot) if outcomes else frozenset()
        run_id = now.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%S%fZ")
        run = Run(
            run_id, now.isoformat(), as_of.isoformat(), outcomes, held & {each.key for each in outcomes},
            frozenset(plan.active), snapshot if is_published else None,
        )  # fmt: skip
        store.keep(work, run, *_queries(run, as_of))
    return run


def _before(work: duckdb.DuckDBPyConnection, store: MemberStore, keys: list[str]) -> None:
    """Table `before_run` (segment_key, customer_id, since_date): the members that these segments have so far."""
    work.execute(f"CREATE TABLE {_BEFORE} (segment_key VARCHAR, customer_id BIGINT, since_date DATE)")
    files: dict[Path, list[str]] = {}
    for key, (run, _) in store.current().items():
        if key in keys:
            files.setdefault(store.folder(run.run_id) / MEMBERS, []).append(key)
    for file, held in files.items():
        query = f"SELECT segment_key, customer_id, since_date FROM read_parquet({literal(str(file))})"
        work.execute(f"INSERT INTO {_BEFORE} {query} WHERE list_contains(?, segment_key)", [held])


def _outcomes(
    work: duckdb.DuckDBPyConnection, plan: Plan, evaluated: Evaluated, now: dt.datetime, as_of: dt.date
) -> tuple[Outcome, ...]:
    moment, day, found = now.isoformat(), as_of.isoformat(), []
    for key in evaluated.keys:
        before, members, both = one_row(
            work,
            f"""SELECT (SELECT count(*) FROM {_BEFORE} WHERE segment_key = $1),
                       (SELECT count(*) FROM {TABLE} WHERE segment_key = $1),
                       (SELECT count(*) FROM {TABLE} SEMI JOIN (FROM {_BEFORE} WHERE segment_key = $1) AS known
                          USING (customer_id) WHERE segment_key = $1)""",
            [key],
        )
        figures = {"members": members, "entered": members - both, "left": before - both, "base": evaluated.base}
        found.append(Outcome(key, plan.active[key].version, moment, day, "done", **figures))
    for key, message in evaluated.failed.items():
        found.append(Outcome(key, plan.active[key].version, moment, day, "failed", message=message))
    return tuple(sorted(found, key=lambda each: each.key))


def _queries(run: Run, as_of: dt.date) -> tuple[str, str]:
    keys = ", ".join(literal(key) for key in sorted(run.believed)) or "NULL"
    day = f"DATE {literal(as_of.isoformat())}"
    members = f"""SELECT segment_key, customer_id, coalesce(since_date, {day}) AS since_date
        FROM {TABLE} LEFT JOIN {_BEFORE} USING (segment_key, customer_id)
        WHERE segment_key IN ({keys}) ORDER BY segment_key, customer_id"""
    changes = f"""SELECT segment_key, customer_id, change FROM (
          SELECT segment_key, customer_id, 'entered' AS change
          FROM {TABLE} ANTI JOIN {_BEFORE} USING (segment_key, customer_id)
          UNION ALL
          SELECT segment_key, customer_id, 'left' FROM {_BEFORE} ANTI JOIN {TABLE} USING (segment_key, customer_id)
        ) WHERE segment_key IN ({keys}) ORDER BY segment_key, customer_id"""
    return members, changes


def tell(store: MemberStore, register: Register, snapshot: int) -> int:
    """Tell the keeper of segments of the runs that it does not know; those of unpublished data belong to `snapshot`.

    Returns how many. Raises what the register raises; what it was not told of is told next time.
    """
    runs = store.untold()
    for run in runs:
        if run.outcomes:
            register.record(run.outcomes, run.snapshot if run.snapshot is not None else snapshot)
        store.told(run)
    return len(runs)
