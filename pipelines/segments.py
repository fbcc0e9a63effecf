"""Segments as assets: who is in them, before a snapshot is published; and between runs, on a schedule."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from pipelines.resources import Runtime
from pipelines.schedules import every_few_minutes
from vitrina.errors import UserError
from vitrina.keeper import KeeperFailed
from vitrina.members.refresh import member_store, refresh_build, refresh_published
from vitrina.members.register import CommandRegister
from vitrina.members.run import tell
from vitrina.members.store import SegmentsAreBusy
from vitrina.members.tables import TABLES
from vitrina.settings import Settings
from vitrina.warehouse.light import SnapshotMoved
from vitrina.warehouse.store import NothingPublished, StoreIsBusy

SEGMENTS_CRON = "*/5 * * * *"
SEGMENT_TABLES = tuple(TABLES)


def segments_asset(marts: list[str]) -> dg.AssetsDefinition:
    """The tables of segments in the build. A keeper that does not answer costs freshness, not the snapshot."""

    @dg.multi_asset(
        name="segments", specs=[dg.AssetSpec(name, deps=marts, group_name="segments") for name in SEGMENT_TABLES]
    )
    def segments(
        context: dg.AssetExecutionContext, runtime: dg.ResourceParam[Runtime]
    ) -> Iterator[dg.MaterializeResult]:
        register = CommandRegister(runtime.settings)
        with runtime.progress.step("Segments") as advance:
            try:
                run = refresh_build(runtime.settings, runtime.as_of, register, datetime.now(UTC))
                advance(1, note=f"{len(run.believed) if run else 0} computed")
            except KeeperFailed as error:
                context.log.warning(str(error))
                advance(1, note=str(error))
        yield from (dg.MaterializeResult(asset_key=name) for name in SEGMENT_TABLES)

    return segments


def tell_register(settings: Settings, version: int) -> str:
    """After a publish: the keeper learns how segments ran. Returns what went wrong, which waits for the next run."""
    try:
        tell(member_store(settings), CommandRegister(settings), version)
    except KeeperFailed as error:
        return str(error)
    return ""


def segments_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """Every few minutes: segments whose own time has come are computed on the snapshot that is published."""

    @dg.op
    def compute_due_segments(context: dg.OpExecutionContext) -> None:
        try:
            done = refresh_published(settings, CommandRegister(settings), datetime.now(UTC))
        except (SegmentsAreBusy, SnapshotMoved, StoreIsBusy, NothingPublished) as error:
            context.log.info(f"Not now: {error}")
            return
        except UserError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        context.log.info("Nothing was due." if done is None else f"Published version {done.version}.")

    return every_few_minutes(compute_due_segments, "segments_due", SEGMENTS_CRON, settings.timezone)
