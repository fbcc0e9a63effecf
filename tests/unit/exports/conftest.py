"""A warehouse of ten customers to export from."""

from collections.abc import Callable
from pathlib import Path

import pytest
from export_source import DEFAULT_ROWS, NOW, Warehouse, spec

from vitrina.exports import ExportOptions, ExportResult, run_export


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """Ten customers, published once."""
    made = Warehouse(tmp_path)
    made.publish(DEFAULT_ROWS)
    return made


@pytest.fixture
def export(warehouse: Warehouse) -> Callable[..., ExportResult]:
    """Export the present version; options of the attempt by name, everything else goes into the entry."""

    def run(force: bool = False, reset: bool = False, only: str | None = None, **entry: object) -> ExportResult:
        options = ExportOptions(only, force, reset)
        with warehouse.reader() as reader:
            return run_export(spec(**entry), reader, warehouse.exports, NOW, options)

    return run
