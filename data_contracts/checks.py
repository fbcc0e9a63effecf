"""Contract → an ordered list of engine-neutral checks, and the checks of a delivery's shape.

`sql` and `expectations` execute the same list, so both engines mean the same by a rule. No SQL and no texts here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from data_contracts.model import Column, Contract, Severity

Scope = Literal["row", "batch", "delivery"]


@dataclass(frozen=True)
class Check:
    """One rule to execute.

    `rule_id` is stable (``<column>.<kind>``, or ``<table>.<kind>`` for rules of a whole batch or delivery): it is what
    quarantine and the check results store. `args` holds what the rule and its message need. `message_key` names the
    text in `messages.CATALOGUE`.
    """

    rule_id: str
    column: str | None
    kind: str
    args: Mapping[str, Any] = field(default_factory=dict)
    message_key: str = ""
    severity: Severity = "error"
    scope: Scope = "row"


@dataclass(frozen=True)
class DeliveryFault:
    """Something wrong with a delivery as a whole. An `error` stops it, a `warning` is told and lets it in."""

    check: Check
    args: Mapping[str, Any]


def compile_checks(contract: Contract) -> tuple[Check, ...]:
    """All checks of a contract: of rows in column order, then of the batch, then of the delivery.

    >>> from data_contracts.model import Column, Contract, Range
    >>> amount = Column("amount", "number", "DECIMAL(18,2)", required=True, range=Range(minimum=0))
    >>> [check.rule_id for check in compile_checks(Contract("foris", "charge", "1.0.0", "Charges", (amount,)))]
    ['amount.required', 'amount.type', 'amount.minimum', 'foris__charge.columns_missing', 'foris__charge.columns_added']
    """
    return (
        *(check for column in contract.columns for check in row_checks(column)),
        *batch_checks(contract),
        *delivery_checks(contract),
    )


def row_checks(column: Column) -> Iterator[Check]:
    """Checks of one column's values, in the order in which they make sense to a reader of faults."""

    def check(kind: str, message: str = "", **args: Any) -> Check:
        return Check(f"{column.name}.{kind}", column.name, kind, args, message or f"row.{kind}")

    if column.required:
        yield check("required")
    if column.logical_type != "string":
        yield check("type", f"row.type.{column.logical_type}", type=column.duckdb_type)
    if column.min_length is not None:
        yield check("min_length", length=column.min_length)
    if column.max_length is not None:
        yield check("max_length", length=column.max_length)
    if column.pattern is not None:
        yield check("pattern", pattern=column.pattern)
    for kind in ("minimum", "exclusive_minimum", "maximum", "exclusive_maximum"):
        limit = getattr(column.range, kind)
        if limit is not None:
            yield check(kind, limit=limit)
    if column.allowed:
        yield check("allowed", values=column.allowed)


def batch_checks(contract: Contract) -> Iterator[Check]:
    """Checks that need more than one row: the key within the batch, references to other raw tables."""
    if contract.key:
        yield Check(
            f"{contract.raw_table}.unique",
            contract.key[0],
            "unique",
            {"columns": contract.key},
            "batch.unique",
            scope="batch",
        )
    for column in contract.columns:
        if column.reference:
            args = {"table": column.reference.table, "target": column.reference.column}
            yield Check(
                f"{column.name}.reference",
                column.name,
                "reference",
                args,
                "batch.reference",
                column.reference.severity,
                "batch",
            )


def delivery_checks(contract: Contract) -> Iterator[Check]:
    """Checks of a delivery's shape and size."""

    def check(kind: str, severity: Severity = "error", **args: Any) -> Check:
        return Check(f"{contract.raw_table}.{kind}", None, kind, args, f"delivery.{kind}", severity, "delivery")

    yield check("columns_missing")
    yield check("columns_added", "warning")
    if not contract.allows_empty:
        yield check("empty")
    if contract.minimum_volume is not None:
        yield check("volume", share=contract.minimum_volume)


def delivery_faults(
    contract: Contract, present: Sequence[str], rows: int | None = None, usual_rows: float | None = None
) -> tuple[DeliveryFault, ...]:
    """What is wrong with a delivery whose fields are `present` and that has `rows` rows.

    `usual_rows` is what this entity's deliveries usually have (the caller decides over which past ones); None while
    nothing is usual yet. `rows` None: not counted yet, so only the columns are judged.
    """
    faults = []
    for check in delivery_checks(contract):
        args = _delivery_fault(check, contract, present, rows, usual_rows)
        if args is not None:
            faults.append(DeliveryFault(check, args))
    return tuple(faults)


def _delivery_fault(
    check: Check, contract: Contract, present: Sequence[str], rows: int | None, usual_rows: float | None
) -> dict[str, Any] | None:
    if check.kind == "columns_missing":
        missing = [c.source_name for c in contract.columns if not c.may_be_absent and c.source_name not in present]
        return {"columns": ", ".join(missing)} if missing else None
    if check.kind == "columns_added":
        known = {column.source_name for column in contract.columns}
        added = [name for name in present if name not in known]
        return {"columns": ", ".join(added)} if added else None
    if check.kind == "empty":
        return {} if rows == 0 else None
    if rows is None or not usual_rows or rows >= check.args["share"] * usual_rows:
        return None
    return {"rows": rows, "usual": round(usual_rows), "percent": round(100 * rows / usual_rows)}
