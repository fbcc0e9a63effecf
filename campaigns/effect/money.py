"""What a campaign earned beyond what would have come anyway, and what that cost.

Everything is a lift times the members it was measured on. What was spent on a customer may differ from customer to
customer; return and cost per customer are then ratios of two estimates, whose interval is Fieller's, and an end that
does not exist is None: a campaign whose effect may be nothing has no greatest cost per customer.

Sources: E. C. Fieller, Some problems in interval estimation, JRSS B 16 (1954); for costs and effects of the same
persons A. R. Willan, A. H. Briggs, Statistical Analysis of Cost-Effectiveness Data, 2006.
"""

from dataclasses import dataclass

from campaigns.effect.arms import Sums, Units, covariance, moments
from campaigns.effect.intervals import Estimate, fieller, scaled
from campaigns.effect.lift import Lift, lift
from campaigns.tables import Table, frame, need


@dataclass(frozen=True)
class Returns:
    """Sums of money over the `members` of one variant. `romi` is (margin · incremental revenue - cost) / cost as a
    share, `sac` the cost of one customer more who converts; None where nothing was spent, or was not asked for."""

    variant: str
    members: int
    revenue: Estimate
    conversions: Estimate
    cost: float
    romi: Estimate | None
    sac: Estimate | None


def returns(
    units: Table,
    *,
    revenue: str | None,
    conversion: str | None,
    cost: str,
    control: str = "control",
    before: tuple[str, ...] = (),
    margin: float = 1.0,
    fixed_cost: float = 0.0,
    alpha: float = 0.05,
) -> tuple[Returns, ...]:
    """Every variant against control. `units` as for `measure`, with columns of revenue, conversion (0 or 1) and cost
    per member; `before` are covariates of the revenue; `fixed_cost` is shared among variants by their members."""
    rows = frame(units)
    need(rows, ["cluster_id", "arm", cost, *before, *(each for each in (revenue, conversion) if each)], "units")
    every = Units(rows)
    gains = every.sums(revenue, before, cost) if revenue else {}
    wins = every.sums(conversion, (), cost) if conversion else {}
    known = gains or wins
    in_variants = sum(each.members.sum() for key, each in known.items() if key != control)
    found = []
    for key in sorted(set(known) - {control}):
        share = fixed_cost / in_variants if in_variants else 0.0
        found.append(_returns(key, control, gains, wins, margin, share, 1 - alpha))
    return tuple(found)


def _returns(
    key: str, control: str, gains: dict[str, Sums], wins: dict[str, Sums], margin: float, fixed: float, level: float
) -> Returns:
    own = (gains or wins)[key]
    members = float(own.members.sum())
    spent = moments(own.members, own.cost + fixed * own.members)
    earned = _lift("revenue", "mean", key, control, gains, level)
    won = _lift("conversion", "share", key, control, wins, level)
    romi = sac = None
    if spent.mean > 0 and earned:
        together = covariance(moments(own.members, gains[key].outcome), spent)
        ratio = fieller(
            margin * (earned.believed.value or 0.0), spent.mean, (margin * earned.error) ** 2, spent.variance,
            margin * together, level,
        )  # fmt: skip
        romi = scaled(ratio, 1.0, -1.0)
    if spent.mean > 0 and won:
        together = covariance(moments(own.members, wins[key].outcome), spent)
        sac = _price(fieller(spent.mean, won.believed.value or 0.0, spent.variance, won.error**2, together, level),
                     spent.mean, won)  # fmt: skip
    return Returns(
        key, int(members), scaled(earned.believed, members) if earned else Estimate(None),
        scaled(won.believed, members) if won else Estimate(None), spent.mean * members, romi, sac,
    )  # fmt: skip


def _lift(name: str, kind: str, key: str, control: str, sums: dict[str, Sums], level: float) -> Lift | None:
    if key not in sums or control not in sums:
        return None
    return lift(name, kind, (key, sums[key]), (control, sums[control]), level)


def _price(ratio: Estimate, spent: float, won: Lift) -> Estimate:
    """What one more costs. Who may have brought nobody has no greatest price, but still a least one."""
    value = ratio.value if (won.believed.value or 0.0) > 0 else None
    if ratio.low is not None and ratio.low > 0:
        return Estimate(value, ratio.low, ratio.high)
    most = won.believed.high
    return Estimate(value, spent / most if most is not None and most > 0 else None, None)
