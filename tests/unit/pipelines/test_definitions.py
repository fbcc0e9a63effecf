"""What Dagster is given: the whole way from source to export, with months, blocking checks, schedules and a sensor."""

import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipelines.definitions import build_definitions
from pipelines.instance import PID_TAG, close_dead_runs
from pipelines.partitions import range_tags
from pipelines.resources import Runtime, months_between
from vitrina.settings import REPOSITORY, Settings


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("definitions"))


@pytest.fixture(scope="module")
def definitions(settings: Settings) -> dg.Definitions:
    made = build_definitions(settings, Runtime(settings, as_of=date(2026, 10, 31)))
    dg.Definitions.validate_loadable(made)
    return made


def _graph(definitions: dg.Definitions) -> Any:
    return definitions.resolve_asset_graph()


def _above(graph: Any, name: str) -> set[str]:
    seen: set[str] = set()
    stack = [dg.AssetKey(name)]
    while stack:
        for parent in graph.get(stack.pop()).parent_keys:
            if parent.to_user_string() not in seen:
                seen.add(parent.to_user_string())
                stack.append(parent)
    return seen


def test_the_published_snapshot_depends_on_every_source_and_on_identity_resolution(definitions: dg.Definitions) -> None:
    above = _above(_graph(definitions), "published_snapshot")
    raw = {"foris__customer", "foris__usage", "onec__bank_document", "tax__taxpayer", "dms__device"}
    assert raw | {"party_members", "customer_profiles", "fct_usage_daily"} <= above


def test_identity_resolution_stands_between_party_records_and_customers(definitions: dg.Definitions) -> None:
    graph = _graph(definitions)
    assert "int_party_records" in _above(graph, "party_members")
    assert "party_members" in _above(graph, "dim_customers")


def test_dated_files_and_large_facts_are_partitioned_by_month(definitions: dg.Definitions) -> None:
    graph = _graph(definitions)
    for name in ("foris__usage", "dms__device", "fct_usage_daily", "customer_profiles_history"):
        assert isinstance(graph.get(dg.AssetKey(name)).partitions_def, dg.MonthlyPartitionsDefinition), name
    assert graph.get(dg.AssetKey("foris__customer")).partitions_def is None


def test_reconciliation_and_dbt_tests_block_what_depends_on_them(definitions: dg.Definitions) -> None:
    graph = _graph(definitions)
    blocking = {key for key in graph.asset_check_keys if graph.get(key).blocking}
    assert dg.AssetCheckKey(dg.AssetKey("foris__usage"), "rows_reconcile") in blocking
    assert any(key.asset_key == dg.AssetKey("customer_profiles") for key in blocking)


def test_the_daily_schedule_asks_for_the_month_of_the_day_and_the_one_before(definitions: dg.Definitions) -> None:
    schedule = definitions.resolve_schedule_def("refresh_daily")
    moment = datetime(2026, 3, 1, 5, 0)
    context = dg.build_schedule_context(scheduled_execution_time=moment)
    request = schedule.evaluate_tick(context).run_requests[0]
    assert request.tags.items() >= range_tags(date(2026, 2, 1), date(2026, 3, 1)).items()


def test_the_sensor_asks_once_for_new_files_and_then_keeps_quiet(
    definitions: dg.Definitions, settings: Settings
) -> None:
    sensor = definitions.resolve_sensor_def("inbox_files")
    folder = Path(str(settings.inbox)) / "foris" / "usage"
    with dg.DagsterInstance.ephemeral() as instance:
        empty = sensor.evaluate_tick(dg.build_sensor_context(instance=instance))
        assert not empty.run_requests
        folder.mkdir(parents=True)
        (folder / "usage_20261031.csv.gz").write_bytes(b"x")
        first = sensor.evaluate_tick(dg.build_sensor_context(instance=instance))
        assert len(first.run_requests) == 1
        again = sensor.evaluate_tick(dg.build_sensor_context(instance=instance, cursor=first.cursor))
        assert not again.run_requests
        (folder / "usage_20261101.csv.gz").write_bytes(b"y")
        more = sensor.evaluate_tick(dg.build_sensor_context(instance=instance, cursor=first.cursor))
        assert len(more.run_requests) == 1
        assert more.run_requests[0].run_key != first.run_requests[0].run_key


def test_every_configured_export_has_an_asset_and_a_schedule(definitions: dg.Definitions) -> None:
    graph = _graph(definitions)
    exports = {key.to_user_string() for key in graph.get_all_asset_keys() if key.to_user_string().startswith("exp_")}
    assert {"exp_analytics__profiles", "exp_analytics__rfm", "exp_loyalty__profiles"} <= exports
    for name in exports:
        assert definitions.resolve_schedule_def(f"{name}_schedule").cron_schedule


def test_a_run_whose_process_is_gone_is_closed_and_a_living_one_is_left(tmp_path: Path) -> None:
    @dg.op
    def nothing() -> None:
        return None

    @dg.job
    def some_job() -> None:
        nothing()

    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        dead = instance.create_run_for_job(some_job, tags={PID_TAG: "999999999"}, status=dg.DagsterRunStatus.STARTED)
        alive = instance.create_run_for_job(some_job, tags={PID_TAG: "1"}, status=dg.DagsterRunStatus.STARTED)
        assert close_dead_runs(instance) == [dead.run_id]
        assert instance.get_run_by_id(dead.run_id).status is dg.DagsterRunStatus.FAILURE
        assert instance.get_run_by_id(alive.run_id).status is dg.DagsterRunStatus.STARTED


def test_months_between_two_dates_include_both_ends() -> None:
    assert months_between(date(2025, 12, 31), date(2026, 2, 1)) == ["2025-12", "2026-01", "2026-02"]
    assert months_between(date(2026, 2, 1), date(2026, 1, 31)) == []


def test_the_server_finds_the_definitions_by_module_name(settings: Settings) -> None:
    """`dagster dev -m pipelines.definitions` looks through the module; what it cannot see it does not serve."""
    command = [Path(sys.executable).with_name("dagster"), "definitions", "validate", "-m", "pipelines.definitions"]
    home = settings.home / "dagster"
    home.mkdir(exist_ok=True)
    env = {**os.environ, "VITRINA_HOME": str(settings.home), "DAGSTER_HOME": str(home)}
    done = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
