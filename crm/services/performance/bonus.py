"""What a bonus comes to, as a pure function of a scheme, plan and result, with the reason line by line."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal

HUNDRED: Final = Decimal(100)
Base = Literal["amount", "salary"]


@dataclass(frozen=True)
class Part:
    """The part of a bonus that hangs on one indicator.

    `weight` in per cent of the whole. Below `threshold_pct` of the plan nothing is paid, from there on as much per cent
    as is done; beyond `accelerator_from_pct` each per cent counts `accelerator` times; more than `cap_pct` is not paid.
    """

    kpi: str
    weight: Decimal
    threshold_pct: Decimal
    accelerator_from_pct: Decimal
    accelerator: Decimal
    cap_pct: Decimal


@dataclass(frozen=True)
class Scheme:
    """How bonuses are counted. `base`: an amount of soʻm at 100 %, or `share_pct` of a salary; `own` is the amount or
    salary of single employees, `usual` of all others. `cap_pct` bounds the whole."""

    period_kind: str
    positions: tuple[str, ...]
    base: Base
    usual: Decimal
    own: Mapping[str, Decimal]
    share_pct: Decimal
    parts: tuple[Part, ...]
    cap_pct: Decimal

    def base_of(self, employee_id: str) -> Decimal:
        """Soʻm that an employee gets at 100 %."""
        return _soum(self.own.get(employee_id, self.usual) * self.share_pct / HUNDRED)


@dataclass(frozen=True)
class Line:
    """Why a part is what it is: plan and result, per cent done, per cent paid, soʻm. `reason`: no_plan, below, plain,
    accelerated or capped."""

    part: Part
    plan: float | None
    result: float
    done_pct: float | None
    paid_pct: float
    amount: int
    reason: str


@dataclass(frozen=True)
class Bonus:
    """The sum in soʻm with its lines; `is_capped` when the whole was cut to `cap_pct` of the base."""

    amount: int
    base: int
    lines: tuple[Line, ...]
    is_capped: bool


def is_planned(plan: float | None, better: str) -> bool:
    """Whether there is anything to reach: a plan of 0 asks for nothing, unless less is better (nobody is to leave)."""
    return plan is not None and (plan != 0 or better == "down")


def done_pct(plan: float, result: float, better: str) -> float:
    """Per cent of a plan that is done: 100 when they are equal, and as much more or less as the result is off the plan
    in the good or bad direction (debt 10 % above its plan is 90 %), never below 0. A plan of 0 counts as one of 1."""
    off = (result - plan) / max(abs(plan), 1.0) * 100
    return max(100 + off if better == "up" else 100 - off, 0.0)


def bonus(
    scheme: Scheme, employee_id: str, plans: Mapping[str, float], results: Mapping[str, float],
    better: Mapping[str, str],
) -> Bonus:  # fmt: skip
    """The bonus of an employee for these results; an indicator without a plan, or planned at 0 where more is
    better, pays nothing, and says so.

    `better` says of each indicator which way is good. Each line is rounded to whole soʻm, and they add up to the sum
    unless the whole is capped.
    """
    base = scheme.base_of(employee_id)
    lines = tuple(
        _line(part, base, plans.get(part.kpi), results.get(part.kpi, 0.0), better.get(part.kpi, "up"))
        for part in scheme.parts
    )
    whole, most = sum(line.amount for line in lines), int(_soum(base * scheme.cap_pct / HUNDRED))
    return Bonus(min(whole, most), int(base), lines, whole > most)


def _line(part: Part, base: Decimal, plan: float | None, result: float, better: str) -> Line:
    if plan is None or not is_planned(plan, better):
        return Line(part, None, result, None, 0.0, 0, "no_plan")
    done = Decimal(str(round(done_pct(plan, result, better), 6)))
    paid, reason = paid_pct(part, done)
    amount = _soum(base * part.weight / HUNDRED * paid / HUNDRED)
    return Line(part, plan, result, float(done), float(paid), int(amount), reason)


def paid_pct(part: Part, done: Decimal) -> tuple[Decimal, str]:
    """Per cent of a part that is paid when `done` per cent of its plan are done, and why; it never falls."""
    if done < part.threshold_pct:
        return Decimal(0), "below"
    over = done - part.accelerator_from_pct
    paid = part.accelerator_from_pct + over * part.accelerator if over > 0 else done
    if paid > part.cap_pct:
        return part.cap_pct, "capped"
    return paid, "accelerated" if over > 0 and part.accelerator != 1 else "plain"


def _soum(value: Decimal | Any) -> Decimal:
    return Decimal(value).quantize(Decimal(1), ROUND_HALF_UP)
