"""A rule as values: whom it watches, what must have happened, and what becomes of a signal.

What a measure is (a flow or a state) is known only together with the registry of measures, in the compiler.
"""

from dataclasses import dataclass, field
from typing import Final

from segments.definition import Group

VERSION: Final = 1
CUSTOMER_TYPES: Final = ("organisation", "person")
DIRECTIONS: Final = ("fall", "growth")
AGAINST: Final = ("previous", "norm", "season", "peers")
OPERATORS: Final = (">", ">=", "<", "<=", "=", "!=")
PRIORITIES: Final = ("high", "medium", "low")
ACTIONS: Final = ("inform", "task", "notify_group", "list")
OWNERS: Final = ("manager", "head", "department", "employee")
OUTCOMES: Final = ("churn", "revenue_fall", "non_payment")
REVENUE_DAYS: Final = 61
"""The least horizon of a fall of revenue: charges are made by month, and any 61 days have a full one in them."""


@dataclass(frozen=True)
class Audience:
    """Whom a rule watches: everyone, a segment by its key, or an own tree of segment conditions (`root`)."""

    kind: str = "everyone"
    segment: str | None = None
    root: Group | None = None
    customer_type: str | None = None


@dataclass(frozen=True)
class Change:
    """A measure fell or grew. All of `by_pct` (percent), `by` (units) and `deviations` that are given must hold.

    Windows are `weeks` whole weeks that end on the day; `at_least` is the least baseline that counts.
    """

    measure: str
    direction: str
    against: str = "previous"
    weeks: int = 4
    by_pct: float | None = None
    by: float | None = None
    deviations: float | None = None
    at_least: float | None = None
    id: str | None = None


@dataclass(frozen=True)
class Threshold:
    """A measure compared with a number; of a flow, what the last `weeks` whole weeks came to."""

    measure: str
    operator: str
    value: float
    weeks: int = 4
    id: str | None = None


@dataclass(frozen=True)
class StateChange:
    """A word of state is another than `within_days` before: one of `before` became one of `to`; empty means any."""

    measure: str
    before: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    within_days: int = 7
    id: str | None = None


@dataclass(frozen=True)
class Missing:
    """A flow that was nothing for `days` days though there was something in the `before_days` before them."""

    measure: str
    days: int
    before_days: int
    id: str | None = None


Condition = Change | Threshold | StateChange | Missing


@dataclass(frozen=True)
class Check:
    """When a rule is looked at: every day, week (`weekday` 1 is Monday) or month (`day` 1 to 28)."""

    every: str = "day"
    weekday: int = 1
    day: int = 1


@dataclass(frozen=True)
class Action:
    """What a raised signal starts."""

    kind: str = "inform"
    title: str = ""
    due_days: int = 3
    department_id: str | None = None
    list_key: str | None = None


@dataclass(frozen=True)
class Owner:
    """Whose signal it is; the manager is the customer's own."""

    kind: str = "manager"
    department_id: str | None = None
    employee_id: str | None = None


@dataclass(frozen=True)
class Limits:
    """How many signals of the rule are raised a day, for one owner and in all; None is no limit."""

    per_owner_a_day: int | None = None
    a_day: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What the signal warns of, and within how many days it must come for the signal to have been right."""

    kind: str = "churn"
    within_days: int = 60


@dataclass(frozen=True)
class Rule:
    """A whole rule; `kind` rules has `conditions` joined by `combinator`, kind sql has `sql`."""

    kind: str = "rules"
    audience: Audience = field(default_factory=Audience)
    combinator: str = "and"
    conditions: tuple[Condition, ...] = ()
    sql: str | None = None
    check: Check = field(default_factory=Check)
    priority: str = "medium"
    action: Action = field(default_factory=Action)
    owner: Owner = field(default_factory=Owner)
    cool_down_days: int = 28
    worsens_by_pct: float | None = None
    closes: bool = True
    limits: Limits = field(default_factory=Limits)
    outcome: Outcome = field(default_factory=Outcome)
