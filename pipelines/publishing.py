"""The last assets: the published snapshot, and the exports that leave from it."""

from datetime import UTC, datetime

import dagster as dg

from pipelines.resources import Runtime, code_revision
from pipelines.segments import tell_register
from vitrina.exports.commands import export
from vitrina.members.refresh import member_store
from vitrina.warehouse.engine import Resources
from vitrina.warehouse.marts import load_catalogue
from vitrina.warehouse.publish import PublishRequest, publish


def snapshot_asset(marts: list[str]) -> dg.AssetsDefinition:
    """Publish what the build holds as the next snapshot, once every mart is built and tested."""

    @dg.asset(name="published_snapshot", deps=marts, group_name="publish", kinds={"duckdb", "parquet"})
    def published_snapshot(
        context: dg.AssetExecutionContext, runtime: dg.ResourceParam[Runtime]
    ) -> dg.MaterializeResult:
        settings = runtime.settings
        request = PublishRequest(
            as_of=runtime.as_of,
            now=datetime.now(UTC).replace(tzinfo=None),
            watermarks=runtime.watermarks(),
            code_revision=code_revision(),
            contract_versions=runtime.contract_versions(),
            reason=f"run {context.run_id}",
        )
        catalogue = load_catalogue(dbt_manifest=settings.build_path.parent / "target" / "manifest.json")
        resources = Resources(memory_limit=settings.memory_limit, threads=settings.threads)
        with member_store(settings).exclusive(wait=True):  # segments publish by themselves between runs
            done = publish(
                settings.build_path, settings.published_dir, request, catalogue, resources, progress=runtime.progress
            )
            if problem := tell_register(settings, done.version):
                context.log.warning(problem)
        rows = {name: table.rows for name, table in done.manifest.tables.items()}
        return dg.MaterializeResult(
            metadata={
                "version": done.version,
                "as_of": runtime.as_of.isoformat(),
                "tables": len(rows),
                "months_written": sum(len(months) for months in done.months_written.values()),
                "months_kept": done.months_kept,
                "rows": dg.MetadataValue.json(rows),
            }
        )

    return published_snapshot


def export_assets(names: list[str]) -> list[dg.AssetsDefinition]:
    """One asset per configured export, from the published snapshot."""
    return [_export_asset(name) for name in names]


def export_asset_name(name: str) -> str:
    """Asset of an export: `<destination>.<payload>` may not hold a dot in Dagster."""
    return "exp_" + name.replace(".", "__").replace("/", "__")


def _export_asset(name: str) -> dg.AssetsDefinition:
    @dg.asset(name=export_asset_name(name), deps=["published_snapshot"], group_name="exports", kinds={"file"})
    def exported(runtime: dg.ResourceParam[Runtime]) -> dg.MaterializeResult:
        with runtime.progress.step(f"Export {name}"):
            done = export(runtime.settings, name, datetime.now(UTC).replace(tzinfo=None))
        return dg.MaterializeResult(
            metadata={"status": done.status, "rows": done.rows, "file": str(done.path), "sha256": done.sha256}
        )

    return exported
