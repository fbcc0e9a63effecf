"""Identity resolution between the staging models and the marts."""

from collections.abc import Iterator
from dataclasses import asdict

import dagster as dg
import duckdb

from parties import resolve
from pipelines.resources import Runtime
from vitrina.warehouse.engine import Resources

RESOLVER_INPUT = "int_party_records"
RESOLVED = ("party_members", "party_matches")


def resolution_assets() -> list[dg.AssetsDefinition]:
    """The two tables of the `resolved` schema: who belongs together, and the evidence for it."""
    specs = [
        dg.AssetSpec(name, deps=[RESOLVER_INPUT], group_name="resolution", kinds={"splink", "duckdb"})
        for name in RESOLVED
    ]

    @dg.multi_asset(name="identity_resolution", specs=specs)
    def identity_resolution(runtime: dg.ResourceParam[Runtime]) -> Iterator[dg.MaterializeResult]:
        resources = Resources(memory_limit=runtime.settings.memory_limit, threads=runtime.settings.threads)
        with runtime.progress.step("Identities"), duckdb.connect(str(runtime.settings.build_path)) as connection:
            resources.apply(connection)
            report = resolve(connection, records_table=f"intermediate.{RESOLVER_INPUT}", into_schema="resolved")
        for name in RESOLVED:
            yield dg.MaterializeResult(asset_key=name, metadata={"report": dg.MetadataValue.json(asdict(report))})

    return [identity_resolution]
