"""Campaigns as assets: their tables in every snapshot, and on a schedule the tick, for homes where nobody serves it."""

from collections.abc import Iterator

import dagster as dg

from pipelines.resources import Runtime
from pipelines.schedules import every_few_minutes
from vitrina.campaign_runs.publish import tables_into_build
from vitrina.campaign_runs.register import CommandCampaigns
from vitrina.campaign_runs.tables import TABLES
from vitrina.keeper import KeeperFailed
from vitrina.settings import Settings

CAMPAIGN_TABLES = tuple(TABLES)
TICK_CRON = "*/5 * * * *"


def campaign_tables_asset(marts: list[str]) -> dg.AssetsDefinition:
    """The marts of campaigns in the build. A keeper that does not answer costs freshness, not the snapshot."""

    @dg.multi_asset(
        name="campaign_tables",
        specs=[dg.AssetSpec(name, deps=marts, group_name="campaigns") for name in CAMPAIGN_TABLES],
    )
    def campaign_tables(
        context: dg.AssetExecutionContext, runtime: dg.ResourceParam[Runtime]
    ) -> Iterator[dg.MaterializeResult]:
        try:
            tables_into_build(runtime.settings, CommandCampaigns(runtime.settings))
        except KeeperFailed as error:
            context.log.warning(str(error))
        yield from (dg.MaterializeResult(asset_key=name) for name in CAMPAIGN_TABLES)

    return campaign_tables


def campaigns_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """Every few minutes: who entered segments is let in, and everybody goes on (`vitrina campaigns tick`)."""

    @dg.op
    def bring_campaigns_on(context: dg.OpExecutionContext) -> None:
        try:
            context.log.info(CommandCampaigns(settings).tick())
        except KeeperFailed as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error

    return every_few_minutes(bring_campaigns_on, "campaigns_tick", TICK_CRON, settings.timezone)
