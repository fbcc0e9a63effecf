"""Models of churn and value as assets: what churn means, before the marts are built; scores, before segments."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from pipelines.resources import Runtime
from vitrina.errors import UserError
from vitrina.models.definitions import remember, remembered
from vitrina.models.keeper import CommandKeeper
from vitrina.models.run import score_build, without_scores
from vitrina.models.tables import TABLES

MODEL_TABLES = tuple(TABLES)
DEFINITIONS = "churn_definitions"


def definitions_asset() -> dg.AssetsDefinition:
    """What people set for the models, remembered in the home. A keeper that is silent leaves what was in force."""

    @dg.asset(name=DEFINITIONS, group_name="models")
    def churn_definitions(
        context: dg.AssetExecutionContext, runtime: dg.ResourceParam[Runtime]
    ) -> dg.MaterializeResult:
        folder = runtime.settings.models_dir
        try:
            remember(folder, CommandKeeper(runtime.settings).wishes())
        except UserError as error:
            context.log.warning(str(error))
        told = remembered(folder).definitions
        return dg.MaterializeResult(metadata={kind: dg.MetadataValue.json(each.label) for kind, each in told.items()})

    return churn_definitions


def scores_asset(marts: list[str]) -> dg.AssetsDefinition:
    """The tables of models in the build. What cannot be scored says why there, and never stops the run."""

    @dg.multi_asset(name="scores", specs=[dg.AssetSpec(name, deps=marts, group_name="models") for name in MODEL_TABLES])
    def scores(context: dg.AssetExecutionContext, runtime: dg.ResourceParam[Runtime]) -> Iterator[dg.MaterializeResult]:
        with runtime.progress.step("Scores") as advance:
            try:
                done = score_build(runtime.settings, runtime.as_of, datetime.now(UTC))
            except Exception as error:  # a fault of the models may cost scores, never the snapshot
                context.log.exception("the models failed; the snapshot goes out without scores")
                without_scores(runtime.settings)
                done = []
                advance(1, note=f"none: {error}"[:80])
            for each in done:
                if each.reason:
                    context.log.warning(f"{each.part} of {each.customer_type}: {each.reason}")
            scored = sum(each.customers for each in done if each.part == "churn")
            if done:
                advance(1, note=f"{scored:,} scored" if scored else str(done[0].reason))
        seconds = {f"{each.customer_type} {each.part}": round(each.seconds, 2) for each in done}
        told = {"seconds": dg.MetadataValue.json(seconds)}
        yield from (dg.MaterializeResult(asset_key=name, metadata=told) for name in MODEL_TABLES)

    return scores
