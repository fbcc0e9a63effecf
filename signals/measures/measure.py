"""What a measure is: something of a customer that can be known for a day from facts up to that day."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

DAYS: Final = "days"


@dataclass(frozen=True)
class Flow:
    """A sum per day of a fact table. `daily` is the SQL expression that is added up, or the word days for the number of
    days on which there was anything; `where` narrows the rows.

    `scale` makes sums whole numbers, so that adding up in another order gives the same; `divide` turns the sum into the
    unit (60: seconds to minutes). `month` is the partition's column, the first of the month of `date`.
    """

    name: str
    labels: Mapping[str, str]
    unit: str
    digits: int
    table: str
    customer: str
    date: str
    month: str | None
    daily: str
    where: str | None = None
    scale: int = 1
    divide: int = 1

    @property
    def tables(self) -> frozenset[str]:
        """The marts that it reads."""
        return frozenset({self.table})


@dataclass(frozen=True)
class StateMeasure:
    """What holds on a day: `sql` selects day, customer_id and value for each day of the relation days(day).

    `values` is number or text (then `words` has labels); `is_zero` says what no row means: zero, or unknown. Of
    `optional` ones the tables may be lacking in a snapshot.
    """

    name: str
    labels: Mapping[str, str]
    unit: str
    digits: int
    sql: str
    values: str
    is_zero: bool
    tables: frozenset[str]
    words: Mapping[str, Mapping[str, Any]]
    optional: bool = False


Measure = Flow | StateMeasure
