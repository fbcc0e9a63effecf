"""What a contract says, as immutable values.

Belongs here: the meaning of a contract once it is read. Does not belong here: YAML (`loader`), SQL (`sql`), messages.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Severity = Literal["error", "warning"]
PersonalData = Literal["none", "pii", "pii_high"]
Bound = int | float | str

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,62}")
"""Names that may enter SQL text and file names. Whatever fails this never gets past the loader."""


class ContractError(ValueError):
    """A contract cannot be used. The message names the file and the place in it."""


@dataclass(frozen=True)
class Range:
    """Allowed interval of a number, a date (ISO text) or a timestamp (ISO text); an absent end is open."""

    minimum: Bound | None = None
    maximum: Bound | None = None
    exclusive_minimum: Bound | None = None
    exclusive_maximum: Bound | None = None

    def __bool__(self) -> bool:
        """False when no end is closed, so that an empty range makes no check."""
        return any(
            end is not None for end in (self.minimum, self.maximum, self.exclusive_minimum, self.exclusive_maximum)
        )


@dataclass(frozen=True)
class Reference:
    """A value must exist in a column of another raw table; `warning` counts the rows but lets them in."""

    table: str
    column: str
    severity: Severity = "error"


@dataclass(frozen=True)
class Column:
    """One column: its type in raw, and the rules for each value.

    `source_name` is the field's name in the delivery, `name` the column in raw. `date_format` is a strptime pattern for
    dates that are not ISO. `may_be_absent` lets the whole column be missing from a delivery (it is then NULL).
    """

    name: str
    logical_type: str
    duckdb_type: str
    source_name: str = ""
    required: bool = False
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    classification: PersonalData = "none"
    unit: str | None = None
    date_format: str | None = None
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    range: Range = Range()
    allowed: tuple[str, ...] = ()
    reference: Reference | None = None
    may_be_absent: bool = False

    def __post_init__(self) -> None:
        """A field is named in the delivery as in raw unless the contract says otherwise."""
        if not self.source_name:
            object.__setattr__(self, "source_name", self.name)

    def label(self, language: str) -> str:
        """Name for people in `ru`, `uz` or `en`; the column's own name where there is no translation."""
        return self.labels.get(language) or self.name


@dataclass(frozen=True)
class Contract:
    """What one source entity promises.

    `freshness_hours`: age of the newest delivery after which the source is late (None: no promise).
    `minimum_volume`: share (0..1) of the usual rows under which a delivery is a collapse (None: volumes vary freely).
    `key`: columns whose values together occur once in a batch; empty where the entity has no key.
    """

    source: str
    entity: str
    version: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    description: str = ""
    grain: str = ""
    domain: str = ""
    freshness_hours: float | None = None
    minimum_volume: float | None = None
    allows_empty: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def raw_table(self) -> str:
        """Name of the raw table, its folder, its asset and its schema object in the contract."""
        return f"{self.source}__{self.entity}"

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in contract order, which is the order in raw."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.raw_table} has no column {name}")

    def for_source(self, source: str) -> "Contract":
        """The same promises under another source's name: another system of the same kind reuses a contract.

        References to the first source's own tables move with it, the others stay.
        """
        own = f"{self.source}__"

        def moved(column: Column) -> Column:
            reference = column.reference
            if reference is None or not reference.table.startswith(own):
                return column
            table = f"{source}__{reference.table.removeprefix(own)}"
            return replace(column, reference=replace(reference, table=table))

        return replace(self, source=source, columns=tuple(moved(column) for column in self.columns))
