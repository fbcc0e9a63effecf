"""dbt models as Dagster assets, dbt tests as blocking asset checks.

One `dbt build` in this process per group of models: the command-line client would pay its imports every time.
"""

from collections.abc import Callable, Iterator

import dagster as dg

from ingest.checks import CheckResult, record_checks
from ingest.schemas import write_empty_tables
from pipelines.ingestion import as_dagster
from pipelines.partitions import FOLLOWED_BY_MONTH
from pipelines.project import DbtProject, Node
from pipelines.resources import Runtime
from vitrina.warehouse.build import BuildFailed, NodeResult, run_dbt


def models_asset(
    name: str,
    project: DbtProject,
    selected: tuple[Node, ...],
    extra_deps: dict[str, list[str]],
    months: dg.PartitionsDefinition,
) -> dg.AssetsDefinition:
    """One multi-asset that builds and tests `selected`; `extra_deps` adds parents that dbt cannot know."""
    names = {node.name for node in selected}
    tests = tuple(
        (t, home)
        for t in project.tests
        if t.parents and set(t.parents) <= names | _outside(project, names) and (home := _home(t, names))
    )
    specs = [_spec(node, extra_deps.get(node.name, []), months) for node in selected]
    checks = [
        dg.AssetCheckSpec(_check_name(t), asset=home, blocking=t.severity == "error", description=t.description)
        for t, home in tests
    ]

    @dg.multi_asset(name=name, specs=specs, check_specs=checks, can_subset=True)
    def build(
        context: dg.AssetExecutionContext, runtime: dg.ResourceParam[Runtime]
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        wanted = {key.to_user_string() for key in context.selected_asset_keys}
        order = [node for node in selected if node.name in wanted]
        with runtime.progress.step(f"Models: {name}", total=len(order) + len(checks)) as advance:
            results, failure = _build(runtime, [n.name for n in order], lambda node: advance(1, node))
        by_id = {result.unique_id: result for result in results}
        for node in order:
            result = by_id.get(node.unique_id)
            if result is not None and result.status == "success":
                yield dg.MaterializeResult(asset_key=node.name, metadata={"seconds": round(result.seconds, 3)})
        done = [_checked(test, names, by_id[test.unique_id]) for test, _ in tests if test.unique_id in by_id]
        record_checks(runtime.settings, done)
        yield from (as_dagster(check) for check in done if check.subject in wanted)
        if failure is not None:
            raise dg.Failure(description=str(failure), allow_retries=False)

    return build


def _build(
    runtime: Runtime, names: list[str], on_node: Callable[[str], None]
) -> tuple[list[NodeResult], BuildFailed | None]:
    write_empty_tables(runtime.settings)
    try:
        return run_dbt(
            runtime.settings,
            as_of=runtime.as_of,
            changed_months=runtime.changed_months(),
            select=names,
            full_refresh=runtime.full_refresh,
            on_node=on_node,
        ), None
    except BuildFailed as error:
        return error.results, error


def _spec(node: Node, extra: list[str], months: dg.PartitionsDefinition) -> dg.AssetSpec:
    columns = [dg.TableColumn(name=c, type=t or "unknown", description=d) for c, t, d in node.columns]
    return dg.AssetSpec(
        node.name,
        deps=sorted({*node.parents, *extra} - {node.name}),
        group_name=node.group,
        description=node.description,
        kinds={"dbt", "duckdb"},
        partitions_def=months if node.name in FOLLOWED_BY_MONTH else None,
        metadata={"dagster/column_schema": dg.TableSchema(columns=columns)} if columns else {},
    )


def _outside(project: DbtProject, names: set[str]) -> set[str]:
    """Tables that a test of this group may also read: models built before, raw and resolved tables."""
    above: set[str] = set()
    for name in names:
        above |= project.ancestors(name)
    sources = {parent for model in project.models for parent in model.parents}
    return above | sources


def _home(test: Node, names: set[str]) -> str | None:
    """The asset that carries a test: the last of its parents in this group."""
    mine = [parent for parent in test.parents if parent in names]
    return mine[-1] if mine else None


def _check_name(test: Node) -> str:
    return test.unique_id.removeprefix("test.vitrina.").replace(".", "_")


def _checked(test: Node, names: set[str], result: NodeResult) -> CheckResult:
    details = {"message": result.message, "failures": result.failures} if result.failed else {}
    return CheckResult(_home(test, names) or "", _check_name(test), not result.failed, test.severity, details)
