"""Runs the operator: reveals its timeline up to a day, into files, the billing database and the tax register."""

import shutil
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from simulator.devices import write_dms_days
from simulator.finance import MonthMoney, month_money
from simulator.foris_reference import account_rows, reference_rows
from simulator.foris_writer import ForisWriter
from simulator.interactions import month_interactions
from simulator.onec import of_organisations, write_onec
from simulator.options import Progress, SimulationOptions
from simulator.plant import plant_defects
from simulator.state import State
from simulator.subscriptions import FIRST_ACCOUNT_ID
from simulator.tax_register import write_tax
from simulator.timeline import Timeline, build_timeline
from simulator.truth import write_truth
from simulator.usage_jobs import run_jobs, usage_jobs

LEDGER_SIGN = {"charge": -1, "payment": 1}
EVENT_TABLES = ("charge", "invoice", "payment", "interaction")


@dataclass(frozen=True)
class SimulationReport:
    """What a run revealed."""

    home: Path
    first_day: date
    last_day: date
    customers: int
    subscriptions: int
    foris_rows: dict[str, int]
    defects: int


def generate(
    home: Path | str, customers: int = 20_000, months: int = 36, seed: int = 7, *, until: date,
    daily_months: int | None = None, defects: bool = True, progress: Progress | None = None,
    start: date | None = None, defects_until: date | None = None, foris_url: str | None = None, workers: int = 2,
) -> SimulationReport:  # fmt: skip
    """Simulate an operator into an empty `home`: its inbox, its databases, its truth. See `SimulationOptions`."""
    return simulate(SimulationOptions(
        home=Path(home), until=until, customers=customers, months=months, seed=seed, daily_months=daily_months,
        defects=defects, start=start, defects_until=defects_until, foris_url=foris_url, workers=workers),
            progress)  # fmt: skip


def simulate(options: SimulationOptions, progress: Progress | None = None) -> SimulationReport:
    """The same with an options value; what an earlier run left in the simulator's own folders is removed first."""
    for own in ("simulator", "truth", "inbox/foris", "inbox/onec", "inbox/dms"):
        shutil.rmtree(options.home / own, ignore_errors=True)
    timeline = build_timeline(options)
    state = State.fresh(options, len(timeline.subscriptions.account_agreement))
    return _reveal(state, timeline, timeline.clock.day(options.until), progress)


def advance(
    home: Path | str, days: int, progress: Progress | None = None, foris_url: str | None = None
) -> SimulationReport:
    """Reveal the next days of a home that `generate` made: new files, new and changed rows.

    A billing database outside the home is not remembered: give its `foris_url` again.
    """
    state = State.load(Path(home))
    timeline = build_timeline(state.options)
    state.options = replace(state.options, until=state.options.until + timedelta(days=days), foris_url=foris_url)
    return _reveal(state, timeline, timeline.clock.day(state.options.until), progress)


def _reveal(state: State, timeline: Timeline, until: int, progress: Progress | None) -> SimulationReport:
    if timeline.clock.month_of(until) >= state.options.horizon_months:
        raise ValueError("the timeline ends before that day: simulate anew with more months")
    after, say = state.after, progress or (lambda *_: None)
    with ForisWriter(_foris_url(state.options)) as writer:
        counts = _write_reference(writer, state, timeline, until)
        jobs = usage_jobs(state.options, timeline, after, until)
        for done, (job, usage) in enumerate(run_jobs(state.options, timeline, jobs), start=1):
            if job.month >= state.months_done:
                _queue_month(state, timeline, job.month, month_money(timeline, job.month, usage, state.prepaid_balance))
                state.months_done = job.month + 1
            _release_events(writer, state, until, counts)
            say("usage", done, len(jobs))
        counts["account"] += writer.upsert("account", _accounts(state, timeline, until))
    say("other systems", 0, 1)
    inbox, daily_from = state.options.home / "inbox", _first_daily_day(state.options, timeline)
    write_dms_days(timeline, inbox / "dms", daily_from, after, until)
    write_onec(state, timeline, until)
    write_tax(state, timeline, until)
    planted = plant_defects(state.options, timeline) if after < 0 else []
    write_truth(state.options, timeline, until, planted)
    state.after = until
    state.save()
    say("other systems", 1, 1)
    return SimulationReport(
        state.options.home, timeline.clock.date(max(after + 1, 0)), timeline.clock.date(until),
        int((timeline.parties.created <= until).sum()), int((timeline.subscriptions.activated <= until).sum()),
        counts, len(planted))  # fmt: skip


def _foris_url(options: SimulationOptions) -> str:
    return options.foris_url or f"sqlite:///{options.home / 'simulator' / 'foris.sqlite'}"


def _first_daily_day(options: SimulationOptions, timeline: Timeline) -> int:
    return timeline.clock.month_days(options.months - (options.daily_months or options.months))[0]


def _write_reference(writer: ForisWriter, state: State, timeline: Timeline, until: int) -> dict[str, int]:
    tables = reference_rows(timeline, state.after, until)
    tables["account"] = _accounts(state, timeline, until)
    return {name: writer.upsert(name, tables[name]) for name in writer.metadata.tables if name in tables}


def _accounts(state: State, timeline: Timeline, until: int) -> pl.DataFrame:
    return account_rows(timeline, state.visible_balance, state.touched_day, state.after, until)


def _queue_month(state: State, timeline: Timeline, month: int, money: MonthMoney) -> None:
    for name in ("charge", "invoice", "payment", "bank_transfer"):
        state.wait(name, getattr(money, name))
    for name in ("invoice", "payment"):
        state.wait(f"onec_{name}", getattr(money, name).select("^.*_id$", "^invoice_number$", "_day", "_amount"))
    state.wait("tax_invoice", of_organisations(timeline, money.invoice))
    state.wait("interaction", month_interactions(timeline, month))


def _release_events(writer: ForisWriter, state: State, until: int, counts: dict[str, int]) -> None:
    for table in EVENT_TABLES:
        rows = state.release(table, until)
        if rows is None or not len(rows):
            continue
        counts[table] = counts.get(table, 0) + writer.upsert(table, rows)
        if table in LEDGER_SIGN:
            account = rows["account_id"].to_numpy() - FIRST_ACCOUNT_ID
            np.add.at(state.visible_balance, account, LEDGER_SIGN[table] * rows["_amount"].to_numpy())
            np.maximum.at(state.touched_day, account, rows["_day"].to_numpy())
