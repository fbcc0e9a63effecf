"""Run dbt in this process and say plainly what it did.

dbt's command line needs up to 18 seconds to start; its runner, imported once, builds the whole project in a few.
Only a pipeline run calls this: it is the one writer of the private build file.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from vitrina.models.definitions import remembered
from vitrina.settings import REPOSITORY, Settings

PROJECT_DIR = REPOSITORY / "dbt_project"
ALL_MONTHS = "all"
_FAILED = {"error", "fail", "runtime error"}


@dataclass(frozen=True)
class NodeResult:
    """What one dbt node (model, test, hook) came to: `status` is dbt's word, `seconds` its wall time."""

    node: str
    kind: str
    status: str
    seconds: float
    message: str
    unique_id: str = ""
    failures: int = 0

    @property
    def failed(self) -> bool:
        """True when the node broke or a test of severity error found rows."""
        return self.status in _FAILED


class BuildFailed(RuntimeError):
    """dbt could not do what it was asked; `results` holds every node, `failures` those that broke."""

    def __init__(self, summary: str, results: Sequence[NodeResult] = ()) -> None:
        self.results = list(results)
        self.failures = [result for result in self.results if result.failed]
        lines = [f"  {result.node}: {result.message}" for result in self.failures]
        super().__init__("\n".join([summary, *lines]))


def run_dbt(
    settings: Settings,
    as_of: date,
    changed_months: Sequence[str] | str = ALL_MONTHS,
    select: Sequence[str] | str | None = None,
    full_refresh: bool = False,
    command: str = "build",
    exclude: Sequence[str] | str | None = None,
    on_node: Callable[[str], None] | None = None,
    unit_tests: bool = False,
) -> list[NodeResult]:
    """Run a dbt command over the project and return its nodes in order of completion.

    `on_node` is called with the name of every node as soon as it is done, for progress displays.

    `changed_months` are ``YYYY-MM`` texts of the months that deliveries touched, or ``"all"``; `select` and `exclude`
    are dbt selectors. dbt's unit tests try the SQL and not the data, so only a developer's run asks for them.
    Raises `BuildFailed`, naming the nodes, when a model breaks or a test fails.
    """
    arguments = [command, *_directories(settings), *_variables(settings)]
    arguments += _selector("--select", select) + _selector("--exclude", exclude)
    if full_refresh:
        arguments.append("--full-refresh")
    if command in {"build", "test"} and not unit_tests:
        arguments += ["--exclude-resource-type", "unit_test"]
    months = None if changed_months == ALL_MONTHS else tuple(sorted(set(changed_months)))
    return _invoke(settings, command, arguments, as_of, months, on_node)


def parse_project(settings: Settings, as_of: date) -> Path:
    """Parse the project for these sources and return the path of dbt's manifest; reads no data."""
    run_dbt(settings, as_of, command="parse")
    return settings.build_path.parent / "target" / "manifest.json"


def generate_docs(settings: Settings, as_of: date) -> Path:
    """Write dbt's documentation site to ``<home>/dbt_docs`` and return the path of its page.

    Reads the build file, so it may not run while a build does.
    """
    output = settings.home / "dbt_docs"
    output.mkdir(parents=True, exist_ok=True)
    arguments = ["docs", "generate", "--static", *_directories(settings, target=output), *_variables(settings)]
    _invoke(settings, "docs generate", arguments, as_of)
    page = output / "static_index.html"
    return page if page.exists() else output / "index.html"


def _invoke(
    settings: Settings,
    command: str,
    arguments: list[str],
    as_of: date,
    changed_months: tuple[str, ...] | None = None,
    on_node: Callable[[str], None] | None = None,
) -> list[NodeResult]:
    from dbt.cli.main import dbtRunner  # four seconds to import: only those who build pay for it

    from vitrina.warehouse.dbt_session import RunValues, run_values

    def hear(event: Any) -> None:
        if on_node is not None and event.info.name == "NodeFinished":
            on_node(event.data.node_info.node_name)

    settings.build_path.parent.mkdir(parents=True, exist_ok=True)
    churn = remembered(settings.models_dir).for_dbt()
    with _environment(settings), run_values(RunValues(as_of, changed_months, churn)):
        outcome = dbtRunner(callbacks=[hear]).invoke(arguments)
    results = [_node_result(raw) for raw in getattr(outcome.result, "results", None) or []]
    if outcome.exception is not None:
        raise BuildFailed(f"dbt {command} could not run: {outcome.exception}", results) from outcome.exception
    if not outcome.success:
        failures = sum(result.failed for result in results)
        raise BuildFailed(f"dbt {command}: {failures} of {len(results)} nodes failed", results)
    return results


def _node_result(raw: Any) -> NodeResult:
    node = raw.node
    return NodeResult(
        node=getattr(node, "name", str(raw)),
        kind=str(getattr(node, "resource_type", "")),
        status=str(raw.status),
        seconds=round(float(raw.execution_time), 3),
        message=str(raw.message or ""),
        unique_id=str(getattr(node, "unique_id", "")),
        failures=int(raw.failures or 0),
    )


def _directories(settings: Settings, target: Path | None = None) -> list[str]:
    build = settings.build_path.parent
    return [
        "--project-dir", str(PROJECT_DIR),
        "--profiles-dir", str(PROJECT_DIR),
        "--target-path", str(target or build / "target"),
        "--log-path", str(build / "logs"),
        # The text of every statement, profile SQL of 60 kB a month, would cost a fifth of a small build.
        "--log-level-file", "info",
        "--quiet",
    ]  # fmt: skip


def _variables(settings: Settings) -> list[str]:
    """Only what stays from day to day: dbt parses everything anew when a variable changes."""
    return ["--vars", json.dumps({"enabled_sources": list(settings.sources)})]


def _selector(option: str, value: Sequence[str] | str | None) -> list[str]:
    if not value:
        return []
    return [option, *([value] if isinstance(value, str) else value)]


@contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    """The variables that profiles.yml and the sources read, put back afterwards."""
    wanted = {
        "VITRINA_HOME": str(settings.home),
        "VITRINA_MEMORY_LIMIT": settings.memory_limit,
        "VITRINA_THREADS": str(settings.threads),
    }
    before = dict(os.environ)
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name in wanted:
            if name in before:
                os.environ[name] = before[name]
            else:
                del os.environ[name]
