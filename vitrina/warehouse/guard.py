"""What must hold before a build may replace the snapshot that people work with."""

from dataclasses import dataclass

from vitrina.errors import UserError
from vitrina.warehouse.manifest import Manifest
from vitrina.warehouse.marts import BuiltTable, MartCatalogue


class PublishRefused(UserError):
    """The build is not fit to be published; `reasons` are sentences. The published snapshot stays as it is."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        self.reasons = reasons
        super().__init__("not published, the previous snapshot stays: " + "; ".join(reasons))


@dataclass(frozen=True)
class GuardLimits:
    """`least_customers_ratio`: how much of the customer base must still be there, as a share of the snapshot in use."""

    least_customers_ratio: float = 0.7


def reasons_to_refuse(
    tables: dict[str, BuiltTable], catalogue: MartCatalogue, current: Manifest | None, limits: GuardLimits
) -> tuple[str, ...]:
    """Sentences that say why the build must not be published; none when it may."""
    missing = [f"required mart {name} is missing" for name in catalogue.required if name not in tables]
    emptied = [
        f"{name} is empty and had {current.tables[name].rows} rows"
        for name in catalogue.required
        if current and name in tables and tables[name].rows == 0 and current.tables.get(name, None)
        if current.tables[name].rows > 0 and name not in catalogue.customer_bases
    ]
    bases = [
        sentence
        for name in catalogue.customer_bases
        if name in tables and (sentence := _base_problem(tables[name], current, limits))
    ]
    return (*missing, *emptied, *bases)


def _base_problem(table: BuiltTable, current: Manifest | None, limits: GuardLimits) -> str:
    name = table.spec.name
    if table.rows == 0:
        return f"{name} has no customers"
    before = current.tables[name].rows if current and name in current.tables else 0
    if table.rows < before * limits.least_customers_ratio:
        share = round(100 * table.rows / before)
        least = round(100 * limits.least_customers_ratio)
        return f"{name} fell from {before} to {table.rows} customers ({share} % left, at least {least} % expected)"
    return ""
