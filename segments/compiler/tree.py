"""A resolved condition: names are columns, values have types, dates are days. Equal trees mean the same.

Two-valued: a comparison with an unknown value is false, or true where its rule says so; `Not` is the plain complement.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Test:
    """What is asked of one value. `values` are typed; for `between` either of the two may be None, which is open.

    `family` is text, number, boolean or date; `cast` names the SQL type of a column that must be read as a date;
    `other` is the column to compare with instead of a value, `other_cast` likewise.
    """

    operator: str
    values: tuple[Any, ...]
    family: str
    nulls_in: bool = False
    cast: str | None = None
    other: str | None = None
    other_cast: str | None = None


@dataclass(frozen=True)
class Always:
    """Everybody, or nobody."""

    holds: bool


@dataclass(frozen=True)
class Attribute:
    """A column of the profile, or inside a part a column of its table."""

    column: str
    test: Test


@dataclass(frozen=True)
class EventPart:
    """Events of one table within days, narrowed by conditions on their fields."""

    table: str
    customer: str
    date: str
    date_cast: bool
    month: str | None
    start: dt.date | None
    end: dt.date | None
    where: "Tree | None"


@dataclass(frozen=True)
class RelatedPart:
    """Related objects as they were on a day; `where` narrows them."""

    table: str
    customer: str
    valid_from: str | None
    valid_to: str | None
    date: str | None
    on: dt.date
    where: "Tree | None"


@dataclass(frozen=True)
class ListPart:
    """The customers of an uploaded list."""

    key: str


@dataclass(frozen=True)
class SegmentPart:
    """The customers of another segment."""

    key: str


@dataclass(frozen=True)
class SqlPart:
    """The customers that a person's own SELECT names."""

    sql: str


Part = EventPart | RelatedPart | ListPart | SegmentPart | SqlPart


@dataclass(frozen=True)
class Exists:
    """The customer is in the part at all."""

    part: Part


@dataclass(frozen=True)
class Measured:
    """What a customer's rows of a part come to. `zero` says that no rows count as 0, not as unknown."""

    part: EventPart | RelatedPart
    function: str
    column: str | None
    test: Test
    zero: bool


@dataclass(frozen=True)
class Every:
    """At least one object, and all of them match: `whole` is the part without its conditions."""

    part: RelatedPart
    whole: RelatedPart


@dataclass(frozen=True)
class Not:
    """The complement."""

    of: "Tree"


@dataclass(frozen=True)
class AllOf:
    """Each of these holds; none of them at all holds."""

    of: "tuple[Tree, ...]"


@dataclass(frozen=True)
class AnyOf:
    """At least one of these holds."""

    of: "tuple[Tree, ...]"


Leaf = Always | Attribute | Exists | Measured | Every
Tree = Leaf | Not | AllOf | AnyOf


def leaves(tree: Tree) -> Iterator[Leaf]:
    """All leaves, in order; those inside the parts are not among them."""
    match tree:
        case Not():
            yield from leaves(tree.of)
        case AllOf() | AnyOf():
            for each in tree.of:
                yield from leaves(each)
        case _:
            yield tree


def part_of(leaf: Leaf) -> Part | None:
    """The part that a leaf looks at."""
    return leaf.part if isinstance(leaf, Exists | Measured | Every) else None
