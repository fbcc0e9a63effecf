"""Signals as assets: what became of them, in every snapshot; rules held against it once it is published; and between
runs, on a schedule, rules that were just put in use, people's reminders and e-mails."""

from datetime import UTC, datetime

import dagster as dg

from pipelines.resources import Runtime
from pipelines.schedules import every_few_minutes
from vitrina.errors import UserError
from vitrina.keeper import CommandLine, KeeperFailed
from vitrina.runlock import AnotherRunIsAtWork
from vitrina.settings import Settings
from vitrina.signal_runs.register import CommandKeeper
from vitrina.signal_runs.run import history_into_build, run_signals
from vitrina.signal_runs.tables import TABLE
from vitrina.warehouse.light import SnapshotMoved
from vitrina.warehouse.store import NothingPublished, StoreIsBusy

SIGNALS_CRON = "*/10 * * * *"
UPKEEP_CRON = "*/5 * * * *"
_PATIENCE = 1800


def signal_table_asset(marts: list[str]) -> dg.AssetsDefinition:
    """The mart of signals in the build, as people left them until now. A keeper that does not answer costs freshness,
    not the snapshot: without the table, the run after the publish brings it."""

    @dg.asset(name=TABLE, deps=marts, group_name="signals")
    def signal_history(context: dg.AssetExecutionContext, runtime: dg.ResourceParam[Runtime]) -> dg.MaterializeResult:
        try:
            rows = history_into_build(runtime.settings, CommandKeeper(runtime.settings))
        except KeeperFailed as error:
            context.log.warning(str(error))
            return dg.MaterializeResult(metadata={"problem": str(error)})
        return dg.MaterializeResult(metadata={"rows": rows})

    return signal_history


def signals_asset() -> dg.AssetsDefinition:
    """Rules held against the snapshot that was just published."""

    @dg.asset(name="signals_raised", deps=["published_snapshot"], group_name="signals")
    def signals_raised(context: dg.AssetExecutionContext, runtime: dg.ResourceParam[Runtime]) -> dg.MaterializeResult:
        with runtime.progress.step("Signals") as advance:
            try:
                ran = run_signals(runtime.settings, CommandKeeper(runtime.settings), datetime.now(UTC))
            except (KeeperFailed, AnotherRunIsAtWork, SnapshotMoved, StoreIsBusy) as error:
                context.log.warning(str(error))
                advance(1, note=str(error))
                return dg.MaterializeResult(metadata={"problem": str(error)})
            done = ran.recorded
            advance(1, note=f"{done.raised} raised, {done.closed} closed")
        counts = {"days": done.days, "raised": done.raised, "closed": done.closed, "failed": done.failed}
        return dg.MaterializeResult(metadata=counts)

    return signals_raised


def signals_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """Every few minutes: rules that were put in use since the last run."""

    @dg.op
    def hold_due_rules(context: dg.OpExecutionContext) -> None:
        try:
            done = run_signals(settings, CommandKeeper(settings), datetime.now(UTC)).recorded
        except (AnotherRunIsAtWork, SnapshotMoved, StoreIsBusy, NothingPublished) as error:
            context.log.info(f"Not now: {error}")
            return
        except UserError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        context.log.info(f"{done.days} days, {done.raised} raised.")

    return every_few_minutes(hold_due_rules, "signals_due", SIGNALS_CRON, settings.timezone)


def upkeep_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """Every few minutes: signals wake up, tasks are reminded of, digests go out (`vitrina tasks upkeep`)."""

    @dg.op
    def keep_up(context: dg.OpExecutionContext) -> None:
        try:
            context.log.info(CommandLine(settings, "tasks", _PATIENCE).ask("upkeep").strip())
        except KeeperFailed as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error

    return every_few_minutes(keep_up, "desk_upkeep", UPKEEP_CRON, settings.timezone)
