"""What changed in meaning between two versions of a contract, and whether the version number admits it.

A change is *breaking* when a delivery that kept the old contract may break the new one, or when a reader of the raw
table may fail or misread; *compatible* when neither can happen; *info* when only words changed.

>>> from data_contracts.model import Column, Contract
>>> def version(number, *allowed):
...     status = Column("status", "string", "VARCHAR", allowed=allowed)
...     return Contract("tax", "taxpayer", number, "Taxpayers", (status,))
>>> old, new = version("1.0.0", "a", "b"), version("1.1.0", "a")
>>> for change in diff(old, new): print(change)
breaking    tax__taxpayer.status: value b is no longer allowed
>>> version_errors(old, new)
('tax__taxpayer: version 1.1.0 must raise the major number over 1.0.0: the change is breaking',)
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from data_contracts.model import Bound, Column, Contract, Range

Level = Literal["breaking", "compatible", "info"]
INTEGERS = ("SMALLINT", "INTEGER", "BIGINT")
CLASSES = ("none", "pii", "pii_high")


@dataclass(frozen=True)
class Change:
    """One change at one place (``<raw table>`` or ``<raw table>.<column>``)."""

    level: Level
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.level:<11} {self.place}: {self.text}"


def diff(old: Contract, new: Contract) -> tuple[Change, ...]:
    """Changes from `old` to `new`, breaking ones first, else in contract order. Empty when the meaning is the same."""
    changes = [*_contract_changes(old, new), *_column_set_changes(old, new)]
    for column in old.columns:
        if column.name in new.names:
            place = f"{new.raw_table}.{column.name}"
            changes += [Change(level, place, text) for level, text in _column_changes(column, new.column(column.name))]
    order: dict[Level, int] = {"breaking": 0, "compatible": 1, "info": 2}
    return tuple(sorted(changes, key=lambda change: order[change.level]))


def version_errors(old: Contract, new: Contract) -> tuple[str, ...]:
    """Why the new version number is wrong; empty when it is right.

    A breaking change must raise the major number, a compatible one any number: quarantine and raw rows name the version
    under which they were judged.
    """
    levels = {change.level for change in diff(old, new)}
    before, after = _version(old), _version(new)
    said = f"{new.raw_table}: version {new.version} must"
    if after < before:
        return (f"{said} not be lower than {old.version}",)
    if "breaking" in levels and after[0] <= before[0]:
        return (f"{said} raise the major number over {old.version}: the change is breaking",)
    if "compatible" in levels and after == before:
        return (f"{said} be raised: the contract changed",)
    return ()


def _version(contract: Contract) -> tuple[int, ...]:
    return tuple(int(part) for part in contract.version.split("."))


def _contract_changes(old: Contract, new: Contract) -> Iterator[Change]:
    def change(level: Level, text: str) -> Change:
        return Change(level, new.raw_table, text)

    if old.raw_table != new.raw_table:
        yield change("breaking", f"is another table than {old.raw_table}")
    if old.key != new.key:
        yield change("breaking", f"key ({', '.join(old.key)}) became ({', '.join(new.key)})")
    if old.allows_empty != new.allows_empty:
        yield change(
            "compatible" if new.allows_empty else "breaking",
            f"empty deliveries are {'allowed' if new.allows_empty else 'refused'} now",
        )
    level = _floor(old.minimum_volume, new.minimum_volume)
    if level:
        yield change(level, f"minimum volume {old.minimum_volume} became {new.minimum_volume}")
    if old.freshness_hours != new.freshness_hours:
        yield change("compatible", f"freshness of {old.freshness_hours} h became {new.freshness_hours} h")
    words = (old.title, old.description, old.grain, old.domain, dict(old.labels))
    if words != (new.title, new.description, new.grain, new.domain, dict(new.labels)):
        yield change("info", "title, description, grain, domain or labels changed")


def _column_set_changes(old: Contract, new: Contract) -> Iterator[Change]:
    for column in old.columns:
        if column.name not in new.names:
            yield Change("breaking", f"{old.raw_table}.{column.name}", "column was removed")
    for column in new.columns:
        if column.name not in old.names:
            optional = column.may_be_absent and not column.required
            kind = "optional" if optional else "mandatory: deliveries without it are stopped"
            yield Change(
                "compatible" if optional else "breaking", f"{new.raw_table}.{column.name}", f"column was added, {kind}"
            )
    kept = [name for name in old.names if name in new.names]
    if kept != [name for name in new.names if name in old.names]:
        yield Change("info", new.raw_table, "columns are in another order")


def _column_changes(old: Column, new: Column) -> Iterator[tuple[Level, str]]:
    yield from _shape_changes(old, new)
    yield from _rule_changes(old, new)
    if (old.description, dict(old.labels)) != (new.description, dict(new.labels)):
        yield "info", "description or labels changed"


def _shape_changes(old: Column, new: Column) -> Iterator[tuple[Level, str]]:
    if (old.logical_type, old.duckdb_type) != (new.logical_type, new.duckdb_type):
        level: Level = "compatible" if _holds_all(old, new) else "breaking"
        yield level, f"type {old.duckdb_type} became {new.duckdb_type}"
    for what, before, after in (
        ("unit", old.unit, new.unit),
        ("source field", old.source_name, new.source_name),
        ("date format", old.date_format, new.date_format),
    ):
        if before != after:
            yield "breaking", f"{what} {before} became {after}"
    if old.required != new.required:
        yield ("breaking", "is required now") if new.required else ("compatible", "is no longer required")
    if old.may_be_absent != new.may_be_absent:
        yield ("compatible", "may be absent now") if new.may_be_absent else ("breaking", "may not be absent any more")
    if old.classification != new.classification:
        lowered = CLASSES.index(new.classification) < CLASSES.index(old.classification)
        yield "breaking" if lowered else "compatible", f"class {old.classification} became {new.classification}"


def _holds_all(old: Column, new: Column) -> bool:
    """Every value of the old type is a value of the new one, of the same logical type."""
    if old.logical_type != new.logical_type:
        return False
    if old.duckdb_type in INTEGERS and new.duckdb_type in INTEGERS:
        return INTEGERS.index(old.duckdb_type) <= INTEGERS.index(new.duckdb_type)
    before, after = _decimal(old.duckdb_type), _decimal(new.duckdb_type)
    if before is None or after is None:
        return old.duckdb_type == new.duckdb_type
    return after[1] >= before[1] and after[0] - after[1] >= before[0] - before[1]


def _decimal(kind: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", kind)
    return (int(found[1]), int(found[2])) if found else None


def _rule_changes(old: Column, new: Column) -> Iterator[tuple[Level, str]]:
    yield from _allowed_changes(old, new)
    yield from _reference_changes(old, new)
    if old.pattern != new.pattern:
        yield "breaking" if new.pattern else "compatible", f"pattern {old.pattern} became {new.pattern}"
    ends: tuple[tuple[str, Level | None], ...] = (
        ("minimum", _floor(_lower(old.range), _lower(new.range))),
        ("maximum", _ceiling(_upper(old.range), _upper(new.range))),
        ("minimum length", _floor(old.min_length, new.min_length)),
        ("maximum length", _ceiling(old.max_length, new.max_length)),
    )
    for what, level in ends:
        if level:
            yield level, f"{what} was {'tightened' if level == 'breaking' else 'loosened'}"


def _allowed_changes(old: Column, new: Column) -> Iterator[tuple[Level, str]]:
    if bool(old.allowed) != bool(new.allowed):
        yield ("breaking", "is limited to a list now") if new.allowed else ("compatible", "may hold any value now")
        return
    for value in old.allowed:
        if value not in new.allowed:
            yield "breaking", f"value {value} is no longer allowed"
    for value in new.allowed:
        if value not in old.allowed:
            yield "compatible", f"value {value} is allowed now"


def _reference_changes(old: Column, new: Column) -> Iterator[tuple[Level, str]]:
    before, after = old.reference, new.reference
    if before == after:
        return
    if after is None:
        yield "compatible", "reference was dropped"
    elif before is None:
        yield "breaking" if after.severity == "error" else "compatible", f"must be known in {after.table} now"
    elif (before.table, before.column) != (after.table, after.column):
        yield "breaking", f"refers to {after.table}.{after.column}, not to {before.table}.{before.column}"
    else:
        level: Level = "breaking" if after.severity == "error" else "compatible"
        yield level, f"a key unknown in {after.table} is of severity {after.severity} now"


def _lower(limits: Range) -> tuple[Bound, int] | None:
    """The lower end as a comparable pair: at equal values the exclusive end is the tighter, higher one."""
    ends = [(limits.minimum, 0), (limits.exclusive_minimum, 1)]
    return max(((value, open_) for value, open_ in ends if value is not None), default=None)  # type: ignore[type-var]


def _upper(limits: Range) -> tuple[Bound, int] | None:
    ends = [(limits.maximum, 0), (limits.exclusive_maximum, -1)]
    return min(((value, open_) for value, open_ in ends if value is not None), default=None)  # type: ignore[type-var]


def _floor(before: Any, after: Any) -> Level | None:
    """How a lower limit moved: up is breaking."""
    if before == after:
        return None
    if after is None:
        return "compatible"
    return "breaking" if before is None or after > before else "compatible"


def _ceiling(before: Any, after: Any) -> Level | None:
    """How an upper limit moved: down is breaking."""
    if before == after:
        return None
    if after is None:
        return "compatible"
    return "breaking" if before is None or after < before else "compatible"
