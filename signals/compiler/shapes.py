"""What conditions compare, without by how much: conditions of one shape are computed together, once.

A column of a measure is a stretch of a flow (days back from the day: after `back`, up to `until`), or a state's value
`back` days before.
"""

from dataclasses import dataclass
from typing import Final

from signals.definition import Change, Condition, Missing, StateChange, Threshold
from signals.definition.nodes import AGAINST
from signals.measures import Flow, Measure

WINDOWS: Final = 6
"""Earlier windows that a norm stands on."""
LEAST_WINDOWS: Final = 3
WEEK: Final = 7


@dataclass(frozen=True, order=True)
class Column:
    """A stretch of a flow: days d with day − back < d ≤ day − until; of a state `until` equals `back`."""

    measure: str
    back: int
    until: int = 0

    @property
    def name(self) -> str:
        """What it is called in the common tables."""
        return f"{self.measure}_{self.back}_{self.until}"


@dataclass(frozen=True)
class Shape:
    """What is compared with what; `deep` says that earlier windows are looked at for norm and spread."""

    kind: str
    measure: str
    against: str = ""
    length: int = 0
    before: int = 0
    deep: bool = False
    customer_type: str | None = None

    @property
    def wants_peers(self) -> bool:
        """Whether other customers than the audience must be looked at."""
        return self.against in AGAINST[2:]

    def columns(self, measure: Measure) -> tuple[Column, ...]:
        """The columns, the present one first."""
        name, length = self.measure, self.length
        match self.kind:
            case "missing":
                return Column(name, length), Column(name, length + self.before, length)
            case "state":
                return Column(name, 0), Column(name, length, length)
            case "threshold":
                return (Column(name, WEEK * length) if isinstance(measure, Flow) else Column(name, 0),)
        step, count = WEEK * length, WINDOWS if self.deep else 1
        if isinstance(measure, Flow):
            return tuple(Column(name, step * (place + 1), step * place) for place in range(count + 1))
        return tuple(Column(name, step * place, step * place) for place in range(count + 1))


def shape_of(condition: Condition, customer_type: str | None) -> Shape:
    """The shape of a condition of a rule about customers of that type; comparable customers are of one type anyway."""
    match condition:
        case Change():
            deep = condition.against in ("norm", "season") or condition.deviations is not None
            kind = customer_type if condition.against in AGAINST[2:] else None
            return Shape("change", condition.measure, condition.against, condition.weeks, 0, deep, kind)
        case StateChange():
            return Shape("state", condition.measure, length=condition.within_days)
        case Missing():
            return Shape("missing", condition.measure, length=condition.days, before=condition.before_days)
        case Threshold():
            return Shape("threshold", condition.measure, length=condition.weeks)


def holds_for_nothing(condition: Threshold) -> bool:
    """Whether the threshold holds for zero, so that customers with no rows at all must be looked at."""
    zero, value = 0.0, condition.value
    return {
        ">": zero > value, ">=": zero >= value, "<": zero < value, "<=": zero <= value, "=": zero == value,
        "!=": zero != value,
    }[condition.operator]  # fmt: skip
