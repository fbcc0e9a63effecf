"""What changes from run to run reaches dbt's SQL as DuckDB session variables, set on every cursor that dbt opens.

dbt variables would do as well, but dbt parses the whole project anew when one of them changes: five seconds of every
daily run. profiles.yml names this module as a plugin of the adapter.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin


@dataclass(frozen=True)
class RunValues:
    """The day that everything is computed at, and the ``YYYY-MM`` months to build; `None` for all of them. `churn` is
    what churn means by type of customer and part (``person``, ``gap_months``); empty leaves it to the project."""

    as_of: date
    changed_months: tuple[str, ...] | None
    churn: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


_current: RunValues | None = None


@contextmanager
def run_values(values: RunValues) -> Iterator[None]:
    """Give dbt's cursors these values. One run at a time: the build file has one writer anyway."""
    global _current
    _current = values
    try:
        yield
    finally:
        _current = None


class Plugin(BasePlugin):
    """Sets the variables; a plain `dbt` command has none and must be given `--vars` instead."""

    def configure_cursor(self, cursor: Any) -> None:
        """Called by the adapter for each cursor."""
        if _current is None:
            return
        cursor.execute(f"set variable as_of = date '{_current.as_of.isoformat()}'")
        if _current.changed_months is not None:
            months = ", ".join(f"'{date.fromisoformat(month + '-01'):%Y-%m}'" for month in _current.changed_months)
            cursor.execute(f"set variable changed_months = [{months}]::varchar[]")
        for customer_type, parts in _current.churn.items():
            for part, value in parts.items():
                cursor.execute(f"set variable churn_{customer_type}_{part} = {int(value)}")
