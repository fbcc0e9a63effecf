"""One unit for a whole chart, so that its axis carries short numbers."""

from collections.abc import Iterable, Sequence
from typing import Any

from apps.language import t

Row = dict[str, Any]


def money(rows: Sequence[Row], columns: Iterable[str]) -> tuple[list[Row], str]:
    """Rows with the money columns divided by one power of ten, and the name of the unit that came of it."""
    columns = list(columns)
    top = max((abs(float(row[column] or 0)) for row in rows for column in columns), default=0.0)
    power, unit = _unit(top)
    return [row | {column: round(float(row[column] or 0) / power, 2) for column in columns} for row in rows], unit


def _unit(top: float) -> tuple[float, str]:
    if top >= 5e9:
        return 1e9, t("billion soʻm")
    if top >= 5e6:
        return 1e6, t("million soʻm")
    return (1e3, t("thousand soʻm")) if top >= 5e3 else (1.0, t("soʻm"))
