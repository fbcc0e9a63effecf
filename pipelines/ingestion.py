"""Raw tables as assets: one per source entity, extracted and checked against its contract."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import dagster as dg

from data_contracts.model import Contract
from ingest.checks import CheckResult, record_checks
from ingest.config import EntityBase
from ingest.health import entity_total
from ingest.load import LoadResult
from ingest.rules import references
from ingest.run import extract, in_load_order, load
from ingest.workspace import open_workspace
from pipelines.resources import Runtime
from vitrina.settings import Settings

RECONCILED, STRUCTURE, ANSWERS = "rows_reconcile", "deliveries_keep_their_structure", "source_answers"


def raw_assets(settings: Settings, months: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """One asset per entity. Those whose files carry a date are partitioned by month; the others are taken in whole."""
    with open_workspace(settings) as workspace:
        return [_raw_asset(entity, workspace.contract(entity), months) for entity in in_load_order(workspace)]


def _raw_asset(entity: EntityBase, contract: Contract, months: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    dated = getattr(entity, "date_in_name", None) is not None
    hours = contract.freshness_hours
    columns = [dg.TableColumn(c.name, c.duckdb_type, c.description) for c in contract.columns]

    @dg.asset(
        name=entity.table,
        group_name=entity.source,
        description=contract.description,
        kinds={entity.kind},  # type: ignore[attr-defined]
        deps=sorted({table for table, _ in references(contract)} - {entity.table}),
        partitions_def=months if dated else None,
        backfill_policy=dg.BackfillPolicy.single_run() if dated else None,
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=hours)) if hours else None,
        metadata={"contract_version": contract.version, "dagster/column_schema": dg.TableSchema(columns)},
        check_specs=[
            dg.AssetCheckSpec(
                RECONCILED, asset=entity.table, blocking=True, description="accepted + quarantined = received"
            ),
            dg.AssetCheckSpec(
                STRUCTURE, asset=entity.table, description="no delivery was stopped by a structural break"
            ),
            dg.AssetCheckSpec(ANSWERS, asset=entity.table, description="the source could be read"),
        ],
    )
    def raw(runtime: dg.ResourceParam[Runtime]) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        with runtime.progress.step(entity.table) as advance:
            problem = _extract(runtime.settings, entity)
            loaded = load(runtime.settings, entity.source, entity.entity)
            advance(1, note=_note(loaded, problem))
        yield dg.MaterializeResult(metadata=_metadata(loaded))
        checks = _checks(runtime.settings, entity, loaded, problem)
        record_checks(runtime.settings, checks)
        yield from map(as_dagster, checks)

    return raw


def _extract(settings: Settings, entity: EntityBase) -> str | None:
    """Read what is new; a source that does not answer is a warning: its last good data stays in use."""
    try:
        extract(settings, entity.source, entity.entity)
    except Exception as error:
        # Every connector fails in its own way, and none of them may stop the other sources.
        return f"{type(error).__name__}: {error}"
    return None


def _note(loaded: LoadResult, problem: str | None) -> str:
    if problem:
        return f"not read: {problem.splitlines()[0]}"
    if loaded.waiting_for:
        return f"waits for rows of {loaded.waiting_for}"
    return f"{loaded.accepted_rows:,} rows" if loaded.received_rows else "nothing new"


def _metadata(loaded: LoadResult) -> dict[str, Any]:
    return {
        "received_rows": loaded.received_rows,
        "accepted_rows": loaded.accepted_rows,
        "quarantined_rows": loaded.quarantined_rows,
        "deliveries": dg.MetadataValue.json(loaded.states),
        "months_touched": dg.MetadataValue.json(loaded.months),
    }


def _checks(settings: Settings, entity: EntityBase, loaded: LoadResult, problem: str | None) -> list[CheckResult]:
    total = entity_total(settings, entity.source, entity.entity)
    names = ("received", "accepted", "quarantined", "raw_rows", "open_quarantine_rows")
    counts = {name: int(total[name]) for name in names}
    stopped = loaded.states.get("rejected", 0)
    return [
        CheckResult(entity.table, RECONCILED, bool(total["is_balanced"]), "error", counts),
        CheckResult(entity.table, STRUCTURE, stopped == 0, "warn", {"stopped_deliveries": stopped}),
        CheckResult(entity.table, ANSWERS, problem is None, "warn", {"error": problem} if problem else {}),
    ]


def as_dagster(check: CheckResult) -> dg.AssetCheckResult:
    """A check as Dagster's event."""
    return dg.AssetCheckResult(
        asset_key=check.subject,
        check_name=check.check_name,
        passed=check.passed,
        severity=dg.AssetCheckSeverity.ERROR if check.severity == "error" else dg.AssetCheckSeverity.WARN,
        metadata=check.details,
    )
