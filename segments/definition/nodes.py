"""A segment's definition as values: a tree of groups and rules, shaped after react-querybuilder's rule groups.

Values of rules are as the document has them (text, numbers, lists), except dates that move with the as-of date, which
are `Relative` and `Window`. What a value means is known only together with the catalogue, in the compiler.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

VERSION: Final = 1
UNITS: Final = ("day", "week", "month", "quarter", "year")
FUNCTIONS: Final = (
    "count", "days", "sum", "average", "minimum", "maximum", "first", "last", "never", "stopped",
)  # fmt: skip
MEASURED: Final = frozenset({"sum", "average", "minimum", "maximum"})
WITHOUT_COMPARISON: Final = frozenset({"never", "stopped"})
QUANTIFIERS: Final = ("any", "all", "none", "count")
OPERATORS: Final = (
    "=", "!=", "<", "<=", ">", ">=", "between", "notBetween", "in", "notIn", "contains", "doesNotContain",
    "beginsWith", "doesNotBeginWith", "endsWith", "doesNotEndWith", "within", "notWithin", "null", "notNull",
)  # fmt: skip
WITHOUT_VALUE: Final = frozenset({"null", "notNull"})


@dataclass(frozen=True)
class Relative:
    """The as-of date moved by `offset` units; negative is the past."""

    offset: int
    unit: str


@dataclass(frozen=True)
class Window:
    """A stretch of days, fixed or moving with the as-of date; `kind` says which of the other fields count.

    last, next: `count` units; this, previous: the calendar `unit`; between: from `until` back to `count` units ago;
    dates: `start` to `end`, both included, either open; all: any time.
    """

    kind: str
    count: int = 0
    until: int = 0
    unit: str = "day"
    start: dt.date | None = None
    end: dt.date | None = None


@dataclass(frozen=True)
class Group:
    """Rules joined by and / or; `negated` turns the whole round."""

    combinator: str
    rules: "tuple[Node, ...]"
    negated: bool = False
    id: str | None = None
    disabled: bool = False


@dataclass(frozen=True)
class AttributeRule:
    """A field compared with a value, or with another field; inside `where`, a field of the event or object."""

    field: str
    operator: str
    value: Any = None
    nulls: str = "out"
    value_source: str = "value"
    id: str | None = None
    disabled: bool = False


@dataclass(frozen=True)
class EventRule:
    """What a customer's events of one kind come to within a window."""

    event: str
    function: str
    window: Window
    field: str | None = None
    operator: str | None = None
    value: Any = None
    before: Window | None = None
    where: Group | None = None
    nulls: str = "out"
    id: str | None = None
    disabled: bool = False


@dataclass(frozen=True)
class RelatedRule:
    """How many of a customer's subscriptions, accounts, devices and so on match."""

    entity: str
    quantifier: str
    where: Group | None = None
    operator: str | None = None
    value: Any = None
    id: str | None = None
    disabled: bool = False


@dataclass(frozen=True)
class SegmentRule:
    """Membership of another segment, as that one is defined now."""

    segment: str
    operator: str
    id: str | None = None
    disabled: bool = False


@dataclass(frozen=True)
class ListRule:
    """Membership of an uploaded list."""

    list_key: str
    operator: str
    id: str | None = None
    disabled: bool = False


Rule = AttributeRule | EventRule | RelatedRule | SegmentRule | ListRule
Node = Group | Rule


@dataclass(frozen=True)
class Definition:
    """A whole segment: a tree of rules (`root`), or expert SQL that selects customer_id (`sql`)."""

    kind: str
    root: Group | None = None
    sql: str | None = None

    @classmethod
    def everybody(cls) -> "Definition":
        """The segment that leaves nobody out."""
        return cls("rules", Group("and", ()))
