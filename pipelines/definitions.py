"""`build_definitions`: everything Dagster serves, the same for production and for tests. The server loads `defs`."""

import dagster as dg

from pipelines.automation import daily_schedule, export_schedules, landing_sensor
from pipelines.campaigns import CAMPAIGN_TABLES, campaign_tables_asset, campaigns_schedule
from pipelines.churn_models import DEFINITIONS, MODEL_TABLES, definitions_asset, scores_asset
from pipelines.ingestion import raw_assets
from pipelines.models import models_asset
from pipelines.partitions import month_partitions
from pipelines.project import DbtProject
from pipelines.publishing import export_assets, snapshot_asset
from pipelines.resolution import RESOLVED, RESOLVER_INPUT, resolution_assets
from pipelines.resources import Runtime
from pipelines.segments import SEGMENT_TABLES, segments_asset, segments_schedule
from pipelines.signals import signal_table_asset, signals_asset, signals_schedule, upkeep_schedule
from vitrina.days import yesterday
from vitrina.exports.config import load_exports
from vitrina.settings import Settings, get_settings
from vitrina.signal_runs.tables import TABLE as SIGNAL_TABLE
from vitrina.warehouse.build import parse_project

REFRESH = "refresh"


def build_definitions(settings: Settings, runtime: Runtime | None = None) -> dg.Definitions:
    """Assets from source to export, for the sources that these settings enable.

    `runtime` carries what one run is given (as-of date, progress); without it, a run is as of yesterday.
    """
    months = month_partitions(settings.timezone)
    runtime = runtime or Runtime(settings, as_of=yesterday(settings.timezone))
    project = DbtProject(parse_project(settings, runtime.as_of))
    before = project.ancestors(RESOLVER_INPUT)
    first = tuple(model for model in project.models if model.name in before)
    second = tuple(model for model in project.models if model.name not in before)
    exports = sorted(name for name, export in load_exports().items() if export.enabled)
    assets = [
        *raw_assets(settings, months),
        models_asset("party_records", project, first, {}, months),
        *resolution_assets(),
        definitions_asset(),
        models_asset(
            "marts",
            project,
            second,
            {model.name: list(RESOLVED) for model in second if not model.parents} | {"churn_features": [DEFINITIONS]},
            months,
        ),
        scores_asset([model.name for model in second]),
        segments_asset([*(model.name for model in second), *MODEL_TABLES, SIGNAL_TABLE, *CAMPAIGN_TABLES]),
        signal_table_asset([model.name for model in second]),
        campaign_tables_asset([model.name for model in second]),
        snapshot_asset(
            [*(model.name for model in second), *MODEL_TABLES, *SEGMENT_TABLES, SIGNAL_TABLE, *CAMPAIGN_TABLES]
        ),
        signals_asset(),
        *export_assets(exports),
    ]
    refresh = dg.define_asset_job(REFRESH, selection=dg.AssetSelection.all() - dg.AssetSelection.groups("exports"))
    return dg.Definitions(
        assets=assets,
        jobs=[refresh],
        schedules=[
            daily_schedule(refresh, settings.timezone),
            segments_schedule(settings),
            signals_schedule(settings),
            upkeep_schedule(settings),
            campaigns_schedule(settings),
            *export_schedules(exports, settings.timezone),
        ],
        sensors=[landing_sensor(refresh, settings)],
        resources={"runtime": runtime},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What Dagster's server loads: made when it asks, with the settings of its environment."""
    return build_definitions(get_settings())
